"""Politeness: per host so many requests at a time, a pause between them, and rest when the host asks for it."""

import asyncio
import heapq
from dataclasses import dataclass, field

from bot.clock import Clock

THROTTLE_SECONDS = 300.0
"""How long a host rests after its first 429 that does not say; doubled with each that follows without a good answer."""
MOST_THROTTLE_SECONDS = 24 * 3600.0
FORGET_FROM = 1000
"""Hosts that are kept in mind before idle ones are forgotten."""


@dataclass
class _Host:
    active: int = 0
    next_start: float = 0.0
    paused_until: float = 0.0
    throttles: int = 0
    order: int = 0
    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    timer: asyncio.Task[None] | None = None


class HostGate:
    """Hands out turns host by host. A slow host delays only its own.

    Whoever waits, be it for another request's end or for the pause, waits in one queue per host: a person's request
    that comes meanwhile goes before all that have not begun.
    """

    def __init__(self, clock: Clock, *, interval_seconds: float, connections: int) -> None:
        self._clock = clock
        self._interval = interval_seconds
        self._connections = connections
        self._hosts: dict[str, _Host] = {}
        self._forget_from = FORGET_FROM

    def paused_for(self, host: str) -> float:
        """Seconds for which the host asked to be left alone, 0 if it did not."""
        known = self._hosts.get(host)
        if known is None or not known.paused_until:
            return 0.0
        return max(0.0, known.paused_until - self._clock.monotonic())

    def throttled(self, host: str, asked_seconds: float | None) -> float:
        """The host asked for rest: 429, or 503 with Retry-After. How long it rests, in seconds, at most a day."""
        entry = self._hosts.setdefault(host, _Host())
        entry.throttles += 1
        rest = asked_seconds or THROTTLE_SECONDS * 2 ** min(entry.throttles - 1, 10)
        rest = min(rest, MOST_THROTTLE_SECONDS)
        entry.paused_until = max(entry.paused_until, self._clock.monotonic() + rest)
        return rest

    def answered(self, host: str) -> None:
        """The host answered without asking for rest."""
        entry = self._hosts.get(host)
        if entry is not None:
            entry.throttles = 0

    def turn(self, host: str, *, urgent: bool) -> "_Turn":
        """Wait for a turn and hold it for the block; a person's request goes before the queue.

        Cancelling while waiting gives the place up.
        """
        entry = self._hosts.get(host)
        if entry is None:
            entry = self._hosts[host] = _Host()
        return _Turn(self, entry, urgent=urgent)

    async def _enter(self, entry: _Host, *, urgent: bool) -> None:
        if entry.waiting or not self._free(entry):
            await self._queue(entry, urgent=urgent)
        else:
            self._begin(entry)

    def _leave(self, entry: _Host) -> None:
        entry.active -= 1
        self._admit(entry)
        self._forget_idle()

    async def close(self) -> None:
        """Nobody is let in any more."""
        timers = [entry.timer for entry in self._hosts.values() if entry.timer is not None]
        for timer in timers:
            timer.cancel()
        await asyncio.gather(*timers, return_exceptions=True)

    def _free(self, entry: _Host) -> bool:
        return entry.active < self._connections and entry.next_start <= self._clock.monotonic()

    def _begin(self, entry: _Host) -> None:
        entry.active += 1
        entry.next_start = self._clock.monotonic() + self._interval

    async def _queue(self, entry: _Host, *, urgent: bool) -> None:
        entry.order += 1
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(entry.waiting, (0 if urgent else 1, entry.order, place))
        self._admit(entry)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # its turn had come already: hand it on
                entry.active -= 1
                self._admit(entry)
            raise

    def _admit(self, entry: _Host) -> None:
        """Let in whoever is next, now or when the pause is over."""
        while entry.waiting and entry.active < self._connections:
            if entry.waiting[0][2].done():
                heapq.heappop(entry.waiting)  # gave up
            elif self._free(entry):
                _, _, place = heapq.heappop(entry.waiting)
                self._begin(entry)
                place.set_result(None)
            else:
                if entry.timer is None:
                    entry.timer = asyncio.create_task(self._admit_later(entry))
                return

    async def _admit_later(self, entry: _Host) -> None:
        while (wait := entry.next_start - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        entry.timer = None
        self._admit(entry)

    def _forget_idle(self) -> None:
        if len(self._hosts) < self._forget_from:
            return
        now = self._clock.monotonic()
        self._hosts = {name: entry for name, entry in self._hosts.items() if not _is_idle(entry, now)}
        self._forget_from = max(FORGET_FROM, 2 * len(self._hosts))


class _Turn:
    """A class, because a generator made into a context manager takes longer than everything else here."""

    __slots__ = ("_entry", "_gate", "_urgent")

    def __init__(self, gate: HostGate, entry: _Host, *, urgent: bool) -> None:
        self._gate, self._entry, self._urgent = gate, entry, urgent

    async def __aenter__(self) -> None:
        await self._gate._enter(self._entry, urgent=self._urgent)  # noqa: SLF001 - the gate's other half

    async def __aexit__(self, *_: object) -> None:
        self._gate._leave(self._entry)  # noqa: SLF001 - the gate's other half


def _is_idle(entry: _Host, now: float) -> bool:
    busy = entry.active or entry.waiting or entry.timer is not None or entry.next_start > now
    # How often it throttled is kept for a while beyond the pause.
    until = entry.paused_until + (MOST_THROTTLE_SECONDS if entry.throttles else 0.0)
    return not busy and until <= now
