"""Forums and webhooks in the delivery loop: what has no nonce is looked for before it is repeated, and not too soon."""

from dataclasses import replace

from bot.model import BlockReason, ChannelKind, ForumStart, Place, SendKind, SendResult, Tag
from tests.jobs.conftest import Bot

FORUM = Place(ChannelKind.FORUM, tags=(Tag(1, "News"),), needs_tag=True)
LOST = "lost"


def into(bot: Bot, place: Place) -> None:
    """The channel is of this kind."""
    bot.deliver._planner._survey = lambda _channel, _guild: place


def asked(bot: Bot) -> list[tuple[int, str]]:
    return [(round(request.at), request.what) for request in bot.discord.requests]


async def test_a_forum_gets_one_post_an_article_however_many_wait(bot: Bot) -> None:
    into(bot, FORUM)
    published = await bot.publish(await bot.feed(await bot.topic()), 12)
    await bot.run(30)
    assert [message.titles for message in bot.discord.in_channel(10)] == [[title] for title in published]
    assert bot.discord.messages[0].payload.forum == ForumStart("Article 1", (1,))


async def test_a_lost_answer_is_looked_up_a_minute_later_and_never_repeated_blindly(bot: Bot) -> None:
    into(bot, FORUM)
    published = await bot.publish(await bot.feed(await bot.topic()), 2)
    bot.discord.next_sends(LOST)
    await bot.run(50)
    assert asked(bot) == [(0, "send")]
    await bot.run(30)
    assert [what for _, what in asked(bot)] == ["send", "find", "send"]
    assert asked(bot)[1][0] >= 60
    assert bot.discord.titles(10) == published


async def test_a_refusal_of_the_connection_is_looked_up_too_if_an_earlier_answer_was_lost(bot: Bot) -> None:
    into(bot, FORUM)
    published = await bot.publish(await bot.feed(await bot.topic()))
    bot.discord.next_sends(SendResult(SendKind.UNKNOWN, reason="no answer", answered=False), LOST)
    await bot.run(400)
    assert [what for _, what in asked(bot)] == ["send", "find", "send", "find"]
    assert bot.discord.titles(10) == published


async def test_a_restart_does_not_look_before_the_request_is_settled(bot: Bot) -> None:
    into(bot, FORUM)
    await bot.publish(await bot.feed(await bot.topic()))
    await bot.deliver.round()
    [task] = bot.deliver._tasks
    bot.discord.next_sends(LOST)
    while not bot.discord.requests:
        bot.clock.advance(0.01)
        await bot.clock.sleep(0)
    task.cancel()
    await bot.deliver.close(grace_seconds=0)
    await bot.restart()
    into(bot, FORUM)
    await bot.run(50)
    assert [what for _, what in asked(bot)] == ["send"]
    await bot.run(100)
    assert [what for _, what in asked(bot)][-1] == "find"
    assert len(bot.discord.messages) == 1


async def test_a_stale_plan_is_made_anew(bot: Bot) -> None:
    into(bot, FORUM)
    published = await bot.publish(await bot.feed(await bot.topic()))
    bot.discord.next_sends(SendResult(SendKind.STALE, reason="the forum's tags have changed"))
    await bot.deliver.round()
    into(bot, replace(FORUM, tags=(Tag(2, "Newer"),)))
    await bot.run(10)
    assert bot.discord.titles(10) == published
    assert [message.payload.forum and message.payload.forum.tags for message in bot.discord.messages] == [(2,)]


async def test_a_tag_that_discord_wants_and_the_state_does_not_know_holds_the_channel(bot: Bot) -> None:
    into(bot, Place(ChannelKind.FORUM))
    published = await bot.publish(await bot.feed(await bot.topic()))
    bot.discord.next_sends(
        SendResult(SendKind.REFUSED, code=40067, reason="a tag is required", hold=BlockReason.ACCESS)
    )
    await bot.run(30)
    assert await bot.held() == [(10, "a tag is required")]
    assert bot.discord.titles(10) == []
    into(bot, FORUM)
    await bot.run(60)
    assert bot.discord.titles(10) == published
    assert await bot.held() == []
