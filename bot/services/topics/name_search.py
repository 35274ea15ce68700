"""Names that people type: which one is meant, which come close, and in which order they are suggested. Pure."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Names = Callable[[Item], Iterable[str]]
"""What an item is called, the most important name first."""

MAX_SIMILAR = 3
_SIMILARITY = 0.6
_WORD = re.compile(r"\w+")
_ACCENTS = re.compile("[\u0300-\u036f]")

EXACT, BEGINS, WORD_BEGINS, CONTAINS, ELSEWHERE = range(5)


def simplified(name: str) -> str:
    """The name as it is compared: whatever its case, accents and spaces."""
    return " ".join(_ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold())).split())


def rank(name: str, typed: str) -> int:
    """How well a name fits what was typed, the best is 0; `ELSEWHERE` where it does not hold it."""
    name, typed = simplified(name), simplified(typed)
    if name == typed:
        return EXACT
    if name.startswith(typed):
        return BEGINS
    at = name.find(typed)
    if at < 0:
        return ELSEWHERE
    return WORD_BEGINS if re.search(rf"\b{re.escape(typed)}", name) else CONTAINS


def suggested(
    items: Iterable[Item], typed: str, names: Names[Item], elsewhere: Names[Item] = lambda _item: ()
) -> list[Item]:
    """The items that hold what was typed: by how well their names fit, else as they come.

    Args:
        elsewhere: what is looked through last, such as an address.
    """
    found: list[tuple[int, Item]] = []
    for item in items:
        best = min((rank(name, typed) for name in names(item)), default=ELSEWHERE)
        if best < ELSEWHERE or any(simplified(typed) in simplified(text) for text in elsewhere(item)):
            found.append((best, item))
    return [item for _best, item in sorted(found, key=lambda each: each[0])]


def meant(items: Iterable[Item], typed: str, names: Names[Item]) -> list[Item]:
    """Which items a typed name means: those of exactly this name, else those that begin so, else those with a word that does."""
    if not simplified(typed):
        return []
    tiers: dict[int, list[Item]] = {}
    for item in items:
        tiers.setdefault(min((rank(name, typed) for name in names(item)), default=ELSEWHERE), []).append(item)
    return next((tiers[tier] for tier in (EXACT, BEGINS, WORD_BEGINS) if tier in tiers), [])


def similar(names: Sequence[str], typed: str) -> tuple[str, ...]:
    """Up to three of the names that a person may have meant: that hold what was typed, or are written nearly so."""
    wanted = simplified(typed)
    if not wanted:
        return ()
    holding = [name for name in names if wanted in simplified(name)]
    by_key = {simplified(name): name for name in names}
    near = difflib.get_close_matches(wanted, by_key, n=MAX_SIMILAR, cutoff=_SIMILARITY)
    words = {word: name for name in names for word in _WORD.findall(simplified(name))}
    near_words = difflib.get_close_matches(wanted, words, n=MAX_SIMILAR, cutoff=_SIMILARITY)
    found = [*holding, *(by_key[key] for key in near), *(words[word] for word in near_words)]
    return tuple(dict.fromkeys(found))[:MAX_SIMILAR]
