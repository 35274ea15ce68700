"""Posts in forum and media channels: made, and looked for among the channel's threads, since they have no nonce."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import discord

from bot.model import ForumStart, Post
from bot.posting.discord.error_mapping import StalePlan
from bot.posting.discord.message_parts import embeds_of, view_of

LOOK_BACK = timedelta(hours=1)
"""Before the first attempt: the clocks of both sides may differ."""
ARCHIVE_AFTER_MINUTES: Final = 10_080
"""A week, the longest: an archived post cannot be edited."""

IsOurs = Callable[[discord.Message, Post], bool]


async def create(client: discord.Client, post: Post, start: ForumStart, mentions: discord.AllowedMentions) -> int:
    """The new post's id, which is also that of its first message.

    Raises:
        StalePlan: its tags are not those that the channel has or wants now.
    """
    channel = _channel(client, post)
    tags = [tag for tag in channel.available_tags if tag.id in start.tags]
    if len(tags) < len(start.tags) or (channel.flags.require_tag and not tags):
        raise StalePlan("the forum's tags have changed")
    view = view_of(post.payload.components)
    made = await channel.create_thread(
        name=start.name,
        auto_archive_duration=ARCHIVE_AFTER_MINUTES,
        content=post.payload.content,
        embeds=embeds_of(post.payload),
        applied_tags=tags,
        allowed_mentions=mentions,
        view=discord.utils.MISSING if view is None else view,
        silent=post.payload.silent,
    )
    return made.thread.id


async def find(
    client: discord.Client, post: Post, start: ForumStart, is_ours: IsOurs, *, after: int | None, now: datetime
) -> int | None:
    """The post in the channel that shows this article; those of its name are looked at first.

    Of those that were made after the last one that is known: two topics may post one article in one forum.
    A post whose first message was deleted counts as found if it has the name: it was made, and a moderator was there.
    """
    channel = _channel(client, post)
    name = _words(start.name)
    since = (post.first_attempt_at or now) - LOOK_BACK
    mine = [
        thread
        async for thread in _threads(channel, since)
        if client.user and thread.owner_id == client.user.id and thread.id > (after or 0)
    ]
    for thread in sorted(mine, key=lambda each: (_words(each.name) != name, each.id)):
        try:
            first = await thread.fetch_message(thread.id)
        except discord.NotFound:
            if _words(thread.name) == name:
                return thread.id
            continue
        if is_ours(first, post):
            return thread.id
    return None


async def _threads(channel: discord.ForumChannel, since: datetime) -> AsyncIterator[discord.Thread]:
    """Those of a forum that were made since then, as Discord lists them: active ones, then archived ones."""
    oldest = discord.utils.time_snowflake(since)
    for thread in await channel.guild.active_threads():
        if thread.parent_id == channel.id and thread.id >= oldest:
            yield thread
    async for thread in channel.archived_threads(limit=None):
        if thread.archive_timestamp < since:
            return  # they come by the time of their archiving, newest first, and that is never before their making
        if thread.id >= oldest:
            yield thread


def _channel(client: discord.Client, post: Post) -> discord.ForumChannel:
    channel: Any = client.get_channel(post.channel_id)
    if not isinstance(channel, discord.ForumChannel):
        raise StalePlan("the channel is no forum any more")
    return channel


def _words(text: str) -> str:
    return " ".join(text.split())
