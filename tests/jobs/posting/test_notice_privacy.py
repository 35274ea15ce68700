"""Notices tell people only what they may know: private ones managers who are still there, public ones no hidden names."""

import pytest

from tests.jobs.conftest import GUILD, Bot
from tests.jobs.discord import NO_ANSWER
from tests.jobs.posting.test_admin_notices import DAY, DM, SYSTEM, failing, held, notices

OTHER_DM = 93


@pytest.fixture(autouse=True)
def _places(bot: Bot) -> None:
    bot.discord.notices_go_to(GUILD)
    bot.discord.can_write_to(7, DM)
    bot.discord.can_write_to(8, OTHER_DM)


async def test_who_made_a_topic_and_left_or_may_not_manage_it_is_told_nothing(bot: Bot) -> None:
    bot.discord.lets_manage(7)
    await held(bot, 10)
    await bot.run(3000, step=60, notices=True)
    assert notices(bot, DM) == []
    bot.discord.lets_manage(7, 11)
    await bot.run(4000, step=60, notices=True)
    assert notices(bot, DM) == []
    bot.discord.lets_manage(7, 10)
    await bot.run(4000, step=60, notices=True)
    assert len(notices(bot, DM)) == 1


async def test_a_person_is_told_of_the_channels_that_they_manage_and_of_no_others(bot: Bot) -> None:
    bot.discord.lets_manage(7, 11)
    await held(bot, 10, 11)
    await bot.run(150, notices=True)
    [notice] = notices(bot, DM)
    assert "<#11> (Topic 11)" in notice.text
    assert "<#10>" not in notice.text


async def test_what_a_private_notice_waited_for_is_asked_again_before_it_leaves(bot: Bot) -> None:
    await held(bot, 10)
    bot.discord.next_sends(*[NO_ANSWER] * 20)
    await bot.run(75, notices=True)
    bot.discord.lets_manage(7)
    await bot.run(3000, step=60, notices=True)
    assert notices(bot, DM) == []


async def test_when_a_person_may_not_manage_any_more_their_notice_names_nothing(bot: Bot) -> None:
    topic = await bot.topic("Staff", channel=10)
    feed = await bot.feed(topic)
    await failing(bot, feed)
    await bot.run(20, notices=True)
    [notice] = notices(bot, OTHER_DM)
    assert "(Staff)" in notice.text
    bot.discord.lets_manage(8)
    await bot.restart()
    await bot.publish(feed)
    await bot.run(60, notices=True)
    assert "Settled" in notice.text
    assert "Staff" not in notice.text
    assert "A source in <#10>" in notice.text


async def test_in_a_channel_that_others_read_a_hidden_topic_is_a_mention_of_its_channel(bot: Bot) -> None:
    bot.discord.notices_go_to(GUILD, SYSTEM)
    bot.discord.hide_channel(10)
    feed = await held(bot, 10)
    await bot.run(150, notices=True)
    [notice] = notices(bot)
    assert "⚠️ <#10>: the bot lacks" in notice.text
    assert "Topic 10" not in notice.text
    bot.discord.clear(10)
    await bot.run(200, notices=True)
    assert "✅ <#10>: I can post again" in notice.text
    assert "Topic 10" not in notice.text
    await failing(bot, feed, for_seconds=DAY)
    await bot.run(20, notices=True)
    assert "⚠️ A source in <#10>: `/sources` says what is wrong." in notices(bot)[-1].text
