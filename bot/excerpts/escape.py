"""Text as Discord Markdown that reads as it was written: escaped, defused, split where it may be cut."""

import re
from collections.abc import Iterator

from bot.excerpts.discord_limits import extends

# Bidirectional overrides and isolates would turn the text around them; the others are invisible.
_DROPPED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u2060-\u2064\u202a-\u202e\u2066-\u206f"
    "\u3164\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SPECIAL = re.compile(r"([\\`*_~|\[\]<])")
_MENTION = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
# ":smile:" is a picture to Discord, ":30:" in a time is not.
_STEAM = re.compile(r"(?<=steam)(?=://)", re.IGNORECASE)
_SHORTCODE = re.compile(r":(?=(?:[a-z0-9_+-]*[a-z][a-z0-9_+-]*|\+1|-1|100|1234):)", re.IGNORECASE)
_LINE_START = re.compile(r"^(#{1,3}|-#?|\+|>{1,3})(?=\s|$)|^(>)|^(\d{1,10})([.)])(?=\s|$)")
# What Discord takes for an address in running text, and the single letter that a backslash after it would make one.
_URL = re.compile(r"https?://[^\s<>\u200b]*[^\s<>\u200b.,:;\"'\]]", re.IGNORECASE)
_UNSAFE_IN_URL = {
    character: f"%{ord(character):02X}" for character in '<>\\"`*[]|^{}~' + "".join(map(chr, range(0x21)))
}
_UNSAFE_IN_BRACKETS = _UNSAFE_IN_URL | {"(": "%28", ")": "%29"}
# Written without spaces between words: Thai to Khmer, kana, Han, Hangul is spaced but short.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
    r"\U00020000-\U0003ffff]"
)
_NO_LINE_START = frozenset("、。，．！？）」』】〉》〕］｝ー…：；・々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ%’”")  # noqa: RUF001 - East Asian punctuation is meant
_NO_LINE_END = frozenset("（「『【〈《〔［｛“‘" + "เแโใไເແໂໃໄ" + "\u17d2\u1039")  # noqa: RUF001 - as above
"""Opening brackets; vowels of Thai and Lao that are written before their consonant; what stacks the next one below."""


def clean(text: str) -> str:
    """Without controls and invisible characters that do harm."""
    return _DROPPED.sub("", text)


def escape(text: str) -> str:
    """Markdown characters and mentions made harmless; addresses in the text stay links."""
    if text.isalnum() or (text[:-1].isalnum() and text[-1] in ".,;!?"):
        return text  # most words
    if "://" not in text:
        return _escaped(text)
    done = ""
    position = 0
    for found in _URL.finditer(text):
        address = _without_closing_brackets(found[0])
        if text[found.start() + len(address) :].startswith("]") and address.count("[") > address.count("]"):
            address += "]"
        if not address.partition("://")[2]:
            continue
        # With what follows: ":http:" or ":0https:" could be a picture's name as well.
        before = _escaped(text[position : found.start()] + "http:").removesuffix("http:")
        done += (" " if done and "\\" in before else "") + before + bare_url(address)
        position = found.start() + len(address)
    rest = _escaped(text[position:])
    # To Discord a backslash is a part of the address before it, and what that should have escaped is free.
    return done + (" " if done and "\\" in rest else "") + rest


def _escaped(text: str) -> str:
    if "://" in text:
        text = _STEAM.sub("\u200b", text)  # the only other kind of address that Discord makes a link of
    return _MENTION.sub("@\u200b", _SHORTCODE.sub(r"\\:", _SPECIAL.sub(r"\\\1", text)))


def _without_closing_brackets(address: str) -> str:
    """As Discord does: "(see https://a.test/x)" ends before the bracket, "https://a.test/x_(y)" after it."""
    surplus = address.count(")") - address.count("(")
    while surplus > 0 and address.endswith(")"):
        address = address[:-1]
        surplus -= 1
    return address.rstrip(".,:;\"'")


def escape_line_start(text: str) -> str:
    """For the first word of a line: no heading, list or quote by accident."""

    def defuse(match: re.Match[str]) -> str:
        return f"{match[3]}\\{match[4]}" if match[3] else "\\" + match[0]

    return _LINE_START.sub(defuse, text)


def url(address: str) -> str:
    """An address that is safe between the round brackets of a masked link."""
    return _made_safe(address, _UNSAFE_IN_BRACKETS)


def bare_url(address: str) -> str:
    """An address that is safe in running text, where Discord makes a link of it; no mark around it can end inside."""
    return _made_safe(address, _UNSAFE_IN_URL)


def _made_safe(address: str, unsafe: dict[str, str]) -> str:
    safe = "".join(unsafe.get(character, character) for character in clean(address).strip())
    return _MENTION.sub("%40", safe)


def pieces(word: str) -> Iterator[str]:
    """The parts of a word between which a cut reads well: one, or each character of unspaced scripts."""
    if word.isascii() or not _UNSPACED.search(word):
        yield word
        return
    piece = ""
    for character in word:
        if not piece or _belongs_together(piece[-1], character):
            piece += character
        else:
            yield piece
            piece = character
    if piece:
        yield piece


def _belongs_together(before: str, character: str) -> bool:
    if extends(before, character) or character in _NO_LINE_START or before in _NO_LINE_END:
        return True
    return not _UNSPACED.match(before) and not _UNSPACED.match(character)
