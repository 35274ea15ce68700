"""What Discord must allow a person for the bot to do something in a channel on their behalf."""

from collections.abc import Iterable

import discord

from bot import logs
from bot.clock import Clock
from bot.errors import RightsUnknown
from bot.i18n.translation import N_
from bot.model import WHOLE_SERVER, Need, TopicOptions
from bot.permissions.member_rights import Channel, channel_of, rights_of
from bot.posting.discord.error_mapping import result_of
from bot.posting.discord.request_monitor import in_background

log = logs.get(__name__)

KNOWN_SECONDS = 60.0
"""A list of thousands of feeds does not ask for the same person at each of them."""
MAX_KNOWN = 1_000


def lacking(given: discord.Permissions, channel: Channel, need: Need) -> tuple[str, ...]:
    """The permissions that a person with these ones lacks in a channel for it, by their English names in Discord.

    In a thread and in a forum Discord asks for others than in a channel of messages. Whoever manages a channel manages
    the threads in it that they see.
    """
    thread, forum = isinstance(channel, discord.Thread), isinstance(channel, discord.ForumChannel)
    missing = []
    if not given.view_channel:
        missing.append(N_("View Channel"))
    if need >= Need.POST:
        if thread and not given.send_messages_in_threads:
            missing.append(N_("Send Messages in Threads"))
        elif not thread and not given.send_messages:
            missing.append(N_("Create Posts") if forum else N_("Send Messages"))
    if need >= Need.MANAGE and not (given.manage_channels or (thread and given.manage_threads)):
        missing.append(N_("Manage Threads") if thread else N_("Manage Channels"))
    return tuple(missing)


def lacking_for(given: discord.Permissions, options: TopicOptions, role: discord.Role | None) -> tuple[str, ...]:
    """What a person lacks for what a topic's options have the bot do there.

    Args:
        role: the one that the topic mentions; None where there is none, or it was deleted.
    """
    wanted = {
        N_("Create Public Threads"): options.threads and not given.create_public_threads,
        N_("Manage Webhooks"): options.own_names and not given.manage_webhooks,
        N_("Mention @everyone, @here, and All Roles"): role is not None
        and not (role.mentionable and not role.is_default())
        and not given.mention_everyone,
    }
    return tuple(label for label, lacks in wanted.items() if lacks)


def manages_server(member: discord.Member) -> bool:
    """Whether a person decides for a whole server: by a role, not by the overwrites of a channel."""
    given = member.guild_permissions
    return given.administrator or given.manage_guild or given.manage_channels


async def managed_by(
    client: discord.Client, guild_id: int, user_id: int, channels: Iterable[int]
) -> frozenset[int] | None:
    """Those of the channels that a person manages at this moment, and `WHOLE_SERVER`; None where nobody can tell now.

    Who is not in the server any more, or timed out, manages none.
    """
    guild = client.get_guild(guild_id)
    if guild is None or guild.unavailable:
        return None
    try:
        async with in_background():
            member = await guild.fetch_member(user_id)
            if member.is_timed_out():
                return frozenset()
            found = {each for each in channels if await _manages(member, each)}
            return frozenset(found | ({WHOLE_SERVER} if manages_server(member) else set()))
    except discord.NotFound:
        return frozenset()
    except Exception as error:  # noqa: BLE001 - every error has a name in result_of
        reason = result_of(error, client).reason
        log.info("nobody knows what a person may do", guild=guild_id, person=user_id, reason=reason)
        return None


async def _manages(member: discord.Member, channel_id: int) -> bool:
    channel = await channel_of(member.guild, channel_id)
    if channel is None:
        return manages_server(member)
    given = await rights_of(member, channel)
    return not {*lacking(given, channel, Need.MANAGE)} - {*lacking(given, channel, Need.POST)} and given.view_channel


class Authority:
    """Asks Discord what a person may do, for work that goes on when nobody presses anything."""

    def __init__(self, client: discord.Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[tuple[int, int], tuple[float, discord.Member | None]] = {}

    async def may(self, guild_id: int, user_id: int, channel_id: int, need: Need) -> bool | None:
        """Whether a person is in a server and may do that in its channel; None where nobody can tell now.

        In a channel that is gone, whoever manages the server's channels may.
        """
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return None
        try:
            async with in_background():
                member = await self._member(guild, user_id)
                if member is None or member.is_timed_out():
                    return False
                channel = await channel_of(guild, channel_id)
                if channel is None:
                    return manages_server(member)
                return not lacking(await rights_of(member, channel), channel, need)
        except RightsUnknown:
            return None
        except Exception as error:  # noqa: BLE001 - every error has a name in result_of
            reason = result_of(error, self._client).reason
            log.info("nobody knows what a person may do", guild=guild_id, person=user_id, reason=reason)
            return None

    async def _member(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        now = self._clock.monotonic()
        known = self._known.get((guild.id, user_id))
        if known is not None and now - known[0] < KNOWN_SECONDS:
            return known[1]
        try:
            member: discord.Member | None = await guild.fetch_member(user_id)
        except discord.NotFound:
            member = None
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[guild.id, user_id] = now, member
        return member
