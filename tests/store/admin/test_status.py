"""Figures: the same in Discord and in a terminal, beside a running bot and without one; guilds that come and go."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.model import BlockReason, MessagePayload, PostPlan
from bot.store import Store
from bot.store.admin import heartbeat
from tests.builders import START, at, new, read_outcome
from tests.opening import open_store, sweep


async def busy(store: Store) -> None:
    """A topic with an article posted an hour and a half ago, one just now, one failed, one waiting, and a held channel."""
    topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    assert topic is not None
    feed = await store.feeds.ensure("https://user:secret@blog.example/feed", now=START)
    await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, title=None, now=START))
    listed = [new(number, published=at(number)) for number in range(1, 5)]
    await store.entries.apply(read_outcome(feed, *listed, title=None, now=at(5)))
    waiting = [delivery.id for delivery, _ in await store.deliveries.waiting(10, limit=9)]
    for number, minutes in ((0, 10), (1, 95)):
        plan = PostPlan(
            topic_id=topic.id, channel_id=10, guild_id=1, nonce=f"n{number}", payload=MessagePayload(),
            delivery_ids=(waiting[number],),
        )  # fmt: skip
        await store.posts.plan(plan, now=at(minutes))
        post = await store.posts.first_open(10)
        assert post is not None
        await store.posts.posted(post.id, channel_id=10, message_id=number + 1, now=at(minutes))
    await store.deliveries.fail([waiting[2]], "Discord answered 400")
    await store.deliveries.hold(10, "no access", kind=BlockReason.ACCESS, now=at(96), probe_at=at(97))
    await store.upkeep.beat(["poll"], now=at(99))


async def test_the_terminal_shows_the_figures_while_the_bot_runs_and_when_it_does_not(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    store = await open_store(f"sqlite:///{path}", now=START, default_backfill=0)
    await busy(store)
    figures = await store.operating.overview(None, now=at(100))
    running = heartbeat.summary(path, now=at(100))
    await store.close()
    assert running == heartbeat.lines(figures, now=at(100)) == heartbeat.summary(path, now=at(100))
    for line in (
        "feeds followed: 1",
        "articles stored: 4",
        "articles posted: 2",
        "articles posted in the last hour: 1",
        "articles waiting: 1",
        "articles refused by Discord: 1",
        "channels held: 1",
        "oldest waiting: 95 minutes",
        "last round of the poll loop: 2026-01-01 13:39:00 UTC, 1 minutes ago",
        "held: channel 10 of server 1, 1 waiting: no access",
    ):
        assert line in running


async def test_a_failing_feed_is_named_without_its_password(store: Store) -> None:
    from dataclasses import replace

    from bot.model import FailureKind, FetchFailed, PollKind

    await busy(store)
    feed = await store.feeds.ensure("https://user:secret@blog.example/feed", now=at(5))
    failure = FetchFailed(FailureKind.DNS, "The host was not found.")
    await store.entries.apply(replace(read_outcome(feed, now=at(6)), kind=PollKind.FAILED, failure=failure))
    lines = heartbeat.lines(await store.operating.overview(None, now=at(7)), now=at(7))
    [line] = [line for line in lines if line.startswith("failing:")]
    assert "The host was not found." in line
    assert "secret" not in line


def test_without_a_database_the_terminal_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        heartbeat.summary(tmp_path / "missing.db", now=START)


async def test_guilds_that_removed_the_bot_unseen_are_noticed_once_and_come_back(store: Store) -> None:
    for guild in (1, 2):
        await store.topics.create(guild_id=guild, name="news", channel_id=10 * guild, now=START)
    assert await store.upkeep.guilds_are([2, 3], now=START) == (1,)
    assert await store.upkeep.guilds_are([2, 3], now=at(1)) == ()
    await sweep(store, now=START + timedelta(days=29))
    assert await store.upkeep.guilds_are([1, 2], now=at(2)) == ()
    await sweep(store, now=START + timedelta(days=60))
    assert len(await store.topics.all(1)) == 1


async def test_being_removed_twice_counts_from_the_first_time_and_keeps_the_place_for_notices(store: Store) -> None:
    await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    await store.notices.choose_place(1, 99)
    await store.upkeep.guild_left(1, now=START)
    await store.upkeep.guild_left(1, now=START + timedelta(days=20))
    await store.upkeep.guild_joined(1)
    assert await store.notices.place(1) == 99
    await store.upkeep.guild_left(1, now=START)
    await store.upkeep.guild_left(1, now=START + timedelta(days=20))
    await sweep(store, now=START + timedelta(days=31))
    assert await store.topics.all(1) == ()
