"""What is remembered of a guild: its language, and that it was welcomed."""

from datetime import datetime, timedelta

from bot.model import MessagePayload, PostKind
from bot.store import Store
from tests.builders import START, at, new, read_outcome
from tests.opening import sweep

KEPT = timedelta(days=30)


async def welcome(store: Store, guild_id: int = 1, *, nonce: str = "n1") -> bool:
    return await store.guilds.welcome(guild_id, channel_id=10, nonce=nonce, payload=MessagePayload(), now=START)


async def test_a_guild_is_welcomed_once_and_the_message_is_planned_with_it(store: Store) -> None:
    assert await welcome(store)
    assert not await welcome(store, nonce="n2")
    [post] = await store.notices.due(now=at(1), limit=5)
    assert (post.nonce, post.guild_id, post.channel_id, post.kind) == ("n1", 1, 10, PostKind.NOTICE)


async def test_a_guild_that_comes_back_within_the_kept_time_is_not_welcomed_again(store: Store) -> None:
    await welcome(store)
    await store.upkeep.guild_left(1, now=START)
    await store.upkeep.guild_joined(1)
    assert not await welcome(store, nonce="n2")


async def test_a_guild_that_was_forgotten_is_new_again(store: Store) -> None:
    await welcome(store)
    await store.upkeep.guild_left(1, now=START)
    await sweep(store, now=START + KEPT + timedelta(days=1))
    assert await welcome(store, nonce="n2")


async def test_a_guild_with_topics_needs_no_welcome(store: Store) -> None:
    await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    assert not await welcome(store)
    assert await store.notices.due(now=at(1), limit=5) == ()


async def test_a_language_is_remembered_beside_the_rest(store: Store) -> None:
    await store.notices.choose_place(1, 99)
    await store.guilds.choose_language(1, "de")
    assert await store.guilds.language(1) == "de"
    assert await store.notices.place(1) == 99
    assert await store.guilds.language(2) is None
    await store.guilds.choose_language(1, None)
    assert await store.guilds.language(1) is None
    assert await welcome(store), "a row of a guild is no welcome"


async def titles_waiting(store: Store, guild_id: int) -> list[str]:
    return [delivery.article.title for delivery, _ in await store.deliveries.waiting(guild_id * 10, limit=100)]


async def follow(store: Store, guild_id: int, feed_id: int, *, now: datetime = START) -> None:
    made = await store.topics.create(guild_id=guild_id, name="news", channel_id=guild_id * 10, now=now)
    assert made is not None
    await store.topics.subscribe(made.id, feed_id, added_by=None, now=now)


async def test_what_only_guilds_that_left_follow_is_not_polled_until_one_is_back(store: Store) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await follow(store, 1, feed.id)
    await store.upkeep.guild_left(1, now=START)
    assert await store.feeds.claim_due(now=at(60), limit=5) == ()
    assert await store.feeds.next_due_at() is None
    await store.upkeep.guild_joined(1)
    assert await store.feeds.next_due_at() == START
    [due] = await store.feeds.claim_due(now=at(60), limit=5)
    assert (due.id, due.guilds) == (feed.id, (1,))


async def test_a_feed_is_polled_for_the_guilds_that_are_left_and_counts_for_none_that_is_gone(store: Store) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await follow(store, 1, feed.id)
    await follow(store, 2, feed.id)
    await store.upkeep.guild_left(1, now=START)
    [due] = await store.feeds.claim_due(now=at(60), limit=5)
    assert due.guilds == (2,)


async def test_a_guild_that_comes_back_gets_what_came_meanwhile_and_nothing_again(store: Store) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await follow(store, 1, feed.id)
    await store.entries.apply(read_outcome(feed, new(1, published=at(-1)), new(2, published=at(-2), position=1)))
    assert await titles_waiting(store, 1) == ["Article 1"]
    await store.upkeep.guild_left(1, now=at(10))
    await store.upkeep.guild_joined(1)
    [due] = await store.feeds.claim_due(now=at(100_000), limit=5)
    listed = [new(3, published=at(99_000)), new(1, published=at(-1)), new(2, published=at(-2))]
    await store.entries.apply(read_outcome(due, *listed, now=at(100_000)))
    assert await titles_waiting(store, 1) == ["Article 1", "Article 3"]


async def test_who_follows_a_feed_that_rested_for_a_guild_that_left_gets_only_the_sample(store: Store) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await follow(store, 1, feed.id)
    await store.entries.apply(read_outcome(feed, new(1, published=at(-1))))
    await store.upkeep.guild_left(1, now=at(10))
    await follow(store, 2, feed.id, now=at(90_000))
    [due] = await store.feeds.claim_due(now=at(90_000), limit=5)
    listed = [new(number, published=at(number * 1000), position=9 - number) for number in (2, 3, 4)]
    await store.entries.apply(read_outcome(due, *listed, now=at(90_001)))
    assert await titles_waiting(store, 2) == ["Article 4"]
