"""Reading only what is new: what reaches the parser, and when a document is read whole after all."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.errors import ParseError
from bot.feeds.incremental import item_scanner, new_entries
from bot.feeds.incremental.item_scanner import Item
from bot.feeds.parsing import feed_parser
from bot.model import Entry, FailureKind, Fetched, ParsedFeed, StoredEntry, UnchangedEntry

URL = "https://blog.example/feed"


def rss(*titles: str) -> bytes:
    items = "".join(f"<item><title>{title}</title><guid>{title}</guid></item>" for title in titles)
    return f"<rss version='2.0'><channel><title>A blog</title>{items}</channel></rss>".encode()


def fetched(body: bytes) -> Fetched:
    return Fetched(
        url=URL, moved_to=None, status=200, body=body, digest="d", content_type=None, etag=None, last_modified=None
    )


def stored(*titles: str) -> tuple[StoredEntry, ...]:
    """What the store has of these, read from the document `rss` makes."""
    entries = feed_parser.read(rss(*titles), URL, None).entries
    return tuple(
        StoredEntry(number, f"u{number}", entry.keys, entry.published_at, entry.raw_key)
        for number, entry in enumerate(entries)
    )


class WatchedParser:
    """Reads documents in this process, and remembers which; some can be told to go wrong."""

    def __init__(self) -> None:
        self.read: list[bytes] = []
        self._refuse: dict[bytes, ParseError] = {}
        self._miscount: set[bytes] = set()

    def refuse(self, body: bytes, kind: FailureKind) -> None:
        self._refuse[body] = ParseError("no", kind=kind)

    def miscount(self, body: bytes) -> None:
        """See another number of items in this one than the scan does."""
        self._miscount.add(body)

    async def scan(self, body: bytes) -> tuple[Item, ...] | None:
        return item_scanner.scan(body)

    async def parse_first(
        self, body: bytes, url: str, content_type: str | None, *, newest: int, posted: int
    ) -> ParsedFeed:
        return await self.parse(body, url, content_type)

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        self.read.append(body)
        if body in self._refuse:
            raise self._refuse[body]
        parsed = feed_parser.read(body, url, content_type)
        return replace(parsed, elements=99) if body in self._miscount else parsed


async def read(parser: WatchedParser, body: bytes, known: Sequence[StoredEntry]) -> new_entries.Listing:
    items = item_scanner.scan(body)
    recognised = new_entries.recognise(items, known) if items else ()
    return await new_entries.read(parser, fetched(body), items, recognised)


def shown(listing: new_entries.Listing) -> list[str]:
    return [each.title if isinstance(each, Entry) else f"known {each.known.uid}" for each in listing.listed]


async def test_only_what_is_new_reaches_the_parser_and_keeps_its_place() -> None:
    parser = WatchedParser()
    listing = await read(parser, rss("new", "a", "b", "newer"), stored("a", "b"))
    assert parser.read == [rss("new", "newer")]
    assert shown(listing) == ["new", "known u0", "known u1", "newer"]
    assert [each.position for each in listing.listed] == [0, 1, 2, 3]


async def test_an_edited_entry_is_read_again() -> None:
    parser = WatchedParser()
    body = rss("a", "b").replace(b"<title>a<", b"<title>A, corrected<")
    assert shown(await read(parser, body, stored("a", "b"))) == ["A, corrected", "known u1"]


async def test_what_the_document_or_the_store_has_twice_is_read() -> None:
    twice = stored("a")[0]
    assert new_entries.recognise(item_scanner.scan(rss("a", "a")) or (), stored("a")) == ()
    assert new_entries.recognise(item_scanner.scan(rss("a")) or (), [twice, replace(twice, id=9, uid="u9")]) == ()
    assert new_entries.recognise(item_scanner.scan(rss("a")) or (), [twice]) == (UnchangedEntry(0, twice),)


async def test_a_document_that_was_not_scanned_is_read_whole() -> None:
    parser = WatchedParser()
    body = rss("R&D", "a")
    assert shown(await read(parser, body, stored("a"))) == ["R&D", "a"]
    assert parser.read == [body]


@pytest.mark.parametrize("trouble", ["refused", "miscounted"])
async def test_a_rest_that_does_not_add_up_is_read_whole(trouble: str) -> None:
    parser = WatchedParser()
    if trouble == "refused":
        parser.refuse(rss("new"), FailureKind.NOT_A_FEED)
    else:
        parser.miscount(rss("new"))
    assert shown(await read(parser, rss("new", "a"), stored("a"))) == ["new", "a"]
    assert parser.read == [rss("new"), rss("new", "a")]


@pytest.mark.parametrize("kind", [FailureKind.PARSE_TIMEOUT, FailureKind.PARSE_CRASH])
async def test_a_rest_that_hangs_the_parser_is_not_tried_again_as_a_whole(kind: FailureKind) -> None:
    parser = WatchedParser()
    parser.refuse(rss("new"), kind)
    with pytest.raises(ParseError):
        await read(parser, rss("new", "a"), stored("a"))
    assert parser.read == [rss("new")]
