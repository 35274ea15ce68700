"""Texts made alike for comparing words, whatever their case, accents, width or punctuation, and cut into words. Pure.

What is told apart in a language stays so: the marks of Indian scripts, Thai and Japanese, and the Cyrillic letters й, ў
and ї, which only look like accented ones.

A word is a run of letters and digits. In scripts that put no spaces between words each letter is one, and so is each
sign that may belong to a name, as in C++, .NET or AT&T. So a text has another where its words stand there in a row.
"""

import functools
import re
import unicodedata

VERSION = f"1 {unicodedata.unidata_version}"
"""Of the rules: texts folded by others may have other words."""

# No word of these is parted from the next by a space, and in Korean what belongs to a word is written right behind it.
_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1100, 0x11FF),  # Korean, in parts
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x30FF),  # Chinese, Japanese
    (0x3100, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),  # Korean
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_PARTS_OF_WORDS = "#&@%/._"
"""Punctuation that may belong to a word: C#, AT&T, .NET, TCP/IP, snake_case."""
_ALIKE = {
    "ʼ": " ",  # apostrophes that are letters to Unicode
    "ʻ": " ",
    "ı": "i",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "\N{FRACTION SLASH}": "/",
}
# й, ў and ї come apart into a letter and one of these marks.
_ACCENTS = re.compile("[\u0300-\u0305\u0307\u0309-\u036f]|(?<![иу])\u0306|(?<!і)\u0308")
_MARKS = frozenset(map(chr, range(0x300, 0x370)))
# Vowel points, which everyday Hebrew and Arabic leave out.
_POINTS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u0610-\u061a\u064b-\u0652\u0670\u0640]")
# In their compatible form they would be letters of the word before them.
_TRADE_MARKS = re.compile("[\N{TRADE MARK SIGN}\N{SERVICE MARK}]")
_ENDING = re.compile(r"[./](?!\w)")
_MEMORY = 0x20000
"""Characters up to here are remembered; those above are rare and many."""
_FEW = 100
_SHORT = 30
"""Characters of what is remembered: the words of languages with spaces."""

_KEPT = frozenset(f"{_PARTS_OF_WORDS}$+<=>^`|~")
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() or chr(code) in _KEPT else " " for code in range(128))
_ASCII_SIGNS = tuple(sorted(_KEPT - {"_"}))


class _Characters(dict[int, str]):
    """What each character is replaced by; filled as they come."""

    def __missing__(self, code: int) -> str:
        replaced = _replacement(chr(code))
        if code < _MEMORY:
            self[code] = replaced
        return replaced


class _Cuts(dict[int, str]):
    """Each character, with spaces around it where it is a word of its own; filled as they come."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        cut = character if character == " " or is_bound(character) else f" {character} "
        if code < _MEMORY:
            self[code] = cut
        return cut


def _replacement(character: str) -> str:
    if character in _ALIKE:
        return _ALIKE[character]
    kind = unicodedata.category(character)
    if kind == "Cf" or 0xFE00 <= ord(character) <= 0xFE0F:
        return ""  # soft hyphens, joiners, variants of emoji
    if kind == "Nd":
        return str(unicodedata.decimal(character))  # the digits of all scripts
    if character in _PARTS_OF_WORDS or kind[0] in "LNMS":
        return character
    return " "


_CHARACTERS = _Characters()
_CUTS = _Cuts()


def _replaced(text: str, table: dict[int, str]) -> str:
    """Character by character; a text has few that change, and replacing those one after the other is 4 times quicker."""
    changed = [character for character in set(text) if table[ord(character)] != character]
    if len(changed) > _FEW:
        return text.translate(table)
    for character in changed:
        text = text.replace(character, table[ord(character)])
    return text


def fold(text: str) -> str:
    """The text for comparing: folding it again changes nothing. Words and symbols stand one space apart."""
    return " ".join(_folded(text).split())


def _folded(text: str) -> str:
    if text.isascii():
        return without_endings(text.translate(_ASCII))
    pieces = [each.lower() if each.isascii() else _plain(each) for each in text.split()]
    return without_endings(_replaced(" ".join(pieces), _CHARACTERS))


def alike(letter: str) -> str:
    """A letter with its marks, folded for itself; spaces where it is of no word."""
    return _replaced(_decomposed(letter), _CHARACTERS)


def without_endings(folded: str) -> str:
    """With a space in place of each dot and slash that no letter follows."""
    return _ENDING.sub(" ", folded)


def _plain(piece: str) -> str:
    """What stands between two spaces, without case, accents and width."""
    return _common(piece) if len(piece) < _SHORT else _decomposed(piece)


def _decomposed(piece: str) -> str:
    plain = unicodedata.normalize("NFKD", _TRADE_MARKS.sub(" ", piece))
    plain = unicodedata.normalize("NFKD", plain.casefold())
    if not _MARKS.isdisjoint(plain):
        plain = _ACCENTS.sub("", plain)
    return unicodedata.normalize("NFC", _POINTS.sub("", plain))


_common = functools.lru_cache(16_384)(_decomposed)


def words(text: str) -> str:
    """The words of a text, one space between two."""
    folded = _folded(text)
    if folded.isascii():
        for sign in _ASCII_SIGNS:
            if sign in folded:
                folded = folded.replace(sign, f" {sign} ")
    else:
        folded = _replaced(folded, _CUTS)
    return " ".join(folded.split())


def contains(text: str, wanted: str, *, open_left: bool = False, open_right: bool = False) -> bool:
    """Whether a text has these words in a row. Both are what `words` made.

    Args:
        open_left: the first may have more letters before it.
        open_right: the last may go on.
    """
    return f"{'' if open_left else ' '}{wanted}{'' if open_right else ' '}" in f" {text} "


@functools.lru_cache(4096)
def is_bound(character: str) -> bool:
    """Whether a word goes on from this character to the next of its kind."""
    if not (character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"):
        return False
    code = ord(character)
    return not any(first <= code <= last for first, last in _WITHOUT_SPACES)
