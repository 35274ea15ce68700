"""What is held in each trouble, and how it goes on: nothing is dropped, and everything resumes by itself when it can."""

from datetime import timedelta
from itertools import pairwise

import pytest

from bot.model import BlockReason, SendKind, SendResult
from bot.services.guilds.events import GuildEvents
from tests.jobs.conftest import GUILD, Bot
from tests.opening import sweep

GONE = SendResult(SendKind.NO_ACCESS, code=10003, reason="Unknown Channel", hold=BlockReason.GONE)
LACKS = "the bot lacks Send Messages in the channel"


def events(bot: Bot) -> GuildEvents:
    return GuildEvents(bot.store, bot.clock, on_probe=lambda: bot.woken.append("deliver"))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (LACKS, BlockReason.ACCESS),
        ("the channel is gone", BlockReason.GONE),
        ("the thread is locked", BlockReason.LOCKED),
        ("the server is unavailable on Discord's side", BlockReason.UNAVAILABLE),
    ],
)
async def test_a_held_channel_goes_on_in_order_after_a_gateway_event(bot: Bot, reason: str, kind: BlockReason) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.obstruct(10, reason, kind)
    titles = await bot.publish(feed, 2)
    await bot.run(5)
    assert await bot.held() == [(10, reason)]
    titles += await bot.publish(feed)
    bot.discord.clear(10)
    await bot.run(20)
    assert bot.discord.titles(10) == []
    await events(bot).changed(GUILD)
    await bot.run(5)
    assert bot.discord.titles(10) == titles
    assert await bot.held() == []


async def test_an_unavailable_guild_costs_a_look_a_minute_and_not_one_a_second(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.obstruct(10, "unavailable", BlockReason.UNAVAILABLE)
    await bot.publish(feed)
    await bot.run(30)
    [work] = await bot.store.deliveries.claim_channels(now=bot.clock.now() + timedelta(seconds=60), limit=5)
    assert work.probes == 1


async def test_without_an_event_it_is_probed_after_1_2_5_and_15_minutes_then_hourly(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.refuse(10, SendResult(SendKind.NO_ACCESS, code=50013, reason="Missing Permissions"))
    titles = await bot.publish(feed)
    await bot.run(4 * 3600, step=5)
    minutes = [round(request.at / 60) for request in bot.discord.requests]
    waits = [later - earlier for earlier, later in pairwise(minutes)]
    assert waits == [1, 2, 5, 15, 60, 60, 60]
    bot.discord.clear(10)
    await bot.run(3600, step=5)
    assert bot.discord.titles(10) == titles


async def test_a_start_probes_at_once(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.obstruct(10, LACKS)
    titles = await bot.publish(feed)
    await bot.run(5)
    bot.discord.clear(10)
    await bot.restart()
    await bot.run(5)
    assert bot.discord.titles(10) == titles


async def test_a_held_channel_for_which_nothing_waits_any_more_is_freed_too(bot: Bot) -> None:
    topic = await bot.topic(channel=10)
    feed = await bot.feed(topic)
    bot.discord.obstruct(10, LACKS)
    await bot.publish(feed)
    await bot.run(2)
    await bot.store.topics.unsubscribe(topic.id, feed.id, now=bot.clock.now())
    bot.discord.clear(10)
    await bot.run(70)
    assert await bot.held() == []


async def test_what_was_planned_for_a_channel_that_is_gone_goes_to_the_topics_new_one(bot: Bot) -> None:
    topic = await bot.topic(channel=10)
    feed = await bot.feed(topic)
    bot.discord.next_sends(GONE)
    titles = await bot.publish(feed, 2)
    await bot.run(2)
    bot.discord.obstruct(10, "the channel is gone", BlockReason.GONE)
    await bot.run(70)
    await bot.store.changes.edit_topic(topic.id, name=None, channel_id=20, colour=None, now=bot.clock.now())
    await bot.run(5)
    assert (bot.discord.titles(10), bot.discord.titles(20)) == ([], titles)
    assert await bot.held() == []


@pytest.mark.parametrize("arrived", [True, False], ids=["it arrived", "it did not"])
async def test_what_may_have_arrived_is_looked_for_in_the_old_channel_before_it_goes_to_the_new_one(
    bot: Bot, *, arrived: bool
) -> None:
    topic = await bot.topic(channel=10)
    feed = await bot.feed(topic)
    silence = SendResult(SendKind.UNKNOWN, reason="no answer", answered=False)
    bot.discord.next_sends("lost" if arrived else silence)
    titles = await bot.publish(feed)
    await bot.run(0.5)
    await bot.store.changes.edit_topic(topic.id, name=None, channel_id=20, colour=None, now=bot.clock.now())
    await bot.run(5)
    assert bot.discord.titles(10) == (titles if arrived else [])
    assert bot.discord.titles(20) == ([] if arrived else titles)


async def test_what_may_have_arrived_in_a_channel_that_is_gone_went_with_it(bot: Bot) -> None:
    topic = await bot.topic(channel=10)
    feed = await bot.feed(topic)
    bot.discord.next_sends("lost")
    titles = await bot.publish(feed)
    await bot.run(0.5)
    bot.discord.obstruct(10, "the channel is gone", BlockReason.GONE)
    await bot.run(10)
    await bot.store.changes.edit_topic(topic.id, name=None, channel_id=20, colour=None, now=bot.clock.now())
    await bot.run(10)
    assert bot.discord.titles(20) == titles


async def test_a_declared_topic_that_the_file_moves_takes_what_waits_along(bot: Bot) -> None:
    for channel in (10, 20):
        await bot.store.topics.declare(
            guild_id=GUILD, name="news", channel_id=channel, feed_urls=["https://blog.example/feed"], backfill=0,
            now=bot.clock.now(),
        )  # fmt: skip
        if channel == 10:
            feed = await bot.feed()
            bot.discord.obstruct(10, LACKS)
            titles = await bot.publish(feed, 2)
            await bot.run(5)
    await bot.run(5)
    assert bot.discord.titles(20) == titles


async def test_a_guild_that_removed_the_bot_is_left_alone_and_served_when_it_invites_it_again(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    await events(bot).left(GUILD)
    titles = await bot.publish(feed, 3)
    await bot.run(3600, step=20)
    assert (bot.discord.requests, await bot.held()) == ([], [])
    await sweep(bot.store, now=bot.clock.now() + timedelta(days=29))
    await events(bot).joined(GUILD)
    await bot.run(5)
    assert bot.discord.titles(10) == titles


async def test_after_thirty_days_a_guild_that_left_is_forgotten(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.next_sends(SendResult(SendKind.NOT_SENT, reason="later", retry_after_seconds=50.0))
    await bot.publish(feed, 3)
    await bot.run(2)
    await events(bot).left(GUILD)
    await sweep(bot.store, now=bot.clock.now() + timedelta(days=31))
    assert await bot.store.topics.all(GUILD) == ()
    bot.clock.advance(40 * 86400)
    await events(bot).joined(GUILD)
    await bot.run(100)
    assert bot.discord.titles(10) == []


async def test_what_happened_to_guilds_while_the_bot_was_away_is_noticed_at_start(bot: Bot) -> None:
    here, there = await bot.topic("here", channel=10), await bot.topic("there", channel=20, guild=2)
    feed = await bot.feed(here, there)
    await events(bot).present([GUILD])
    titles = await bot.publish(feed)
    await bot.run(5)
    assert (bot.discord.titles(10), bot.discord.titles(20)) == (titles, [])
    await events(bot).present([GUILD, 2])
    await bot.run(5)
    assert bot.discord.titles(20) == titles


async def test_a_paused_topic_keeps_what_comes_and_what_was_planned_and_goes_on_in_order(bot: Bot) -> None:
    paused, other = await bot.topic("news", channel=10), await bot.topic("other", channel=10)
    feed, second = await bot.feed(paused), await bot.feed(other, url="https://other.example/feed")
    bot.discord.next_sends(SendResult(SendKind.NOT_SENT, reason="Discord cannot be reached", answered=False))
    titles = await bot.publish(feed)
    await bot.run(1)
    await bot.store.changes.pause_topic(paused.id, paused=True)
    titles += await bot.publish(feed, 2)
    others = await bot.publish(second)
    await bot.run(60)
    assert bot.discord.titles(10) == others
    assert await bot.store.changes.pause_topic(paused.id, paused=False)
    await bot.run(10)
    assert bot.discord.titles(10) == others + titles


async def test_a_paused_source_is_kept_for_its_guild_and_flows_in_the_others(bot: Bot) -> None:
    here, there = await bot.topic("here", channel=10), await bot.topic("there", channel=20, guild=2)
    feed = await bot.feed(here, there)
    bot.discord.obstruct(10, LACKS)
    titles = await bot.publish(feed)
    await bot.run(2)
    bot.discord.clear(10)
    changed = await bot.store.changes.pause_source(GUILD, feed.id, paused=True, now=bot.clock.now())
    assert changed == ("here",)
    titles += await bot.publish(feed, 2)
    await bot.run(100)
    assert bot.discord.titles(20) == titles
    assert set(bot.discord.titles(10)) <= {titles[0]}
    await bot.store.changes.pause_source(GUILD, feed.id, paused=False, now=bot.clock.now())
    await bot.run(100)
    assert bot.discord.titles(10) == titles


async def test_a_source_that_rests_everywhere_is_asked_all_the_same(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    await bot.store.changes.pause_source(GUILD, feed.id, paused=True, now=bot.clock.now())
    bot.clock.advance(86400)
    assert [due.id for due in await bot.store.feeds.claim_due(now=bot.clock.now(), limit=5)] == [feed.id]


async def test_what_a_pause_held_of_a_source_that_was_given_up_does_not_come_years_later(bot: Bot) -> None:
    topic = await bot.topic(channel=10)
    feed = await bot.feed(topic)
    await bot.store.changes.pause_source(GUILD, feed.id, paused=True, now=bot.clock.now())
    await bot.publish(feed, 3)
    await bot.store.topics.unsubscribe(topic.id, feed.id, now=bot.clock.now())
    bot.clock.advance(365 * 86400)
    await bot.feed(topic)
    await bot.store.changes.pause_source(GUILD, feed.id, paused=True, now=bot.clock.now())
    titles = await bot.publish(feed)
    await bot.store.changes.pause_source(GUILD, feed.id, paused=False, now=bot.clock.now())
    await bot.run(20)
    assert bot.discord.titles(10) == titles
