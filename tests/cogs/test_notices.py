"""The buttons of notices, pressed in a channel and in a private message, also after the bot was started again."""

from dataclasses import replace

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord

from bot.clock import SystemClock
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.admin_notices import NoticesJob
from bot.model import BlockReason, FailureKind, FetchFailed, PollKind
from bot.posting.discord.reachable_channels import ReachableChannels
from bot.posting.discord.sender import DiscordSender
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from tests.builders import read_outcome
from tests.cogs.conftest import FEED, World, reply


def loop(world: World) -> NoticesJob:
    """The real loop, sender and places on simcord's Discord, as after a start: nothing in memory."""
    traffic = CircuitBreaker()
    sender = DiscordSender(world.bot, SystemClock(), canonical=str)
    hearing = DiscordHealth(world.store, traffic, world.clock, on_more=lambda: None, on_unauthorised=lambda: None)
    spoken = world.bot.services.languages.of
    return NoticesJob(
        world.store,
        sender,
        ReachableChannels(world.bot),
        traffic,
        hearing,
        world.clock,
        language=spoken,
    )


async def failing(world: World, *, guild_wide: bool = True) -> int:
    """The blog has failed for a day, and the server was told. Its id."""
    await world.followed()
    if guild_wide:
        await world.ask("status notices", channel=world.news)
    feed = await world.store.feeds.ensure(FEED, now=world.clock.now())
    failure = FetchFailed(FailureKind.HTTP, "The host answered with an error (500).")
    outcome = replace(read_outcome(feed, now=world.clock.now()), kind=PollKind.FAILED, failure=failure)
    await world.store.entries.apply(outcome)
    world.clock.advance(90_000)
    await loop(world).round()
    world.woken.clear()
    return feed.id


def shown(message: discord.Message) -> str:
    [embed] = message.embeds
    return f"{embed.title}\n{embed.description}"


def last(world: World) -> discord.Message:
    message = world.news.last_message
    assert message is not None
    return message


async def test_a_failing_feed_is_asked_again_with_a_button(world: World) -> None:
    await failing(world)
    notice = last(world)
    assert "A source has failed for a day" in shown(notice)
    told = reply(await world.manager.click(notice, label="Retry"))
    assert told.private
    assert "**A blog** is checked now" in told.text
    assert world.woken == ["poll"]
    assert len(await world.store.feeds.claim_due(now=world.clock.now(), limit=5)) == 1


async def test_pausing_with_a_button_is_written_into_the_notice(world: World) -> None:
    await failing(world)
    told = reply(await world.manager.click(last(world), label="Pause"))
    assert "is paused in **Networks**" in told.text
    assert world.woken == ["notices"]
    world.clock.advance(60)
    await loop(world).round()
    assert "it is paused" in shown(last(world))
    assert last(world).components == []


async def test_unsubscribing_with_a_button(world: World) -> None:
    await failing(world)
    told = reply(await world.manager.click(last(world), label="Unsubscribe"))
    assert "**A blog** is removed from" in told.text
    assert await world.store.topics.sources(world.guild.id, now=world.clock.now()) == ()


async def test_who_may_not_manage_channels_is_told_so_and_changes_nothing(world: World) -> None:
    await failing(world)
    told = reply(await world.reader.click(last(world), label="Unsubscribe"))
    assert told.private
    assert "You need the permission Manage Channels" in told.text
    assert len(await world.store.topics.sources(world.guild.id, now=world.clock.now())) == 1


async def test_a_private_message_has_the_same_buttons_and_asks_for_the_same_right(world: World) -> None:
    await failing(world, guild_wide=False)
    private = world.manager.user.dm_channel
    notice = private.last_message
    assert notice is not None
    assert "A source has failed for a day" in shown(notice)
    told = reply(await world.manager.user.click(notice, label="Retry"))
    assert "**A blog** is checked now" in told.text


async def test_a_held_channel_is_tried_again_with_a_button_that_names_what_is_missing(world: World) -> None:
    await world.ask("status notices", channel=world.news)
    topic = await world.store.topics.create(
        guild_id=world.guild.id, name="Closed", channel_id=world.closed.id, now=world.clock.now()
    )
    assert topic is not None
    await world.store.deliveries.hold(
        world.closed.id, "the bot lacks Embed Links", kind=BlockReason.ACCESS, now=world.clock.now(),
        probe_at=world.clock.now(),
    )  # fmt: skip
    world.clock.advance(61)
    await loop(world).round()
    notice = last(world)
    assert f"<#{world.closed.id}> (Closed): the bot lacks Embed Links." in shown(notice)
    told = reply(await world.manager.click(notice, label="Try again"))
    assert "I lack **Embed Links**, **Read Message History**" in told.text
    assert world.woken[-1] == "deliver"
    await world.store.deliveries.resume(world.closed.id)
    told = reply(await world.manager.click(notice, label="Try again"))
    assert "Nothing is held there any more" in told.text


async def test_an_old_button_whose_source_is_gone_is_answered(world: World) -> None:
    feed_id = await failing(world)
    notice = last(world)
    topic = await world.store.topics.get(world.guild.id, "Networks")
    assert topic is not None
    await world.store.topics.unsubscribe(topic.id, feed_id, now=world.clock.now())
    told = reply(await world.manager.click(notice, label="Retry"))
    assert "has no such source" in told.text


async def test_a_defect_is_answered_without_its_details(world: World) -> None:
    await failing(world)
    notice = last(world)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    world.bot.services.tending.retry = broken  # type: ignore[method-assign,assignment]
    told = reply(await world.manager.click(notice, label="Retry"))
    assert "Something went wrong on my side" in told.text
    assert "secret" not in told.text
