"""The bot's own member in a guild, as the gateway told it: whether it is known, and whether it has a time-out."""

from datetime import datetime

import discord


def own_member(guild: discord.Guild, now: datetime) -> discord.Member | None:
    """The bot in a guild; None where a guild came without it, which discord.py's types do not say.

    Nobody tells when a time-out ends, and discord.py goes by the machine's clock: one that is over is forgotten here.

    Args:
        now: Discord's time.
    """
    me: discord.Member | None = guild.me
    if me is not None and me.timed_out_until is not None and me.timed_out_until <= now:
        me.timed_out_until = None
    return me


def is_known_in(guild: discord.Guild) -> bool:
    """Whether the guild came with the bot's own member."""
    me: discord.Member | None = guild.me
    return me is not None


def permissions_in(channel: discord.abc.GuildChannel | discord.Thread) -> discord.Permissions:
    """What the bot may do in a channel; nothing where its member is not known."""
    me: discord.Member | None = channel.guild.me
    return channel.permissions_for(me) if me is not None else discord.Permissions.none()
