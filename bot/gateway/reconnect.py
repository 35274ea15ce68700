"""Doing something with Discord until it works, and ending what was begun."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord

from bot import logs
from bot.clock import Clock
from bot.posting.pacing.backoff import delay_seconds

log = logs.get(__name__)

UNREACHABLE = (
    discord.HTTPException,
    discord.GatewayNotFound,
    discord.RateLimited,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)

REFUSALS = frozenset({400, 403, 404})
DAY_SECONDS = 86_400.0
"""A little wait would not help: what Discord limits by the day is free again after one."""


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel, and wait until all are over.

    A cancel can get lost, so it is repeated: Python 3.11's wait_for, which discord.py connects with, swallows one
    that comes in the moment in which a connection fails.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)


async def patiently(
    what: str,
    do: Callable[[], Awaitable[object]],
    clock: Clock,
    rest_seconds: Callable[[], float],
    *,
    dispensable: bool = False,
) -> None:
    """Do something with Discord; try again, for days if need be, while it cannot be reached or asks to wait.

    Args:
        dispensable: the bot can do without: where Discord, or a proxy before it, answers 400, 403 or 404, it is tried
            again daily (a limit such as 200 new commands a day ends). Without what is not, such as being logged in,
            nothing works: it is tried again soon also then.
        rest_seconds: how long nothing may be asked at all: a ban or a stop concerns every request, also these.

    Raises:
        discord.LoginFailure: the token is wrong.
    """
    for attempt in range(1, 1_000_000):
        try:
            await do()
        except discord.LoginFailure:
            raise
        except UNREACHABLE as error:
            if _is_unauthorised(error):
                raise discord.LoginFailure("Discord refuses the token") from error
            rest = rest_seconds()
            refused = isinstance(error, discord.HTTPException) and error.status in REFUSALS and rest == 0
            wait = max(delay_seconds(attempt), rest)
            if refused and dispensable:
                wait = DAY_SECONDS
            if isinstance(error, discord.RateLimited):
                wait = max(wait, error.retry_after)
            log.warning(
                "Discord refuses; trying again daily"
                if refused and dispensable
                else "Discord refuses; is discord.api_url right? Trying again"
                if refused
                else "Discord cannot be reached; trying again",
                what=what,
                error=f"{type(error).__name__}: {error}",
                in_seconds=wait,
            )
            await clock.sleep(wait)
        else:
            return


def _is_unauthorised(error: BaseException) -> bool:
    """Also where discord.py says only that it found no gateway."""
    cause = error.__cause__ if isinstance(error, discord.GatewayNotFound) else error
    return isinstance(cause, discord.HTTPException) and cause.status == 401
