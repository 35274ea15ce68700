"""Digests and quiet hours in virtual time: what is held, what comes when, each article once, over kills and changes."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.model import BlockReason, ChannelKind, DigestSchedule, Place, SendKind, SendResult, Topic, TopicOptions
from bot.schedules import digest_times
from tests.jobs.conftest import Bot
from tests.jobs.discord import Message

HOUR = 3600.0
DAY = 24 * HOUR
DAILY = {"digest": DigestSchedule.DAILY, "digest_minute": 18 * 60}
"""The tests begin at noon."""
NIGHT = {"quiet_from": 22 * 60, "quiet_to": 7 * 60}


async def options(bot: Bot, topic: Topic, **changed: Any) -> None:
    """As the service does it."""
    now = bot.clock.now()
    found = await bot.store.topics.get(topic.guild_id, topic.name)
    assert found is not None
    await bot.store.changes.edit_topic(
        topic.id, name=None, channel_id=None, colour=None, options=changed,
        hours=digest_times.hours(replace(found.options, **changed), now), now=now,
    )  # fmt: skip


def listed(bot: Bot, titles: list[str], channel: int = 10) -> list[int]:
    """In how many messages of the channel each article is."""
    texts = ["\n".join(embed.get("description", "") for embed in m.shown["embeds"]) for m in digests(bot, channel)]
    return [sum(f"[{title}]" in text for text in texts) for title in titles]


def digests(bot: Bot, channel: int = 10) -> list[Message]:
    return [m for m in bot.discord.in_channel(channel) if "digest" in str(m.shown["embeds"][-1].get("footer"))]


def mentions(bot: Bot) -> list[bool]:
    return [message.payload.mention is not None for message in bot.discord.in_channel(10)]


async def test_others_are_served_while_a_digest_of_long_articles_is_made(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    await bot.publish(feed, 40)
    bot.clock.advance(7 * HOUR)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    ticking = asyncio.create_task(others())
    await bot.run(5)
    ticking.cancel()
    assert turns >= 40
    assert len(digests(bot)) == 1


# --- digests -----------------------------------------------------------------------------------------


async def test_a_daily_digest_holds_what_comes_and_lists_it_once_at_its_hour(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed, 3)
    await bot.run(3 * HOUR, step=60)
    titles += await bot.publish(feed)
    await bot.run(3 * HOUR - 60, step=60)
    assert bot.discord.messages == []
    await bot.run(120)
    assert listed(bot, titles) == [1, 1, 1, 1]
    [message] = bot.discord.messages
    assert message.titles == ["news: 4 articles"]
    assert 6 * HOUR <= message.at < 6 * HOUR + 2
    await bot.run(DAY, step=60)
    assert len(bot.discord.messages) == 1


async def test_what_comes_right_after_a_digest_waits_for_the_next_also_where_nothing_was_to_be_listed(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    await bot.run(6 * HOUR + 1, step=60)
    titles = await bot.publish(feed)
    await bot.run(HOUR, step=60)
    assert bot.discord.messages == []
    await bot.run(DAY, step=60)
    assert listed(bot, titles) == [1]


async def test_a_digest_that_was_missed_comes_at_the_next_start_with_all_up_to_the_last_one(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed)
    bot.clock.advance(DAY)
    titles += await bot.publish(feed)
    bot.clock.advance(DAY)
    await bot.restart()
    late = await bot.publish(feed)
    await bot.run(10)
    assert listed(bot, [*titles, *late]) == [1, 1, 0]
    await bot.run(DAY, step=60)
    assert listed(bot, [*titles, *late]) == [1, 1, 1]
    assert len(bot.discord.messages) == 2


async def test_a_digest_whose_answer_was_lost_is_found_after_a_restart_and_not_made_again(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed, 2)
    await bot.run(6 * HOUR - 1, step=60)
    bot.discord.next_sends("lost")
    await bot.run(3)
    await bot.restart()
    bot.clock.advance(400)
    await bot.run(30)
    assert [request.what for request in bot.discord.requests] == ["send", "find"]
    assert listed(bot, titles) == [1, 1]
    titles += await bot.publish(feed)
    bot.discord.next_sends("lost")
    await bot.run(DAY, step=60)
    await bot.restart()
    await bot.run(HOUR, step=60)
    assert listed(bot, titles) == [1, 1, 1]


async def test_a_large_digest_is_a_few_messages_that_are_all_stored_before_the_first_is_sent(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, mention_role=5, **DAILY)
    titles = await bot.publish(feed, 400)
    await bot.run(6 * HOUR - 1, step=600)
    bot.discord.obstruct(10, "no access")
    await bot.run(5)
    assert bot.discord.requests == []
    bot.discord.clear(10)
    await bot.run(120)
    assert listed(bot, titles) == [1] * 400
    assert len(bot.discord.messages) < 15
    assert sum(mentions(bot)) == 3  # one for each 150 articles


async def test_a_held_channel_keeps_its_digest_and_loses_nothing(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed)
    bot.discord.obstruct(10, "no access", BlockReason.ACCESS)
    await bot.run(DAY, step=60)
    titles += await bot.publish(feed)
    bot.discord.clear(10)
    await bot.run(2 * HOUR, step=60)
    assert listed(bot, titles) == [1, 0]
    await bot.run(DAY, step=60)
    assert listed(bot, titles) == [1, 1]


async def test_a_digest_to_a_channel_that_is_refused_goes_to_the_new_channel_at_once(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed)
    await bot.run(6 * HOUR - 1, step=60)
    bot.discord.refuse(10, SendResult(SendKind.NO_ACCESS, reason="no access"))
    await bot.run(10)
    now = bot.clock.now()
    await bot.store.changes.edit_topic(topic.id, name=None, channel_id=20, colour=None, now=now)
    await bot.run(30)
    assert listed(bot, titles, 20) == [1]


async def test_a_paused_topic_s_digest_comes_when_it_is_resumed(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed)
    await bot.store.changes.pause_topic(topic.id, paused=True)
    await bot.run(2 * DAY, step=60)
    assert bot.discord.messages == []
    await bot.store.changes.pause_topic(topic.id, paused=False)
    await bot.run(5)
    assert listed(bot, titles) == [1]


async def test_a_deleted_topic_has_no_digest(bot: Bot) -> None:
    topic, other = await bot.topic(), await bot.topic("other")
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    await bot.publish(feed)
    await bot.store.topics.delete(topic.id, now=bot.clock.now())
    await bot.run(DAY, step=60)
    assert bot.discord.messages == []
    assert other.channel_id == topic.channel_id


async def test_what_is_refused_in_a_digest_is_tried_article_by_article(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed, 3)
    await bot.run(6 * HOUR - 1, step=60)
    refused = SendResult(
        SendKind.REFUSED, code=50035, named=("embeds.0.title",), reason="Discord answered 400: Invalid Form Body"
    )
    bot.discord.next_sends(refused, refused)
    await bot.run(10)
    assert bot.discord.titles(10) == titles[1:]
    found = await bot.store.operating.overview(None, now=bot.clock.now())
    assert (found.failed, found.waiting, found.kept) == (1, 0, 0)


async def test_ending_the_digest_lets_what_waits_come_as_single_articles(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed, 2)
    await bot.run(HOUR, step=60)
    await options(bot, topic, digest=DigestSchedule.AT_ONCE)
    await bot.run(5)
    assert bot.discord.titles(10) == titles


async def test_what_waits_for_a_digest_does_not_count_as_late_and_holds_up_nobody(bot: Bot) -> None:
    topic, other = await bot.topic(), await bot.topic("other", channel=10)
    feed = await bot.feed(topic)
    second = await bot.feed(other, url="https://other.example/feed")
    await options(bot, topic, **DAILY)
    await bot.publish(feed, 30)
    titles = await bot.publish(second)
    await bot.run(5)
    assert bot.discord.titles(10) == titles
    found = await bot.store.operating.overview(None, now=bot.clock.now())
    assert (found.waiting, found.kept, found.oldest_waiting) == (0, 30, None)


async def test_in_a_forum_a_digest_is_one_post(bot: Bot) -> None:
    bot.deliver._planner._survey = lambda _channel, _guild: Place(ChannelKind.FORUM)
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    titles = await bot.publish(feed, 20)
    await bot.run(6 * HOUR + 5, step=60)
    assert listed(bot, titles) == [1] * 20
    [message] = bot.discord.messages
    assert message.payload.forum is not None
    assert message.payload.forum.name == "news · 2026-01-01 18:00"


async def test_an_hourly_digest_comes_every_hour_that_brought_something(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, digest=DigestSchedule.HOURLY)
    for _ in range(3):
        await bot.run(HOUR / 2, step=60)
        await bot.publish(feed)
        await bot.run(1.5 * HOUR, step=60)
    assert [round(message.at / HOUR) for message in bot.discord.messages] == [1, 3, 5]


async def test_a_digest_is_never_edited(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **DAILY)
    await bot.publish(feed)
    await bot.run(6 * HOUR + 5, step=60)
    async with bot.store._database.write() as connection:
        from bot.store.posting.edit_requests import request_edit

        await request_edit(connection, 1, now=bot.clock.now(), corrected=True)
    bot.clock.advance(60)
    assert await bot.store.edits.next(now=bot.clock.now()) is None


# --- quiet hours -------------------------------------------------------------------------------------


async def test_quiet_hours_hold_what_comes_and_release_it_in_few_messages_with_one_mention(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, mention_role=5, **NIGHT)
    before = await bot.publish(feed)
    await bot.run(10 * HOUR, step=60)
    assert bot.discord.titles(10) == before
    during = await bot.publish(feed, 33)
    await bot.run(9 * HOUR - 60, step=60)
    assert bot.discord.titles(10) == before
    found = await bot.store.operating.overview(None, now=bot.clock.now())
    assert (found.waiting, found.kept) == (0, 33)
    await bot.run(120)
    assert bot.discord.titles(10) == before + during
    assert [len(message.titles) for message in bot.discord.messages] == [1, 10, 10, 10, 3]
    assert mentions(bot) == [True, True, False, False, False]
    after = await bot.publish(feed, 2)
    await bot.run(10)
    assert bot.discord.titles(10) == before + during + after
    assert mentions(bot)[-2:] == [True, True]


@pytest.mark.parametrize("hour", [10, 12])
async def test_a_message_that_could_not_be_sent_before_quiet_hours_waits_until_they_are_over(
    bot: Bot, hour: float
) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, **NIGHT)
    await bot.run(10 * HOUR - 30, step=60)
    bot.discord.next_sends("lost" if hour == 12 else SendResult(SendKind.NOT_SENT, reason="refused"))
    bot.discord.next_sends(*[SendResult(SendKind.NOT_SENT, reason="refused")] * 3)
    titles = await bot.publish(feed)
    await bot.run(9 * HOUR, step=20)
    assert [message.at < 10 * HOUR for message in bot.discord.messages] == ([True] if hour == 12 else [])
    await bot.run(HOUR, step=20)
    assert bot.discord.titles(10) == titles


async def test_a_digest_within_quiet_hours_comes_when_they_are_over(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await options(bot, topic, digest=DigestSchedule.DAILY, digest_minute=23 * 60, **NIGHT)
    titles = await bot.publish(feed)
    await bot.run(19 * HOUR - 60, step=60)
    assert bot.discord.messages == []
    await bot.run(120)
    assert listed(bot, titles) == [1]


async def test_hours_of_one_topic_are_no_concern_of_another_in_the_same_channel(bot: Bot) -> None:
    quiet, loud = await bot.topic(), await bot.topic("loud")
    first, second = await bot.feed(quiet), await bot.feed(loud, url="https://loud.example/feed")
    await options(bot, quiet, **NIGHT)
    await bot.run(11 * HOUR, step=60)
    held = await bot.publish(first)
    titles = await bot.publish(second)
    await bot.run(5)
    assert bot.discord.titles(10) == titles
    await bot.run(9 * HOUR, step=60)
    assert bot.discord.titles(10) == titles + held


async def test_options_that_a_newer_version_stored_are_passed_over(bot: Bot) -> None:
    topic = await bot.topic()
    await bot.store.changes.edit_topic(
        topic.id, name=None, channel_id=None, colour=None, options={"style": "cards", "sound": 3}, now=bot.clock.now()
    )
    found = await bot.store.topics.get(topic.guild_id, topic.name)
    assert found is not None
    assert found.options == TopicOptions()
