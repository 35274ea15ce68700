"""Sees every request to Discord on its way: charges it to the budget, counts refusals, and ends hidden repeats.

discord.py lets nobody between its own retries but aiohttp's tracing, which it passes on (`http_trace`). Through it
all requests are seen, whoever makes them: posts, look-ups and edits, logging in, and each of discord.py's own repeats.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
import discord
from yarl import URL

from bot.clock import Clock
from bot.metrics import measured
from bot.posting.pacing.circuit_breaker import INVALID_STATUSES, CircuitBreaker
from bot.posting.pacing.rate_limiter import RateLimiter

SHARED = "shared"
DEADLINE_SECONDS = 40.0
"""For what is asked of Discord in the background: discord.py sleeps through waits of up to 30 s, see `bot.gateway.client`."""


class RetrySuppressed(aiohttp.ClientError):
    """Discord answered with a 5xx; discord.py would have repeated the request and was kept from it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Discord answered {status}")
        self.status = status


class NeverLeft(TimeoutError):  # noqa: N818 - says what happened
    """The deadline came before the request left: it waited for its place, or for a limit of Discord's."""


class StillLimited(discord.RateLimited):
    """The deadline came while discord.py slept after a 429. Discord took nothing, and is to be asked no earlier."""


@dataclass(slots=True)
class _Background:
    """What is known of the last request of a block of background work."""

    left: bool = False
    free_at: float | None = None
    """After a 429: when it may be made again, by the loop's time."""


_background: ContextVar[_Background | None] = ContextVar("background", default=None)


@contextlib.asynccontextmanager
async def in_background(deadline_seconds: float = DEADLINE_SECONDS) -> AsyncIterator[None]:
    """Background work: its requests stand behind those for which a person waits, and none is repeated after a 5xx.

    discord.py repeats after 500, 502, 504 and 524 by itself: up to 5 tries that sleep 1, 3, 5, 7 and 9 seconds. Inside
    this block it does not, `RetrySuppressed` is raised instead. With a nonce such a repeat would be harmless, but it would
    hide an outage for most of the time that a send has, and make five requests of each trial. Our own retry comes as
    soon (after 2 s), under the same nonce, and is stored before it is made. For what has no nonce a hidden repeat would
    post twice. A 429 is repeated as before: nothing was made.

    Raises:
        StillLimited: the deadline came during a wait that Discord asked for; it says how much of it is left.
        NeverLeft: the deadline came before any request left.
        TimeoutError: the deadline came, and nobody knows what became of the request.
    """
    work = _Background()
    token = _background.set(work)
    try:
        async with asyncio.timeout(deadline_seconds):
            yield
    except TimeoutError as error:
        if work.free_at is not None:
            raise StillLimited(max(0.0, work.free_at - asyncio.get_running_loop().time())) from error
        if not work.left:
            raise NeverLeft from error
        raise
    finally:
        _background.reset(token)


class RequestMonitor:
    """Made once for a client; `trace` is handed to it.

    Args:
        on_date: told the Date header of Discord's own answers, see `discord_clock`.
    """

    def __init__(
        self,
        budget: RateLimiter,
        traffic: CircuitBreaker,
        clock: Clock,
        *,
        api_url: str,
        on_date: Callable[[str | None], None] = lambda _date: None,
    ) -> None:
        self._budget = budget
        self._on_date = on_date
        self._traffic = traffic
        self._clock = clock
        self._api = URL(api_url)
        self._own_webhook: Callable[[], int | None] = lambda: None

    def trace(self, application_id: Callable[[], int | None]) -> aiohttp.TraceConfig:
        """What the client is made with.

        Args:
            application_id: of the bot, once it is known; answers to interactions go through its webhook.
        """
        self._own_webhook = application_id
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._leaving)
        config.on_request_end.append(self._came_back)
        return config

    async def _leaving(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, asked: aiohttp.TraceRequestStartParams
    ) -> None:
        # Here and no earlier: discord.py may have held the request back for its channel's own limit.
        work = _background.get()
        if self._counts(asked.url):
            await self._budget.acquire(for_person=work is None)
        if work is not None:
            work.left, work.free_at = True, None

    async def _came_back(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, asked: aiohttp.TraceRequestEndParams
    ) -> None:
        if self._path(asked.url) is None:
            return
        answer, now = asked.response, self._clock.monotonic()
        measured.discord_answers[answer.status] += 1
        shared = answer.headers.get("X-RateLimit-Scope") == SHARED
        if answer.status < 500 and from_discord(answer):
            self._on_date(answer.headers.get("Date"))
        if answer.status in INVALID_STATUSES and not (answer.status == 429 and shared):
            self._traffic.refused(now)
        if answer.status in {403, 429} and not from_discord(answer):
            self._traffic.banned(now, retry_after(answer))
        elif answer.status == 429 and answer.headers.get("X-RateLimit-Global"):
            self._traffic.asked_to_wait(now, retry_after(answer) or 1.0)
        if (work := _background.get()) is None:
            return
        if answer.status == 429:
            work.free_at = asyncio.get_running_loop().time() + (retry_after(answer) or 0.0)
        elif answer.status >= 500:
            raise RetrySuppressed(answer.status)

    def _counts(self, url: URL) -> bool:
        """Answers to interactions are not bound to the bot's limit, and the gateway is no request of this kind."""
        path = self._path(url)
        if path is None or path.startswith("/interactions/"):
            return False
        return not path.startswith(f"/webhooks/{self._own_webhook() or 'none'}/")

    def _path(self, url: URL) -> str | None:
        """What follows the address of Discord's REST interface, None for anything else."""
        if url.host != self._api.host or url.port != self._api.port or not url.path.startswith(self._api.path):
            return None
        return url.path.removeprefix(self._api.path.rstrip("/"))


def from_discord(answer: aiohttp.ClientResponse) -> bool:
    """Whether Discord's own JSON came; Cloudflare in front of it answers with a page."""
    return answer.headers.get("Content-Type", "").startswith("application/json")


def retry_after(answer: aiohttp.ClientResponse) -> float | None:
    """The seconds of the header, or None. A body may say more: discord.py reads it."""
    try:
        return float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return None
