"""A store and a poll loop with the hosts that they ask, and everything that a server gets and can read of it."""

import asyncio
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import sqlalchemy as sa

from bot.config.settings import FairnessSettings, LimitsSettings, PollingSettings
from bot.filters.matching import Prepared
from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.polling.poll_loop import PollJob
from bot.jobs.posting.private_messages import matching
from bot.messages.renderer import EmbedRenderer
from bot.model import (
    Article,
    FailureKind,
    FeedRequest,
    FetchAddress,
    Fetched,
    FetchFailed,
    FetchResult,
    FollowKind,
    NotModified,
    Scope,
    Wish,
)
from bot.services.sources.ingest import Ingest
from bot.store import Store
from bot.store.engine.migrate import upgrade
from bot.store.reading.search_query import parse
from bot.store.schema.tables import feeds
from tests.builders import START
from tests.fakes import FakeClock, InlineParser
from tests.opening import open_store
from tests.standins import nothing

GOOD, HOSTILE, NEUTRAL = 1, 2, 3
READER = 7
DAY = 90_000
"""Seconds from one round to the next: every feed is due again."""
VICTIM = "https://a.github.io/feed"
OTHER = "https://other.example/feed"
HONEST = (VICTIM, OTHER)
EVIL = (
    "https://b.github.io/feed",
    "https://evil.example/one",
    "https://evil.example/two",
    "https://evil.example/feed?token=abc",
    "http://192.0.2.7:8080/feed",
)


@dataclass(frozen=True)
class Item:
    guid: str
    title: str
    link: str
    text: str
    day: int

    def xml(self) -> str:
        # No two hosts publish in one minute: which of them was read first would decide what comes first.
        minute = blake2b(self.link.split("/")[2].encode(), digest_size=1).digest()[0] % 60
        date = f"{1 + self.day // 24 % 28:02d} Dec 2025 {self.day % 24:02d}:{minute:02d}:00 GMT"
        return (
            f"<item><title>{escape(self.title)}</title><link>{escape(self.link)}</link>"
            f"<guid isPermaLink='false'>{escape(self.guid)}</guid><pubDate>{date}</pubDate>"
            f"<description>{escape(self.text)}</description></item>"
        )


def article(number: int, *, at: str = VICTIM, words: str = "") -> Item:
    """The article that an honest host publishes under this number; everybody can tell what the next will be."""
    host = at.split("/")[2]
    return Item(
        f"https://{host}/?p={number}",
        f"Article {number} of {host}",
        f"https://{host}/{number}",
        f"Text {number} of {host}. {words}",
        number,
    )


def document(title: str, items: Sequence[Item]) -> bytes:
    listed = "".join(each.xml() for each in items)
    return f"<rss version='2.0'><channel><title>{title}</title><link>https://x.example/</link>{listed}</channel></rss>".encode()


@dataclass
class Hosts:
    """What each address says: a document, another address, or a failure."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)

    async def fetch(self, request: FeedRequest) -> FetchResult:
        url = FetchAddress(request.url).reveal().partition("#")[0]
        for _ in range(5):
            if url not in self.moved:
                break
            url = self.moved[url]
        status = self.broken.get(url, 200 if url in self.bodies and url not in self.moved else 404)
        if status != 200:
            kind = FailureKind.GONE if status == 410 else FailureKind.HTTP
            return FetchFailed(kind, f"It says {status}.", status)
        moved_to = FetchAddress(url) if url != FetchAddress(request.url).reveal() else None
        body = self.bodies[url]
        digest = blake2b(body, digest_size=16).hexdigest()
        if request.etag == digest and FetchAddress(request.validators_url or request.url).reveal() == url:
            return NotModified(moved_to, digest)
        return Fetched(url, moved_to, 200, body, digest, "application/rss+xml", digest, None)


class World:
    """The store and the poll loop, and everything that the good server gets and can read."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.hosts = store, FakeClock(START), Hosts()
        self.job = PollJob(
            store,
            self.hosts,
            InlineParser(),
            Ingest(store, PollingSettings(), self.clock),
            PollingSettings(),
            self.clock,
            on_queued=lambda: None,
            shares=FairnessSettings(),
            on_room=nothing,
            step=unobserved,
        )
        self.topics: dict[tuple[int, str], int] = {}
        self.posted: list[Any] = []

    @classmethod
    async def open(cls, folder: Path) -> "World":
        (folder / "a.db").write_bytes(empty_database())
        limits = LimitsSettings(search_seconds=60)  # many stories are played at once
        return cls(await open_store(f"sqlite:///{folder}/a.db", now=START, limits=limits))

    async def close(self) -> None:
        await self.job.close()
        await self.store.close()

    async def round(self, *groups: Collection[str]) -> None:
        """Every feed is polled: those of one group of addresses at the same time, one group after the other."""
        self.clock.advance(DAY)
        for group in groups:
            await self._hold_all_but(group)
            await self.job.round()
            while self.job._tasks:
                await asyncio.gather(*self.job._tasks)
            await self.store.entries.drain()
            await asyncio.sleep(0)

    async def _hold_all_but(self, urls: Collection[str]) -> None:
        """Lease the feeds at other addresses for a while."""
        others = feeds.c.url.not_in(urls)
        async with self.store._database.write() as connection:
            await connection.execute(sa.update(feeds).values(lease_until=None))
            later = self.clock.now() + timedelta(hours=1)
            await connection.execute(sa.update(feeds).where(others).values(lease_until=later))

    async def follow(self, guild: int, topic: str, url: str) -> None:
        feed = await self.store.feeds.ensure(url, now=self.clock.now())
        topic_id = await self._topic(guild, topic)
        await self.store.topics.subscribe(topic_id, feed.id, added_by=None, now=self.clock.now())

    async def _topic(self, guild: int, name: str) -> int:
        if (guild, name) not in self.topics:
            channel = guild * 10 + len(self.topics)
            made = await self.store.topics.create(guild_id=guild, name=name, channel_id=channel, now=self.clock.now())
            assert made is not None
            self.topics[guild, name] = made.id
        return self.topics[guild, name]

    async def sources(self, guild: int) -> list[tuple[str, int, str]]:
        """Topic, feed and address of all that a guild follows."""
        found = await self.store.topics.sources(guild, now=self.clock.now())
        return [(each.topic, each.feed_id, each.url.reveal()) for each in found]

    async def unfollow(self, guild: int, place: int) -> None:
        followed = await self.sources(guild)
        if followed:
            topic, feed_id, _ = followed[place % len(followed)]
            await self.store.topics.unsubscribe(self.topics[guild, topic], feed_id, now=self.clock.now())

    async def pause(self, guild: int, place: int, *, paused: bool) -> None:
        followed = await self.sources(guild)
        if followed:
            feed_id = followed[place % len(followed)][1]
            await self.store.changes.pause_source(guild, feed_id, paused=paused, now=self.clock.now())

    def channels(self, guild: int) -> list[tuple[str, int]]:
        return [(name, of * 10 + place) for place, (of, name) in enumerate(self.topics) if of == guild]

    async def post(self, guild: int, topic: str) -> None:
        """All that waits in a topic is posted."""
        for name, channel in self.channels(guild):
            if name == topic:
                found = await self.store.deliveries.waiting(channel, limit=500)
                self.posted += [(guild, name, EmbedRenderer().embed(each)) for each, _ in found]
                await self.store.deliveries.fail([each.id for each, _ in found], "as good as posted")

    async def seen_by(self, guild: int) -> dict[str, Any]:
        """What stands or waits in its channels, and what its members read, find, saved and are sent."""
        scope = Scope(guild, frozenset(topic_id for (of, _), topic_id in self.topics.items() if of == guild))
        waiting = {
            name: [EmbedRenderer().embed(each) for each, _ in await self.store.deliveries.waiting(channel, limit=500)]
            for name, channel in self.channels(guild)
        }
        river = await self.store.river.at(scope, 0, size=300)
        found = {}
        for words in ("article", "nitro", "planted OR text"):
            places = await self.store.search.places(scope, parse(words), since=None, most=300)
            # Of one day, what was stored later comes first, and two feeds that are read at once are stored as they come.
            hits = [plain(each) for each in await self.store.search.at(places)]
            found[words] = sorted(hits, key=lambda each: (each["published_at"], each["link"]), reverse=True)
        sources = await self.store.topics.sources(guild, now=self.clock.now())
        saved = await self.store.saved.page(READER, done=None, number=1, size=50)
        personal = [
            [plain(each.article) for each in (await self.store.personal.waiting(READER, at_once=now, limit=500))[0]]
            for now in (True, False)
        ]
        return {
            "posted": [each for each in self.posted if each[0] == guild],
            "waiting": waiting,
            "river": (river.total, [plain(each) for each in river.articles]),
            "found": found,
            "sources": [replace(each, feed_id=0) for each in sources],
            "saved": [(each.title, each.link, each.source) for each in saved.items],
            "personal": personal if guild == GOOD else None,
        }

    async def save(self, guild: int, place: int) -> None:
        scope = Scope(guild, frozenset(topic_id for (of, _), topic_id in self.topics.items() if of == guild))
        found = (await self.store.river.at(scope, 0, size=20)).articles
        if found:
            chosen = found[place % len(found)]
            await self.store.saved.save(READER, chosen, source="?", now=self.clock.now(), most=100)

    async def foreign_moves(self) -> int:
        """How many feeds the hostile server's topics have left for somebody else's address."""
        query = sa.text(
            "SELECT count(DISTINCT former_id) FROM former_feeds JOIN topics ON topics.id = topic_id WHERE guild_id = :guild"
        )
        async with self.store._database.read() as connection:
            return await connection.scalar(query, {"guild": HOSTILE}) or 0

    async def match(self) -> None:
        while True:
            cursor, new, follows = await self.store.matching.new()
            if cursor.to == cursor.at:
                return
            found = [match for each in new for match in matching(each, follows, Prepared(each.article), {})]
            await self.store.matching.take(found, cursor, now=self.clock.now())

    async def follow_words(self, words: str) -> None:
        await self.store.follows.add(
            READER, GOOD, Wish(FollowKind.WORDS, daily=False, words=words), now=self.clock.now()
        )


@cache
def empty_database() -> bytes:
    """Made once, since stories are played by hundreds; several at once could not make theirs in threads."""
    with tempfile.TemporaryDirectory() as folder:
        upgrade(Path(folder) / "a.db")
        return (Path(folder) / "a.db").read_bytes()


def plain(found: Article) -> dict[str, Any]:
    """An article without the numbers under which it is stored, which say nothing to anybody."""
    return asdict(replace(found, entry_id=0, feed_id=0))
