"""Who reads what stands in a channel: whether all of them see another channel, whose topics a message there would name."""

from collections.abc import Collection

import discord

from bot.permissions.member_rights import Channel


def seen_by_readers(guild: discord.Guild, place_id: int, channel_ids: Collection[int]) -> frozenset[int]:
    """Those of the channels that everybody sees who reads in the place. What is not known is not seen."""
    place = guild.get_channel_or_thread(place_id)
    if place is None:
        return frozenset()
    found = {channel_id: guild.get_channel_or_thread(channel_id) for channel_id in channel_ids}
    return frozenset(
        channel_id for channel_id, channel in found.items() if channel is not None and _sees(guild, place, channel)
    )


def _sees(guild: discord.Guild, place: Channel, channel: Channel) -> bool:
    if place.id == channel.id:
        return True
    if isinstance(channel, discord.Thread) and channel.is_private():
        return False
    # Who is in a private thread sees the channel that it is in.
    here, there = _with_overwrites(place), _with_overwrites(channel)
    if here is None or there is None:
        return False
    if here.id == there.id:
        return True
    return _by_roles(guild, here, there) and _by_overwrites(here, there)


def _with_overwrites(channel: Channel) -> discord.abc.GuildChannel | None:
    """The channel, of a thread the one that it is in: its overwrites count."""
    return channel.parent if isinstance(channel, discord.Thread) else channel


def _by_roles(guild: discord.Guild, here: discord.abc.GuildChannel, there: discord.abc.GuildChannel) -> bool:
    """Whether each role that opens the one channel opens the other."""
    return all(
        there.permissions_for(role).view_channel for role in guild.roles if here.permissions_for(role).view_channel
    )


def _by_overwrites(here: discord.abc.GuildChannel, there: discord.abc.GuildChannel) -> bool:
    """Whether nothing opens the one to somebody, or closes the other to somebody, that does not do so in both."""
    opening = {target.id for target, each in here.overwrites.items() if each.view_channel is True}
    opening_too = {target.id for target, each in there.overwrites.items() if each.view_channel is True}
    closing = {target.id for target, each in there.overwrites.items() if each.view_channel is False}
    closing_too = {target.id for target, each in here.overwrites.items() if each.view_channel is False}
    everyone = here.guild.default_role
    if there.permissions_for(everyone).view_channel:
        opening_too |= opening  # whom nothing closes it to, sees it anyway
    return opening <= opening_too and closing - {everyone.id} <= closing_too
