"""Discord's numbers, and cutting text to them.

Each number is from the developer documentation of Discord (API v10); the page is named beside it.
Lengths are counted in UTF-16 units: an upper bound of every way in which Discord is known to count.
"""

import unicodedata

# resources/message#create-message
CONTENT = 2000
EMBEDS_PER_MESSAGE = 10
NONCE = 25

# resources/message#embed-object-embed-limits; measured after trimming, the sum over all embeds of a message
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4096
EMBED_FIELDS = 25
EMBED_FIELD_NAME = 256
EMBED_FIELD_VALUE = 1024
EMBED_FOOTER = 2048
EMBED_AUTHOR = 256
EMBEDS_TOTAL = 6000

# Discord's OpenAPI file
URL = 2048
COLOUR_MAX = 0xFFFFFF

EMBED_BUDGET = 2000
"""Our own: what one article may take, so that several fit into one message."""

ELLIPSIS = "…"
_WORD_SEARCH = 40
_JOINERS = {"\u200d", "\ufe0f", "\ufe0e"}
_TAGS = ("\U000e0020", "\U000e007f")
"""They spell the region of a flag such as Scotland's."""


def length(text: str) -> int:
    """UTF-16 units of the trimmed text."""
    return units(text.strip())


def units(text: str) -> int:
    """UTF-16 units of the text as it is."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def extends(previous: str, character: str) -> bool:
    """Whether the character belongs to the one before it: marks, joined emoji, skin tones, parts of a syllable."""
    return (
        character in _JOINERS
        or (previous == "\u200d" and not character.isspace())
        or _TAGS[0] <= character <= _TAGS[1]
        or "\u1160" <= character <= "\u11ff"  # vowels and final consonants of Hangul that is not composed
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
    )


def clip(text: str, limit: int) -> str:
    """The trimmed text within `limit` UTF-16 units, cut at a word (CJK: at a character) and closed with "…"."""
    text = text.strip()
    if units(text) <= limit:
        return text
    if limit < 1:
        return ""
    kept = _prefix(text, limit - 1)
    at_word = kept.rfind(" ", max(0, len(kept) - _WORD_SEARCH))
    if at_word > 0 and not text[len(kept) : len(kept) + 1].isspace():
        kept = kept[:at_word]
    return kept.rstrip(" ,;:–—-\n\t") + ELLIPSIS  # noqa: RUF001 - a dash is meant


def _prefix(text: str, limit: int) -> str:
    """The longest prefix of whole graphemes within `limit` units."""
    end = used = 0
    for character in text:
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit:
            break
        end += 1
    while 0 < end < len(text) and (extends(text[end - 1], text[end]) or _splits_flag(text, end)):
        end -= 1
    return text[:end]


def _splits_flag(text: str, end: int) -> bool:
    """Flags are pairs of regional indicators: an odd number of them before `end` means that a pair is being split."""
    start = end
    while start > 0 and "\U0001f1e6" <= text[start - 1] <= "\U0001f1ff":
        start -= 1
    return (end - start) % 2 == 1 and "\U0001f1e6" <= text[end] <= "\U0001f1ff"
