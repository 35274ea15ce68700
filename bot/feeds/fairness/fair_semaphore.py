"""A semaphore whose permits are shared fairly among the servers that use the bot."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bot.feeds.fairness import tenants
from bot.feeds.fairness.fair_queue import FairLimit, FairQueue


class FairSemaphore:
    """So many permits; who waits is served tenant by tenant, see `feeds.fairness.fair_queue`."""

    def __init__(self, permits: int, *, reserve: int = 0) -> None:
        self._limit = FairLimit(permits, reserve=reserve)
        self._queue: FairQueue[asyncio.Future[None]] = FairQueue(self._limit.held)

    @contextlib.asynccontextmanager
    async def permit(self) -> AsyncIterator[None]:
        """Hold one for the block."""
        tenant = await self.acquire()
        try:
            yield
        finally:
            self.release(tenant)

    async def acquire(self) -> int:
        """Wait for a permit. Returns for whom it was taken, which `release` must be told."""
        usage = tenants.current()
        guilds = (tenants.NOBODY,) if usage is None else usage.guilds
        tenant = min(guilds, key=lambda each: self._limit.held(each) + self._queue.waiting(each))
        place = asyncio.get_running_loop().create_future()
        self._queue.add(tenant, place)
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.release(tenant)
            raise
        return tenant

    def release(self, tenant: int) -> None:
        self._limit.give_back(tenant)
        self._queue.changed(tenant)
        self._admit()

    def _admit(self) -> None:
        while (tenant := self._queue.next_tenant()) is not None and self._limit.admits(tenant):
            place = self._queue.pop()
            if place.done():
                continue  # gave up
            self._limit.take(tenant)
            self._queue.changed(tenant)
            place.set_result(None)
