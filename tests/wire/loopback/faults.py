"""What goes wrong between the bot and Discord: faults by name, told one by one or drawn from a seed."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from tests.wire.loopback.answers import error, reply

STATUSES = ("500", "502", "503", "504", "520", "529")
RATE_LIMITS = ("429-user", "429-shared", "429-global", "429-long", "429-cloudflare")
LOST = ("refuse", "abort-before", "abort-after", "truncate", "slow", "late", "500-after", "503-after", "504-after")
MODERATED = "abort-deleted"
EVERY = (*STATUSES, *RATE_LIMITS, *LOST, MODERATED)
LONG_SECONDS = 20 * 60.0
LATE_SECONDS = 35.0
"""Longer than the bot waits for an answer."""
WORDS = {
    20009: "Explicit content cannot be sent to the desired recipient(s)",
    30033: "Maximum number of thread participants has been reached (1000)",
    40006: "This feature has been temporarily disabled server-side",
    50006: "Cannot send an empty message",
    160006: "Maximum number of active threads has been reached",
    160007: "Maximum number of active announcement threads has been reached",
    999001: "You have reached the limit of new posts. Try again later",
}
"""Of codes (topics/opcodes-and-status-codes); the last is made up, for one that nobody knows yet."""
NO_ANSWER = 599
"""The status in the ledger of what was never answered."""

Proceed = Callable[[], Awaitable[web.Response]]


@dataclass(frozen=True)
class Fault:
    """One request's fate.

    "json-400-160006": Discord's own answer of this status and code. A status alone ("503"): nothing was done. "503-after": it was done all the same. "429-…": see `_rate_limited`.
    "abort-before", "abort-after", "hang-before", "hang-after": the connection is cut, or left without an answer,
    before or after it was done. "truncate": done, half of the answer comes. "slow": done, the answer takes a while.
    "late": done when the bot has long given up. "refuse": nobody listens for a while. "abort-deleted": done, and
    the message removed by a moderator before the bot knows of it.
    """

    name: str
    seconds: float = 1.0


OK = Fault("ok")


class Script:
    """Draws a fault for a share of the requests; the same seed gives the same fates.

    Each place has a stream of its own, so that the order in which places take turns changes nothing.
    """

    def __init__(self, seed: int, *, share: float = 0.3, kinds: Sequence[str] = EVERY) -> None:
        self._seed = seed
        self._share = share
        self._kinds = kinds
        self._count: Counter[str] = Counter()

    def draw(self, place: str) -> Fault:
        self._count[place] += 1
        chance = random.Random(f"{self._seed} {place} {self._count[place]}")
        if chance.random() >= self._share:
            return OK
        return Fault(chance.choice(self._kinds), chance.choice((0.2, 1.0, 5.0, 20.0, chance.uniform(31.0, 59.0))))


class Faults:
    """Plays the faults.

    Args:
        refuse: stops listening for so many seconds.
        remove_newest: removes the newest message of the channel that the request is about.
    """

    def __init__(self, refuse: Callable[[float], None], remove_newest: Callable[[web.Request], None]) -> None:
        self.script: Script | None = None
        self.played: Counter[str] = Counter()
        self.hanging = asyncio.Event()
        self._told: deque[Fault] = deque()
        self._refuse = refuse
        self._remove_newest = remove_newest

    def tell(self, *names: str) -> None:
        """The fates of the next new messages, before any script; "slow:4" is slow for 4 s."""
        for name in names:
            kind, _, seconds = name.partition(":")
            self._told.append(Fault(kind, float(seconds or 1)))

    def next(self, place: str, *, new_message: bool) -> Fault:
        if new_message and self._told:
            return self._told.popleft()
        fault = self.script.draw(place) if self.script is not None else OK
        # Only what was made can be removed.
        return Fault("abort-after", fault.seconds) if fault.name == MODERATED and not new_message else fault

    async def play(self, fault: Fault, request: web.Request, proceed: Proceed) -> web.StreamResponse:
        self.played[fault.name] += 1
        name = fault.name
        if name == "ok":
            return await proceed()
        if name.startswith("429-"):
            return _rate_limited(name, fault.seconds)
        if name.startswith("json-"):
            _, refused, code = name.split("-")
            return error(int(refused), int(code), WORDS.get(int(code), "Cannot do that"))
        status, _, when = name.partition("-")
        if status.isdigit():
            if when == "after":
                await proceed()
            return web.Response(status=int(status), text="upstream error")
        return await self._break(fault, request, proceed)

    async def _break(self, fault: Fault, request: web.Request, proceed: Proceed) -> web.StreamResponse:
        name = fault.name
        if name == "refuse":
            self._refuse(fault.seconds)
            return _cut(request)
        if name == "late":
            await asyncio.sleep(LATE_SECONDS)
        answer = None if name in {"abort-before", "hang-before"} else await proceed()
        if name.startswith("hang-"):
            self.hanging.set()
            await asyncio.sleep(3600)
        if name == "slow":
            await asyncio.sleep(fault.seconds)
        if name in {"slow", "late"} and answer is not None:
            return answer
        if name == "truncate" and answer is not None:
            return await _half(request, answer)
        if name == MODERATED:
            self._remove_newest(request)
        return _cut(request)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=NO_ANSWER)


async def _half(request: web.Request, answer: web.Response) -> web.StreamResponse:
    body = answer.body
    assert isinstance(body, bytes)
    response = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _rate_limited(name: str, seconds: float) -> web.Response:
    """Discord's three scopes; a wait of 20 minutes that only the body tells (discord-api-docs#6109); Cloudflare's page."""
    if name == "429-cloudflare":
        page = "<!DOCTYPE html><html><head><title>Access denied | discord.com</title></head><body>1015</body></html>"
        return web.Response(
            status=429, text=page, content_type="text/html", headers={"Retry-After": f"{max(1.0, seconds):.0f}"}
        )
    wait = LONG_SECONDS if name == "429-long" else seconds
    scope = {"429-long": "shared"}.get(name, name.removeprefix("429-"))
    answer = reply(
        {"message": "You are being rate limited.", "retry_after": wait, "global": scope == "global", "code": 0},
        status=429,
    )
    answer.headers.update(
        {
            "Via": "1.1 google",
            "Retry-After": "1" if name == "429-long" else f"{max(1.0, wait):.0f}",
            "X-RateLimit-Scope": scope,
        }
    )
    if scope == "global":
        answer.headers["X-RateLimit-Global"] = "true"
    else:
        answer.headers.update(
            {
                "X-RateLimit-Limit": "5",
                "X-RateLimit-Remaining": "4" if name == "429-long" else "0",
                "X-RateLimit-Reset-After": "1" if name == "429-long" else f"{wait}",
                "X-RateLimit-Bucket": "loopback",
            }
        )
    return answer
