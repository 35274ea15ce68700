"""A copy of an article that its own feed lists beside it: published again under another date, with some slips mended.

A site that is made from files leaves the old page standing for some minutes when its author corrects the date in an
article's address and a few letters in its text. Neither guid, link nor content say then that both are one
(`feeds.identity.identify`). A column that has the same words every day looks nearly like this, and an article too much is better
than one lost. So all of this must hold: one document lists both, their links differ in a date only, their titles in
nothing, their dates by a week at most, and their long texts in a few words with a letter too few or too many, but in
something. A word that was exchanged says something new: "Tuesday" and "Thursday", "possible" and "impossible".

What became of the original takes no part: where a filter left it out, its copy does not come instead. Pure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from bot.feeds.incremental.item_scanner import Item
from bot.model import DeliveryStatusKind, Entry, MatchedEntry, UnchangedEntry
from bot.url_normalisation import canonical

ENOUGH_WORDS = 100
"""Less may be a template that is filled in anew each time."""
WORDS_TO_A_SLIP = 50
MAX_SLIPS = 10
WITHIN = timedelta(days=7)
"""Between the dates of an article and its copy. Sites use a name again after a year for something else."""
SHORT = 4
"""Words up to this many letters may have been put in or taken out, but not one for another, and no names."""
MAX_BYTES = 1_000_000
MAX_NAMES = 10
MAX_NAMED = 5
"""Items with one name in them: a name that more have, like `index.html`, tells nothing."""
MAX_COMPARED_CHARACTERS = 20_000
MAX_COMPARED = 20
"""What goes beyond these bounds is no copy: all of this is done in the event loop, and a hostile document must not hold it."""

_DATE = r"(?<!\d)(?:19|20)\d\d(?:/(?:0?[1-9]|1[0-2])(?:/[0-3]?\d)?|-(?:0?[1-9]|1[0-2])-[0-3]?\d)(?!\d)"
_DATED = re.compile(_DATE)
_OWN_ADDRESS = re.compile(
    rb"<(?:\w+:)?(?:link|guid|id)\b[^<>]{0,500}?(?:>\s*+(?:<!\[CDATA\[)?|[\"'])\s*+https?://[^\s<>\"'?#]{1,300}?"
    + _DATE.encode()
    + rb"[/_-]?([^\s<>\"'?#/\]]{4,300})"
)
_WORD = re.compile(r"\w+")


def related(body: bytes, items: Sequence[Item], recognised: Sequence[UnchangedEntry]) -> set[int]:
    """Places of recognised items whose dated address may be that of a new item, so that both have to be read."""
    if len(body) > MAX_BYTES:
        return set()
    known = {each.position for each in recognised}
    names = dict.fromkeys(found[1] for found in islice(_own_addresses(body, items, known), 4 * MAX_NAMES))
    beside: set[int] = set()
    for name in islice(names, MAX_NAMES):
        named = {place for place in known if body.find(name, items[place].start, items[place].end) >= 0}
        if len(named) <= MAX_NAMED:
            beside |= named
    return beside


def _own_addresses(body: bytes, items: Sequence[Item], known: Collection[int]) -> Iterator[re.Match[bytes]]:
    for place, item in enumerate(items):
        if place not in known:
            yield from _OWN_ADDRESS.finditer(body, item.start, item.end)


def without_copies(identified: Sequence[MatchedEntry]) -> tuple[MatchedEntry, ...]:
    """Mark each new entry that is a copy of a known one or of a new one above it: it is remembered, not posted."""
    read = [item for item in identified if isinstance(item.entry, Entry)]
    if len(read) < 2 or all(item.known_id is not None for item in read):
        return tuple(identified)
    told: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    copies: set[int] = set()
    compared = 0
    for item in sorted(read, key=lambda item: (item.known_id is None, item.entry.position)):
        entry = item.parsed
        address = _without_date(entry.link)
        if address is None or entry.archived:
            continue
        alike = told[address, entry.title.casefold()]
        if item.known_id is None:
            near = [other for other in alike if _near(entry, other)][: MAX_COMPARED - compared]
            compared += len(near)
            if any(mended(entry.text, other.text) for other in near):
                copies.add(entry.position)
                continue
        alike.append(entry)
    return tuple(
        replace(item, skip_reason=item.skip_reason or DeliveryStatusKind.COPY)
        if item.entry.position in copies
        else item
        for item in identified
    )


def mended(one: str, other: str) -> bool:
    """Whether two long texts are one in which a few letters were corrected, whatever the order of the two."""
    if max(len(one), len(other)) > MAX_COMPARED_CHARACTERS:
        return False
    our_words, their_words = _WORD.findall(one), _WORD.findall(other)
    ours, theirs = Counter(our_words), Counter(their_words)
    length = min(ours.total(), theirs.total())
    if length < ENOUGH_WORDS or abs(ours.total() - theirs.total()) > MAX_SLIPS:
        return False
    gone, come = list((ours - theirs).elements()), list((theirs - ours).elements())
    if not 0 < max(len(gone), len(come)) <= min(MAX_SLIPS, length // WORDS_TO_A_SLIP):
        return False
    touched = {*gone, *come}
    if [word for word in our_words if word not in touched] != [word for word in their_words if word not in touched]:
        return False
    left, slips = [], 0
    for word in gone:
        twin = next((each for each in come if _is_slip(word, each)), None)
        if twin is None:
            left.append(word)
        else:
            come.remove(twin)
            slips += 1
    return slips > 0 and not (left and come) and all(_is_filler(word) for word in (*left, *come))


def _near(one: Entry, other: Entry) -> bool:
    if one.published_at is None or other.published_at is None:
        return False
    return abs(one.published_at - other.published_at) <= WITHIN


def _is_slip(one: str, other: str) -> bool:
    """Whether one has a letter more inside, or two neighbours of the other's exchanged. An ending or a prefix is no slip.

    What has no capitals (Chinese, Thai) is a clause here and not a word.
    """
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) <= SHORT or not (shorter + longer).isalpha() or shorter.lower() == shorter.upper():
        return False
    at = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if not 0 < at < len(shorter):
        return False
    if len(longer) == len(shorter) + 1:
        return shorter[at:] == longer[at + 1 :]
    return shorter[at : at + 2] == longer[at : at + 2][::-1] and shorter[at + 2 :] == longer[at + 2 :]


def _is_filler(word: str) -> bool:
    return word.isalpha() and word.islower() and len(word) <= SHORT


def _without_date(link: str | None) -> str | None:
    """The address in the form that is compared, its date taken out; None where it has none. A query stays as it is."""
    page, mark, query = (link or "").partition("?")
    return f"{_DATED.sub('…', canonical(page))}{mark}{query}" if _DATED.search(page) else None
