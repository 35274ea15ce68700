"""Tells what a machine drew by chance (a token, a key, an id) from what a person wrote (words, dates, versions). Pure."""

import re
from itertools import pairwise

SHORTEST = 8
"""Characters. What is shorter is never taken for random."""
_UUID = re.compile(r"\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?", re.IGNORECASE)
_HEX = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{12,}", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{8,}")
_PIECES = re.compile(r"[^A-Za-z0-9\u0080-\U0010ffff]+")
_ASCII = re.compile(r"[A-Za-z0-9]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_KINDS = re.compile(r"[A-Za-z]+|\d+")
_VOWELS = re.compile(r"[aeiouy]", re.IGNORECASE)
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]+", re.IGNORECASE)
_LONG = 16
_LEAST = 10
"""Characters of letters and digits in turn, or of capitals in the midst; the ids of articles and shows have fewer."""
_MAX_WORD = 60
_MAX_CONSONANTS = 7
"""In a row, as in German compounds."""


def looks_random(text: str) -> bool:
    """Whether the text, free of any escapes, holds something that nobody would write by hand."""
    if len(text) < SHORTEST or text.isdigit():
        return False
    if _UUID.fullmatch(text) or _JWT.match(text):
        return True
    pieces = [piece for piece in _PIECES.split(text) if piece]
    if _is_dotted_token(text, pieces):
        return True
    words = sum(1 for piece in pieces if len(piece) > 1 and _is_word(piece))
    # The slug of an article may end in its short id; what is mostly words is words.
    least = _LONG if words >= 3 else SHORTEST
    return any(len(piece) >= least and _is_random(piece) for piece in pieces)


def _is_dotted_token(text: str, pieces: list[str]) -> bool:
    """Base64 for addresses may hold `-` and `_` wherever it likes, which leaves short pieces of mixed letters."""
    if len(text) < _LONG or not all(map(_ASCII.fullmatch, pieces)):
        return False
    odd = sum(len(piece) for piece in pieces if not (_is_word(piece) or _is_number(piece)))
    return 2 * odd > len(text)


def _is_number(piece: str) -> bool:
    """Digits, a version, or digits beside a word or between two: `20240115`, `v2`, `mp3`, `2024q1`, `109python`, `b2b`."""
    kinds = _KINDS.findall(piece)
    if len(kinds) <= 2 or (len(kinds) == 3 and piece.islower()):
        return all(kind.isdigit() or _is_word(kind) for kind in kinds)
    return len(piece) <= 7 and len(kinds) == 3 and (piece.islower() or len(piece) <= 5)


def _is_word(piece: str) -> bool:
    if not piece.isascii():
        return True
    if not piece.isalpha():
        return False
    return piece.islower() or piece.istitle() or (piece.isupper() and len(piece) <= _LONG) or _is_camel(piece)


def _is_camel(piece: str) -> bool:
    """Words written together: `RecentChanges`, `BothSidesOfTheTable`, `getXmlFeed`."""
    parts = _CAMEL.findall(piece)
    mute = sum(1 for part in parts if not _VOWELS.search(part))
    return (
        all(len(part) >= 2 or part in {"A", "I"} for part in parts)
        and len(piece) >= 2.4 * len(parts)
        and 3 * mute <= len(parts)
    )


def _is_random(piece: str) -> bool:
    """A run of letters and digits of at least `SHORTEST` characters."""
    if not piece.isascii() or piece.isdigit():
        return False
    if _HEX.fullmatch(piece):
        return True
    if piece.isalpha():
        return _is_random_word(piece)
    kinds = _KINDS.findall(piece)
    if len(kinds) >= 4:
        return len(piece) >= _LEAST
    letters = [kind for kind in kinds if kind.isalpha()]
    return any(len(kind) >= SHORTEST and _is_random_word(kind) for kind in letters) or (
        len(piece) >= _LONG and len(kinds) == 3 and not all(kind.islower() or kind.istitle() for kind in letters)
    )


def _is_random_word(word: str) -> bool:
    """Letters alone: capitals in the midst, more consonants in a row than can be said, or no end."""
    if len(word) > _MAX_WORD:
        return True
    if any(len(run) > _MAX_CONSONANTS for run in _CONSONANTS.findall(word)):
        return True
    if word.islower() or word.istitle() or (word.isupper() and len(word) < 2 * _LONG):
        return word.isupper() and len(word) >= _LONG
    parts = _CAMEL.findall(word)
    changes = sum(1 for one, other in pairwise(word) if one.islower() != other.islower())
    return len(word) >= _LEAST and not _is_camel(word) and (3 * len(parts) > len(word) or 2.5 * changes >= len(word))
