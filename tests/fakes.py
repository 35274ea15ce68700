"""Fakes with verbs: time that a test moves, a discovery that knows what it was given."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.errors import DiscoveryError
from bot.feeds.discovery.ranking import Found
from bot.feeds.http.connection_errors import UNKNOWN
from bot.feeds.incremental import item_scanner
from bot.feeds.incremental.item_scanner import Item
from bot.feeds.parsing import feed_parser
from bot.model import Entry, FailureKind, FetchAddress, Fetched, FetchFailed, Need, ParsedFeed


class FakeClock:
    """A clock that stands still until it is told, or until somebody sleeps."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC), *, chance: float = 0.5) -> None:
        self._start = start
        self._passed = 0.0
        self._chance = chance
        self.slept: list[float] = []

    def advance(self, seconds: float) -> None:
        self._passed += seconds

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: the wall clock goes on, the monotonic one stands still."""
        self._start += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._passed += max(0.0, seconds)
        await asyncio.sleep(0)

    def chance(self) -> float:
        return self._chance


class FakeDiscovery:
    """Finds what a test has put at an address, and nothing else."""

    def __init__(self) -> None:
        self._feeds: dict[str, tuple[Found, ...]] = {}
        self._broken: Exception | None = None

    def put(self, source: str, *feeds: Found) -> None:
        """These feeds are at that address, and each at its own."""
        self._feeds[source] = feeds
        for each in feeds:
            self._feeds.setdefault(each.url.reveal(), (each,))

    def break_with(self, error: Exception) -> None:
        """Every question ends in this error, as a defect would."""
        self._broken = error

    async def find(self, source: str) -> tuple[Found, ...]:
        if self._broken is not None:
            raise self._broken
        if source not in self._feeds:
            raise DiscoveryError(f"I found no feed at {source}. Paste the address of the feed itself.")
        return self._feeds[source]


class FakeDocuments:
    """Hosts that answer with what a test has put at an address; every other host is not known."""

    def __init__(self) -> None:
        self._answers: dict[str, Fetched | FetchFailed] = {}

    def publish(self, url: str, title: str) -> str:
        """A feed with one article is there; its address."""
        item = f"<item><title>First of {title}</title><link>{url}/1</link></item>"
        body = f'<rss version="2.0"><channel><title>{title}</title>{item}</channel></rss>'.encode()
        self._answers[url] = Fetched(
            url=url, moved_to=None, status=200, body=body, digest=url, content_type=None, etag=None, last_modified=None
        )
        return url

    async def page(self, url: str, *, deadline_seconds: float, urgent: bool) -> Fetched | FetchFailed:
        return self._answers.get(url) or FetchFailed(FailureKind.DNS, UNKNOWN)


class FakePermits:
    """Lets people do everything but what a test refuses them; while it is silent, nobody knows."""

    def __init__(self) -> None:
        self._refused: set[tuple[int, Need]] = set()
        self.silent = False

    def refuse(self, channel_id: int, *needs: Need) -> None:
        self._refused.update((channel_id, need) for need in needs)

    async def may(self, _guild_id: int, _user_id: int, channel_id: int, need: Need) -> bool | None:
        return None if self.silent else (channel_id, need) not in self._refused


def found(url: str, title: str, entries: Sequence[Entry]) -> Found:
    """A feed that was read just now."""
    parsed = ParsedFeed(title=title, site_url="https://blog.example/", icon_url=None, entries=tuple(entries))
    fetched = Fetched(
        url=url, moved_to=None, status=200, body=b"", digest="d", content_type=None, etag='"1"', last_modified=None
    )
    return Found(FetchAddress(url), title, len(parsed.entries), fetched, parsed)


class InlineParser:
    """Reads documents in this process, and remembers how many items it was given each time."""

    def __init__(self) -> None:
        self.items: list[int] = []

    async def scan(self, body: bytes) -> tuple[Item, ...] | None:
        return item_scanner.scan(body)

    async def parse_first(
        self, body: bytes, url: str, content_type: str | None, *, newest: int, posted: int
    ) -> ParsedFeed:
        return await self.parse(body, url, content_type)

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        parsed = feed_parser.read(body, url, content_type)
        self.items.append(parsed.elements or 0)
        return parsed
