"""The gateway of the loopback Discord: identify, guilds, heartbeats, events; plain JSON frames."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire.loopback.world import BOT_USER, Guild


class Gateway:
    """All connections of the bot; there is one at a time in these tests."""

    def __init__(self, guilds: list[Guild], address: Callable[[], str]) -> None:
        self._guilds = guilds
        self._address = address
        self._open: set[web.WebSocketResponse] = set()
        self._sequence = 0

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.add(socket)
        try:
            await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40_000}, "s": None, "t": None})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._answer(socket, json.loads(frame.data))
        finally:
            self._open.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["op"] == 1:
            await socket.send_json({"op": 11})
        elif frame["op"] == 2:
            await self._welcome(socket)
        elif frame["op"] == 6:
            await self._event(socket, "RESUMED", {})

    async def _welcome(self, socket: web.WebSocketResponse) -> None:
        ready = {
            "v": 10,
            "user": BOT_USER | {"verified": True, "mfa_enabled": False, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in self._guilds],
            "session_id": "loopback",
            "resume_gateway_url": self._address(),
            "shard": [0, 1],
            "application": {"id": BOT_USER["id"], "flags": 0},
        }
        await self._event(socket, "READY", ready)
        for guild in self._guilds:
            await self._event(socket, "GUILD_CREATE", guild.as_json())

    async def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """An event to the bot, if it is connected."""
        for socket in list(self._open):
            await self._event(socket, name, data)

    async def close(self, code: int = 1001) -> None:
        for socket in list(self._open):
            await socket.close(code=code)

    async def _event(self, socket: web.WebSocketResponse, name: str, data: dict[str, Any]) -> None:
        self._sequence += 1
        if not socket.closed:
            await socket.send_json({"op": 0, "t": name, "s": self._sequence, "d": data})
