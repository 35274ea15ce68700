"""Whether all who read in one channel see another: then a message there may name the other's topics."""

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.model import WHOLE_SERVER
from bot.permissions.notice_audience import seen_by_readers
from bot.posting.discord.reachable_channels import ReachableChannels
from tests.cogs.conftest import World

Overwrite = discord.PermissionOverwrite


async def sees(world: World, place: simcord.ChannelHandle | discord.Thread, *channels: int) -> set[int]:
    await world.env.settle()
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    return set(seen_by_readers(guild, place.id, channels))


async def test_whoever_reads_a_channel_sees_another_by_roles_and_overwrites(world: World) -> None:
    guild, everyone = world.guild, world.guild.default_role
    staff, guests = guild.create_role("Staff"), guild.create_role("Guests")
    hidden, see = Overwrite(view_channel=False), Overwrite(view_channel=True)
    inner = guild.create_text_channel("inner", overwrites={everyone: hidden, staff: see})
    notices = guild.create_text_channel("notices", overwrites={everyone: hidden, staff: see})
    wider = guild.create_text_channel("wider", overwrites={everyone: hidden, staff: see, guests: see})
    single = guild.create_text_channel("single", overwrites={everyone: hidden, staff: see, world.reader: see})
    without = guild.create_text_channel("without", overwrites={world.reader: hidden})
    every = {inner.id, notices.id, wider.id, single.id, without.id, world.news.id}
    assert await sees(world, world.news, *every) == {world.news.id}
    assert await sees(world, notices, *every) == every - {without.id}
    assert await sees(world, wider, *every) == {wider.id, world.news.id}
    assert await sees(world, single, *every) == {single.id, world.news.id}
    assert await sees(world, without, *every) == {without.id, world.news.id}
    assert await sees(world, world.news, 12345) == set()


async def test_a_public_thread_is_seen_with_its_channel_and_a_private_one_by_nobody_else(world: World) -> None:
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    public = await channel.create_thread(name="a", type=discord.ChannelType.public_thread)
    private = await channel.create_thread(name="b", type=discord.ChannelType.private_thread)
    assert await sees(world, world.news, public.id, private.id) == {public.id}
    assert await sees(world, private, public.id, private.id, world.news.id) == {public.id, private.id, world.news.id}


async def test_what_a_person_manages_is_asked_of_discord(world: World) -> None:
    places, guild = ReachableChannels(world.bot), world.guild
    deputy = guild.add_member(world.env.create_user("deputy"))
    own = guild.create_text_channel("own", overwrites={deputy: Overwrite(manage_channels=True, send_messages=False)})
    channels = {own.id, world.news.id, 12345}
    assert await places.managed_by(guild.id, deputy.id, channels) == frozenset({own.id})
    assert await places.managed_by(guild.id, world.manager.id, channels) == frozenset({*channels, WHOLE_SERVER})
    assert await places.managed_by(guild.id, world.reader.id, channels) == frozenset()
    assert await places.managed_by(guild.id, 777, channels) == frozenset()
    assert await places.managed_by(99, deputy.id, channels) is None
    opened = await places.open(world.manager.id)
    assert isinstance(opened, int)
    assert places.is_private(guild.id, opened)
    assert not places.is_private(guild.id, own.id)
    assert await places.recipient(opened) == world.manager.id
    assert await places.recipient(own.id) is None
