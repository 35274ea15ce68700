"""The life of a message: planned, tried, recorded; and what holds it up."""

from datetime import timedelta

import pytest

from bot.model import MessagePayload, PostPlan
from bot.store import Store
from tests.builders import START, at, new, read_outcome

GUILD, CHANNEL = 1, 10


@pytest.fixture
async def waiting(store: Store) -> list[int]:
    """Three deliveries, oldest first, in the topic "news"."""
    made = await store.topics.create(guild_id=GUILD, name="news", channel_id=CHANNEL, backfill=3, now=START)
    assert made is not None
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, *(new(n, published=at(-n), position=n) for n in (1, 2, 3))))
    return [delivery.id for delivery, _ in await store.deliveries.waiting(CHANNEL, limit=9)]


def plan(*deliveries: int, nonce: str = "n1") -> PostPlan:
    return PostPlan(
        topic_id=1, channel_id=CHANNEL, guild_id=GUILD, nonce=nonce, payload=MessagePayload(), delivery_ids=deliveries
    )


async def test_a_channel_is_leased_to_one_sender_until_the_lease_ends(store: Store, waiting: list[int]) -> None:
    assert [work.channel_id for work in await store.deliveries.claim_channels(now=START, limit=5)] == [CHANNEL]
    assert await store.deliveries.claim_channels(now=at(0.5), limit=5) == ()
    assert len(await store.deliveries.claim_channels(now=at(1.1), limit=5)) == 1


async def test_a_planned_message_is_stored_with_its_bytes_and_its_articles_wait_no_more(
    store: Store, waiting: list[int]
) -> None:
    assert await store.posts.plan(plan(*waiting[:2]), now=START)
    post = await store.posts.first_open(CHANNEL)
    assert post is not None
    assert (post.nonce, post.payload, post.size, post.attempts, post.unsure) == ("n1", MessagePayload(), 2, 0, False)
    assert [delivery.id for delivery, _ in await store.deliveries.waiting(CHANNEL, limit=9)] == waiting[2:]


async def test_an_article_cannot_be_planned_twice(store: Store, waiting: list[int]) -> None:
    assert await store.posts.plan(plan(waiting[0]), now=START)
    assert not await store.posts.plan(plan(waiting[0], nonce="n2"), now=START)


async def test_an_attempt_leaves_the_outcome_open_until_it_is_recorded(store: Store, waiting: list[int]) -> None:
    await store.posts.plan(plan(waiting[0]), now=START)
    await store.posts.attempt(1, channel_id=CHANNEL, now=at(1))
    post = await store.posts.first_open(CHANNEL)
    assert post is not None
    assert (post.attempts, post.unsure, post.first_attempt_at, post.last_attempt_at) == (1, True, at(1), at(1))
    await store.posts.posted(1, channel_id=CHANNEL, message_id=77, now=at(2))
    assert await store.posts.first_open(CHANNEL) is None
    [work] = await store.deliveries.claim_channels(now=at(5), limit=5)
    assert work.last_message_id == 77


async def test_a_message_that_waits_for_its_retry_keeps_its_channel_in_order(store: Store, waiting: list[int]) -> None:
    await store.posts.plan(plan(waiting[0]), now=START)
    await store.posts.attempt(1, channel_id=CHANNEL, now=START)
    await store.posts.later(1, due_at=at(10), error="no answer", unsure=True)
    await store.deliveries.release(CHANNEL)
    assert await store.deliveries.claim_channels(now=at(9), limit=5) == ()
    assert len(await store.deliveries.claim_channels(now=at(10), limit=5)) == 1
    post = await store.posts.first_open(CHANNEL)
    assert post is not None
    assert post.unsure


async def test_a_refused_message_of_several_is_dissolved_and_sent_singly(store: Store, waiting: list[int]) -> None:
    await store.posts.plan(plan(*waiting), now=START)
    await store.posts.dissolve(1, "400", singly=True)
    queue = await store.deliveries.waiting(CHANNEL, limit=9)
    assert [(delivery.id, alone) for delivery, alone in queue] == [(number, True) for number in waiting]
    assert await store.posts.plan(plan(waiting[0], nonce="n2"), now=START)


async def test_a_refused_article_stays_with_its_reason_and_the_next_goes_on(store: Store, waiting: list[int]) -> None:
    await store.posts.plan(plan(waiting[0]), now=START)
    await store.posts.failed(1, "Discord answered 400")
    assert [delivery.id for delivery, _ in await store.deliveries.waiting(CHANNEL, limit=9)] == waiting[1:]
    assert (await store.operating.overview(None, now=START)).failed == 1


async def test_a_held_channel_is_left_alone_until_its_probe_or_a_change_in_the_guild(
    store: Store, waiting: list[int]
) -> None:
    assert await store.deliveries.hold(CHANNEL, "no access", now=START, probe_at=at(60))
    assert not await store.deliveries.hold(CHANNEL, "no access", now=START, probe_at=at(60))
    assert await store.deliveries.claim_channels(now=at(59), limit=5) == ()
    assert await store.deliveries.probe_soon(GUILD, now=at(30)) == 1
    [work] = await store.deliveries.claim_channels(now=at(30), limit=5)
    assert (work.held_reason, work.probes) == ("no access", 2)
    await store.deliveries.resume(CHANNEL)
    assert (await store.operating.overview(None, now=START)).held == 0


async def test_a_topic_that_was_deleted_or_paused_marks_its_open_message(store: Store, waiting: list[int]) -> None:
    await store.posts.plan(plan(waiting[0]), now=START)
    await store.topics.delete(1, now=at(1))
    post = await store.posts.first_open(CHANNEL)
    assert post is not None
    assert (post.topic_moved, post.topic_id, post.size) == (True, None, 0)


async def test_channels_take_turns_and_the_longest_unserved_is_first(store: Store, waiting: list[int]) -> None:
    other = await store.topics.create(guild_id=GUILD, name="two", channel_id=20, backfill=1, now=START)
    assert other is not None
    feed = await store.feeds.ensure("https://other.example/feed", now=START)
    await store.topics.subscribe(other.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, new(9)))
    order = []
    for minute in range(4):
        [work] = await store.deliveries.claim_channels(now=START + timedelta(minutes=2 * minute), limit=1)
        order.append(work.channel_id)
    assert order[0] != order[1]
    assert order[:2] == order[2:]
