"""Servers take turns: how much one of them has to send is no matter of the others."""

from datetime import datetime

import pytest

from bot.model import FollowKind, Match, MessagePayload, PersonalPlan, Wish
from bot.store import Store
from tests.builders import START, at, new, read_outcome

ANN, DOOR = 71, 9071


class Servers:
    """Fills channels, whose number is the server's and two digits."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._number = 0

    async def fill(self, *channels: int) -> None:
        for channel in channels:
            topic = await self.store.topics.create(
                guild_id=channel // 100, name=f"t{channel}", channel_id=channel, backfill=0, now=START
            )
            assert topic is not None
            feed = await self.store.feeds.ensure(f"https://blog.example/{channel}", now=START)
            await self.store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
            await self.store.entries.apply(read_outcome(feed))
            self._number += 1
            await self.store.entries.apply(read_outcome(feed, new(self._number, published=START)))

    async def next(
        self, count: int, *, now: datetime = START, busy: dict[int, int] | None = None, lately: tuple[int, ...] = ()
    ) -> list[int]:
        found = await self.store.deliveries.ready_channels(now=now, limit=count, busy=busy or {}, lately=lately)
        return [each.channel_id for each in found]


@pytest.fixture
def servers(store: Store) -> Servers:
    return Servers(store)


async def test_each_server_has_one_channel_before_any_has_two(servers: Servers) -> None:
    await servers.fill(100, 101, 102, 200, 300, 301)
    assert await servers.next(4) == [100, 200, 300, 101]


async def test_a_server_whose_channels_are_served_already_comes_later(servers: Servers) -> None:
    await servers.fill(100, 101, 200)
    assert await servers.next(2, busy={1: 1}) == [200, 100]


async def test_among_equals_the_turn_that_was_longest_ago_decides(servers: Servers) -> None:
    await servers.fill(100, 200, 300, 400)
    assert await servers.next(4, lately=(3, 1, 2)) == [400, 300, 100, 200]


async def test_in_a_server_the_channel_that_was_not_served_for_longest_is_next(servers: Servers) -> None:
    await servers.fill(100, 101, 102)
    await servers.store.deliveries.claim_channels([101, 100], now=START)
    assert await servers.next(3, now=at(2)) == [102, 100, 101]


async def test_only_what_is_still_free_is_leased_and_in_the_order_that_was_asked_for(servers: Servers) -> None:
    await servers.fill(100, 101, 200)
    await servers.store.deliveries.claim_channels([101], now=START)
    leased = await servers.store.deliveries.claim_channels([200, 101, 100], now=START)
    assert [each.channel_id for each in leased] == [200, 100]


@pytest.mark.parametrize(("busy", "server"), [({1: 3}, 2), ({2: 3}, 1)])
async def test_a_private_message_counts_for_the_server_of_what_it_tells_that_has_least(
    servers: Servers, busy: dict[int, int], server: int
) -> None:
    store = servers.store
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    for guild in (1, 2):
        topic = await store.topics.create(guild_id=guild, name="news", channel_id=guild, backfill=0, now=START)
        assert topic is not None
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed))
    for guild in (1, 2):
        await store.follows.add(ANN, guild, Wish(FollowKind.SOURCE, daily=False, feed_id=feed.id), now=START)
    await store.entries.apply(read_outcome(feed, new(1, published=at(1)), now=at(1)))
    cursor, articles, follows = await store.matching.new()
    assert await store.matching.take([Match(f, a) for a in articles for f in follows], cursor, now=at(1))
    _, ids = await store.personal.waiting(ANN, at_once=True, limit=5)
    await store.personal.opened(ANN, DOOR)
    assert await store.personal.plan(PersonalPlan(ANN, DOOR, "n1", MessagePayload(), ids), now=at(1))
    found = await store.deliveries.ready_channels(now=at(1), limit=9, busy=busy, lately=())
    assert {each.channel_id: each.server for each in found}[DOOR] == server
