"""The gateway of the loopback Discord: identify, resume, guilds, heartbeats, events; plain JSON frames; and its faults."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire.loopback.world import BOT_USER, Guild

NOT_RESUMABLE = {1000, 1001, 4004, 4010, 4011, 4012, 4013, 4014}


class Gateway:
    """All connections of the bot; there is one at a time in these tests."""

    def __init__(self, guilds: list[Guild], address: Callable[[], str]) -> None:
        self.heartbeat_seconds = 1e6
        """As good as never: discord.py's heart beats in a thread, and one that a test left behind must not beat in another.
        Discord says about 40."""
        self.identified = 0
        self.resumed = 0
        self._guilds = guilds
        self._address = address
        self._open: set[web.WebSocketResponse] = set()
        self._silent: set[web.WebSocketResponse] = set()
        self._greeted: set[web.WebSocketResponse] = set()
        self._sent: list[dict[str, Any]] = []
        """Every event of the session, for who resumes; its place is its sequence number less one."""
        self._session = 0

    @property
    def connected(self) -> bool:
        return bool(self._open)

    @property
    def heard(self) -> bool:
        """Whether an event sent now reaches the bot: before it has identified itself or resumed, none does."""
        return bool(self._greeted)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.add(socket)
        try:
            interval = round(self.heartbeat_seconds * 1000)
            await socket.send_json({"op": 10, "d": {"heartbeat_interval": interval}, "s": None, "t": None})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT and socket not in self._silent:
                    await self._answer(socket, json.loads(frame.data))
        finally:
            self._open.discard(socket)
            self._silent.discard(socket)
            self._greeted.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["op"] == 1:
            await socket.send_json({"op": 11})
        elif frame["op"] == 2:
            await self._welcome(socket)
        elif frame["op"] == 6:
            await self._resume(socket, frame["d"])

    async def _welcome(self, socket: web.WebSocketResponse) -> None:
        self.identified += 1
        self._session += 1
        self._sent.clear()
        ready = {
            "v": 10,
            "user": BOT_USER | {"verified": True, "mfa_enabled": False},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in self._guilds if not guild.absent],
            "session_id": f"loopback-{self._session}",
            "resume_gateway_url": self._address(),
            "shard": [0, 1],
            "application": {"id": BOT_USER["id"], "flags": 0},
        }
        await self._event(socket, self._keep("READY", ready))
        for guild in self._guilds:
            if not guild.unavailable and not guild.absent:
                await self._event(socket, self._keep("GUILD_CREATE", guild.as_json() | {"unavailable": False}))
        self._greeted.add(socket)

    async def _resume(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        if asked["session_id"] != f"loopback-{self._session}" or asked["seq"] is None:
            await socket.send_json({"op": 9, "d": False})
            return
        self.resumed += 1
        for event in self._sent[asked["seq"] :]:
            await self._event(socket, event)
        await self._event(socket, self._keep("RESUMED", {}))
        self._greeted.add(socket)

    async def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """An event to the bot: now if it is connected, when it resumes if it is not."""
        event = self._keep(name, data)
        for socket in list(self._open):
            await self._event(socket, event)

    def _keep(self, name: str, data: dict[str, Any]) -> dict[str, Any]:
        self._sent.append({"op": 0, "t": name, "s": len(self._sent) + 1, "d": data})
        return self._sent[-1]

    async def _event(self, socket: web.WebSocketResponse, event: dict[str, Any]) -> None:
        if not socket.closed and socket not in self._silent:
            await socket.send_json(event)

    # --- faults -----------------------------------------------------------------------------------------

    async def close(self, code: int = 1001) -> None:
        """End all connections with this code; after some of them the session is over too."""
        if code in NOT_RESUMABLE:
            self._end_session()
        for socket in list(self._open):
            await socket.close(code=code)

    def drop(self) -> None:
        """Cut all connections without a word."""
        for socket in list(self._open):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()

    def fall_silent(self) -> None:
        """Leave all connections open without a word: no events, no answers to heartbeats. Later ones are answered."""
        self._silent.update(self._open)

    async def reconnect(self) -> None:
        """Op 7: Discord asks the bot to come again."""
        await self._say({"op": 7, "d": None})

    async def invalidate(self, *, resumable: bool) -> None:
        """Op 9."""
        if not resumable:
            self._end_session()
        await self._say({"op": 9, "d": resumable})

    def _end_session(self) -> None:
        self._session += 1

    async def _say(self, frame: dict[str, Any]) -> None:
        for socket in list(self._open):
            await socket.send_json(frame)
