"""What the sender sees in a channel's way, on the state that a real gateway would have given: rights and threads."""

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

import discord

from bot.clock import SystemClock
from bot.model import BlockReason
from bot.posting.discord.sender import DiscordSender
from tests.cogs.conftest import FEED, World


async def in_the_way(world: World, channel_id: int) -> tuple[BlockReason, str] | None:
    found = await DiscordSender(world.bot, SystemClock(), canonical=str).obstacle(channel_id, world.guild.id)
    return (found.hold, found.reason) if found is not None else None


async def thread(world: World) -> discord.Thread:
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    made = await channel.create_thread(name="Talk", type=discord.ChannelType.public_thread)
    await world.env.settle()
    return made


async def test_missing_rights_are_named(world: World) -> None:
    assert await in_the_way(world, world.news.id) is None
    found = await in_the_way(world, world.closed.id)
    assert found == (BlockReason.ACCESS, "the bot lacks Embed Links, Read Message History in the channel")


async def test_an_open_thread_and_an_archived_one_are_no_obstacle_but_a_locked_one_is(world: World) -> None:
    made = await thread(world)
    assert await in_the_way(world, made.id) is None
    await made.edit(archived=True)
    await world.env.settle()
    assert world.bot.get_channel(made.id) is None
    assert await in_the_way(world, made.id) is None
    await made.edit(archived=True, locked=True)
    await world.env.settle()
    assert await in_the_way(world, made.id) is None, "who manages threads may write in a locked one"
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, manage_threads=False)
    await world.env.settle()
    assert await in_the_way(world, made.id) == (BlockReason.LOCKED, "the thread is locked")


async def test_a_deleted_thread_is_gone(world: World) -> None:
    made = await thread(world)
    await made.delete()
    await world.env.settle()
    assert await in_the_way(world, made.id) == (BlockReason.GONE, "the channel is gone")


async def test_a_topic_in_an_archived_thread_can_be_given_sources_and_tested(world: World) -> None:
    made = await thread(world)
    await world.store.topics.create(
        guild_id=world.guild.id, name="Talk", channel_id=made.id, created_by=1, limit=50, now=world.clock.now()
    )
    await made.edit(archived=True)
    await world.env.settle()
    assert world.bot.get_channel(made.id) is None
    assert (
        "Threads under articles are for text channels"
        in (await world.ask("topic edit", name="Talk", threads=True)).text
    )
    assert "gets a new source: **A blog**" in (await world.ask("subscribe", source=FEED, topic="Talk")).text
    await made.edit(archived=True)
    await world.env.settle()
    assert "It works" in (await world.ask("topic test", name="Talk")).text
    await made.delete()
    await world.env.settle()
    assert "I cannot see that channel" in (await world.ask("topic test", name="Talk")).text
