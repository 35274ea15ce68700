"""A Discord on loopback: REST and gateway, a ledger of every request, nonces, and faults with verbs."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from bot.clock import SystemClock
from tests.wire.loopback.gateway import Gateway
from tests.wire.loopback.openapi import schema_problems
from tests.wire.loopback.rules import broken_command_rules, broken_rules
from tests.wire.loopback.world import BOT_USER, Channel, Guild, Message, snowflake

API = "/api/v10"
TOKEN = "OTAwMDAwMDAwMDAwMDAwMDAx.loopback.token"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    """One line of the ledger."""

    at: float
    method: str
    path: str
    status: int
    body: Any = None


NO_ANSWER = 599
"""The status in the ledger of what was never answered."""


class LoopbackDiscord:
    """`async with LoopbackDiscord() as discord` serves on a free port in this loop until the block ends."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.nonce_window_seconds = 300.0
        self.ledger: list[Asked] = []
        self.violations: list[str] = []
        self.commands: list[dict[str, Any]] = []
        self.posted = asyncio.Event()
        self.hanging = asyncio.Event()
        self._faults: deque[str] = deque()
        self._guilds: list[Guild] = []
        self._is_down = False
        self._revoked = False
        self._clock = SystemClock()
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._gateway = Gateway(self._guilds, lambda: f"ws://127.0.0.1:{self._port}/gateway")

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}{API}"

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/gateway", self._gateway.serve)
        app.router.add_get("/gateway/", self._gateway.serve)
        for method, path, handler in (
            ("GET", "/users/@me", self._me),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/applications/@me", self._application),
            ("GET", "/gateway", self._gateway_address),
            ("GET", "/gateway/bot", self._gateway_address),
            ("PUT", "/applications/{id}/commands", self._sync),
            ("GET", "/channels/{channel}", self._get_channel),
            ("POST", "/channels/{channel}/messages", self._create),
            ("GET", "/channels/{channel}/messages", self._history),
        ):
            app.router.add_route(method, f"{API}{path}", handler)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # --- the world --------------------------------------------------------------------------------

    def guild(self, name: str) -> Guild:
        made = Guild(snowflake(), name)
        self._guilds.append(made)
        return made

    def messages(self, channel: Channel) -> list[Message]:
        return [message for message in channel.messages if not message.deleted]

    async def deny(self, channel: Channel, *permissions: str) -> None:
        """The bot loses these rights in a channel."""
        channel.denied |= set(permissions)
        await self._gateway.dispatch("CHANNEL_UPDATE", channel.as_json())

    async def allow(self, channel: Channel) -> None:
        """The bot has all its rights in a channel again."""
        channel.denied.clear()
        await self._gateway.dispatch("CHANNEL_UPDATE", channel.as_json())

    async def wait_for(self, condition: Callable[[], bool], *, within: float = 30.0) -> None:
        """Until something is so; looked at after every message and five times a second."""
        async with asyncio.timeout(within):
            while not condition():
                self.posted.clear()
                try:
                    await asyncio.wait_for(self.posted.wait(), 0.2)
                except TimeoutError:
                    continue

    # --- faults -----------------------------------------------------------------------------------

    def next_sends(self, *faults: str) -> None:
        """What happens to the next new messages, one after the other.

        A status ("500"), "abort-before", "abort-after", "hang-before" or "hang-after" the message is there, "ok".
        """
        self._faults.extend(faults)

    async def down(self) -> None:
        """Every request is answered 503 by something in front of Discord, and the gateway is gone."""
        self._is_down = True
        await self._gateway.close()

    def up(self) -> None:
        self._is_down = False

    def revoke_token(self) -> None:
        self._revoked = True

    # --- REST -------------------------------------------------------------------------------------

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        at, status, body = self._clock.monotonic(), NO_ANSWER, None
        try:
            body = await json_of(request)
            answer = await self._answer(request, handler, body)
            status = answer.status
        finally:
            self.ledger.append(Asked(at, request.method, request.path, status, body))
        return answer

    async def _answer(self, request: web.Request, handler: Handler, body: object) -> web.StreamResponse:
        if self._is_down:
            return web.Response(status=503, text="upstream connect error")
        if not request.path.startswith(f"{API}/"):
            return await handler(request)
        if self._revoked or request.headers.get("Authorization") != f"Bot {self.token}":
            return error(401, 0, "401: Unauthorized")
        problems = schema_problems(request.method, request.path.removeprefix(API), request.query, body)
        if problems:
            return self._refuse(problems)
        try:
            return await handler(request)
        except web.HTTPNotFound:
            self.violations.append(f"unknown route {request.method} {request.path}")
            return error(404, 0, "404: Not Found")

    def _refuse(self, problems: list[str]) -> web.Response:
        self.violations += problems
        return error(400, 50035, "Invalid Form Body")

    async def _me(self, _request: web.Request) -> web.Response:
        return reply(BOT_USER)

    async def _application(self, _request: web.Request) -> web.Response:
        return reply({"id": BOT_USER["id"], "name": "Riverpost", "icon": None, "description": "", "bot_public": True, "bot_require_code_grant": False, "verify_key": "0", "flags": 0, "summary": "", "owner": BOT_USER, "team": None, "hook": True})  # fmt: skip

    async def _gateway_address(self, _request: web.Request) -> web.Response:
        start = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return reply({"url": f"ws://127.0.0.1:{self._port}/gateway", "shards": 1, "session_start_limit": start})

    async def _sync(self, request: web.Request) -> web.Response:
        application, commands = request.match_info["id"], await request.json()
        if problems := broken_command_rules(commands):
            return self._refuse(problems)
        self.commands = [
            {"type": 1, "options": []}
            | command
            | {"id": str(snowflake()), "application_id": application, "version": "1"}
            for command in commands
        ]
        return reply(self.commands)

    async def _get_channel(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        if channel is None:
            return error(404, 10003, "Unknown Channel")
        return reply(channel.as_json()) if channel.allows("view_channel") else error(403, 50001, "Missing Access")

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        fault = self._faults.popleft() if self._faults else "ok"
        if fault.isdigit():
            return web.Response(status=int(fault), text="upstream error")
        if fault in {"abort-before", "hang-before"}:
            return await self._vanish(request, fault)
        answer = self._commit(self._channel(request), body)
        if fault in {"abort-after", "hang-after"}:
            return await self._vanish(request, fault)
        return answer

    async def _vanish(self, request: web.Request, fault: str) -> web.StreamResponse:
        """No answer: the connection is cut, or stays open for longer than any test."""
        if fault.startswith("hang"):
            self.hanging.set()
            await asyncio.sleep(3600)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=NO_ANSWER)

    def _commit(self, channel: Channel | None, body: dict[str, Any]) -> web.Response:
        if channel is None:
            return error(404, 10003, "Unknown Channel")
        if not channel.allows("view_channel"):
            return error(403, 50001, "Missing Access")
        if not channel.allows("send_messages"):
            return error(403, 50013, "Missing Permissions")
        if problems := broken_rules(body):
            return self._refuse(problems)
        embeds = body.get("embeds") or []
        if embeds and not channel.allows("embed_links"):
            # Discord drops them without a word: to a reader the article is lost.
            self.violations.append("embeds sent without Embed Links")
            embeds = []
        now, nonce = self._clock.now(), str(body["nonce"]) if body.get("nonce") is not None else None
        for old in reversed(channel.messages):
            fresh = (now - old.created_at).total_seconds() < self.nonce_window_seconds
            if body.get("enforce_nonce") and nonce is not None and old.nonce == nonce and fresh:
                return error(404, 10008, "Unknown Message") if old.deleted else reply(old.as_json())
        made = Message(snowflake(), channel.id, nonce, body.get("content") or "", embeds, now)
        channel.messages.append(made)
        self.posted.set()
        return reply(made.as_json())

    async def _history(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        if channel is None:
            return error(404, 10003, "Unknown Channel")
        if not channel.allows("view_channel"):
            return error(403, 50001, "Missing Access")
        if not channel.allows("read_message_history"):
            return reply([])
        limit = int(request.query.get("limit", "50"))
        found = self.messages(channel)
        if "after" in request.query:
            # Discord gives the oldest ones behind `after`, newest first.
            page = [message for message in found if message.id > int(request.query["after"])][:limit]
        else:
            before = int(request.query.get("before", "9" * 19))
            page = [message for message in found if message.id < before][-limit:]
        return reply([message.as_json() for message in reversed(page)])

    def _channel(self, request: web.Request) -> Channel | None:
        wanted = request.match_info["channel"]
        channels = (channel for guild in self._guilds for channel in guild.channels)
        return next((each for each in channels if str(each.id) == wanted and not each.deleted), None)


async def json_of(request: web.Request) -> Any:
    """The body as JSON, as text where it is none, or None where there is no body."""
    text = await request.text()
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def reply(body: object) -> web.Response:
    """JSON as Discord sends it: discord.py takes a body with a charset in its type for text."""
    answer = web.json_response(body)
    answer.headers["Content-Type"] = "application/json"
    return answer


def error(status: int, code: int, message: str) -> web.Response:
    """An error in Discord's shape."""
    answer = web.json_response({"code": code, "message": message}, status=status)
    answer.headers["Content-Type"] = "application/json"
    return answer
