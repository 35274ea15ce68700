"""The only writer of articles and notices: sends a stored message, looks for one, and names what came of it."""

import asyncio
import json
from collections.abc import Callable

import aiohttp
import discord

from bot import logs
from bot.clock import Clock
from bot.delivery.lookup import same_notice, same_post
from bot.delivery.places import NEEDED, NEEDED_IN_THREADS
from bot.delivery.render import from_payload
from bot.delivery.retry import classify, hold_kind, pauses_all
from bot.delivery.watch import NotRepeated, from_discord, once, retry_after
from bot.model import HoldKind, Post, PostKind, SendKind, SendResult

log = logs.get(__name__)

DEADLINE_SECONDS = 30.0
LOOK_BACK = 60 * 60
"""Seconds before the first attempt from which to look where no earlier message of ours is known."""


class DiscordSender:
    """Writes to Discord through a connected client. Its requests are charged where they leave, see `watch`."""

    def __init__(self, client: discord.Client, clock: Clock, *, canonical: Callable[[str], str]) -> None:
        self._client = client
        self._clock = clock
        self._canonical = canonical

    def ready(self) -> bool:
        return self._client.is_ready() and not self._client.is_closed()

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None:
        """What the gateway's state says about a channel; asks Discord itself only where that knows nothing."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return _held("the bot is not in this server", HoldKind.LEFT)
        if guild.unavailable:
            return _held("the server is unavailable on Discord's side", HoldKind.UNAVAILABLE)
        channel = guild.get_channel_or_thread(channel_id) or await self._fetched(guild, channel_id)
        if isinstance(channel, SendResult):
            return channel
        needed, given = NEEDED, discord.Permissions.none()
        if not isinstance(channel, discord.Thread):
            given = channel.permissions_for(guild.me)
        elif channel.parent is not None:
            needed, given = NEEDED_IN_THREADS, channel.permissions_for(guild.me)
        missing = [label for name, label in needed.items() if not getattr(given, name)]
        if missing:
            return _held(f"the bot lacks {', '.join(missing)} in the channel", HoldKind.ACCESS)
        # Sending wakes an archived thread, but not one that is locked.
        if isinstance(channel, discord.Thread) and channel.locked and not given.manage_threads:
            return _held("the thread is locked", HoldKind.LOCKED)
        return None

    async def _fetched(
        self, guild: discord.Guild, channel_id: int
    ) -> discord.abc.GuildChannel | discord.Thread | SendResult:
        """An archived thread is in nobody's state: only Discord can say that it is there."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                with once():
                    return await guild.fetch_channel(channel_id)
        except discord.NotFound:
            return _held("the channel is gone", HoldKind.GONE)
        except (discord.Forbidden, discord.InvalidData) as error:
            if isinstance(error, discord.Forbidden) and not from_discord(error.response):
                return self._result(error)
            return _held("the bot may not see the channel", HoldKind.ACCESS)
        except Exception as error:  # noqa: BLE001 - as in send
            return self._result(error)

    async def send(self, post: Post) -> SendResult:
        """Send the stored bytes under the stored nonce; never raises but CancelledError.

        Cancelling leaves the outcome unknown; the stored attempt says so.
        """
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        embeds, view = from_payload(post.payload), _view(post.payload)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                with once():
                    if view is None:
                        message = await channel.send(embeds=embeds, nonce=post.nonce)
                    else:
                        message = await channel.send(embeds=embeds, view=view, nonce=post.nonce)
        except Exception as error:  # noqa: BLE001 - every error has a name in _result, and a bug must not lose the post
            return self._result(error)
        return SendResult(SendKind.POSTED, message_id=message.id)

    async def edit(self, channel_id: int, message_id: int, payload: str) -> SendResult:
        """Give one of our messages other bytes. Doing it twice is the same as once."""
        message = self._client.get_partial_messageable(channel_id).get_partial_message(message_id)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                with once():
                    await message.edit(embeds=from_payload(payload), view=_view(payload))
        except Exception as error:  # noqa: BLE001 - as in send
            return self._result(error)
        return SendResult(SendKind.POSTED, message_id=message_id)

    async def find(self, post: Post, *, after: int | None) -> int | SendResult | None:
        """Look for the post among our own messages, from the last known one on."""
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        start = discord.Object(after) if after is not None else self._before(post)
        me = self._client.user
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                with once():
                    async for message in channel.history(limit=None, after=start, oldest_first=True):
                        if me is not None and message.author.id == me.id and self._is(message, post):
                            return message.id
        except Exception as error:  # noqa: BLE001 - as in send
            return self._result(error)
        return None

    def _is(self, message: discord.Message, post: Post) -> bool:
        shown = [embed.to_dict() for embed in message.embeds]
        if post.kind is PostKind.NOTICE:
            return same_notice(post.payload, shown)
        return same_post(post.payload, shown, canonical=self._canonical)

    def _before(self, post: Post) -> discord.Object:
        first = post.first_attempt_at or self._clock.now()
        moment = discord.utils.time_snowflake(first)
        return discord.Object(max(0, moment - (LOOK_BACK * 1000 << 22)))

    def _result(self, error: Exception) -> SendResult:
        if isinstance(error, TimeoutError):
            self._free_the_others()
        if isinstance(error, discord.RateLimited):
            return SendResult(SendKind.NOT_SENT, reason="Discord asks to wait", retry_after_seconds=error.retry_after)
        if isinstance(error, NotRepeated):
            return SendResult(SendKind.UNKNOWN, reason=str(error), answered=False)
        if isinstance(error, discord.HTTPException):
            return _http_result(error)
        if isinstance(error, aiohttp.ClientConnectorError):
            return SendResult(SendKind.NOT_SENT, reason="Discord cannot be reached", answered=False)
        if isinstance(error, aiohttp.ClientError | TimeoutError | OSError):
            reason = f"no answer from Discord ({type(error).__name__})"
            return SendResult(SendKind.UNKNOWN, reason=reason, answered=False)
        log.error("sending failed in an unforeseen way", exc_info=error)
        return SendResult(SendKind.UNKNOWN, reason=f"an unforeseen error ({type(error).__name__})", answered=False)

    def _free_the_others(self) -> None:
        """End discord.py's wait for a global rate limit: the request that met it may be what our deadline has ended.

        discord.py 2.7 clears this event there, lets every request wait for it, and sets it only if that one request
        lives on. If the limit still holds, the next request meets it again.
        """
        over = getattr(self._client.http, "_global_over", None)
        if over:
            over.set()


def _held(reason: str, hold: HoldKind) -> SendResult:
    return SendResult(SendKind.NO_ACCESS, reason=reason, hold=hold)


def _http_result(error: discord.HTTPException) -> SendResult:
    # discord.py gives code 0 where the body was no JSON of Discord's: Cloudflare answered.
    json_body = bool(error.code) or from_discord(error.response)
    in_front = pauses_all(error.status, json_body=json_body)
    text = logs.without_tokens(error.text or "no text")
    return SendResult(
        classify(error.status, error.code or None, json_body=json_body),
        code=error.code or None,
        reason=f"Discord answered {error.status}: {text}"[:500],
        retry_after_seconds=retry_after(error.response),
        pause_all=in_front,
        hold=hold_kind(error.code),
        answered=not in_front and error.status < 500,
    )


def _view(payload: str) -> discord.ui.View | None:
    """The stored buttons. What they do is found by their ids, see `cogs.notices`: also after a restart."""
    listed = [button for row in json.loads(payload).get("components", ()) for button in row["components"]]
    if not listed:
        return None
    view = discord.ui.View(timeout=None)
    for button in listed:
        style = discord.ButtonStyle(button["style"])
        view.add_item(discord.ui.Button(style=style, label=button["label"], custom_id=button["custom_id"]))
    view.stop()  # so that discord.py does not keep it in memory for good
    return view
