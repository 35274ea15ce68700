"""Texts made alike for comparing words, whatever their case, accents, width or punctuation. Pure.

What is told apart in a language stays so: the marks of Indian scripts, Thai and Japanese, and the Cyrillic letters й, ў
and ї, which only look like accented ones.
"""

import functools
import re
import unicodedata

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
_PARTS_OF_WORDS = "#&@%/.'_"
"""Punctuation that may belong to a word: C#, AT&T, .NET, TCP/IP, don't."""
_ALIKE = {
    "‘": "'",
    "’": "'",
    "ʼ": "'",
    "＇": "'",
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
}
# й, ў and ї come apart into a letter and one of these marks.
_ACCENTS = re.compile("[\u0300-\u0305\u0307\u0309-\u036f]|(?<![иу])\u0306|(?<!і)\u0308")
_MARKS = frozenset(map(chr, range(0x300, 0x370)))
# Vowel points, which everyday Hebrew and Arabic leave out.
_POINTS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u0610-\u061a\u064b-\u0652\u0670\u0640]")
_ENDING = re.compile(r"[./'](?!\w)")
_RUN = re.compile(r"[0-9a-z_а-я]+")
"""Letters between which no word begins, of the commonest scripts."""
_MEMORY = 0x20000
"""Characters up to here are remembered; those above are rare and many."""


class _Characters(dict[int, str]):
    """What each character is replaced by; filled as they come."""

    def __missing__(self, code: int) -> str:
        replaced = _replacement(chr(code))
        if code < _MEMORY:
            self[code] = replaced
        return replaced


def _replacement(character: str) -> str:
    if character in _ALIKE:
        return _ALIKE[character]
    kind = unicodedata.category(character)
    if kind == "Cf" or 0xFE00 <= ord(character) <= 0xFE0F:
        return ""  # soft hyphens, joiners, variants of emoji
    if character in _PARTS_OF_WORDS or kind[0] in "LNMS":
        return character
    return " "


_CHARACTERS = _Characters()
_FEW = 100


def _replaced(text: str) -> str:
    """Character by character; a text has few that change, and replacing those one after the other is 4 times quicker."""
    changed = [character for character in set(text) if _CHARACTERS[ord(character)] != character]
    if len(changed) > _FEW:
        return text.translate(_CHARACTERS)
    for character in changed:
        text = text.replace(character, _CHARACTERS[ord(character)])
    return text


def fold(text: str) -> str:
    """The text for comparing: folding it again changes nothing. Words and symbols stand one space apart."""
    folded = text
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        if not _MARKS.isdisjoint(folded):
            folded = _ACCENTS.sub("", folded)
        folded = _POINTS.sub("", folded)
        folded = unicodedata.normalize("NFC", folded)
    folded = _ENDING.sub(" ", _replaced(folded))
    return " ".join(folded.split())


def contains(folded: str, wanted: str, *, open_left: bool = False, open_right: bool = False) -> bool:
    """Whether a folded text has these folded words as whole words.

    Where the script has no spaces between words, anywhere.

    Args:
        open_left: more letters may stand before it.
        open_right: more letters may follow.
    """
    bound_left = not open_left and _is_bound(wanted[0])
    bound_right = not open_right and _is_bound(wanted[-1])
    length = len(wanted)
    at = folded.find(wanted)
    while at >= 0:
        end = at + length
        goes_on_left = bound_left and at > 0 and _is_bound(folded[at - 1])
        if not goes_on_left and not (bound_right and end < len(folded) and _is_bound(folded[end])):
            return True
        # A text may repeat a word's beginning thousands of times: what goes on from here is passed over at once.
        run = _RUN.match(folded, at) if bound_left else None
        at = folded.find(wanted, run.end() if run else at + 1)
    return False


@functools.lru_cache(4096)
def _is_bound(character: str) -> bool:
    """Whether a word goes on from this character to the next of its kind."""
    if not (character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"):
        return False
    code = ord(character)
    return not any(first <= code <= last for first, last in _WITHOUT_SPACES)
