"""The only place that reads time and chance; everything else is handed a `Clock` or a plain value."""

import asyncio
import random
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time and chance for shells. Pure code takes `now: datetime` and a number instead."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean something."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds`; cancelling ends the wait at once."""
        ...

    def chance(self) -> float:
        """A number from 0.0 up to, not including, 1.0."""
        ...


class SystemClock:
    """The machine's own time, and chance that nothing secret may depend on."""

    def __init__(self) -> None:
        # Not the system's: each number would be a system call that lets other threads go first.
        self._random = random.Random()  # noqa: S311 - it spreads polls

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the one place

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def chance(self) -> float:
        return self._random.random()
