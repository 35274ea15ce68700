"""What a member may do in a channel, threads included. Both what people read and what they command is checked with it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import aiohttp
import discord

from bot import logs
from bot.errors import RightsUnknown, UserError
from bot.i18n.translation import _

log = logs.get(__name__)

Channel = discord.abc.GuildChannel | discord.Thread
Answer = TypeVar("Answer")
DEADLINE_SECONDS = 5.0
"""For one question to Discord."""


async def channel_of(guild: discord.Guild, channel_id: int) -> Channel | None:
    """The channel; None where the bot cannot see it or it is gone. Discord is asked for an archived thread, which is in no cache.

    Raises:
        RightsUnknown: Discord does not answer.
    """
    found = guild.get_channel_or_thread(channel_id)
    if found is not None:
        return found
    try:
        return await _asked(guild.fetch_channel(channel_id))
    except (discord.NotFound, discord.Forbidden, discord.InvalidData):
        return None


async def rights_of(member: discord.Member, channel: Channel) -> discord.Permissions:
    """What a member may do in a channel, as Discord reckons it.

    A thread has the rights of its channel, in which `send_messages_in_threads` counts instead of `send_messages`. Who is
    no member of a private thread has none there, except with Manage Threads. A thread whose channel is gone gives none.

    Raises:
        RightsUnknown: Discord does not answer; it is asked for the members of private threads.
    """
    if not isinstance(channel, discord.Thread):
        return channel.permissions_for(member)
    if channel.parent is None:
        return discord.Permissions.none()
    given = channel.permissions_for(member)
    if not channel.is_private() or given.manage_threads or not given.view_channel:
        return given
    return given if await _is_in(channel, member.id) else discord.Permissions.none()


async def member_in(guild: discord.Guild, user_id: int) -> discord.Member:
    """A person as a member of a guild, where no interaction says so.

    Raises:
        UserError: they are not there any more.
        RightsUnknown: Discord does not answer.
    """
    try:
        return await _asked(guild.fetch_member(user_id))
    except discord.NotFound:
        raise UserError(_("You are not in that server any more.")) from None


async def _is_in(thread: discord.Thread, user_id: int) -> bool:
    try:
        await _asked(thread.fetch_member(user_id))
    except (discord.NotFound, discord.Forbidden):
        return False
    return True


async def _asked(question: Coroutine[Any, Any, Answer]) -> Answer:
    """Discord's answer.

    Raises:
        discord.NotFound, discord.Forbidden, discord.InvalidData: that is the answer.
        RightsUnknown: there is none just now.
    """
    # It is not cut off: discord.py would keep a wait that Discord asked for as a wait of every other request.
    asking = asyncio.ensure_future(question)
    done, _left = await asyncio.wait({asking}, timeout=DEADLINE_SECONDS)
    if not done:
        asking.add_done_callback(lambda late: late.cancelled() or late.exception())
    try:
        if done:
            return asking.result()
        reason = "no answer in time"
    except (discord.NotFound, discord.Forbidden, discord.InvalidData):
        raise
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
        reason = str(error)
    log.warning("nobody knows what a member may do in a channel", error=reason)
    raise RightsUnknown(
        _("Discord does not tell me just now what you may see and do there. Please try again in a minute.")
    )
