"""What a member may do in a channel: threads have the rights of their channel, private ones their members only."""

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.permissions.member_rights import channel_of, rights_of
from tests.cogs.conftest import World


async def views(world: World, who: simcord.MemberActor, channel_id: int) -> bool:
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    channel = await channel_of(guild, channel_id)
    assert channel is not None
    return (await rights_of(await guild.fetch_member(who.id), channel)).view_channel


async def test_a_channel_gives_what_its_overwrites_say(world: World) -> None:
    assert await views(world, world.reader, world.news.id)
    hidden = hidden_channel(world)
    assert not await views(world, world.reader, hidden.id)


def hidden_channel(world: World) -> simcord.ChannelHandle:
    nobody = discord.PermissionOverwrite(view_channel=False)
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    me = discord.PermissionOverwrite(view_channel=True)
    return world.guild.create_text_channel("staff", overwrites={world.guild.default_role: nobody, guild.me: me})


async def test_a_thread_is_seen_by_who_sees_its_channel(world: World) -> None:
    open_channel, hidden = world.bot.get_channel(world.news.id), world.bot.get_channel(hidden_channel(world).id)
    assert isinstance(open_channel, discord.TextChannel)
    assert isinstance(hidden, discord.TextChannel)
    public = discord.ChannelType.public_thread
    assert await views(world, world.reader, (await open_channel.create_thread(name="a", type=public)).id)
    assert not await views(world, world.reader, (await hidden.create_thread(name="b", type=public)).id)


async def test_a_private_thread_is_seen_by_its_members_only(world: World) -> None:
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="secret", type=discord.ChannelType.private_thread)
    assert not await views(world, world.reader, thread.id)
    await thread.add_user(discord.Object(world.reader.id))
    assert await views(world, world.reader, thread.id)
    await thread.remove_user(discord.Object(world.reader.id))
    assert not await views(world, world.reader, thread.id)


async def test_who_manages_threads_sees_private_ones(world: World) -> None:
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="secret", type=discord.ChannelType.private_thread)
    role = world.guild.create_role("Moderators", permissions=discord.Permissions(manage_threads=True))
    moderator = world.guild.add_member(world.env.create_user("mod"), roles=[role])
    assert await views(world, moderator, thread.id)


async def test_a_channel_that_is_gone_is_none(world: World) -> None:
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    assert await channel_of(guild, 1234567) is None
