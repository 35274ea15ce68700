"""Where a search's words occur in an article: the piece of text to show, with them in bold, and how good a hit it is. Pure."""

import functools
import re
import unicodedata
from collections.abc import Iterable

from bot.store.reading.search_query import Query, Term, words_in

_LOWER = {capital: capital + 32 for capital in range(65, 91)}

BEFORE = 60
"""Characters in front of the first hit of a piece."""
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def folded(text: str) -> str:
    """As the index compares: without case and accents. As long as the text, so that places are the same in both."""
    return text.lower() if text.isascii() else _FOREIGN.sub(_plain, text.translate(_LOWER))


def spans(text: str, query: Query) -> list[tuple[int, int]]:
    """Beginning and end of each hit in the text, in order; those with nothing but blanks between them are one."""
    pattern = _pattern(query.terms)
    found: list[tuple[int, int]] = []
    for hit in pattern.finditer(folded(text)) if pattern else ():
        if found and not text[found[-1][1] : hit.start()].strip():
            found[-1] = (found[-1][0], hit.end())
        else:
            found.append(hit.span())
    return found


def piece(text: str, query: Query, length: int) -> str:
    """About so many characters of the text around its first hit; its beginning if there is none."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    found = spans(line, query)
    start = max(0, _densest(found, length) - BEFORE) if found else 0
    start = min(start, len(line) - length)
    if start:
        start = line.find(" ", start, start + BEFORE) + 1 or start
    shown = line[start : start + length]
    if start + length < len(line):
        shown = shown[: shown.rfind(" ", length // 2)].rstrip(" ,;:–-") + "…"  # noqa: RUF001 - a dash is meant
    return ("…" if start else "") + shown


def score(title: str, text: str, query: Query) -> float:
    """Higher is better: hits in the title, then how many of the words occur, how often and how near to the beginning."""
    total = 0.0
    head, body = folded(title), folded(text)
    size = 1 + len(body) / 1_000
    for alternatives in query.wanted:
        pattern = _pattern(alternatives)
        if pattern is None:
            continue
        in_title = pattern.search(head)
        if in_title is not None:
            total += 10 + (2 if in_title.start() == 0 else 0)
        often = len(pattern.findall(body))
        total += 3 * often / (often + size)
        first = pattern.search(body)
        total += 1 / (1 + first.start() / 200) if first else 0
    if len(query.wanted) > 1 and _adjacent(query.wanted, head, body):
        total += 6
    return total + 5 / (1 + len(words_in(title)))


def _adjacent(wanted: Iterable[tuple[Term, ...]], *texts: str) -> bool:
    """Whether the words stand one after the other, as they were typed."""
    in_a_row = Term(tuple(word for terms in wanted for word in terms[0].words))
    pattern = _pattern([in_a_row])
    return pattern is not None and any(pattern.search(text) for text in texts)


def _densest(found: list[tuple[int, int]], length: int) -> int:
    """The beginning of the window with the most hits; the first of several."""
    room = length - BEFORE
    counts = [sum(1 for begin, end in found[place:] if end <= at + room) for place, (at, _) in enumerate(found[:50])]
    return found[counts.index(max(counts))][0]


def _pattern(terms: Iterable[Term]) -> re.Pattern[str] | None:
    # Words are made of letters and digits alone, so nothing in them means anything to `re`.
    parts = [r"[\W_]+".join(folded(word) for word in term.words) + (r"\w*" if term.beginning else "") for term in terms]
    if not parts:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(parts, key=len, reverse=True))})(?![^\W_])")


def _plain(found: re.Match[str]) -> str:
    return _base(found[0])


@functools.cache
def _base(character: str) -> str:
    """One character for one: "É" is "e", and what becomes several stays what it is."""
    small = character.lower()
    base = unicodedata.normalize("NFD", small if len(small) == 1 else character)[:1]
    return base or character
