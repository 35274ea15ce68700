"""What a visitor reads: the river of one published topic, or of all that a server lists."""

import enum
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.config.settings import LimitsSettings
from bot.model import Article, Publication, PublishedSource, Scope, TimelineSlice, WebAccess
from bot.services.limits.concurrency import Turns
from bot.services.publishing.publish_topic import WHOLE_SERVER
from bot.services.sources.source_names import as_called
from bot.store import Store
from bot.store.reading.search_query import Query, parse

PAGE_SIZE = 20
REMEMBERED_SECONDS = 2.0
"""Another process may have taken a topic back; this one knows at once."""
MAX_REMEMBERED = 10_000


class Servers(Protocol):
    """What Discord says of servers at this moment."""

    def name_of(self, guild_id: int) -> str | None:
        """None where nothing is known of it now."""
        ...

    def everyone_views(self, guild_id: int, channel_id: int) -> bool | None:
        """Whether @everyone may view a channel; None where nobody can tell now."""
        ...


class Refusal(enum.Enum):
    """Why there is no page."""

    UNKNOWN = enum.auto()
    """There never was one."""
    ENDED = enum.auto()
    """It was taken back."""
    NOT_NOW = enum.auto()
    """Discord does not say at the moment who may view the channel."""


@dataclass(frozen=True, slots=True)
class River:
    """What a visitor reads in."""

    scope: Scope
    server: str
    name: str
    """The last part of its address."""
    topic: str | None
    """None for all of the server."""
    access: WebAccess
    topics: tuple[Publication, ...] = ()
    """Of a server: the listed topics."""

    @property
    def is_listed(self) -> bool:
        return self.access is not WebAccess.UNLISTED

    @property
    def title(self) -> str:
        return f"{self.topic} · {self.server}" if self.topic else self.server


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of search results."""

    query: Query
    articles: tuple[Article, ...]
    below: int | None
    """Where the older hits begin; None where there are none."""


class PublishedRivers:
    """Finds out what a visitor may read, and reads it."""

    def __init__(self, store: Store, servers: Servers, limits: LimitsSettings, clock: Clock) -> None:
        self._store = store
        self._servers = servers
        self._clock = clock
        self._turns = Turns(limits)
        self._known: dict[tuple[int, str], tuple[float, Publication | None]] = {}
        self._listed: dict[int, tuple[float, tuple[Publication, ...], bool]] = {}

    def changed(self, guild_id: int) -> None:
        """Something was published or taken back there."""
        self._listed.pop(guild_id, None)
        for key in [key for key in self._known if key[0] == guild_id]:
            del self._known[key]

    async def find(self, guild_id: int, name: str) -> River | Refusal:
        """What an address leads to at this moment."""
        return await (self._server(guild_id) if name == WHOLE_SERVER else self._topic(guild_id, name))

    async def _topic(self, guild_id: int, name: str) -> River | Refusal:
        found = await self._publication(guild_id, name)
        if found is None:
            return Refusal.UNKNOWN
        if found.ended:
            return Refusal.ENDED
        server = self._servers.name_of(guild_id)
        views = self._servers.everyone_views(guild_id, found.channel_id)
        if server is None or views is None:
            return Refusal.NOT_NOW
        if not views:
            return Refusal.ENDED
        scope = Scope(guild_id, frozenset({found.topic_id}), public_only=True)
        return River(scope, server, name, found.topic, found.access)

    async def _server(self, guild_id: int) -> River | Refusal:
        listed, ever = await self._listed_in(guild_id)
        if not listed:
            return Refusal.ENDED if ever else Refusal.UNKNOWN
        server = self._servers.name_of(guild_id)
        views = {each: self._servers.everyone_views(guild_id, each.channel_id) for each in listed}
        if server is None or all(view is None for view in views.values()):
            return Refusal.NOT_NOW
        open_now = tuple(each for each in listed if views[each])
        if not open_now:
            return Refusal.ENDED
        indexed = all(each.access is WebAccess.INDEXED for each in open_now)
        access = WebAccess.INDEXED if indexed else WebAccess.PUBLIC
        scope = Scope(guild_id, frozenset(each.topic_id for each in open_now), public_only=True)
        return River(scope, server, WHOLE_SERVER, None, access, open_now)

    async def page(self, river: River, number: int, *, source: int | None = None) -> TimelineSlice | None:
        """From 1. None for a page that there is not."""
        scope = replace(river.scope, feed_id=source)
        found = await self._store.river.at(scope, (number - 1) * PAGE_SIZE, size=PAGE_SIZE)
        if number > 1 and found.newer != (number - 1) * PAGE_SIZE:
            return None
        return await self._called(river, found)

    async def day(self, river: River, day: date, number: int) -> TimelineSlice | None:
        """What came on one day of UTC, in pages from 1. None for a page that there is not."""
        since = datetime.combine(day, time(), UTC)
        begin = (number - 1) * PAGE_SIZE
        found = await self._store.river.between(river.scope, since, since + timedelta(days=1), begin, size=PAGE_SIZE)
        return await self._called(river, found) if found.articles or number == 1 else None

    async def article(self, river: River, entry_id: int) -> Article | None:
        """None where the river has none of this number."""
        found = await self._store.river.article(river.scope, entry_id)
        return (await as_called(self._store, river.scope.guild_id, [found]))[0] if found else None

    async def sources(self, river: River) -> tuple[PublishedSource, ...]:
        return await self._store.river.sources(river.scope)

    async def search(self, river: River, text: str, *, visitor: int, below: int | None = None) -> Hits:
        """The newest hits, or those that follow the place `below`.

        Raises:
            TookTooLong: the words are in too much.
            UserError: this visitor, or too many others, search at the same time.
        """
        query = parse(text)
        async with self._turns.take(river.scope.guild_id, visitor):
            found = await self._look(river, query, below)
            if not found and below is None and (looser := query.loosened()) != query:
                query, found = looser, await self._look(river, looser, below)
        articles = await self._store.search.at(found[:PAGE_SIZE])
        shown = await as_called(self._store, river.scope.guild_id, articles)
        return Hits(query, shown, found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None)

    async def _look(self, river: River, query: Query, below: int | None) -> list[int]:
        return await self._store.search.places(river.scope, query, since=None, most=PAGE_SIZE + 1, below=below)

    async def _called(self, river: River, found: TimelineSlice) -> TimelineSlice:
        return replace(found, articles=await as_called(self._store, river.scope.guild_id, found.articles))

    async def _publication(self, guild_id: int, name: str) -> Publication | None:
        now = self._clock.monotonic()
        known = self._known.get((guild_id, name))
        if known is not None and now - known[0] < REMEMBERED_SECONDS:
            return known[1]
        found = await self._store.publications.named(guild_id, name)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[guild_id, name] = now, found
        return found

    async def _listed_in(self, guild_id: int) -> tuple[tuple[Publication, ...], bool]:
        now = self._clock.monotonic()
        known = self._listed.get(guild_id)
        if known is not None and now - known[0] < REMEMBERED_SECONDS:
            return known[1], known[2]
        listed = await self._store.publications.listed(guild_id)
        ever = bool(listed) or await self._store.publications.ever_published(guild_id)
        if len(self._listed) >= MAX_REMEMBERED:
            self._listed.clear()
        self._listed[guild_id] = now, listed, ever
        return listed, ever
