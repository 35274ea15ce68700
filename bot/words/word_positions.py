"""The words of a text with the places where they stand in it, for showing them. Pure."""

import functools
import re
import unicodedata
from dataclasses import dataclass

from bot.words.folding import alike, is_bound, without_endings, words

_PIECE = re.compile(r"\S+")
_KOREAN_PARTS = range(0x1160, 0x1200)
_HALF_WIDTH_MARKS = "\uff9e\uff9f"


@dataclass(frozen=True, slots=True)
class Located:
    """A word, as `folding.words` has it, and where it begins and ends."""

    word: str
    begin: int
    end: int


def located(text: str) -> list[Located]:
    """The words of a text in their order: the same as `folding.words`."""
    found: list[Located] = []
    for piece in _PIECE.finditer(text):
        found += _words_of(piece[0], piece.start())
    return found


def _words_of(piece: str, at: int) -> list[Located]:
    wanted = words(piece).split(" ")
    if wanted == [""]:
        return []
    if wanted == [piece.lower()]:
        return [Located(wanted[0], at, at + len(piece))]
    places: list[tuple[int, int]] = []
    letters = ""
    for begin, end in _clusters(piece):
        folded = _alike(piece[begin:end])
        letters += folded
        places += [(at + begin, at + end)] * len(folded)
    found = _cut(without_endings(letters), places)
    if [each.word for each in found] == wanted:
        return found
    return [Located(word, at, at + len(piece)) for word in wanted]  # a letter depends on one that is far from it


def _cut(letters: str, places: list[tuple[int, int]]) -> list[Located]:
    found: list[Located] = []
    goes_on = False
    for letter, (begin, end) in zip(letters, places, strict=True):
        if letter.isspace():
            goes_on = False
        elif goes_on and is_bound(letter):
            last = found[-1]
            found[-1] = Located(last.word + letter, last.begin, end)
        else:
            goes_on = is_bound(letter)
            found.append(Located(letter, begin, end))
    return found


def _clusters(piece: str) -> list[tuple[int, int]]:
    """Where each letter begins and ends with the marks that belong to it."""
    starts = [at for at, character in enumerate(piece) if at == 0 or not _goes_on(character)]
    return list(zip(starts, [*starts[1:], len(piece)], strict=True))


@functools.lru_cache(4096)
def _goes_on(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}
        or ord(character) in _KOREAN_PARTS
        or character in _HALF_WIDTH_MARKS
    )


_alike = functools.lru_cache(8192)(alike)
