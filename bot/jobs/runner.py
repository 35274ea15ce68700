"""A loop that never dies: rounds of work, errors logged and counted, woken early, its health known."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from bot import logs
from bot.clock import Clock
from bot.errors import StoreError
from bot.metrics import measured

log = logs.get(__name__)

PAUSES_AFTER_ERROR = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds after the first, second, … round in a row that failed."""


class Runner:
    """Runs `work` again and again. `work` returns the seconds until its next round."""

    def __init__(self, name: str, work: Callable[[], Awaitable[float]], clock: Clock) -> None:
        self.name = name
        self.errors = 0
        self.last_good_at: datetime | None = None
        self._work = work
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Start the next round at once; a round that is under way is followed by another."""
        self._woken.set()

    async def run(self) -> None:
        """Ends only by being cancelled, which also cancels the round under way."""
        failed_in_a_row = 0
        while True:
            self._woken.clear()
            try:
                pause = await self._work()
                self.last_good_at = self._clock.now()
                failed_in_a_row = 0
            except StoreError as error:
                pause = self._after_error(failed_in_a_row)
                log.error(
                    "the database did not answer; trying again", loop=self.name, error=str(error), in_seconds=pause
                )
                failed_in_a_row += 1
            except Exception:
                pause = self._after_error(failed_in_a_row)
                log.exception("a round failed; going on", loop=self.name, in_seconds=pause)
                failed_in_a_row += 1
            await self._rest(pause)

    def _after_error(self, failed_in_a_row: int) -> float:
        self.errors += 1
        measured.failed_rounds[self.name] += 1
        return PAUSES_AFTER_ERROR[min(failed_in_a_row, len(PAUSES_AFTER_ERROR) - 1)]

    async def _rest(self, seconds: float) -> None:
        waits = {
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._woken.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
