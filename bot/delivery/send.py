"""The only writer of articles: sends a stored message, looks for one, and names what came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import aiohttp
import discord

from bot import logs
from bot.clock import Clock
from bot.delivery.budget import Breaker
from bot.delivery.lookup import same_post
from bot.delivery.render import from_payload
from bot.delivery.retry import classify
from bot.model import Post, SendKind, SendResult

log = logs.get(__name__)

DEADLINE_SECONDS = 30.0
REPEAT_SECONDS = 1.0
"""discord.py repeats by itself after a 500, 502 or 504, with a pause of at least this; the first may have been taken."""
LOOK_BACK = 60 * 60
"""Seconds before the first attempt from which to look where no earlier message of ours is known."""
NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}


class DiscordSender:
    """Writes to Discord through a connected client."""

    def __init__(
        self, client: discord.Client, breaker: Breaker, clock: Clock, *, canonical: Callable[[str], str]
    ) -> None:
        self._client = client
        self._breaker = breaker
        self._clock = clock
        self._canonical = canonical

    def ready(self) -> bool:
        return self._client.is_ready() and not self._client.is_closed()

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None:
        """What the gateway's state says about a channel; asks Discord itself only where that knows nothing."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return SendResult(SendKind.NO_ACCESS, reason="the bot is not in this server")
        if guild.unavailable:
            return SendResult(SendKind.NOT_SENT, reason="the server is unavailable on Discord's side")
        channel = guild.get_channel_or_thread(channel_id)
        if channel is None:
            return SendResult(SendKind.NO_ACCESS, reason="the channel is gone, or the bot may not see it")
        given = channel.permissions_for(guild.me)
        missing = [label for name, label in NEEDED.items() if not getattr(given, name)]
        if missing:
            return SendResult(SendKind.NO_ACCESS, reason=f"the bot lacks {', '.join(missing)} in the channel")
        return None

    async def send(self, post: Post) -> SendResult:
        """Send the stored bytes under the stored nonce; never raises but CancelledError.

        Cancelling leaves the outcome unknown; the stored attempt says so.
        """
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                message = await channel.send(embeds=from_payload(post.payload), nonce=post.nonce)
        except Exception as error:  # noqa: BLE001 - every error has a name in _result, and a bug must not lose the post
            result = self._result(error)
            repeated = self._clock.monotonic() - began >= REPEAT_SECONDS
            return replace(result, unsure=repeated or result.kind is SendKind.UNKNOWN)
        return SendResult(SendKind.POSTED, message_id=message.id)

    async def find(self, post: Post, *, after: int | None) -> int | SendResult | None:
        """Look for the post among our own messages, from the last known one on."""
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        start = discord.Object(after) if after is not None else self._before(post)
        me = self._client.user
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                async for message in channel.history(limit=None, after=start, oldest_first=True):
                    if me is not None and message.author.id == me.id:
                        shown = [embed.to_dict() for embed in message.embeds]
                        if same_post(post.payload, shown, canonical=self._canonical):
                            return message.id
        except Exception as error:  # noqa: BLE001 - as in send
            return self._result(error)
        return None

    def _before(self, post: Post) -> discord.Object:
        first = post.first_attempt_at or self._clock.now()
        moment = discord.utils.time_snowflake(first)
        return discord.Object(max(0, moment - (LOOK_BACK * 1000 << 22)))

    def _result(self, error: Exception) -> SendResult:
        if isinstance(error, TimeoutError):
            self._free_the_others()
        if isinstance(error, discord.RateLimited):
            return SendResult(SendKind.NOT_SENT, reason="Discord asks to wait", retry_after_seconds=error.retry_after)
        if isinstance(error, discord.HTTPException):
            return self._http_result(error)
        if isinstance(error, aiohttp.ClientConnectorError):
            return SendResult(SendKind.NOT_SENT, reason="Discord cannot be reached")
        if isinstance(error, aiohttp.ClientError | TimeoutError | OSError):
            return SendResult(SendKind.UNKNOWN, reason=f"no answer from Discord ({type(error).__name__})")
        log.error("sending failed in an unforeseen way", exc_info=error)
        return SendResult(SendKind.UNKNOWN, reason=f"an unforeseen error ({type(error).__name__})")

    def _free_the_others(self) -> None:
        """End discord.py's wait for a global rate limit: the request that met it may be what our deadline has ended.

        discord.py 2.7 clears this event there, lets every request wait for it, and sets it only if that one request
        lives on. If the limit still holds, the next request meets it again.
        """
        over = getattr(self._client.http, "_global_over", None)
        if over:
            over.set()

    def _http_result(self, error: discord.HTTPException) -> SendResult:
        if error.status in {401, 403, 429}:
            self._breaker.count(self._clock.monotonic())
        # discord.py gives code 0 where the body was no JSON of Discord's: Cloudflare answered.
        json_body = bool(error.code) or error.response.headers.get("Content-Type") == "application/json"
        kind = classify(error.status, error.code or None, json_body=json_body)
        from_cloudflare = error.status in {403, 429} and not json_body
        return SendResult(
            kind,
            code=error.code or None,
            reason=f"Discord answered {error.status}: {error.text or 'no text'}"[:500],
            retry_after_seconds=_retry_after(error),
            pause_all=from_cloudflare or error.status == 429,
        )


def _retry_after(error: discord.HTTPException) -> float | None:
    try:
        return float(error.response.headers.get("Retry-After", ""))
    except ValueError:
        return None
