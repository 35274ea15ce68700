"""Politeness: per host so many requests at a time, a pause between them, and rest when the host asks for it."""

import asyncio
import contextlib
import heapq
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from bot.clock import Clock


@dataclass
class _Host:
    active: int = 0
    next_start: float = 0.0
    paused_until: float = 0.0
    order: int = 0
    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)


class HostGate:
    """Hands out turns host by host. A slow host delays only its own."""

    def __init__(self, clock: Clock, *, interval_seconds: float, connections: int) -> None:
        self._clock = clock
        self._interval = interval_seconds
        self._connections = connections
        self._hosts: dict[str, _Host] = {}

    def paused_for(self, host: str) -> float:
        """Seconds for which the host asked to be left alone, 0 if it did not."""
        known = self._hosts.get(host)
        return max(0.0, known.paused_until - self._clock.monotonic()) if known else 0.0

    def pause(self, host: str, seconds: float) -> None:
        """The host asked for rest: 429 or 503 with Retry-After."""
        entry = self._hosts.setdefault(host, _Host())
        entry.paused_until = max(entry.paused_until, self._clock.monotonic() + seconds)

    @contextlib.asynccontextmanager
    async def turn(self, host: str, *, urgent: bool) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block; a person's request goes before the queue."""
        entry = self._hosts.setdefault(host, _Host())
        if entry.active >= self._connections:
            await self._queue(entry, urgent=urgent)
        else:
            entry.active += 1
        try:
            start = max(entry.next_start, self._clock.monotonic())
            entry.next_start = start + self._interval
            if (wait := start - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
            yield
        finally:
            self._leave(entry)

    async def _queue(self, entry: _Host, *, urgent: bool) -> None:
        entry.order += 1
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(entry.waiting, (0 if urgent else 1, entry.order, place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._pass_on(entry)
            raise

    def _leave(self, entry: _Host) -> None:
        self._pass_on(entry)
        self._forget_idle(entry)

    def _pass_on(self, entry: _Host) -> None:
        while entry.waiting:
            _, _, place = heapq.heappop(entry.waiting)
            if not place.done():
                place.set_result(None)  # the turn stays counted: it is the next one's now
                return
        entry.active -= 1

    def _forget_idle(self, entry: _Host) -> None:
        if len(self._hosts) <= 1000 or entry.active or entry.waiting:
            return
        now = self._clock.monotonic()
        for name, other in list(self._hosts.items()):
            if not other.active and not other.waiting and other.next_start <= now and other.paused_until <= now:
                del self._hosts[name]
