"""Being connected to Discord: logging in, publishing the commands, keeping the gateway."""

import asyncio
from collections.abc import Awaitable, Callable

import discord

from bot import logs
from bot.clock import Clock
from bot.gateway.client import RiverpostBot
from bot.gateway.reconnect import patiently

log = logs.get(__name__)


class Connection:
    """One client's connection.

    Args:
        rest_seconds: how long nothing may be asked of Discord at all.
        on_unauthorised: called where Discord refuses the token only when the commands are published.
    """

    def __init__(
        self,
        client: RiverpostBot,
        clock: Clock,
        rest_seconds: Callable[[], float],
        *,
        on_unauthorised: Callable[[], None],
    ) -> None:
        self._client = client
        self._clock = clock
        self._rest_seconds = rest_seconds
        self._on_unauthorised = on_unauthorised

    async def stay(self, token: str) -> None:
        """Log in and keep the gateway; an unreachable Discord is tried again, for days if need be.

        Raises:
            discord.LoginFailure: the token is wrong.
        """
        await self._patiently("log in", lambda: self._client.login(token))
        sync = asyncio.create_task(self._patiently("publish the commands", self._client.tree.sync, dispensable=True))
        sync.add_done_callback(self._published)
        try:
            await self._patiently("connect", lambda: self._client.connect(reconnect=True))
        finally:
            sync.cancel()

    def _published(self, sync: asyncio.Task[None]) -> None:
        if not sync.cancelled() and (failure := sync.exception()) is not None:
            if isinstance(failure, discord.LoginFailure):
                self._on_unauthorised()
            else:
                log.error("the commands were not published; the next start tries again", exc_info=failure)

    async def _patiently(self, what: str, do: Callable[[], Awaitable[object]], *, dispensable: bool = False) -> None:
        await patiently(what, do, self._clock, self._rest_seconds, dispensable=dispensable)
