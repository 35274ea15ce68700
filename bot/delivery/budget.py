"""How fast requests may leave, and when to stop because Discord says no too often."""

import asyncio
from collections import deque

from bot.clock import Clock

BURST = 5
WINDOW_SECONDS = 1.0

INVALID_WINDOW_SECONDS = 600.0
INVALID_LIMIT = 1000
"""Discord bans an address after 10,000 answers of 401, 403 or 429 in 10 minutes (topics/rate-limits)."""
INVALID_STATUSES = frozenset({401, 403, 429})


class Budget:
    """At most `requests_per_second` in ANY second, first come first served, with bursts of at most 5 at an instant.

    Two rules hold together: a log of the last second (never more than the rate in it) and a bucket of BURST
    places that refills at the rate (so that a second's worth does not leave at once).
    """

    def __init__(self, requests_per_second: int, clock: Clock) -> None:
        if requests_per_second < 1:
            raise ValueError("requests_per_second is at least 1")
        self._rate = requests_per_second
        self._clock = clock
        self._sent: deque[float] = deque()
        self._burst = min(BURST, requests_per_second)
        self._places = float(self._burst)
        self._filled_at = clock.monotonic()
        self._turn = asyncio.Lock()  # wakes its waiters in the order in which they came

    async def acquire(self) -> None:
        """Wait for a place. Cancelling while waiting gives it to the next; a place once given counts as used."""
        async with self._turn:
            while (wait := self._wait_seconds(self._clock.monotonic())) > 0:
                await self._clock.sleep(wait)
            self._places -= 1.0
            self._sent.append(self._clock.monotonic())

    def _wait_seconds(self, now: float) -> float:
        while self._sent and now - self._sent[0] > WINDOW_SECONDS:
            self._sent.popleft()
        self._places = min(float(self._burst), self._places + (now - self._filled_at) * self._rate)
        self._filled_at = now
        # A millisecond over, so that rounding never ends in a loop of tiny sleeps.
        for_place = (1.0 - self._places) / self._rate + 0.001 if self._places < 1.0 else 0.0
        for_window = 0.0
        if len(self._sent) >= self._rate:
            for_window = self._sent[-self._rate] + WINDOW_SECONDS - now + 0.001
        return max(for_place, for_window, 0.0)


class Breaker:
    """Counts answers of 401, 403 and 429; open while there were 1000 or more within 10 minutes."""

    def __init__(self) -> None:
        self._counted: deque[float] = deque()

    def count(self, now_monotonic: float) -> None:
        """One more such answer. Those of shared rate limits are not to be counted: Discord does not either."""
        self._counted.append(now_monotonic)
        self._forget(now_monotonic)

    def is_open(self, now_monotonic: float) -> bool:
        """Whether posting must wait."""
        self._forget(now_monotonic)
        return len(self._counted) >= INVALID_LIMIT

    def _forget(self, now: float) -> None:
        while self._counted and now - self._counted[0] >= INVALID_WINDOW_SECONDS:
            self._counted.popleft()
