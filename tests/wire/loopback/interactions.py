"""Discord's side of an interaction: its token, its times, the callback and the messages that answer it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.clock import Clock
from tests.wire.loopback.answers import error, reply
from tests.wire.loopback.openapi import with_ids_as_text
from tests.wire.loopback.rules import broken_reply_rules
from tests.wire.loopback.world import BOT_USER, EPHEMERAL, Channel, Member, Message, snowflake

ACKNOWLEDGE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0
LOADING = 1 << 7
COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4
MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ALLOWED = {
    COMMAND: {MESSAGE, DEFER, MODAL},
    COMPONENT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
}
"""Which kinds of first answer there are to which kind of interaction."""
Route = tuple[str, str, Callable[[web.Request], Awaitable[web.StreamResponse]]]


@dataclass
class Interaction:
    """One thing that a person did, and what was answered. All times are of the server's monotonic clock."""

    id: int
    token: str
    kind: int
    what: str
    """As a person would say it: "/topic create", "a press of Delete"."""
    member: Member
    channel: Channel
    asked_at: float
    source: Message | None = None
    """The message whose component was used."""
    acknowledged_at: float | None = None
    completed_at: float | None = None
    """When the newest visible answer came; acknowledging by a defer is none."""
    answers: list[Message] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    original: Message | None = None
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    completed: asyncio.Event = field(default_factory=asyncio.Event)

    def acknowledge(self, now: float) -> None:
        self.acknowledged_at = now
        self.acknowledged.set()

    def complete(self, now: float, shown: Message | None = None) -> None:
        self.completed_at = now
        if shown is not None:
            self.answers = [each for each in self.answers if each is not shown] + [shown]
        self.completed.set()


class Interactions:
    """All interactions since the start, and the routes by which the bot answers them.

    Args:
        violations: where broken rules are noted.
    """

    def __init__(self, clock: Clock, violations: list[str]) -> None:
        self.all: list[Interaction] = []
        self._clock = clock
        self._violations = violations

    def routes(self) -> tuple[Route, ...]:
        token = "/webhooks/{application}/{token}"
        return (
            ("POST", "/interactions/{id}/{token}/callback", self._callback),
            ("POST", token, self._follow_up),
            ("GET", f"{token}/messages/{{message}}", self._get),
            ("PATCH", f"{token}/messages/{{message}}", self._edit),
            ("DELETE", f"{token}/messages/{{message}}", self._delete),
        )

    def begin(
        self, kind: int, what: str, member: Member, channel: Channel, *, source: Message | None = None
    ) -> Interaction:
        number = snowflake(self._clock)
        made = Interaction(
            number, f"token-of-{number}", kind, what, member, channel, self._clock.monotonic(), source=source
        )
        self.all.append(made)
        return made

    # --- the first answer -----------------------------------------------------------------------------

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        asked = self._by_token(request)
        if asked is None or str(asked.id) != request.match_info["id"]:
            return error(404, 10062, "Unknown interaction")
        now = self._clock.monotonic()
        if asked.acknowledged_at is not None:
            return self._wrong(
                asked, "was acknowledged twice", 400, 40060, "Interaction has already been acknowledged."
            )
        if now - asked.asked_at > ACKNOWLEDGE_SECONDS:
            return self._wrong(asked, "was acknowledged after 3 s", 404, 10062, "Unknown interaction")
        body = await request.json()
        kind, data = body["type"], body.get("data") or {}
        problems = [] if kind in ALLOWED[asked.kind] else [f"a callback of type {kind} is no answer"]
        if kind == DEFER and set(data) - {"flags"}:
            problems.append("a defer carries more than its flags")
        if kind in {MESSAGE, UPDATE}:
            problems += broken_reply_rules(data, new=kind == MESSAGE)
        if problems:
            return self._refuse(asked, problems)
        asked.acknowledge(now)
        self._first_answer(asked, kind, data, now)
        if request.query.get("with_response", "false") not in {"1", "true"}:
            return web.Response(status=204)
        return reply(_callback_response(asked, kind))

    def _first_answer(self, asked: Interaction, kind: int, data: dict[str, Any], now: float) -> None:
        if kind == MESSAGE:
            asked.original = self._new(asked, data)
            asked.complete(now, asked.original)
        elif kind == DEFER:
            asked.original = self._new(asked, {"flags": (data.get("flags") or 0) & EPHEMERAL | LOADING})
        elif kind in {DEFER_UPDATE, UPDATE}:
            assert asked.source is not None
            asked.original = asked.source
            if kind == UPDATE:
                self._change(asked.source, data)
                asked.complete(now, asked.source)
        else:
            asked.choices = data.get("choices") or []
            asked.complete(now)

    # --- what comes after ---------------------------------------------------------------------------------

    async def _follow_up(self, request: web.Request) -> web.StreamResponse:
        asked = self._usable(request)
        if isinstance(asked, web.Response):
            return asked
        body = await request.json()
        if problems := broken_reply_rules(body, new=True):
            return self._refuse(asked, problems)
        original = asked.original
        if original is not None and original.flags & LOADING:
            # Discord lets the first follow-up take the place of "is thinking…", private or not as the defer said.
            shown = self._change(original, body)
        else:
            shown = self._new(asked, body)
        asked.complete(self._clock.monotonic(), shown)
        return reply(shown.as_json())

    async def _get(self, request: web.Request) -> web.StreamResponse:
        found = self._answer(request)
        return found if isinstance(found, web.Response) else reply(found[1].as_json())

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        found = self._answer(request)
        if isinstance(found, web.Response):
            return found
        asked, message = found
        body = await request.json()
        after = {"content": message.content, "embeds": message.embeds, "components": message.components} | body
        if problems := broken_reply_rules(after, new=False):
            return self._refuse(asked, problems)
        asked.complete(self._clock.monotonic(), self._change(message, body))
        return reply(message.as_json())

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        found = self._answer(request)
        if isinstance(found, web.Response):
            return found
        found[1].deleted = True
        return web.Response(status=204)

    def _answer(self, request: web.Request) -> tuple[Interaction, Message] | web.Response:
        asked = self._usable(request)
        if isinstance(asked, web.Response):
            return asked
        wanted = request.match_info["message"]
        mine = [asked.original, *asked.answers]
        found = asked.original if wanted == "@original" else next((m for m in mine if m and str(m.id) == wanted), None)
        if found is None or found.deleted:
            return error(404, 10008, "Unknown Message")
        return asked, found

    def _usable(self, request: web.Request) -> Interaction | web.Response:
        asked = self._by_token(request)
        known = asked is not None and asked.acknowledged_at is not None
        if asked is None or not known or request.match_info["application"] != BOT_USER["id"]:
            return error(404, 10015, "Unknown Webhook")
        if self._clock.monotonic() - asked.asked_at > TOKEN_SECONDS:
            return self._wrong(asked, "was answered after 15 minutes", 401, 50027, "Invalid Webhook Token")
        return asked

    def _by_token(self, request: web.Request) -> Interaction | None:
        token = request.match_info["token"]
        return next((each for each in reversed(self.all) if each.token == token), None)

    # --- messages ---------------------------------------------------------------------------------------

    def _new(self, asked: Interaction, body: dict[str, Any]) -> Message:
        made = Message(
            snowflake(self._clock), asked.channel.id, None, "", [], self._clock.now(), application_id=BOT_USER["id"]
        )
        made.flags = body.get("flags") or 0
        self._write(made, body)
        if not made.ephemeral:
            asked.channel.messages.append(made)
        return made

    def _change(self, message: Message, body: dict[str, Any]) -> Message:
        message.edited_at = self._clock.now()
        message.flags &= ~LOADING
        self._write(message, body)
        return message

    def _write(self, message: Message, body: dict[str, Any]) -> None:
        if "content" in body:
            message.content = body["content"] or ""
        if "embeds" in body:
            message.embeds = body["embeds"] or []
        if "components" in body:
            message.components = with_ids_as_text(body["components"] or [])

    def _refuse(self, asked: Interaction, problems: list[str]) -> web.Response:
        self._violations += [f"{asked.what}: {problem}" for problem in problems]
        return error(400, 50035, "Invalid Form Body")

    def _wrong(self, asked: Interaction, how: str, status: int, code: int, message: str) -> web.Response:
        self._violations.append(f"{asked.what} {how}")
        return error(status, code, message)


def _callback_response(asked: Interaction, kind: int) -> dict[str, Any]:
    interaction: dict[str, Any] = {"id": str(asked.id), "type": asked.kind}
    if asked.original is not None and kind != DEFER_UPDATE:
        interaction |= {
            "response_message_id": str(asked.original.id),
            "response_message_loading": kind == DEFER,
            "response_message_ephemeral": asked.original.ephemeral,
        }
    if kind in {MESSAGE, UPDATE} and asked.original is not None:
        return {"interaction": interaction, "resource": {"type": kind, "message": asked.original.as_json()}}
    return {"interaction": interaction}
