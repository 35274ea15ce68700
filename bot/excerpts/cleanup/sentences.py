"""Where a sentence ends, as far as two neighbouring words tell; and which way a text runs."""

import unicodedata

ENDS = frozenset(".!?…。！？｡؟۔।॥։።")  # noqa: RUF001 - the full stops of other scripts are meant
_ALWAYS = frozenset("。！？｡؟۔।॥։።")  # noqa: RUF001 - as above
_CLOSERS = "\"'’”»›)]）」』】〉》*_\u200f"  # noqa: RUF001 - as above
_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "st",
        "no",
        "nr",
        "vs",
        "etc",
        "prof",
        "sen",
        "gov",
        "rep",
        "inc",
        "ltd",
        "co",
        "corp",
        "jr",
        "sr",
        "fig",
        "eq",
        "vol",
        "approx",
        "dept",
        "est",
        "pp",
        "ed",
        "eds",
        "al",
        "cf",
        "ca",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "bzw",
        "usw",
        "evtl",
        "ggf",
        "vgl",
        "bspw",
        "mt",
        "ft",
        "gen",
        "col",
        "sgt",
        "capt",
        "lt",
        "rev",
        "hon",
        "mme",
        "mlle",
        "art",
        "cap",
        "pág",
        "sra",
        "srta",
        "núm",
        "tel",
        "abs",
    ]
)


def ends(word: str, following: str | None) -> bool:
    """Whether a sentence ends with `word`; `following` is the next word of the paragraph, None at its end."""
    bare = word.rstrip(_CLOSERS)
    if not bare or bare[-1] not in ENDS:
        return False
    if bare[-1] in _ALWAYS or following is None:
        return True
    if bare[-1] == "." and _is_abbreviation(bare[:-1].lstrip("(\"'“‘«[")):  # noqa: RUF001 - quotation marks are meant
        return False
    first = following.lstrip("\"'“‘«„([¿¡*_")[:1] or following[:1]  # noqa: RUF001 - as above
    return not first.islower() and first not in ".,;:!?…-–—"  # noqa: RUF001 - dashes are meant


def _is_abbreviation(word: str) -> bool:
    return (
        len(word) < 2
        or "." in word.rstrip(".")
        or word.casefold() in _ABBREVIATIONS
        or (word.isdecimal() and len(word) < 3)
    )


def runs_from_right(text: str) -> bool:
    """Whether the last letter of the text belongs to a script that is written from right to left."""
    for character in reversed(text[-200:]):
        direction = unicodedata.bidirectional(character)
        if direction in {"R", "AL"}:
            return True
        if direction == "L" and character.isalpha():
            return False
    return False
