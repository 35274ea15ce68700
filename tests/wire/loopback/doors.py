"""Private channels in the loopback Discord, one for each person who is written to, and who is in a guild."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.clock import Clock
from tests.wire.loopback.answers import error, reply
from tests.wire.loopback.world import BOT_USER, Channel, Guild, Member, member_json, snowflake

PRIVATE = 1
Route = tuple[str, str, Callable[[web.Request], Any]]


@dataclass
class PrivateChannel(Channel):
    """Between the bot and one person. `closed` refuses every new message, as for a bot that was blocked."""

    person: int = 0
    closed: bool = False

    def as_json(self) -> dict[str, Any]:
        user = BOT_USER | {"id": str(self.person), "username": self.name, "bot": False}
        return {"id": str(self.id), "type": PRIVATE, "flags": 0, "last_message_id": None, "recipients": [user]}


@dataclass
class Doors:
    """The routes to persons. Opening a door always works; whether somebody listens shows when something is sent."""

    guilds: Sequence[Guild]
    clock: Clock
    channels: list[PrivateChannel] = field(default_factory=list)
    left: set[tuple[int, int]] = field(default_factory=set)
    """Guild and person of those who left."""

    def routes(self) -> tuple[Route, ...]:
        return (
            ("POST", "/users/@me/channels", self._open),
            ("GET", "/guilds/{guild}/members/{person}", self._member),
        )

    def of(self, person: Member) -> PrivateChannel:
        """The private channel with somebody; made on the first look."""
        return self._with(person.id)

    def _with(self, person: int) -> PrivateChannel:
        for each in self.channels:
            if each.person == person:
                return each
        made = PrivateChannel(snowflake(self.clock), 0, f"person {person}", kind=PRIVATE, person=person)
        self.channels.append(made)
        return made

    async def _open(self, request: web.Request) -> web.Response:
        return reply(self._with(int((await request.json())["recipient_id"])).as_json())

    async def _member(self, request: web.Request) -> web.Response:
        guild, person = int(request.match_info["guild"]), int(request.match_info["person"])
        if all(each.id != guild for each in self.guilds):
            return error(404, 10004, "Unknown Guild")
        if (guild, person) in self.left:
            return error(404, 10007, "Unknown Member")
        empty = dict.fromkeys(("avatar", "banner", "communication_disabled_until", "nick", "premium_since"))
        return reply(member_json(BOT_USER | {"id": str(person), "bot": False}) | empty | {"pending": False})
