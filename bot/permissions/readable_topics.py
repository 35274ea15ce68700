"""Which topics a person may read: those whose channel the person may view in Discord, and those that are open to all."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import aiohttp
import discord

from bot import logs
from bot.errors import RightsUnknown
from bot.model import TopicPlace, Viewer
from bot.permissions.member_rights import Channel, channel_of, rights_of
from bot.posting.discord.request_monitor import in_background

log = logs.get(__name__)

MEMBER_FOR = timedelta(seconds=10)
"""How long a member that was asked for is not asked for again: several messages to one person follow each other."""
THREAD_FOR = timedelta(minutes=5)
"""The same for an archived thread, of which only its channel and its kind matter here."""
MAX_REMEMBERED = 5_000
QUESTIONS_AT_ONCE = 3
"""To Discord, about the members of private threads and about archived threads, for everybody together."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Topics(Protocol):
    """Knows topics, see `services.topics.topics`."""

    async def places(self, guild_id: int) -> Sequence[TopicPlace]:
        """Where the topics of a guild post."""
        ...

    def now(self) -> datetime: ...


class Access:
    """Asks what the client knows, and Discord for what it does not know."""

    def __init__(self, client: discord.Client, topics: Topics) -> None:
        self._client = client
        self._topics = topics
        self._members: dict[tuple[int, int], tuple[datetime, discord.Member]] = {}
        self._threads: dict[int, tuple[datetime, Channel]] = {}
        self._questions = asyncio.Semaphore(QUESTIONS_AT_ONCE)

    async def viewer(self, member: discord.Member) -> Viewer:
        """What a member may read who acts just now. What Discord does not tell is taken for hidden."""
        return Viewer(member.guild.id, member.id, await self._visible(member, strict=False), True, member.guild.name)

    async def of(self, guild_id: int, user_id: int) -> Viewer | None:
        """What somebody may read who is not here; None where nobody can tell now."""
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return None
        try:
            member = await self._member(guild, user_id)
            if member is None:
                return Viewer(guild_id, user_id, frozenset(), False, guild.name)
            return Viewer(guild_id, user_id, await self._visible(member, strict=True), True, guild.name)
        except RightsUnknown:
            return None

    async def _member(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        """None for who is not in the guild. The gateway tells bots of members only with a privileged intent."""
        key, now = (guild.id, user_id), self._topics.now()
        asked_at, known = self._members.get(key, (None, None))
        if asked_at is not None and now - asked_at < MEMBER_FOR:
            return known
        try:
            async with in_background():
                member = await guild.fetch_member(user_id)
        except discord.NotFound:
            return None
        except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
            log.info("nobody knows who is in a server", guild=guild.id, reason=str(error))
            raise RightsUnknown(str(error)) from error
        _remember(self._members, key, (now, member))
        return member

    async def _visible(self, member: discord.Member, *, strict: bool) -> frozenset[int]:
        """The ids of the topics that a member may read.

        Args:
            strict: raise `RightsUnknown` where Discord does not answer, instead of taking a topic for hidden.
        """
        places = await self._topics.places(member.guild.id)
        channels = {place.channel_id for place in places if not place.open_to_all}
        answers = await asyncio.gather(
            *(self._views(member, channel_id) for channel_id in channels), return_exceptions=True
        )
        views: dict[int, bool | None] = {}
        for channel_id, answer in zip(channels, answers, strict=True):
            if isinstance(answer, BaseException):
                if strict or not isinstance(answer, RightsUnknown):
                    raise answer
                views[channel_id] = False
            else:
                views[channel_id] = answer
        return frozenset(
            place.id for place in places if place.open_to_all or _may_read(member, place, views[place.channel_id])
        )

    async def _views(self, member: discord.Member, channel_id: int) -> bool | None:
        """Whether a member may view a channel; None for a channel that is gone."""
        known = member.guild.get_channel_or_thread(channel_id)
        if known is not None and not isinstance(known, discord.Thread):
            return known.permissions_for(member).view_channel
        async with self._questions:
            channel = known or await self._archived(member.guild, channel_id)
            if channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
                return None
            return (await rights_of(member, channel)).view_channel

    async def _archived(self, guild: discord.Guild, channel_id: int) -> Channel | None:
        asked_at, known = self._threads.get(channel_id, (None, None))
        if asked_at is not None and self._topics.now() - asked_at < THREAD_FOR:
            return known
        channel = await channel_of(guild, channel_id)
        if channel is not None:
            _remember(self._threads, channel_id, (self._topics.now(), channel))
        return channel


def _may_read(member: discord.Member, place: TopicPlace, views: bool | None) -> bool:
    """Of a topic whose channel is gone only those know who saw all channels, and its maker, if they can mend it."""
    if views is not None:
        return views
    rights = member.guild_permissions
    return rights.administrator or (rights.manage_channels and place.created_by == member.id)


def _remember(memory: dict[Key, Value], key: Key, value: Value) -> None:
    memory.pop(key, None)
    memory[key] = value
    while len(memory) > MAX_REMEMBERED:
        del memory[next(iter(memory))]
