"""A copy of an article that its own feed lists beside it: published again under another date, with some slips mended.

A site that is made from files leaves the old page standing for some minutes when its author corrects the date in an
article's address and a few letters in its text. Neither guid, link nor content say then that both are one
(`feeds.identity`). A column that has the same words every day looks nearly like this, and an article too much is better
than one lost. So all of this must hold: one document lists both, their links differ in a date only, their titles in
nothing, and their long texts in a few letters of a few words, but in something. Pure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import islice

from bot.feeds.scan import Item
from bot.feeds.urls import canonical
from bot.model import Entry, FateKind, Identified, Recognised

ENOUGH_WORDS = 100
"""Less may be a template that is filled in anew each time."""
WORDS_TO_A_SLIP = 50
MOST_SLIPS = 10
ALIKE = 0.85
"""Of the letters of a word that was mended: "perfomance" and "performance", not "Tuesday" and "Thursday"."""
SHORT = 4
"""Words up to this many letters may have been put in or taken out, but not one for another, and no names."""
LONG = 40
"""Letters; nobody's word is longer, and comparing letters takes their number squared."""
MOST_BYTES = 1_000_000
MOST_NAMES = 5
MOST_CHARACTERS = 100_000
MOST_COMPARED = 20
"""What goes beyond these bounds is no copy: all of this is done in the event loop, and a hostile document must not hold it."""

_DATE = r"(?<!\d)(?:19|20)\d\d([/-])\d{1,2}(?:\1\d{1,2})?(?!\d)"
_DATED = re.compile(_DATE)
_OWN_ADDRESS = re.compile(
    rb"<(?:\w+:)?(?:link|guid|id)\b[^<>]{0,500}?(?:>\s*+(?:<!\[CDATA\[)?|[\"'])\s*+https?://[^\s<>\"'?#]{1,300}?"
    + _DATE.encode()
    + rb"[/_-]?([^\s<>\"'?#/\]]{4,300})"
)
_WORD = re.compile(r"\w+")


def related(body: bytes, items: Sequence[Item], recognised: Sequence[Recognised]) -> set[int]:
    """Places of recognised items whose dated address may be that of a new item, so that both have to be read."""
    if len(body) > MOST_BYTES:
        return set()
    known = {each.position for each in recognised}
    names = {found[2] for found in islice(_own_addresses(body, items, known), MOST_NAMES)}
    return {place for place in known for name in names if body.find(name, items[place].start, items[place].end) >= 0}


def _own_addresses(body: bytes, items: Sequence[Item], known: Collection[int]) -> Iterator[re.Match[bytes]]:
    for place, item in enumerate(items):
        if place not in known:
            yield from _OWN_ADDRESS.finditer(body, item.start, item.end)


def without_copies(identified: Sequence[Identified]) -> tuple[Identified, ...]:
    """Mark each new entry that is a copy of a known one or of a new one above it: it is remembered, not posted."""
    read = [item for item in identified if isinstance(item.entry, Entry)]
    if len(read) < 2 or all(item.known_id is not None for item in read):
        return tuple(identified)
    told: dict[tuple[str, tuple[str, ...]], list[Entry]] = defaultdict(list)
    copies: set[int] = set()
    compared = 0
    for item in sorted(read, key=lambda item: (item.known_id is None, item.entry.position)):
        entry = item.parsed
        address = _without_date(entry.link)
        if address is None or entry.archived:
            continue
        alike = told[address, tuple(_WORD.findall(entry.title.casefold()))]
        if item.known_id is None and compared < MOST_COMPARED:
            compared += len(alike)
            if any(mended(entry.text, other.text) for other in alike[:MOST_COMPARED]):
                copies.add(entry.position)
                continue
        alike.append(entry)
    return tuple(
        replace(item, skip_reason=item.skip_reason or FateKind.COPY) if item.entry.position in copies else item
        for item in identified
    )


def mended(one: str, other: str) -> bool:
    """Whether two long texts are one in which a few letters were corrected, whatever the order of the two."""
    if max(len(one), len(other)) > MOST_CHARACTERS:
        return False
    our_words, their_words = _WORD.findall(one), _WORD.findall(other)
    ours, theirs = Counter(our_words), Counter(their_words)
    length = min(ours.total(), theirs.total())
    if length < ENOUGH_WORDS or abs(ours.total() - theirs.total()) > MOST_SLIPS:
        return False
    gone, come = list((ours - theirs).elements()), list((theirs - ours).elements())
    if not 0 < max(len(gone), len(come)) <= min(MOST_SLIPS, length // WORDS_TO_A_SLIP):
        return False
    touched = {*gone, *come}
    if [word for word in our_words if word not in touched] != [word for word in their_words if word not in touched]:
        return False
    left = []
    for word in gone:
        twin = next((each for each in come if _is_slip(word, each)), None)
        if twin is None:
            left.append(word)
        else:
            come.remove(twin)
    return not (left and come) and all(_is_filler(word) for word in (*left, *come))


def _is_slip(one: str, other: str) -> bool:
    if not (one.isalpha() and other.isalpha()) or min(len(one), len(other)) <= SHORT or len(one + other) > 2 * LONG:
        return False
    return SequenceMatcher(None, one, other).ratio() >= ALIKE


def _is_filler(word: str) -> bool:
    return word.isalpha() and word.islower() and len(word) <= SHORT


def _without_date(link: str | None) -> str | None:
    """The address in the form that is compared, its date taken out; None where it has none."""
    return _DATED.sub("…", canonical(link)) if link and _DATED.search(link) else None
