"""What the gateway's state says about the kind of a channel."""

from collections.abc import Callable

import discord

from bot.model import ChannelKind, Place, Tag
from bot.posting.discord.own_member import permissions_in


class ChannelInspector:
    """Knows a connected client's channels.

    Args:
        webhooks_possible: whether nothing speaks against a webhook in a channel but its permissions.
    """

    def __init__(self, client: discord.Client, webhooks_possible: Callable[[int], bool]) -> None:
        self._client = client
        self._webhooks_possible = webhooks_possible

    def place(self, channel_id: int, guild_id: int) -> Place:
        """A channel as it is now; a plain text channel where nothing is known of it."""
        guild = self._client.get_guild(guild_id)
        channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
        if guild is None or channel is None:
            return Place()
        if isinstance(channel, discord.Thread):
            return Place(ChannelKind.THREAD)
        given = permissions_in(channel)
        if isinstance(channel, discord.ForumChannel):
            return Place(ChannelKind.FORUM, tags=tags_of(channel), needs_tag=channel.flags.require_tag)
        if not isinstance(channel, discord.TextChannel):
            return Place()
        return Place(
            ChannelKind.ANNOUNCEMENT if channel.is_news() else ChannelKind.TEXT,
            takes_webhooks=given.manage_webhooks and self._webhooks_possible(channel_id),
        )


def tags_of(channel: discord.ForumChannel) -> tuple[Tag, ...]:
    """A forum's tags, and which of them the bot may set."""
    moderator = permissions_in(channel).manage_threads
    return tuple(Tag(tag.id, tag.name, moderator or not tag.moderated) for tag in channel.available_tags)
