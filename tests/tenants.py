"""Two servers, one of them hostile: a story that chance makes, played with and without the hostile one."""

import asyncio
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import sqlalchemy as sa

from bot.config import FairnessSettings, LimitsSettings, PollingSettings
from bot.delivery.compose import EmbedRenderer
from bot.delivery.filters import Prepared
from bot.jobs.personal import matching
from bot.jobs.poll import PollJob
from bot.model import (
    Article,
    FailureKind,
    FeedRequest,
    Fetched,
    FetchFailed,
    FetchResult,
    FollowKind,
    NotModified,
    Scope,
    Wish,
)
from bot.services.intake import Intake
from bot.store import Store
from bot.store.migrate import upgrade
from bot.store.query import parse
from tests.builders import START
from tests.fakes import FakeClock, InlineParser
from tests.opening import open_store

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
        f"Article {number}",
        f"https://{host}/{number}",
        f"Text {number}. {words}",
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
        url = request.url.partition("#")[0]
        for _ in range(5):
            if url not in self.moved:
                break
            url = self.moved[url]
        status = self.broken.get(url, 200 if url in self.bodies and url not in self.moved else 404)
        if status != 200:
            kind = FailureKind.GONE if status == 410 else FailureKind.HTTP
            return FetchFailed(kind, f"It says {status}.", status)
        moved_to = url if url != request.url else None
        body = self.bodies[url]
        digest = blake2b(body, digest_size=16).hexdigest()
        if request.etag == digest and (request.validators_url or request.url) == url:
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
            Intake(store, PollingSettings(), self.clock),
            PollingSettings(),
            self.clock,
            on_queued=lambda: None,
            shares=FairnessSettings(),
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

    async def round(self) -> None:
        self.clock.advance(DAY)
        await self.job.round()
        while self.job._tasks:
            await asyncio.gather(*self.job._tasks)
        await self.store.entries.drain()
        await asyncio.sleep(0)

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
        return [(each.topic, each.feed_id, each.url) for each in found]

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


class Story:
    """What happens in each round, decided by chance beforehand: the same honest story for both runs."""

    def __init__(self, seed: int, *, rounds: int = 8) -> None:
        self._honest, self._evil = random.Random(f"honest {seed}"), random.Random(f"evil {seed}")
        self._rounds = rounds
        self._published = {VICTIM: 3, OTHER: 3}
        self._first = {VICTIM: 1, OTHER: 1}
        self._words: dict[tuple[str, int], str] = {}

    async def play(self, folder: Path, *, hostile: bool) -> list[dict[str, Any]]:
        """Everything that the good server sees, round by round."""
        world = await World.open(folder)
        try:
            await self._begin(world)
            seen = []
            for url in EVIL if hostile else ():
                world.hosts.bodies[url] = self._planted(world.hosts, url)
                await world.follow(HOSTILE, self._evil.choice(("a", "b")), url)
            for _ in range(self._rounds):
                await self._honest_events(world)
                if hostile:
                    for _ in range(self._evil.randint(1, 5)):
                        await self._evil_event(world)
                await world.round()
                await world.match()
                seen.append(await world.seen_by(GOOD))
            happened["foreign moves"] += await world.foreign_moves()
            return seen
        finally:
            await world.close()

    async def _begin(self, world: World) -> None:
        self._publish(world)
        for url in HONEST:
            await world.follow(NEUTRAL, "all", url)  # so that these are read from the beginning in either run
        await world.follow(GOOD, "news", VICTIM)
        await world.follow(GOOD, "both", VICTIM)
        await world.follow(GOOD, "both", OTHER)
        await world.follow_words("article")

    def _publish(self, world: World) -> None:
        for url, last in self._published.items():
            numbers = range(last, self._first[url] - 1, -1)
            listed = [article(number, at=url, words=self._words.get((url, number), "")) for number in numbers]
            world.hosts.bodies[url] = document(f"The blog of {url}", listed)

    async def _honest_events(self, world: World) -> None:
        chance, hosts = self._honest, world.hosts
        for url in self._published:
            self._published[url] += chance.choice((0, 1, 1, 2))
            self._first[url] += chance.choice((0, 0, 1))
            self._words[url, chance.randint(self._first[url], self._published[url])] = chance.choice(("", "Mended."))
        self._publish(world)
        # Somebody whom nobody minds sees to it that what was gone is asked again.
        feed_ids = [feed_id for _, feed_id, _ in await world.sources(NEUTRAL)]
        await world.store.changes.retry_sources(feed_ids, now=world.clock.now())
        hosts.broken = {url: status for url, status in hosts.broken.items() if url in EVIL}
        event = chance.choice(("post", "post", "pause", "resume", "unfollow", "follow", "save", "fail", "gone", "move"))
        place = chance.randint(0, 9)
        match event:
            case "post":
                await world.post(GOOD, chance.choice(("news", "both")))
            case "pause" | "resume":
                await world.pause(GOOD, place, paused=event == "pause")
            case "unfollow":
                await world.unfollow(GOOD, place)
            case "follow":
                await world.follow(GOOD, chance.choice(("news", "both")), chance.choice((VICTIM, OTHER)))
            case "save":
                await world.save(GOOD, place)
            case _:
                self._host_event(hosts, event, place)

    def _host_event(self, hosts: Hosts, event: str, place: int) -> None:
        match event:
            case "fail" | "gone":
                hosts.broken[(VICTIM, OTHER)[place % 2]] = 500 if event == "fail" else 410
            case "move" if place < 4:
                hosts.moved[OTHER] = VICTIM

    async def _evil_event(self, world: World) -> None:
        chance, hosts = self._evil, world.hosts
        url = chance.choice(EVIL)
        event = chance.choice(
            ("follow", "follow", "list", "list", "list", "move", "move", "move", "back", "fail", "unfollow", "pause")
        )
        place = chance.randint(0, 20)
        match event:
            case "follow":
                await world.follow(HOSTILE, chance.choice(("a", "b")), chance.choice((*EVIL, *EVIL, *HONEST)))
            case "list":
                hosts.moved.pop(url, None)
                hosts.broken.pop(url, None)
                hosts.bodies[url] = self._planted(hosts, url)
            case "move":
                target = chance.choice((*HONEST, *HONEST, *EVIL))
                if target != url:
                    hosts.moved[url] = target
            case "back":
                hosts.moved.pop(url, None)
            case "fail":
                hosts.broken[url] = chance.choice((404, 410, 500))
            case "unfollow":
                await world.unfollow(HOSTILE, place)
            case "pause":
                await world.pause(HOSTILE, place, paused=chance.random() < 0.5)

    def _planted(self, hosts: Hosts, url: str) -> bytes:
        """Guids and links of what is there and of what is still to come, under other words, or a copy as it is."""
        chance = self._evil
        victim = chance.choice((VICTIM, OTHER))
        if chance.random() < 0.2:
            return hosts.bodies[victim]
        items = []
        for number in range(self._first[victim], self._published[victim] + 12):
            true = article(number, at=victim, words=self._words.get((victim, number), ""))
            kind = chance.choice(("none", "same", "guid", "link", "text", "all but text"))
            if kind == "same":
                items.append(true)
            elif kind == "guid":
                items.append(replace(true, title="FREE NITRO", link=f"{url}/{number}", text="Planted"))
            elif kind == "link":
                items.append(replace(true, title="FREE NITRO", guid=f"evil {number}", text="Planted"))
            elif kind == "text":
                items.append(replace(true, guid=f"evil {number}", link=f"https://phish.example/{number}"))
            elif kind == "all but text":
                items.append(replace(true, title="FREE NITRO", text="Planted article"))
        return document("The blog of Evil", items)


happened: Counter[str] = Counter()
"""Over all sequences, so that a test can say that something did happen."""


def first_difference(found: Any, wanted: Any) -> str:
    """Where two values of lists, tuples and dictionaries differ, and in what."""
    if isinstance(found, dict) and isinstance(wanted, dict) and found.keys() == wanted.keys():
        name = next(each for each in found if found[each] != wanted[each])
        return f".{name}{first_difference(found[name], wanted[name])}"
    if isinstance(found, list | tuple) and isinstance(wanted, list | tuple) and len(found) == len(wanted):
        place = next(place for place, each in enumerate(found) if each != wanted[place])
        return f"[{place}]{first_difference(found[place], wanted[place])}"
    return f": {str(found)[:600]} instead of {str(wanted)[:600]}"


async def difference(seed: int, folder: Path) -> str | None:
    """Where the good server sees something else because of the hostile one, or None."""
    seen = []
    for hostile in (False, True):
        place = folder / str(hostile)
        place.mkdir(parents=True)
        seen.append(await Story(seed).play(place, hostile=hostile))
        shutil.rmtree(place)
    alone, beside = seen
    happened["articles"] += len(alone[-1]["posted"])
    for number, (wanted, found) in enumerate(zip(alone, beside, strict=True)):
        for what, value in wanted.items():
            if found[what] != value:
                return f"sequence {seed}, round {number}, {what}{first_difference(found[what], value)}"
    return None
