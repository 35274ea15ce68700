"""Polls of a real loopback host into a real store: what is parsed, stored and queued."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.config.settings import STANDARD_SHARES, FetchSettings, PollingSettings
from bot.feeds.http.fetcher import Fetcher
from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.polling.poll_loop import PollJob
from bot.model import Scope
from bot.services.sources.ingest import Ingest
from bot.store import Store
from tests.builders import EVERY, START
from tests.fakes import FakeClock, InlineParser
from tests.opening import open_store
from tests.standins import nothing
from tests.wire.feedserver import FeedServer, ServedFeed

CHANNEL = 10


@dataclass
class Poller:
    """One topic in one channel, and the loop that fills it."""

    store: Store
    job: PollJob
    clock: FakeClock
    parser: InlineParser
    topic_id: int

    async def follow(self, *feeds: ServedFeed) -> None:
        for feed in feeds:
            known = await self.store.feeds.ensure(feed.url, now=self.clock.now())
            await self.store.topics.subscribe(self.topic_id, known.id, added_by=None, now=self.clock.now())

    async def poll(self) -> list[int]:
        """One poll of what is followed, a day after the last. How many items the parser was given, per document."""
        self.parser.items.clear()
        self.clock.advance(timedelta(hours=25).total_seconds())
        await self.job.round()
        await asyncio.gather(*self.job._tasks)
        await self.store.entries.drain()
        return list(self.parser.items)

    async def waiting(self) -> list[str]:
        found = await self.store.deliveries.waiting(CHANNEL, limit=100)
        return [delivery.article.title for delivery, _ in found]


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def poller(tmp_path: Path) -> AsyncIterator[Poller]:
    clock, parser, polling = FakeClock(START), InlineParser(), PollingSettings()
    settings = FetchSettings(allow_private_networks=True, per_host_interval_seconds=0, per_host_connections=8)
    store = await open_store(f"sqlite:///{tmp_path}/a.db", now=START, default_backfill=0)
    topic = await store.topics.create(guild_id=1, name="news", channel_id=CHANNEL, now=START)
    assert topic is not None
    async with Fetcher(settings, SystemClock()) as fetcher:
        intake = Ingest(store, polling, clock)
        job = PollJob(
            store,
            fetcher,
            parser,
            intake,
            polling,
            clock,
            on_queued=lambda: None,
            on_room=nothing,
            step=unobserved,
            shares=STANDARD_SHARES,
        )
        yield Poller(store, job, clock, parser, topic.id)
        await job.close()
    await store.close()


async def test_of_a_changed_document_only_the_new_entry_is_parsed_and_queued(
    poller: Poller, server: FeedServer
) -> None:
    feed = server.feed("blog")
    for number in range(1, 6):
        feed.publish(f"Article {number}")
    await poller.follow(feed)
    assert await poller.poll() == [5]
    feed.publish("Article 6")
    assert await poller.poll() == [1]
    assert await poller.waiting() == ["Article 6"]


async def test_an_unchanged_document_is_not_parsed_whether_or_not_the_host_says_so(
    poller: Poller, server: FeedServer
) -> None:
    feed = server.feed("blog")
    feed.publish("Article 1")
    await poller.follow(feed)
    assert await poller.poll() == [1]
    assert await poller.poll() == []
    feed.body(feed.document(), content_type="application/rss+xml")
    assert await poller.poll() == []
    assert len(feed.requests) == 3


async def test_a_document_of_which_only_the_frame_changed_is_not_parsed(poller: Poller, server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.publish("Article 1")
    await poller.follow(feed)
    await poller.poll()
    feed.title = "A blog, at five past"
    assert await poller.poll() == []
    feed.publish("Article 2")
    assert await poller.poll() == [1]
    assert await poller.waiting() == ["Article 2"]
    (source,) = await poller.store.topics.sources(1, now=poller.clock.now())
    assert source.title == "A blog, at five past"


async def test_an_edited_entry_is_parsed_and_stored_but_not_queued(poller: Poller, server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.publish("Article 1")
    feed.publish("Article 2")
    await poller.follow(feed)
    await poller.poll()
    feed.body(feed.document().replace(b"Article 1<", b"Article 1, corrected<"), content_type="application/rss+xml")
    assert await poller.poll() == [1]
    assert await poller.waiting() == []
    page = await poller.store.river.at(Scope(1, EVERY), 0, size=5)
    assert {article.title for article in page.articles} == {"Article 1, corrected", "Article 2"}
    feed.body(feed.document().replace(b"Article 1<", b"Article 1, corrected<") + b"\n", content_type="text/xml")
    assert await poller.poll() == []


async def test_equal_items_of_two_feeds_are_an_article_of_each(poller: Poller, server: FeedServer) -> None:
    one, other = server.feed("one"), server.feed("other")
    one.publish("Article 1", link="https://blog.example/1", guid="1")
    await poller.follow(one)
    await poller.poll()
    other.publish("Article 1", link="https://blog.example/1", guid="1")
    await poller.follow(other)
    assert await poller.poll() == [1]
    page = await poller.store.river.at(Scope(1, EVERY), 0, size=5)
    assert [article.title for article in page.articles] == ["Article 1", "Article 1"]
