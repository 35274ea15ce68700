"""How fast requests to Discord may leave: one budget for all of them, with room kept for people who wait."""

import asyncio
from collections import deque

from bot.clock import Clock

BURST = 5
WINDOW_SECONDS = 1.0
KEPT_FOR_PEOPLE = 10
"""One place in so many is never given to background work."""


class RateLimiter:
    """At most `requests_per_second` in ANY second, first come first served, with bursts of at most 5 at an instant.

    Two rules hold together: a log of the last second (never more than the rate in it) and a bucket of BURST
    places that refills at the rate (so that a second's worth does not leave at once). Background work gets nine
    tenths of the rate, so that a command's request need not stand in its queue even at full load; answers to
    interactions do not count against Discord's limit and are not counted here.
    """

    def __init__(self, requests_per_second: int, clock: Clock) -> None:
        if requests_per_second < 1:
            raise ValueError("requests_per_second is at least 1")
        self._rate = requests_per_second
        self._background = max(1, requests_per_second - -(-requests_per_second // KEPT_FOR_PEOPLE))
        self._clock = clock
        self._sent: deque[float] = deque()
        self._burst = min(BURST, requests_per_second)
        self._places = float(self._burst)
        self._filled_at = clock.monotonic()
        self._turn = asyncio.Lock()  # wakes its waiters in the order in which they came

    async def acquire(self, *, for_person: bool = False) -> None:
        """Wait for a place. Cancelling while waiting gives it to the next; a place once given counts as used.

        Args:
            for_person: somebody waits for the answer: it goes before the queue of background work.
        """
        if for_person:
            await self._take(self._rate)
            return
        async with self._turn:
            await self._take(self._background)

    async def _take(self, rate: int) -> None:
        while (wait := self._wait_seconds(self._clock.monotonic(), rate)) > 0:
            await self._clock.sleep(wait)
        self._places -= 1.0
        self._sent.append(self._clock.monotonic())

    def _wait_seconds(self, now: float, rate: int) -> float:
        while self._sent and now - self._sent[0] > WINDOW_SECONDS:
            self._sent.popleft()
        self._places = min(float(self._burst), self._places + (now - self._filled_at) * self._rate)
        self._filled_at = now
        # A millisecond over, so that rounding never ends in a loop of tiny sleeps.
        for_place = (1.0 - self._places) / self._rate + 0.001 if self._places < 1.0 else 0.0
        for_window = 0.0
        if len(self._sent) >= rate:
            for_window = self._sent[-rate] + WINDOW_SECONDS - now + 0.001
        return max(for_place, for_window, 0.0)
