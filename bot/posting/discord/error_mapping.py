"""What an exception of discord.py's or aiohttp's means for what was asked."""

import re

import aiohttp
import discord

from bot import logs
from bot.i18n.translation import N_
from bot.model import BlockReason, SendKind, SendResult
from bot.posting.discord.request_monitor import NeverLeft, RetrySuppressed, StillLimited, from_discord, retry_after
from bot.posting.pacing.backoff import classify, hold_kind, pauses_all

log = logs.get(__name__)

_NAMED = re.compile(r"^In ([\w.]+): ", re.MULTILINE)
"""How discord.py writes down which part of a form is meant."""


class StalePlan(Exception):  # noqa: N818 - a word of the domain, not a failure
    """Nothing was sent: the channel is no longer as the message was planned for it."""


def held(reason: str, hold: BlockReason) -> SendResult:
    """The channel cannot be used."""
    return SendResult(SendKind.NO_ACCESS, reason=reason, hold=hold)


def result_of(error: Exception, client: discord.Client) -> SendResult:
    """Every error has a name here, and a bug must not lose the post."""
    if isinstance(error, TimeoutError | StillLimited):
        _free_the_others(client)
    if isinstance(error, StalePlan):
        return SendResult(SendKind.STALE, reason=str(error))
    if isinstance(error, discord.RateLimited):
        return SendResult(SendKind.NOT_SENT, reason=N_("Discord asks to wait"), retry_after_seconds=error.retry_after)
    if isinstance(error, NeverLeft):
        return SendResult(SendKind.NOT_SENT, reason=N_("the request could not leave in time"), answered=False)
    if isinstance(error, RetrySuppressed):
        return SendResult(SendKind.UNKNOWN, reason=str(error), answered=False)
    if isinstance(error, discord.HTTPException):
        return _http_result(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return SendResult(SendKind.NOT_SENT, reason=N_("Discord cannot be reached"), answered=False)
    if isinstance(error, aiohttp.ClientError | TimeoutError | OSError):
        reason = N_("no answer from Discord ({error})").format(error=type(error).__name__)
        return SendResult(SendKind.UNKNOWN, reason=reason, answered=False)
    log.error("sending failed in an unforeseen way", exc_info=error)
    return SendResult(SendKind.UNKNOWN, reason=f"an unforeseen error ({type(error).__name__})", answered=False)


def _free_the_others(client: discord.Client) -> None:
    """End discord.py's wait for a global rate limit: the request that met it may be what our deadline has ended.

    discord.py 2.7 clears this event there, lets every request wait for it, and sets it only if that one request
    lives on. If the limit still holds, the next request meets it again.
    """
    over = getattr(client.http, "_global_over", None)
    if over:
        over.set()


def _http_result(error: discord.HTTPException) -> SendResult:
    # discord.py gives code 0 where the body was no JSON of Discord's: Cloudflare answered.
    json_body = bool(error.code) or from_discord(error.response)
    in_front = pauses_all(error.status, json_body=json_body)
    text = logs.without_tokens(error.text or "no text")
    return SendResult(
        classify(error.status, error.code or None, json_body=json_body, text=error.text or ""),
        code=error.code or None,
        reason=N_("Discord answered {status}: {text}").format(status=error.status, text=text)[:500],
        retry_after_seconds=retry_after(error.response),
        named=tuple(_NAMED.findall(error.text or "")),
        pause_all=in_front,
        hold=hold_kind(error.code),
        answered=not in_front and error.status < 500,
    )
