"""Letters and dots that look like others: what a reader takes a text for. Pure."""

import re
import unicodedata

_DOTS = dict.fromkeys(
    map(ord, "\u3002\uff0e\uff61\u2024\ufe52\ua4f8\u0701\u0702\u06d4\u00b7\u2027\u30fb\u22c5\u2219"), "."
)
_LATIN = str.maketrans(
    "аᴀɑαеєёɛοоσᴏрρсϲᴄуүγхχіıӏɩιјϳѕꜱкκмᴍтτвһнʜԁɗɡցոпηպνѵԝωωʏղлљгԍզʟʀᴅᴇɪɴᴛᴜᴠᴡᴢβьꞵ",
    "aaaaeeeeooooppcccyyyxxiiliijjsskkmmttbhhhddggnnnnvvwwwynnnrgqlrdeintuvwzbbb",
)
_CAPITALS = str.maketrans(
    "АВЕЗКМНОРСТУХІЈЅҮԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "ABE3KMHOPCTYXIJSYGQWABEZHIKMNOPTYX",
)
_SLASHES = str.maketrans("\uff1a\ua789\u2236\ufe55\uff0f\u2044\u2215\u29f8", "::::////")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


def dotted(text: str) -> str:
    """The text in its compatible form, with every dot as a dot, and without what is invisible."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text).translate(_DOTS)).translate(_DOTS)


def plain_slashes(text: str) -> str:
    """The text with the colons and slashes that look like those of addresses as such."""
    return text.translate(_SLASHES)


def as_latin(text: str) -> str:
    """The same with each letter as the Latin one that it looks like."""
    text = dotted(text)
    plain = "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", plain).translate(_CAPITALS).translate(_LATIN)


def skeleton(text: str) -> str:
    """The same without capitals: two texts that look alike have one."""
    return as_latin(as_latin(text).casefold())


def with_few_marks(text: str, most: int = 2) -> str:
    """Without the marks above and below a letter that are too many for any language."""
    kept: list[str] = []
    marks = 0
    for each in text:
        marks = marks + 1 if unicodedata.combining(each) else 0
        if marks <= most:
            kept.append(each)
    return "".join(kept)
