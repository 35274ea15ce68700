"""Where a guild's admins can be told something: the channel they chose, else the system channel, else by private message."""

from collections.abc import Collection, Sequence

import discord

from bot import logs
from bot.i18n.translation import N_
from bot.model import SendResult
from bot.permissions.authority import managed_by
from bot.permissions.notice_audience import seen_by_readers
from bot.posting.discord.error_mapping import result_of
from bot.posting.discord.own_member import is_known_in, permissions_in
from bot.posting.discord.request_monitor import in_background

log = logs.get(__name__)

NEEDED = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "embed_links": N_("Embed Links"),
    "read_message_history": N_("Read Message History"),
}
NEEDED_IN_THREADS = {
    "view_channel": N_("View Channel"),
    "send_messages_in_threads": N_("Send Messages in Threads"),
    "embed_links": N_("Embed Links"),
    "read_message_history": N_("Read Message History"),
}


class ReachableChannels:
    """Knows a connected client's channels."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def public(self, guild_id: int, chosen: int | None) -> tuple[int, ...] | None:
        """The channels of the guild in which a notice can be posted now, the best first.

        None while nothing is known of the guild: it is unavailable, it came without the bot's member, or the bot is not in it.
        """
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable or not is_known_in(guild):
            return None
        here = guild.get_channel_or_thread(chosen) if chosen is not None else None
        found = [channel for channel in (here, guild.system_channel) if channel is not None]
        return tuple(channel.id for channel in found if _is_usable(channel))

    def door(self, guild_id: int) -> int | None:
        """Where a newcomer introduces itself: the system channel, else the first text channel that it may write in."""
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return None
        channels = [*([guild.system_channel] if guild.system_channel else []), *guild.text_channels]
        return next((channel.id for channel in channels if _is_usable(channel)), None)

    def seen_by_readers(self, guild_id: int, channel_id: int, channels: Collection[int]) -> frozenset[int]:
        """Those of the channels that everybody sees who reads in the first."""
        guild = self._client.get_guild(guild_id)
        return frozenset() if guild is None else seen_by_readers(guild, channel_id, channels)

    async def managed_by(self, guild_id: int, person: int, channels: Collection[int]) -> frozenset[int] | None:
        """Those of the channels that a person manages now, and `WHOLE_SERVER`; None where nobody can tell."""
        return await managed_by(self._client, guild_id, person, channels)

    def is_private(self, guild_id: int, channel_id: int) -> bool:
        """Whether it is none of the guild's channels, but the private channel with a person."""
        guild = self._client.get_guild(guild_id)
        return guild is not None and guild.get_channel_or_thread(channel_id) is None

    async def recipient(self, channel_id: int) -> int | None:
        """With whom a private channel is; None where nobody can tell now."""
        try:
            async with in_background():
                channel = await self._client.fetch_channel(channel_id)
        except Exception as error:  # noqa: BLE001 - every error has a name in result_of
            log.info("nobody knows whose private channel it is", reason=result_of(error, self._client).reason)
            return None
        person = channel.recipient if isinstance(channel, discord.DMChannel) else None
        return person.id if person is not None else None

    async def private(self, people: Sequence[int]) -> tuple[int, ...]:
        """The private channels with these people; each is a request."""
        opened = []
        for person in people:
            try:
                async with in_background():
                    opened.append((await self._client.create_dm(discord.Object(person))).id)
            except (discord.HTTPException, discord.RateLimited, OSError, TimeoutError) as error:
                log.info("no private message can be sent", person=person, error=str(error))
            except Exception:
                log.exception("no private message can be sent", person=person)
        return tuple(opened)

    async def open(self, user_id: int) -> int | SendResult:
        """The private channel with a person, or why there is none."""
        try:
            async with in_background():
                return (await self._client.create_dm(discord.Object(user_id))).id
        except Exception as error:  # noqa: BLE001 - every error has a name in result_of
            return result_of(error, self._client)

    async def is_member(self, guild_id: int, user_id: int) -> bool | None:
        """Whether a person is in a guild; None where nobody can tell now."""
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return None
        try:
            async with in_background():
                await guild.fetch_member(user_id)
        except discord.NotFound:
            return False
        except Exception as error:  # noqa: BLE001 - as above
            log.info("nobody knows who is in a server", guild=guild_id, reason=result_of(error, self._client).reason)
            return None
        return True


def _is_usable(channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    if isinstance(channel, discord.Thread):
        needed = NEEDED_IN_THREADS
        if channel.parent is None:
            return False
    else:
        needed = NEEDED
    given = permissions_in(channel)
    return all(getattr(given, name) for name in needed)
