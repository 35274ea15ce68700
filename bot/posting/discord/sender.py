"""The only writer of articles and notices: sends a stored message, looks for one, and names what came of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord

from bot.clock import Clock
from bot.i18n.translation import N_
from bot.model import DIRECT, BlockReason, MessagePayload, Post, PostKind, SendKind, SendResult
from bot.posting.discord import forum
from bot.posting.discord.channel_info import tags_of
from bot.posting.discord.error_mapping import held, result_of
from bot.posting.discord.message_match import same_digest, same_notice, same_post
from bot.posting.discord.message_parts import embeds_of, view_of
from bot.posting.discord.own_member import own_member, permissions_in
from bot.posting.discord.reachable_channels import NEEDED, NEEDED_IN_THREADS
from bot.posting.discord.request_monitor import from_discord, in_background
from bot.posting.discord.webhooks import Webhooks

LOOK_BACK = 60 * 60
"""Seconds before the first attempt from which to look where no earlier message of ours is known."""


class DiscordSender:
    """Writes to Discord through a connected client. Its requests are charged where they leave, see `watch`.

    Args:
        clock: Discord's, see `discord_clock`.
    """

    def __init__(self, client: discord.Client, clock: Clock, *, canonical: Callable[[str], str]) -> None:
        self._client = client
        self._clock = clock
        self._canonical = canonical
        self.webhooks = Webhooks(client, clock)

    def now(self) -> datetime:
        """Discord's time."""
        return self._clock.now()

    def ready(self) -> bool:
        return self._client.is_ready() and not self._client.is_closed()

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None:
        """What the gateway's state says about a channel; asks Discord itself only where that knows nothing."""
        if guild_id == DIRECT:
            return None  # whether a person takes messages is known by sending one
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return held(N_("the bot is not in this server"), BlockReason.LEFT)
        if guild.unavailable:
            return held(N_("the server is unavailable on Discord's side"), BlockReason.UNAVAILABLE)
        if (absent := self._absent(guild)) is not None:
            return absent
        channel = guild.get_channel_or_thread(channel_id) or await self._fetched(guild, channel_id)
        if isinstance(channel, SendResult):
            return channel
        needed, given = NEEDED, discord.Permissions.none()
        if not isinstance(channel, discord.Thread):
            given = permissions_in(channel)
        elif channel.parent is not None:
            needed, given = NEEDED_IN_THREADS, permissions_in(channel)
        missing = [label for name, label in needed.items() if not getattr(given, name)]
        if missing:
            reason = N_("the bot lacks {permissions} in the channel").format(permissions=", ".join(missing))
            return held(reason, BlockReason.ACCESS)
        # Sending wakes an archived thread, but not one that is locked.
        if isinstance(channel, discord.Thread) and channel.locked and not given.manage_threads:
            return held(N_("the thread is locked"), BlockReason.LOCKED)
        return _without_tag(channel) if isinstance(channel, discord.ForumChannel) else None

    def _absent(self, guild: discord.Guild) -> SendResult | None:
        """What keeps the bot from the whole guild: its own member is not known, or has a time-out."""
        now = self._clock.now()
        me = own_member(guild, now)
        if me is None:
            return held(N_("Discord has not told yet what the bot may do in this server"), BlockReason.UNAVAILABLE)
        until = me.timed_out_until
        if until is None:
            return None
        moment = f"{until.astimezone(UTC):%Y-%m-%d %H:%M}"
        reason = N_("a moderator gave the bot a time-out in this server until {moment} UTC").format(moment=moment)
        left = (until - now).total_seconds() + 1.0
        return replace(held(reason, BlockReason.TIMED_OUT), retry_after_seconds=left)

    async def _fetched(
        self, guild: discord.Guild, channel_id: int
    ) -> discord.abc.GuildChannel | discord.Thread | SendResult:
        """An archived thread is in nobody's state: only Discord can say that it is there."""
        try:
            async with in_background():
                return await guild.fetch_channel(channel_id)
        except discord.NotFound:
            return held(N_("the channel is gone"), BlockReason.GONE)
        except (discord.Forbidden, discord.InvalidData) as error:
            if isinstance(error, discord.Forbidden) and not from_discord(error.response):
                return result_of(error, self._client)
            return held(N_("the bot may not see the channel"), BlockReason.ACCESS)
        except Exception as error:  # noqa: BLE001 - as in send
            return result_of(error, self._client)

    async def send(self, post: Post) -> SendResult:
        """Send the stored bytes under the stored nonce; never raises but CancelledError.

        Cancelling leaves the outcome unknown; the stored attempt says so.
        """
        try:
            async with in_background():
                return SendResult(SendKind.POSTED, message_id=await self._send(post))
        except Exception as error:  # noqa: BLE001 - every error has a name in result_of, and a bug must not lose the post
            return result_of(error, self._client)

    async def _send(self, post: Post) -> int:
        payload = post.payload
        role = [discord.Object(payload.mention)] if payload.mention is not None else []
        mentions = discord.AllowedMentions(everyone=False, users=False, roles=role, replied_user=False)
        if payload.forum is not None:
            return await forum.create(self._client, post, payload.forum, mentions)
        if payload.webhook is not None:
            return await self.webhooks.send(post, payload.webhook, mentions)
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id or None)
        shown: dict[str, Any] = {"content": payload.content, "embeds": embeds_of(payload)}
        if (view := view_of(payload.components)) is not None:
            shown["view"] = view
        message = await channel.send(**shown, nonce=post.nonce, allowed_mentions=mentions, silent=payload.silent)
        return message.id

    async def edit(self, channel_id: int, message_id: int, payload: MessagePayload) -> SendResult:
        """Give one of our messages another body. Doing it twice is the same as once."""
        try:
            async with in_background():
                if payload.webhook is not None:
                    await self.webhooks.edit(channel_id, message_id, payload)
                    return SendResult(SendKind.POSTED, message_id=message_id)
                # A forum's post is a channel of its own, with the id of its first message.
                place = self._client.get_partial_messageable(channel_id if payload.forum is None else message_id)
                shown = place.get_partial_message(message_id)
                await shown.edit(embeds=embeds_of(payload), view=view_of(payload.components))
        except Exception as error:  # noqa: BLE001 - as in send
            return result_of(error, self._client)
        return SendResult(SendKind.POSTED, message_id=message_id)

    async def find(self, post: Post, *, after: int | None) -> int | SendResult | None:
        """Look for the post among our own messages, from the last known one on."""
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id or None)
        start = discord.Object(after) if after is not None else self._before(post)
        try:
            async with in_background():
                if (forum_start := post.payload.forum) is not None:
                    return await forum.find(
                        self._client, post, forum_start, self._is, after=after, now=self._clock.now()
                    )
                async for message in channel.history(limit=None, after=start, oldest_first=True):
                    if self._is(message, post):
                        return message.id
        except Exception as error:  # noqa: BLE001 - as in send
            return result_of(error, self._client)
        return None

    def _is(self, message: discord.Message, post: Post) -> bool:
        me = self._client.user
        ours = me is not None and message.author.id == me.id
        if not ours and (message.webhook_id is None or message.application_id != self._client.application_id):
            return False
        if message.interaction_metadata is not None:
            return False  # the answer to a command shows the same articles, and is no post
        shown = [embed.to_dict() for embed in message.embeds]
        if post.kind is PostKind.NOTICE or post.payload.numbered:
            return same_notice(post.payload, shown)
        if post.kind is PostKind.DIGEST:
            return same_digest(post.payload, shown)
        return same_post(post.payload, shown, canonical=self._canonical)

    def _before(self, post: Post) -> discord.Object:
        first = post.first_attempt_at or self._clock.now()
        moment = discord.utils.time_snowflake(first)
        return discord.Object(max(0, moment - (LOOK_BACK * 1000 << 22)))


def _without_tag(channel: discord.ForumChannel) -> SendResult | None:
    if not channel.flags.require_tag or any(tag.settable for tag in tags_of(channel)):
        return None
    reason = N_("posts in this forum need a tag, and it has none that the bot may set")
    return held(reason, BlockReason.ACCESS)
