"""How long a host rests that asked to be left alone."""

from bot.clock import Clock

THROTTLE_SECONDS = 300.0
"""How long a host rests after its first 429 that does not say; doubled with each that follows without a good answer."""
MAX_THROTTLE_SECONDS = 24 * 3600.0


class HostRest:
    """One host's rest."""

    __slots__ = ("_throttles", "_until")

    def __init__(self) -> None:
        self._until = 0.0
        self._throttles = 0

    def remaining(self, clock: Clock) -> float:
        """Seconds for which it still asks to be left alone, 0 if it does not."""
        return max(0.0, self._until - clock.monotonic()) if self._until else 0.0

    def begin(self, asked_seconds: float | None, clock: Clock) -> float:
        """It asked for rest: 429, or 503 with Retry-After. How long it rests, in seconds, at most a day."""
        self._throttles += 1
        rest = asked_seconds or THROTTLE_SECONDS * 2 ** min(self._throttles - 1, 10)
        rest = min(rest, MAX_THROTTLE_SECONDS)
        self._until = max(self._until, clock.monotonic() + rest)
        return rest

    def answered(self) -> None:
        """It answered without asking for rest."""
        self._throttles = 0

    def is_over(self, now: float) -> bool:
        """How often it throttled is kept for a while beyond the rest."""
        return self._until + (MAX_THROTTLE_SECONDS if self._throttles else 0.0) <= now
