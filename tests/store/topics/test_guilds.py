"""What is remembered of a guild: its language, and that it was welcomed."""

from datetime import timedelta

from bot.model import PostKind
from bot.store import Store
from tests.builders import START, at
from tests.opening import sweep

KEPT = timedelta(days=30)


async def welcome(store: Store, guild_id: int = 1, *, nonce: str = "n1") -> bool:
    return await store.guilds.welcome(guild_id, channel_id=10, nonce=nonce, payload="{}", now=START)


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
