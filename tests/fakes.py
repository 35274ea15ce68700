"""Fakes with verbs for the seams that every part is handed."""

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that stands still until it is told, or until somebody sleeps."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC), *, chance: float = 0.5) -> None:
        self._start = start
        self._passed = 0.0
        self._chance = chance
        self.slept: list[float] = []

    def advance(self, seconds: float) -> None:
        self._passed += seconds

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._passed += max(0.0, seconds)
        await asyncio.sleep(0)

    def chance(self) -> float:
        return self._chance
