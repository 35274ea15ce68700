"""Days of the real poll loop over a real store: feeds are asked when they tend to publish, and what is learnt is kept."""

import asyncio
import statistics
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.config.settings import STANDARD_SHARES, PollingSettings
from bot.feeds.incremental.item_scanner import Item
from bot.feeds.scheduling.learnt_interval import price_keeper
from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.polling.poll_loop import PollJob
from bot.model import FeedRequest, FetchAddress, Fetched, FetchResult, NotModified, ParsedFeed
from bot.services.sources.ingest import Ingest
from bot.store import Store
from tests.builders import START, entry
from tests.fakes import FakeClock
from tests.opening import open_store
from tests.standins import nothing

MIDNIGHT = START - timedelta(hours=START.hour, minutes=START.minute, seconds=START.second)
LISTED = 20


def daily(*hours: float) -> list[datetime]:
    days = range(-30, 10)
    return [MIDNIGHT + timedelta(days=day, hours=hour, minutes=7 * day % 9) for day in days for hour in hours]


FEEDS = {
    "https://morning.example/": daily(8.2, 8.6),
    "https://evening.example/": daily(20.1),
    "https://all.example/": daily(*range(24)),
}


@dataclass
class Web:
    """Feeds that publish as `FEEDS` says, and what was seen of them how late."""

    clock: FakeClock
    polls: dict[str, list[datetime]] = field(default_factory=lambda: {url: [] for url in FEEDS})
    seen: dict[str, int] = field(default_factory=dict)
    delays: dict[str, list[float]] = field(default_factory=lambda: {url: [] for url in FEEDS})

    async def fetch(self, request: FeedRequest) -> FetchResult:
        url, now = FetchAddress(request.url).reveal(), self.clock.now()
        self.polls[url].append(now)
        count = sum(1 for when in FEEDS[url] if when <= now)
        if request.etag == f'"{count}"':
            return NotModified()
        new = FEEDS[url][self.seen.get(url, count) : count]
        self.delays[url] += [(now - when) / timedelta(minutes=1) for when in new]
        self.seen[url] = count
        return Fetched(url, None, 200, f"{url} {count}".encode(), f"d{count}", None, f'"{count}"', None)

    async def scan(self, body: bytes) -> tuple[Item, ...] | None:
        return None

    async def parse_first(
        self, body: bytes, url: str, content_type: str | None, *, newest: int, posted: int
    ) -> ParsedFeed:
        return await self.parse(body, url, content_type)

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        address, count = body.decode().split()
        numbers = range(int(count) - 1, int(count) - 1 - LISTED, -1)
        listed = (
            entry(number, published=FEEDS[address][number], position=place) for place, number in enumerate(numbers)
        )
        return ParsedFeed("A feed", None, None, tuple(listed))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = await open_store(f"sqlite:///{tmp_path}/a.db", now=START)
    made.entries._batcher._patience = made.entries._knowledge._patience = 0.0  # nobody else comes whom to wait for
    yield made
    await made.close()


async def run(store: Store, web: Web, days: float) -> None:
    """A process that polls for so many days, from what is stored."""
    polling = PollingSettings()
    prices = price_keeper(polling, web.clock.now())
    intake = Ingest(store, polling, web.clock, prices=prices)
    job = PollJob(
        store,
        web,
        web,
        intake,
        polling,
        web.clock,
        on_queued=nothing,
        on_room=nothing,
        step=unobserved,
        shares=STANDARD_SHARES,
        prices=prices,
    )
    end = web.clock.now() + timedelta(days=days)
    while web.clock.now() < end:
        await job.round()
        await asyncio.gather(*job._tasks)
        await store.entries.drain()
        due = await store.feeds.next_due_at()
        assert due is not None
        web.clock.advance(max(1.0, (due - web.clock.now()).total_seconds()))
    await job.close()


async def test_over_days_and_a_restart_feeds_are_asked_when_they_tend_to_publish(store: Store) -> None:
    web = Web(FakeClock(START))
    topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    assert topic is not None
    for url in FEEDS:
        feed = await store.feeds.ensure(url, now=START)
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    await run(store, web, 2)
    await run(store, web, 2)
    morning, evening, busy = FEEDS
    assert [len(web.delays[url]) for url in FEEDS] == [
        sum(1 for when in times if web.polls[url][0] < when <= web.polls[url][-1]) for url, times in FEEDS.items()
    ]
    for url in (morning, evening):
        evenly = 4 * 24 * 60 / len(web.polls[url]) / 2
        assert statistics.median(web.delays[url]) < 0.7 * evenly
    assert max(map(max, web.delays.values())) <= 120
    assert len(web.polls[busy]) > len(web.polls[evening])
    assert sum(map(len, web.polls.values())) / len(FEEDS) / 4 < 36
    hours = [poll.hour for poll in web.polls[morning]]
    assert sum(7 <= hour < 10 for hour in hours) / 3 > 2 * sum(hour in range(14, 20) for hour in hours) / 6
