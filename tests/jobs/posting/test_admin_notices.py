"""Notices: a guild is told once per trouble, in the right place, and told when it is well; articles never wait for them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import BlockReason, ClaimedFeed, FailureKind, FetchFailed, PollKind, SendKind, SendResult
from tests.builders import new, read_outcome
from tests.jobs.conftest import GUILD, Bot
from tests.jobs.discord import NO_ANSWER, Message

SYSTEM, CHOSEN, DM = 90, 91, 92
LACKS = "the bot lacks Send Messages in the channel"
DAY = 86400.0
REFUSED = SendResult(SendKind.NO_ACCESS, code=50013, reason="Missing Permissions")


@pytest.fixture(autouse=True)
def _places(bot: Bot) -> None:
    bot.discord.notices_go_to(GUILD, SYSTEM)


async def held(bot: Bot, *channels: int) -> ClaimedFeed:
    """Topics in these channels, in which the bot may not write any more, with an article each."""
    topics = [await bot.topic(f"Topic {channel}", channel=channel) for channel in channels]
    feed = await bot.feed(*topics)
    for channel in channels:
        bot.discord.obstruct(channel, LACKS)
    await bot.publish(feed)
    await bot.run(2)
    return feed


async def failing(bot: Bot, feed: ClaimedFeed, *, for_seconds: float = DAY) -> None:
    """The feed fails now, and again after so long."""
    failure = FetchFailed(FailureKind.HTTP, "The host answered 500.")
    outcome = replace(read_outcome(feed), kind=PollKind.FAILED, failure=failure)
    for _ in range(2):
        await bot.store.entries.apply(replace(outcome, polled_at=bot.clock.now()))
        bot.clock.advance(for_seconds)


async def gone(bot: Bot, feed: ClaimedFeed) -> None:
    failure = FetchFailed(FailureKind.GONE, "The host says that it is gone.", status=410)
    outcome = read_outcome(feed, now=bot.clock.now())
    await bot.store.entries.apply(replace(outcome, kind=PollKind.GONE, failure=failure))


def notices(bot: Bot, channel: int = SYSTEM) -> list[Message]:
    return bot.discord.in_channel(channel)


async def test_a_held_channel_is_told_once_whatever_is_probed_or_started_again(bot: Bot) -> None:
    await held(bot, 10)
    await bot.tell()
    assert notices(bot) == []
    await bot.run(120, notices=True)
    [notice] = notices(bot)
    assert "I cannot post in a channel" in notice.text
    assert "<#10> (Topic 10): the bot lacks Send Messages in the channel. 1 article waits" in notice.text
    assert "**What to do:** open the channel's settings → Permissions" in notice.text
    assert notice.buttons == [f"riverpost:probe:{GUILD}:10"]
    await bot.run(6 * 3600, step=300, notices=True)
    await bot.restart()
    await bot.run(3600, step=60, notices=True)
    assert len(notices(bot)) == 1
    assert notices(bot)[0].edits == []


async def test_when_it_is_well_again_the_notice_says_so_and_a_new_trouble_is_told_anew(bot: Bot) -> None:
    feed = await held(bot, 10)
    await bot.run(70, notices=True)
    bot.discord.clear(10)
    await bot.run(200, notices=True)
    [notice] = notices(bot)
    assert "Well again\n✅ <#10> (Topic 10): I can post again." in notice.text
    assert (notice.buttons, len(notice.edits)) == ([], 1)
    bot.discord.obstruct(10, "the channel is gone", BlockReason.GONE)
    await bot.publish(feed)
    await bot.run(100, notices=True)
    first, second = notices(bot)
    assert len(first.edits) == 1
    assert "/topic edit" in second.text


async def test_many_channels_that_fail_together_are_one_notice_that_follows_each(bot: Bot) -> None:
    await held(bot, *range(10, 22))
    await bot.run(80, notices=True)
    [notice] = notices(bot)
    assert "I cannot post in 12 channels" in notice.text
    assert "… and 2 more" in notice.text
    assert notice.buttons == [f"riverpost:probe:{GUILD}:0"]
    bot.discord.clear(10)
    await bot.run(400, step=5, notices=True)
    assert "✅ <#10>" in notice.text
    assert "⚠️ <#11>" in notice.text
    for channel in range(11, 22):
        bot.discord.clear(channel)
    await bot.run(1000, step=20, notices=True)
    assert "Well again" in notice.text
    assert "⚠️" not in notice.text
    assert len(notices(bot)) == 1


async def test_what_is_well_before_it_was_told_is_not_told(bot: Bot) -> None:
    await held(bot, 10)
    bot.discord.forget_guild(GUILD)
    await bot.run(130, notices=True)
    bot.discord.clear(10)
    await bot.run(300, notices=True)
    bot.discord.notices_go_to(GUILD, SYSTEM)
    await bot.tell()
    assert notices(bot) == []


async def test_the_chosen_channel_comes_first_then_the_system_channel_then_a_private_message(bot: Bot) -> None:
    await bot.store.notices.choose_place(GUILD, CHOSEN)
    for channel in (CHOSEN, SYSTEM):
        bot.discord.refuse(channel, REFUSED)
    bot.discord.can_write_to(7, DM)
    await held(bot, 10)
    await bot.run(150, notices=True)
    tried = [request.channel_id for request in bot.discord.requests if request.what == "send"]
    assert tried == [CHOSEN, SYSTEM, DM]
    assert len(notices(bot, DM)) == 1
    bot.discord.clear(10)
    await bot.run(200, notices=True)
    assert "Well again" in notices(bot, DM)[0].text


async def test_where_nobody_can_be_told_it_is_tried_again_after_an_hour(bot: Bot) -> None:
    bot.discord.notices_go_to(GUILD)
    await held(bot, 10)
    await bot.run(3000, step=60, notices=True)
    bot.discord.notices_go_to(GUILD, SYSTEM)
    await bot.run(300, step=60, notices=True)
    assert notices(bot) == []
    await bot.run(600, step=60, notices=True)
    assert len(notices(bot)) == 1


@pytest.mark.parametrize("arrived", [True, False], ids=["it arrived", "it did not"])
async def test_a_notice_whose_answer_was_lost_is_looked_for_after_a_crash(bot: Bot, *, arrived: bool) -> None:
    await held(bot, 10)
    bot.discord.next_sends("lost" if arrived else NO_ANSWER)
    await bot.tell(61)
    await bot.restart()
    bot.discord.obstruct(10, LACKS)
    bot.clock.advance(400)
    await bot.run(60, notices=True)
    assert len(notices(bot)) == 1
    whats = [request.what for request in bot.discord.requests if request.channel_id == SYSTEM]
    assert whats == (["send", "find"] if arrived else ["send", "find", "send"])


async def test_a_token_that_is_refused_while_a_guild_is_told_ends_the_bot(bot: Bot) -> None:
    await held(bot, 10)
    bot.discord.refuse(SYSTEM, SendResult(SendKind.UNAUTHORISED, reason="Discord answered 401"))
    await bot.tell(61)
    assert "unauthorised" in bot.woken


async def test_articles_never_wait_for_a_notice_in_their_own_channel(bot: Bot) -> None:
    bot.discord.notices_go_to(GUILD, 20)
    other = await bot.feed(await bot.topic("Other", channel=20), url="https://other.example/feed")
    await held(bot, 10)
    later = SendResult(SendKind.NOT_SENT, reason="Discord asks to wait", retry_after_seconds=3000.0)
    bot.discord.next_sends(later)
    await bot.tell(61)
    titles = await bot.publish(other, 2)
    await bot.run(5)
    assert bot.discord.titles(20) == titles
    await bot.run(3100, step=60, notices=True)
    assert bot.discord.titles(20) == [*titles, "I cannot post in a channel"]


async def test_a_notice_does_not_hide_a_lost_article_from_its_look_up(bot: Bot) -> None:
    bot.discord.notices_go_to(GUILD, 20)
    other = await bot.feed(await bot.topic("Other", channel=20), url="https://other.example/feed")
    await held(bot, 10)
    bot.discord.next_sends("lost")
    titles = await bot.publish(other)
    await bot.run(0.5)
    await bot.tell(61)
    bot.clock.advance(600)
    await bot.run(10)
    assert bot.discord.titles(20) == [*titles, "I cannot post in a channel"]


async def test_an_unavailable_guild_is_nobodys_trouble(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.obstruct(10, "the server is unavailable on Discord's side", BlockReason.UNAVAILABLE)
    await bot.publish(feed)
    await bot.run(3600, step=60, notices=True)
    assert notices(bot) == []


async def test_a_feed_that_failed_for_a_day_is_told_with_its_reason_and_again_when_it_works(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic("Networks", channel=10))
    await failing(bot, feed, for_seconds=DAY / 2 - 60)
    await bot.tell()
    assert notices(bot) == []
    await bot.tell(200)
    [notice] = notices(bot)
    assert "A source has failed for a day" in notice.text
    assert "**A blog** (Networks): The host answered 500." in notice.text
    good = int((bot.clock.now() - timedelta(seconds=DAY + 80)).timestamp())
    assert f"The last good answer came <t:{good}:f>." in notice.text
    assert notice.buttons == [f"riverpost:{each}:{GUILD}:{feed.id}" for each in ("retry", "pause", "unsubscribe")]
    await bot.store.entries.apply(read_outcome(feed, now=bot.clock.now()))
    await bot.tell(10)
    assert "✅ **A blog** (Networks): it works again." in notice.text
    assert notice.buttons == []
    assert len(notices(bot)) == 1


@pytest.mark.parametrize(
    ("act", "words"),
    [("pause", "⏸️ **A blog** (Networks): it is paused"), ("unsubscribe", "✅ **A blog**: no topic has it any more")],
)
async def test_what_was_done_about_a_feed_is_written_into_its_notice(bot: Bot, act: str, words: str) -> None:
    topic = await bot.topic("Networks", channel=10)
    feed = await bot.feed(topic)
    await failing(bot, feed)
    await bot.tell()
    if act == "pause":
        await bot.store.changes.pause_source(GUILD, feed.id, paused=True, now=bot.clock.now())
    else:
        await bot.store.topics.unsubscribe(topic.id, feed.id, now=bot.clock.now())
    await bot.tell(10)
    [notice] = notices(bot)
    assert words in notice.text


async def test_a_feed_that_is_gone_is_told_once_and_asking_again_does_not_end_it(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic("Networks", channel=10))
    bot.clock.advance(60)
    await gone(bot, feed)
    await bot.tell(10)
    [notice] = notices(bot)
    assert "A source is gone\n⛔ **A blog** (Networks)" in notice.text
    assert notice.buttons == [f"riverpost:{each}:{GUILD}:{feed.id}" for each in ("retry", "unsubscribe")]
    await bot.store.changes.retry_sources([feed.id], now=bot.clock.now())
    await bot.tell(10)
    await gone(bot, feed)
    await bot.tell(10)
    assert (len(notices(bot)), notice.edits) == (1, [])
    bot.clock.advance(60)
    await bot.store.entries.apply(read_outcome(feed, now=bot.clock.now()))
    await bot.tell(10)
    assert "it works again" in notice.text


async def test_an_archive_that_was_skipped_is_one_notice_in_each_guild_that_follows(bot: Bot) -> None:
    bot.discord.notices_go_to(2, 95)
    topics = [await bot.topic("a", channel=10), await bot.topic("b", channel=11), await bot.topic("c", guild=2)]
    feed = await bot.feed(*topics)
    old = [replace(new(number), skip_reason="archive") for number in range(500, 540)]
    await bot.store.entries.apply(read_outcome(feed, *old, now=bot.clock.now()))
    await bot.tell(10)
    await bot.tell(10)
    assert [len(notices(bot)), len(notices(bot, 95))] == [1, 1]
    assert "put 40 old articles into its feed at once" in notices(bot)[0].text
    bot.clock.advance(60)
    again = [replace(new(number), skip_reason="archive") for number in range(600, 612)]
    await bot.store.entries.apply(read_outcome(feed, *again, now=bot.clock.now()))
    await bot.tell(10)
    assert "put 12 old articles" in notices(bot)[1].text


async def test_a_notice_that_a_person_deleted_is_not_written_again(bot: Bot) -> None:
    await held(bot, 10)
    await bot.tell(61)
    bot.discord.messages.clear()
    bot.discord.clear(10)
    await bot.run(200, notices=True)
    assert notices(bot) == []
    edits = [request for request in bot.discord.requests if request.what == "edit"]
    assert len(edits) == 1


async def test_an_edit_without_an_answer_is_made_again(bot: Bot) -> None:
    await held(bot, 10)
    await bot.tell(61)
    bot.discord.clear(10)
    await bot.run(200)
    bot.discord.down()
    await bot.tell(1)
    bot.discord.up()
    await bot.tell(90)
    assert "Well again" in notices(bot)[0].text


async def test_a_guild_that_removed_the_bot_is_not_written_to(bot: Bot) -> None:
    await held(bot, 10)
    await bot.store.upkeep.guild_left(GUILD, now=bot.clock.now())
    await bot.tell(3600)
    assert notices(bot) == []
