"""A server's limits hold whatever is asked for at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config.settings import LimitsSettings, PollingSettings
from bot.errors import NoRoom, UserError
from bot.model import FollowKind, ItemState, Wish
from bot.services.limits.rate_limit import RateLimit
from bot.services.sources.ingest import Ingest
from bot.services.sources.source_management import SourceManagement
from bot.services.sources.subscriptions import Following
from bot.services.topics.topics import Topics
from bot.services.transfer.importer import Importing, anybody
from bot.store import Store
from tests.builders import EVERY, START, entry, viewer
from tests.fakes import FakeClock, FakeDiscovery, found
from tests.opening import open_store
from tests.standins import nothing

LIMITS = LimitsSettings(topics_per_guild=2, sources_per_guild=3)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/a.db", now=START)
    yield opened
    await opened.close()


@pytest.fixture
def topics(store: Store) -> Topics:
    return Topics(store, LIMITS, FakeClock(START), on_queued=nothing)


async def test_topics_made_at_once(store: Store, topics: Topics) -> None:
    made = [topics.create(guild_id=1, name=f"Topic {n}", channel_id=5) for n in range(6)]
    results = await asyncio.gather(*made, return_exceptions=True)
    assert sorted(str(each) for each in results if isinstance(each, Exception)) == 4 * [
        "This server already has 2 topics, which is the limit. Delete one with /topic delete first."
    ]
    assert await store.topics.counts(1) == (2, 0)


async def test_sources_followed_at_once(store: Store, topics: Topics) -> None:
    discovery, clock = FakeDiscovery(), FakeClock(START)
    following = Following(store, discovery, Ingest(store, PollingSettings(), clock), LIMITS, clock)
    await topics.create(guild_id=1, name="News", channel_id=5)
    addresses = [f"https://blog-{n}.example/feed" for n in range(12)]
    for number, address in enumerate(addresses):
        discovery.put(address, found(address, f"Blog {number}", [entry(number)]))
    tried = await following.subscribe_each(viewer=viewer(*EVERY), topic="News", sources=addresses, added_by=None)
    assert [each.problem for each in tried if each.problem] == 9 * [
        "This server already has 3 sources, which is the limit. Remove one with /unsubscribe first."
    ]
    assert await store.topics.counts(1) == (1, 3)


async def test_a_source_that_is_followed_already_needs_no_room(store: Store) -> None:
    one, other = [await store.topics.create(guild_id=1, name=name, channel_id=5, now=START) for name in "ab"]
    assert one is not None
    assert other is not None
    feed, more = [await store.feeds.ensure(f"https://{name}.example/feed", now=START) for name in "ab"]
    assert await store.topics.subscribe(one.id, feed.id, added_by=None, limit=1, now=START)
    assert await store.topics.subscribe(other.id, feed.id, added_by=None, limit=1, now=START)
    with pytest.raises(NoRoom, match="1 sources"):
        await store.topics.subscribe(one.id, more.id, added_by=None, limit=1, now=START)


async def test_each_topic_counts_each_of_its_sources_as_a_subscription(store: Store, topics: Topics) -> None:
    limits = LimitsSettings(subscriptions_per_guild=2)
    discovery, clock = FakeDiscovery(), FakeClock(START)
    following = Following(store, discovery, Ingest(store, PollingSettings(), clock), limits, clock)
    for address in ("https://a.example/feed", "https://b.example/feed"):
        discovery.put(address, found(address, address, [entry(1)]))
    made = [await topics.create(guild_id=1, name=name, channel_id=5) for name in ("One", "Two")]
    for topic in ("One", "Two"):
        await following.subscribe(viewer=viewer(*EVERY), topic=topic, source="https://a.example/feed", added_by=None)
    with pytest.raises(UserError, match="has 2 subscriptions already"):
        await following.subscribe(viewer=viewer(*EVERY), topic="One", source="https://b.example/feed", added_by=None)
    again = await following.subscribe(
        viewer=viewer(*EVERY), topic="One", source="https://a.example/feed", added_by=None
    )
    assert getattr(again, "already", False), "what is followed already needs no room"
    tending = SourceManagement(
        store, clock, limits, on_due=lambda: None, on_queued=lambda: None, on_change=lambda: None
    )
    moved = await tending.move(viewer(*EVERY), "https://a.example/feed", old="One", new=made[1])
    assert moved.joined
    await following.subscribe(viewer=viewer(*EVERY), topic="One", source="https://b.example/feed", added_by=None)


async def test_what_the_file_declares_counts_once_a_person_moves_it(store: Store, topics: Topics) -> None:
    url, clock = "https://declared.example/feed", FakeClock(START)
    await store.topics.declare(guild_id=1, name="File", channel_id=5, feed_urls=[url], backfill=0, now=START)
    mine = await topics.create(guild_id=1, name="Mine", channel_id=5)
    feed = await store.feeds.ensure("https://a.example/feed", now=START)
    await store.topics.subscribe(mine.id, feed.id, added_by=None, limit=1, subscription_limit=1, now=START)
    tight = LimitsSettings(sources_per_guild=1, subscriptions_per_guild=1)
    tending = SourceManagement(store, clock, tight, on_due=lambda: None, on_queued=lambda: None, on_change=lambda: None)
    with pytest.raises(UserError, match="already has 1 source"):
        await tending.move(viewer(*EVERY), url, old=None, new=mine)
    assert [each.topic for each in (await tending.find(viewer(*EVERY), url)).sources] == ["File"]


async def test_sources_are_asked_at_once_no_faster_than_the_servers_pace(store: Store, topics: Topics) -> None:
    clock = FakeClock(START)
    limits = LimitsSettings(retries_per_minute=2)
    tending = SourceManagement(
        store, clock, limits, on_due=lambda: None, on_queued=lambda: None, on_change=lambda: None
    )
    for guild in (1, 2):
        topic = await topics.create(guild_id=guild, name="News", channel_id=5)
        feed = await store.feeds.ensure("https://a.example/feed", now=START)
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    source = str(feed.id)
    await tending.retry(viewer(*EVERY), source)
    clock.advance(20)
    await tending.pause(viewer(*EVERY), source)
    await tending.resume(viewer(*EVERY), source)
    await tending.pause(viewer(*EVERY), source)
    with pytest.raises(UserError, match=f"<t:{int(START.timestamp()) + 61}:R>"):
        await tending.resume(viewer(*EVERY), source)
    assert await tending.retry_failing(viewer(*EVERY)) == 0, "nothing fails, so nothing is asked"
    await tending.retry(viewer(*EVERY, guild=2), source)
    clock.advance(41)
    await tending.resume(viewer(*EVERY), source)
    with pytest.raises(UserError, match="again and again"):
        await tending.retry(viewer(*EVERY), source)


async def test_a_server_imports_so_many_addresses_a_day(store: Store) -> None:
    clock, begun = FakeClock(START), list[int]()
    importing = Importing(store, clock, on_begun=lambda: begun.append(1), sources_per_day=3)

    async def give(guild_id: int, count: int) -> None:
        feeds = "".join(f'<outline xmlUrl="https://{n}.example/feed"/>' for n in range(count))
        body = f"<opml><body>{feeds}</body></opml>".encode()
        await importing.begin(
            guild_id=guild_id,
            viewer=None,
            channel_id=5,
            body=body,
            topic="News",
            folders=False,
            added_by=None,
            allow=anybody,
        )
        for item in await store.imports.open_items():
            await store.imports.settle(item.id, ItemState.FAILED)
        await store.imports.finish(now=clock.now())

    await give(1, 2)
    with pytest.raises(UserError, match=r"within a day\. Try again <t:"):
        await give(1, 2)
    await give(1, 1)
    await give(2, 3)
    clock.advance(86_400)
    await give(1, 2)
    assert len(begun) == 4


async def test_follows_asked_for_at_once_stay_below_the_limit(store: Store) -> None:
    wishes = [Wish(FollowKind.WORDS, daily=False, words=f"word {n}") for n in range(5)]
    adding = [store.follows.add(7, 1, wish, now=START, limit=3) for wish in wishes]
    results = await asyncio.gather(*adding, return_exceptions=True)
    assert [isinstance(each, NoRoom) for each in results] == [False, False, False, True, True]
    _follow, new = await store.follows.add(7, 1, wishes[0], now=START, limit=3)
    assert not new, "what is followed already needs no room"


def test_a_rate_limit_says_when_there_is_room_again_and_lets_one_large_request_through() -> None:
    clock = FakeClock(START)
    limit = RateLimit(5, 60.0, clock)
    assert [limit.take(1, 9), limit.take(1), limit.take(2)] == [0.0, 60.0, 0.0]
    clock.advance(30)
    assert [limit.take(2, 4), limit.take(2), limit.take(2, 3)] == [0.0, 30.0, 60.0]
    clock.advance(30)
    assert [limit.take(1, 5), limit.take(2), limit.take(2)] == [0.0, 0.0, 30.0]
