"""Which document is read next: lanes for short and long work, and fairness among the servers that share the workers."""

import asyncio
import enum
from dataclasses import dataclass

from bot.feeds.fairness import tenants
from bot.feeds.fairness.fair_queue import FairQueue
from bot.feeds.fairness.tenants import NOBODY, Usage

BRIEF_SECONDS = 0.25
"""The documents of a server whose last ones took longer are slow work."""
AGEING = 0.8
"""By how much what a server's document took weighs less with each of its later ones."""
REMEMBERED = 2_000


class Lane(enum.Enum):
    """Kinds of documents."""

    PERSON = "person"
    """Somebody waits for the answer to a command."""
    LONG = "long"
    """A feed that is read for the first time, or more than half a megabyte."""
    LARGE = "large"
    """So large that only one is read at a time: it takes six times its size of memory."""
    QUICK = "quick"
    """A poll's document of the usual size."""


_SLOW_SIDE = (Lane.PERSON, Lane.LONG, Lane.LARGE)
_SLOW_FIRST = (*_SLOW_SIDE, Lane.QUICK)
_QUICK_FIRST = (Lane.QUICK, *_SLOW_SIDE)


@dataclass(slots=True, eq=False)
class _Document:
    tenant: int
    lane: Lane
    usage: Usage | None
    future: asyncio.Future[None] | None = None
    began: float = 0.0


class ParserQueue:
    """Lets as many documents through as there are workers.

    One worker is for polls' documents that take no time, and one goes to slow work first: first readings, large documents,
    and whatever comes from a server whose last documents took long. While others wait, a server has one document at a time.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._held: dict[int, int] = {}
        self._running: dict[Lane, int] = dict.fromkeys(Lane, 0)
        self._last_side_was_slow = False
        self._queues: dict[Lane, FairQueue[_Document]] = {lane: FairQueue(self._held_by) for lane in Lane}
        self._expected: dict[int, float] = {}

    def turn(self, lane: Lane) -> "_Turn":
        """Wait for a worker and have it for the block. It counts for the servers of `tenants.current`."""
        usage = tenants.current()
        guilds = (NOBODY,) if usage is None else usage.guilds
        queue = self._queues[lane]
        tenant = min(guilds, key=lambda each: (self._held_by(each) + queue.waiting(each), queue.used(each)))
        if lane is Lane.QUICK and self._expected.get(tenant, 0.0) > BRIEF_SECONDS:
            lane = Lane.LONG
        return _Turn(self, _Document(tenant, lane, usage))

    def close(self) -> None:
        """Nobody is let through any more: those who wait are cancelled."""
        for queue in self._queues.values():
            while queue.next_tenant() is not None:
                future = queue.pop().future
                assert future is not None, "it waits"
                future.cancel()

    async def enter(self, document: _Document) -> None:
        if not any(self._queues.values()) and self._may_start(document.tenant, document.lane):
            self._start(document)
            return
        document.future = asyncio.get_running_loop().create_future()
        self._queues[document.lane].add(document.tenant, document)
        self._fill()
        try:
            await document.future
        except asyncio.CancelledError:
            if not document.future.cancelled():  # its turn had come: hand it on
                self.leave(document)
            raise

    def leave(self, document: _Document) -> None:
        seconds = asyncio.get_running_loop().time() - document.began
        tenant = document.tenant
        if document.usage is not None:
            document.usage.parse_seconds += seconds
        self._expect(tenant, max(seconds, AGEING * self._expected.pop(tenant, 0.0)))
        self._running[document.lane] -= 1
        left = self._held.pop(tenant) - 1
        if left:
            self._held[tenant] = left
        for queue in self._queues.values():
            queue.charge(tenant, seconds)
        self._fill()

    def _held_by(self, tenant: int) -> int:
        return self._held.get(tenant, 0)

    def _expect(self, tenant: int, seconds: float) -> None:
        """Remember it; the longest untouched is forgotten."""
        self._expected[tenant] = seconds
        if len(self._expected) > REMEMBERED:
            del self._expected[next(iter(self._expected))]

    def _may_start(self, tenant: int, lane: Lane) -> bool:
        idle = self._workers - sum(self._running.values())
        if idle <= 0 or (lane is Lane.LARGE and self._running[lane]):
            return False
        if self._held_by(tenant) and any(queue.others_wait(tenant) for queue in self._queues.values()):
            return False
        if lane is Lane.QUICK or sum(self._running[each] for each in _SLOW_SIDE) < max(1, self._workers - 1):
            return True
        brief = self._expected.get(tenant, BRIEF_SECONDS + 1) <= BRIEF_SECONDS
        return brief and lane is not Lane.LARGE and not self._queues[Lane.QUICK]

    def _start(self, document: _Document) -> None:
        self._running[document.lane] += 1
        self._held[document.tenant] = self._held_by(document.tenant) + 1
        self._last_side_was_slow = document.lane is not Lane.QUICK
        for queue in self._queues.values():
            queue.changed(document.tenant)
        document.began = asyncio.get_running_loop().time()

    def _fill(self) -> None:
        while (document := self._next()) is not None:
            if document.future is not None and not document.future.done():  # else it was given up
                self._start(document)
                document.future.set_result(None)

    def _next(self) -> _Document | None:
        if self._workers == 1:
            slow_first = not self._last_side_was_slow
        else:
            slow_first = not any(self._running[lane] for lane in _SLOW_SIDE)
        for lane in _SLOW_FIRST if slow_first else _QUICK_FIRST:
            if (document := self._next_of(lane)) is not None:
                return document
        return None

    def _next_of(self, lane: Lane) -> _Document | None:
        """Of the first server that may have a worker now."""
        queue, passed = self._queues[lane], []
        found = None
        while (tenant := queue.next_tenant()) is not None:
            if self._may_start(tenant, lane):
                found = queue.pop()
                break
            queue.suspend(tenant)
            passed.append(tenant)
        for tenant in passed:
            queue.resume(tenant)
        return found


class _Turn:
    __slots__ = ("_document", "_queue")

    def __init__(self, queue: ParserQueue, document: _Document) -> None:
        self._queue, self._document = queue, document

    async def __aenter__(self) -> None:
        await self._queue.enter(self._document)

    async def __aexit__(self, *_: object) -> None:
        self._queue.leave(self._document)
