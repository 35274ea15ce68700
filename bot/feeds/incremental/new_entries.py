"""Reads of a document only what the store does not have, and sees to it that this comes to the same as reading it whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.errors import ParseError
from bot.feeds.identity import republished
from bot.feeds.incremental import item_scanner
from bot.feeds.incremental.item_scanner import Item
from bot.model import Entry, FailureKind, Fetched, ParsedFeed, StoredEntry, UnchangedEntry


class Parser(Protocol):
    """Reads documents, see `feeds.workers.parser_pool.ParserPool`; reading raises `ParseError`."""

    async def scan(self, body: bytes) -> tuple[Item, ...] | None: ...

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed: ...

    async def parse_first(
        self, body: bytes, url: str, content_type: str | None, *, newest: int, posted: int
    ) -> ParsedFeed: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """What a document lists, in its order: entries that were read, and those that were recognised unread."""

    parsed: ParsedFeed
    listed: tuple[Entry | UnchangedEntry, ...]


def recognise(items: Sequence[Item], stored: Sequence[StoredEntry]) -> tuple[UnchangedEntry, ...]:
    """The items that are stored entries, byte for byte. What the document or the store has twice is left to be read."""
    by_key = {known.raw_key: known for known in stored}
    listed = Counter(item.key for item in items)
    kept = Counter(known.raw_key for known in stored)
    return tuple(
        UnchangedEntry(place, by_key[item.key])
        for place, item in enumerate(items)
        if listed[item.key] == 1 and kept[item.key] == 1
    )


async def read_first(parser: Parser, fetched: Fetched, *, newest: int, posted: int) -> Listing:
    """A document of a feed of which nothing is stored: the newest entries in full, the others for the archive.

    Args:
        posted: how many of them are posted, at least 1.

    Raises:
        ParseError: it is no feed, or took too long.
    """
    parsed = await parser.parse_first(fetched.body, fetched.source, fetched.content_type, newest=newest, posted=posted)
    return Listing(parsed, parsed.entries)


async def read(
    parser: Parser, fetched: Fetched, items: Sequence[Item] | None, recognised: Sequence[UnchangedEntry]
) -> Listing:
    """The document's entries without those that were recognised; all of them where leaving these out does not add up.

    Args:
        items: what `feeds.incremental.item_scanner` found; None where the document has to be read whole.

    Raises:
        ParseError: it is no feed, or took too long.
    """
    if items and recognised:
        # What a new entry may be a copy of is compared with it, so it has to be read too.
        beside = republished.related(fetched.body, items, recognised)
        recognised = [each for each in recognised if each.position not in beside]
        listing = await _read_rest(parser, fetched, items, recognised)
        if listing is not None:
            return listing
    parsed = await parser.parse(fetched.body, fetched.source, fetched.content_type)
    return Listing(parsed, parsed.entries)


async def _read_rest(
    parser: Parser, fetched: Fetched, items: Sequence[Item], recognised: Sequence[UnchangedEntry]
) -> Listing | None:
    known = {each.position for each in recognised}
    places = [place for place in range(len(items)) if place not in known]
    try:
        parsed = await parser.parse(
            item_scanner.without(fetched.body, items, known), fetched.source, fetched.content_type
        )
    except ParseError as error:
        if error.kind is not FailureKind.NOT_A_FEED:
            raise  # it would take as long, or crash, again
        return None
    if parsed.elements != len(places):
        return None
    entries = tuple(replace(entry, position=places[entry.position]) for entry in parsed.entries)
    listed: list[Entry | UnchangedEntry] = [*entries, *recognised]
    listed.sort(key=lambda each: each.position)
    return Listing(replace(parsed, entries=entries), tuple(listed))
