"""A feed's history as documents, and a topic in a real store that follows it."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path
from xml.sax.saxutils import escape

from bot.config.settings import LimitsSettings, PollingSettings
from bot.model import Entry, FeedOutcome, Fetched
from bot.services.sources.ingest import Ingest
from bot.store import Store
from tests.builders import START
from tests.fakes import FakeClock, InlineParser
from tests.opening import open_store

URL = "https://blog.example.test/feed"
CHANNEL = 10

UNBOUNDED = LimitsSettings(articles_per_poll=100_000)
"""What a poll may bring is not what histories are about."""


@dataclass(frozen=True, slots=True)
class Item:
    """What a feed says of an article; None is left out."""

    title: str | None
    guid: str | None = None
    link: str | None = None
    text: str = ""
    date: datetime | None = None


def item(number: int, **changes: object) -> Item:
    """The article of this number, as a well-kept feed lists it: an hour younger than the one before."""
    values: dict[str, object] = {
        "title": f"Article {number}",
        "guid": f"urn:article:{number}",
        "link": f"https://blog.example.test/articles/{number}",
        "text": f"What article {number} has to say.",
        "date": START + timedelta(hours=number),
    }
    return Item(**(values | changes))  # type: ignore[arg-type]  # a test names the fields it means


def items(numbers: Iterable[int], **changes: object) -> list[Item]:
    """Several, each of `changes` formatted with the article's number where it is a text."""
    return [
        item(n, **{name: value.format(n) if isinstance(value, str) else value for name, value in changes.items()})
        for n in numbers
    ]


def rss(listed: Iterable[Item]) -> bytes:
    body = "".join(
        "<item>"
        + "".join(
            f"<{name}>{escape(value)}</{name}>"
            for name, value in (
                ("title", one.title),
                ("guid", one.guid),
                ("link", one.link),
                ("description", one.text),
                ("pubDate", format_datetime(one.date) if one.date else None),
            )
            if value
        ).replace("<guid>", '<guid isPermaLink="false">')
        + "</item>"
        for one in listed
    )
    return f'<rss version="2.0"><channel><title>A blog</title>{body}</channel></rss>'.encode()


class Follower:
    """A topic without backfill that follows one feed. Every poll takes the way that the bot's own take."""

    def __init__(self, store: Store, intake: Ingest, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        self.parser = InlineParser()
        self._intake = intake
        self._seen: set[int] = set()
        self.last: FeedOutcome | None = None

    @classmethod
    async def open(cls, database: Path, *, like: Path) -> "Follower":
        """On a copy of `like`, an empty database: making one takes longer than most histories."""
        shutil.copy(like, database)
        store = await open_store(f"sqlite:///{database}", now=START, default_backfill=0, limits=UNBOUNDED)
        topic = await store.topics.create(guild_id=1, name="news", channel_id=CHANNEL, backfill=0, now=START)
        feed = await store.feeds.ensure(URL, now=START)
        assert topic is not None
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        clock = FakeClock(START)
        return cls(store, Ingest(store, PollingSettings(), clock), clock)

    async def poll(self, listed: Iterable[Item] | bytes, *, after: timedelta = timedelta(minutes=10)) -> list[str]:
        """The titles that are queued by this poll, in the order in which they will be posted."""
        self.clock.advance(after.total_seconds())
        body = listed if isinstance(listed, bytes) else rss(listed)
        feed = await self.store.feeds.ensure(URL, now=self.clock.now())
        digest = blake2b(body, digest_size=16).hexdigest()
        fetched = Fetched(URL, None, 200, body, digest, None, None, None)
        self.last = await self._intake.read(feed, fetched, self.parser)
        await self.store.entries.apply(self.last)
        queued = []
        for delivery, _ in await self.store.deliveries.waiting(CHANNEL, limit=10_000):
            if delivery.id not in self._seen:
                self._seen.add(delivery.id)
                queued.append(delivery.article.title)
        return queued

    @property
    def skipped(self) -> list[str]:
        """The titles that the last poll remembered without posting them."""
        assert self.last is not None
        skipped = [found.entry for found in self.last.listed if found.skip_reason]
        return [entry.title for entry in skipped if isinstance(entry, Entry)]
