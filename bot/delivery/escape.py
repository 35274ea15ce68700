"""Text as Discord Markdown that reads as it was written: escaped, defused, split where it may be cut."""

import re
from collections.abc import Iterator

from bot.delivery.limits import extends

# Bidirectional overrides and isolates would turn the text around them; the others are invisible.
_DROPPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SPECIAL = re.compile(r"([\\`*_~|\[\]<])")
_MENTION = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_LINE_START = re.compile(r"^(#{1,3}|-#?|\+|>{1,3})(?=\s|$)|^(>)|^(\d{1,9})([.)])(?=\s|$)")
_URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&'()+,;=%]+\Z")
_UNSAFE_IN_URL = {
    character: f"%{ord(character):02X}" for character in '()<>\\"`*[]|^{}' + "".join(map(chr, range(0x21)))
}
# Written without spaces between words: Thai to Khmer, kana, Han, Hangul is spaced but short.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
    r"\U00020000-\U0003ffff]"
)
_NO_LINE_START = frozenset("、。，．！？）」』】〉》ー…：；々’”")  # noqa: RUF001 - East Asian punctuation is meant


def clean(text: str) -> str:
    """Without controls and invisible characters that do harm."""
    return _DROPPED.sub("", text)


def escape(text: str) -> str:
    """Markdown characters and mentions made harmless; an address that stands alone stays a link."""
    if _URL.fullmatch(text) and not _MENTION.search(text):
        return text
    return _MENTION.sub("@\u200b", _SPECIAL.sub(r"\\\1", text))


def escape_line_start(text: str) -> str:
    """For the first word of a line: no heading, list or quote by accident."""

    def defuse(match: re.Match[str]) -> str:
        return f"{match[3]}\\{match[4]}" if match[3] else "\\" + match[0]

    return _LINE_START.sub(defuse, text)


def url(address: str) -> str:
    """An address that is safe between the round brackets of a masked link."""
    return "".join(_UNSAFE_IN_URL.get(character, character) for character in address.strip())


def pieces(word: str) -> Iterator[str]:
    """The parts of a word between which a cut reads well: one, or each character of unspaced scripts."""
    if not _UNSPACED.search(word):
        yield word
        return
    piece = ""
    for character in word:
        joined = extends(piece[-1], character) or character in _NO_LINE_START if piece else True
        spaced = bool(piece) and not _UNSPACED.match(piece[-1]) and not _UNSPACED.match(character)
        if joined or spaced:
            piece += character
        else:
            yield piece
            piece = character
    if piece:
        yield piece
