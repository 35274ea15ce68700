"""A server's limits hold whatever is asked for at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import LimitsSettings, PollingSettings
from bot.errors import NoRoom
from bot.services.following import Following
from bot.services.intake import Intake
from bot.services.topics import Topics
from bot.store import Store
from tests.builders import START, entry
from tests.fakes import FakeClock, FakeDiscovery, found

LIMITS = LimitsSettings(topics_per_guild=2, sources_per_guild=3)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path}/a.db", now=START)
    yield opened
    await opened.close()


@pytest.fixture
def topics(store: Store) -> Topics:
    return Topics(store, LIMITS, FakeClock(START))


async def test_topics_made_at_once(store: Store, topics: Topics) -> None:
    made = [topics.create(guild_id=1, name=f"Topic {n}", channel_id=5) for n in range(6)]
    results = await asyncio.gather(*made, return_exceptions=True)
    assert sorted(str(each) for each in results if isinstance(each, Exception)) == 4 * [
        "This server already has 2 topics, which is the limit. Delete one with /topic delete first."
    ]
    assert await store.topics.counts(1) == (2, 0)


async def test_sources_followed_at_once(store: Store, topics: Topics) -> None:
    discovery, clock = FakeDiscovery(), FakeClock(START)
    following = Following(store, discovery, Intake(store, PollingSettings(), clock), LIMITS, clock)
    await topics.create(guild_id=1, name="News", channel_id=5)
    addresses = [f"https://blog-{n}.example/feed" for n in range(12)]
    for number, address in enumerate(addresses):
        discovery.put(address, found(address, f"Blog {number}", [entry(number)]))
    tried = await following.subscribe_each(guild_id=1, topic="News", sources=addresses, added_by=None)
    assert [each.problem for each in tried if each.problem] == 9 * [
        "This server already follows 3 sources, which is the limit. Remove one with /unsubscribe first."
    ]
    assert await store.topics.counts(1) == (1, 3)


async def test_a_source_that_is_followed_already_needs_no_room(store: Store) -> None:
    one, other = [await store.topics.create(guild_id=1, name=name, channel_id=5, now=START) for name in "ab"]
    assert one is not None
    assert other is not None
    feed, more = [await store.feeds.ensure(f"https://{name}.example/feed", now=START) for name in "ab"]
    assert await store.topics.subscribe(one.id, feed.id, added_by=None, limit=1, now=START)
    assert await store.topics.subscribe(other.id, feed.id, added_by=None, limit=1, now=START)
    with pytest.raises(NoRoom):
        await store.topics.subscribe(one.id, more.id, added_by=None, limit=1, now=START)
