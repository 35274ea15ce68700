"""A Discord on loopback: REST and gateway, a ledger of every request, nonces, people, and faults with verbs."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import web

from bot.clock import Clock, SystemClock
from tests.wire.loopback.answers import error, invalid_addresses, json_of, reply
from tests.wire.loopback.buckets import Buckets
from tests.wire.loopback.doors import Doors
from tests.wire.loopback.faults import NO_ANSWER, OK, Faults
from tests.wire.loopback.gateway import Gateway
from tests.wire.loopback.interactions import Interactions
from tests.wire.loopback.kinds import Kinds
from tests.wire.loopback.moderators import Moderators
from tests.wire.loopback.openapi import answer_problems, schema_problems
from tests.wire.loopback.people import People, Posted, Reply
from tests.wire.loopback.posts import Posts
from tests.wire.loopback.rules import addresses, broken_command_rules, unseen_embeds
from tests.wire.loopback.world import BOT_USER, Channel, Guild, Member, Message, snowflake

API = "/api/v10"
TOKEN = "OTAwMDAwMDAwMDAwMDAwMDAx.loopback.token"
NEW_MESSAGE = re.compile(
    r"POST /(?:channels/\d+/(?:messages|threads|messages/\d+/(?:crosspost|threads))|webhooks/\d+/hook-\d+)"
)
BY_TOKEN_ALONE = re.compile(r"/(?:interactions|webhooks)/")
"""Routes whose address is the secret; discord.py sends no Authorization there."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
APPLICATION: dict[str, Any] = {
    "id": BOT_USER["id"],
    "name": "Riverpost",
    "icon": None,
    "description": "",
    "type": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "0" * 64,
    "flags": 0,
    "flags_new": "0",
    "redirect_uris": [],
    "interactions_endpoint_url": None,
    "role_connections_verification_url": None,
    "owner": BOT_USER,
    "approximate_guild_count": 1,
    "approximate_user_install_count": 0,
    "approximate_user_authorization_count": 0,
    "explicit_content_filter": 0,
    "team": None,
    "eligible_oauth2_scopes": [],
}


@dataclass(frozen=True)
class Asked:
    """One line of the ledger."""

    at: float
    method: str
    path: str
    status: int
    body: Any = None
    fault: str = "ok"


class LoopbackDiscord:
    """`async with LoopbackDiscord() as discord` serves on a free port in this loop until the block ends."""

    def __init__(self, clock: Clock | None = None, *, checks_answers: bool = True) -> None:
        self.token = TOKEN
        self.ledger: list[Asked] = []
        self.violations: list[str] = []
        """What the bot did against Discord's rules."""
        self.mistakes: list[str] = []
        """What this server answered against Discord's OpenAPI file."""
        self.commands: list[dict[str, Any]] = []
        self._checks_answers = checks_answers
        self._guilds: list[Guild] = []
        self._is_down = False
        self._revoked = False
        self.refused_hosts: set[str] = set()
        """In embeds it takes no address at these, for reasons that nobody but Discord knows."""
        self.names_refused = True
        """Whether such a refusal names the addresses, or the embed alone, as `{"embeds": ["0"]}`."""
        self.logins_to_refuse = 0
        """How many, with a 404, as a proxy does while it starts."""
        self._clock: Clock = clock or SystemClock()
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.refusing: asyncio.Task[None] | None = None
        """Ends when connections are taken again."""
        self._port = 0
        self.gateway = Gateway(self._guilds, lambda: f"ws://127.0.0.1:{self._port}/gateway")
        self.moderators = Moderators(self._clock, self.gateway.dispatch)
        self.doors = Doors(self._guilds, self._clock)
        self.posts = Posts(self._guilds, self._clock, self.violations, self.doors.channels)
        self.kinds = Kinds(self._guilds, self.posts, self._clock, self.violations, self.gateway.dispatch)
        self.buckets = Buckets(self._clock)
        self.faults = Faults(self.refuse, self.posts.remove_newest)
        self.interactions = Interactions(self._clock, self.violations)
        self._people = People(
            self._guilds, self.interactions, lambda: self.commands, self.gateway.dispatch, self._clock
        )

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}{API}"

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        for method, path, handler in (
            ("GET", "/users/@me", self._me),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/applications/@me", self._application),
            ("GET", "/gateway", self._gateway_address),
            ("GET", "/gateway/bot", self._gateway_address),
            ("PUT", "/applications/{id}/commands", self._sync),
            *self.doors.routes(),
            *self.posts.routes(),
            *self.kinds.routes(),
            *self.interactions.routes(),
        ):
            app.router.add_route(method, f"{API}{path}", handler)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.refusing is not None:
            self.refusing.cancel()
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _listen(self) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    # --- the world --------------------------------------------------------------------------------

    def guild(self, name: str) -> Guild:
        made = Guild(snowflake(self._clock), name)
        self._guilds.append(made)
        return made

    def messages(self, channel: Channel) -> list[Message]:
        """What people can read there, oldest first."""
        return [message for message in channel.messages if not message.deleted]

    async def deny(self, channel: Channel, *permissions: str) -> None:
        """The bot loses these rights in a channel."""
        channel.denied |= set(permissions)
        await self.gateway.dispatch("CHANNEL_UPDATE", channel.as_json())

    async def allow(self, channel: Channel) -> None:
        """The bot has all its rights in a channel again."""
        channel.denied.clear()
        await self.gateway.dispatch("CHANNEL_UPDATE", channel.as_json())

    async def delete(self, channel: Channel) -> None:
        """A channel is gone for good, with all that is in it."""
        channel.deleted = True
        await self.gateway.dispatch("CHANNEL_DELETE", channel.as_json())

    async def create(self, channel: Channel) -> None:
        """The bot is told of a channel that was made while it was connected."""
        await self.gateway.dispatch("CHANNEL_CREATE", channel.as_json())

    async def remove_bot(self, guild: Guild) -> None:
        """Somebody throws the bot out of a guild."""
        guild.absent = True
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)})

    async def invite(self, guild: Guild) -> None:
        """Somebody invites the bot again."""
        guild.absent = False
        await self.gateway.dispatch("GUILD_CREATE", guild.as_json())

    async def outage_of(self, guild: Guild) -> None:
        """The guild is unavailable: it is there, but Discord cannot say anything of it."""
        guild.unavailable = True
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id), "unavailable": True})

    async def outage_over(self, guild: Guild) -> None:
        guild.unavailable = False
        await self.gateway.dispatch("GUILD_CREATE", guild.as_json() | {"unavailable": False})

    @property
    def takes_commands(self) -> bool:
        """Whether people are offered commands, and the bot hears of one that is used: it publishes and connects at once."""
        return bool(self.commands) and self.gateway.heard

    async def wait_for(self, condition: Callable[[], bool], *, within: float = 60.0) -> None:
        """Until something is so; looked at after every message and five times a second."""
        async with asyncio.timeout(within):
            while not condition():
                self.posts.made.clear()
                try:
                    await asyncio.wait_for(self.posts.made.wait(), 0.2)
                except TimeoutError:
                    continue

    # --- people -----------------------------------------------------------------------------------

    async def ask(self, member: Member, channel: Channel, command: str, /, **options: object) -> Reply:
        """A command such as "topic create", typed in a channel. Fails where Discord would not offer it.

        Raises:
            NoAnswer: the bot did not answer within 3 s, or acknowledged and then said nothing for 30 s.
        """
        return await self._people.ask(member, channel, command, options)

    async def suggest(
        self, member: Member, channel: Channel, command: str, option: str, typed: str, /, **options: object
    ) -> list[dict[str, Any]]:
        """What is offered while somebody types an option; the others may be filled in already."""
        return await self._people.suggest(member, channel, command, option, typed, options)

    async def press(self, member: Member, reply: Reply | Posted, label: str) -> Reply:
        """A button under an answer or a message."""
        return await self._people.press(member, reply, label)

    async def choose(self, member: Member, reply: Reply | Posted, *labels: str) -> Reply:
        """Lines of a menu under an answer or a message."""
        return await self._people.choose(member, reply, *labels)

    # --- faults -----------------------------------------------------------------------------------

    def next_sends(self, *faults: str) -> None:
        """What happens to the next new messages, one after the other: names of `faults.Fault`, or "ok"."""
        self.faults.tell(*faults)

    async def down(self) -> None:
        """Every request is answered 503 by something in front of Discord, and the gateway is gone."""
        self._is_down = True
        await self.gateway.close()

    def up(self) -> None:
        self._is_down = False

    def refuse(self, seconds: float) -> None:
        """Connections are refused for a while, and those there are get cut."""
        if self.refusing is None or self.refusing.done():
            self.refusing = asyncio.create_task(self._be_gone(seconds))

    async def _be_gone(self, seconds: float) -> None:
        assert self._site is not None
        assert self._runner is not None
        await self._site.stop()
        server = self._runner.server
        for connection in list(server.connections) if server is not None else ():
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(seconds)
        await self._listen()

    def revoke_token(self) -> None:
        self._revoked = True

    # --- REST -------------------------------------------------------------------------------------

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        at, status, body, fault = self._clock.monotonic(), NO_ANSWER, None, OK
        path = request.path.removeprefix(API)
        try:
            body = await json_of(request)
            if request.path.startswith(f"{API}/") and not self._is_down:
                new_message = bool(NEW_MESSAGE.fullmatch(f"{request.method} {path}"))
                fault = self.faults.next(self._place(request), new_message=new_message)
            answer = await self.faults.play(fault, request, lambda: self._answer(request, handler, path, body))
            status = answer.status
            if not answer.prepared:
                answer.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)
            if self._checks_answers and isinstance(answer, web.Response) and answer.content_type == "application/json":
                self.mistakes += answer_problems(request.method, path, status, answer.text)
        finally:
            self.ledger.append(Asked(at, request.method, request.path, status, body, fault.name))
        return answer

    def _place(self, request: web.Request) -> str:
        """Where a request goes, in words that are the same in every run."""
        channel = self.posts.channel(request)
        kind = re.sub(r"\d{5,}|token-of-\d+", "…", request.path)
        return f"{request.method} {kind} {channel.name if channel is not None else ''}"

    async def _answer(self, request: web.Request, handler: Handler, path: str, body: object) -> Any:
        if self._is_down:
            return web.Response(status=503, text="upstream connect error")
        if not request.path.startswith(f"{API}/"):
            return await handler(request)
        known = BY_TOKEN_ALONE.match(path) or request.headers.get("Authorization") == f"Bot {self.token}"
        if self._revoked or not known:
            return error(401, 0, "401: Unauthorized")
        if (limited := self.buckets.refusal(request)) is not None:
            return limited
        problems = schema_problems(request.method, path, request.query, body)
        if problems:
            self.violations += problems
            return error(400, 50035, "Invalid Form Body")
        if refused := self._refused_addresses(body):
            return invalid_addresses(refused, named=self.names_refused)
        self.violations += unseen_embeds(body)
        self._note_dead_mentions(request, body)
        if self._is_absent_from(request):
            return error(403, 50001, "Missing Access")
        if request.method != "GET" and self._is_timed_out_in(request):
            return error(403, 50013, "Missing Permissions")
        try:
            return self.buckets.told(request, await handler(request))
        except web.HTTPNotFound:
            self.violations.append(f"unknown route {request.method} {request.path}")
            return error(404, 0, "404: Not Found")

    def _refused_addresses(self, body: object) -> list[str]:
        return [name for name, link in addresses(body).items() if urlsplit(link).hostname in self.refused_hosts]

    def _is_timed_out_in(self, request: web.Request) -> bool:
        channel = self.posts.channel(request)
        return channel is not None and any(
            guild.timed_out_until is not None and guild.timed_out_until > self._clock.now()
            for guild in self._guilds
            if guild.id == channel.guild_id
        )

    def _note_dead_mentions(self, request: web.Request, body: object) -> None:
        channel = self.posts.channel(request)
        message = body.get("message", body) if isinstance(body, dict) else None
        text = str(message.get("content") or "") if isinstance(message, dict) else ""
        guild = next((each for each in self._guilds if channel is not None and each.id == channel.guild_id), None)
        dead = guild.mentions_of_nobody(text) if guild is not None else []
        self.violations += [f"a mention of the deleted role {role}" for role in dead]

    def _is_absent_from(self, request: web.Request) -> bool:
        """Whether a request is about a guild that the bot was removed from, or a channel of it."""
        channel, number = self.posts.channel(request), request.match_info.get("guild")
        return any(
            guild.absent
            for guild in self._guilds
            if str(guild.id) == number or (channel is not None and channel.guild_id == guild.id)
        )

    async def _me(self, _request: web.Request) -> web.Response:
        if self.logins_to_refuse > 0:
            self.logins_to_refuse -= 1
            return error(404, 0, "404: Not Found")
        return reply(BOT_USER | {"mfa_enabled": False, "locale": "en-US"})

    async def _application(self, _request: web.Request) -> web.Response:
        return reply(APPLICATION)

    async def _gateway_address(self, request: web.Request) -> web.Response:
        address = {"url": f"ws://127.0.0.1:{self._port}/gateway"}
        if not request.path.endswith("/bot"):
            return reply(address)
        start = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return reply(address | {"shards": 1, "session_start_limit": start})

    async def _sync(self, request: web.Request) -> web.Response:
        application, commands = request.match_info["id"], await request.json()
        if problems := broken_command_rules(commands):
            self.violations += problems
            return error(400, 50035, "Invalid Form Body")
        self.commands = [
            _published(command) | {"id": str(snowflake(self._clock)), "application_id": application, "version": "1"}
            for command in commands
        ]
        return reply(self.commands)


def _published(command: dict[str, Any]) -> dict[str, Any]:
    """A command as Discord gives it back: defaults filled in, permissions as text."""
    given = {key: value for key, value in command.items() if value is not None}
    needed = given.get("default_member_permissions")
    filled = {"type": 1, "options": [], "description": ""}  # the entry of a menu has no description of its own
    return {**filled, **given, "default_member_permissions": None if needed is None else str(needed)}
