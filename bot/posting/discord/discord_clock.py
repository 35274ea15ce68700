"""Discord's time, learnt from the Date header of its answers: the machine's clock may be wrong by hours."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.clock import Clock


class DiscordClock:
    """A `Clock` whose `now` is Discord's, as far as an answer told it. It goes on evenly, also where the machine's is set.

    For what Discord counts by its own time: the moments of its messages, its limits, the end of a time-out. What was
    stored with other times of the machine is compared with those.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: tuple[datetime, float] | None = None
        """What Discord said, and when that was by the monotonic clock."""

    def learn(self, date: str | None) -> None:
        """Take the time of an answer's header; one that is missing or no date changes nothing."""
        try:
            told = parsedate_to_datetime(date or "")
        except ValueError:
            return
        self._told = (told if told.tzinfo is not None else told.replace(tzinfo=UTC)), self._clock.monotonic()

    def now(self) -> datetime:
        if self._told is None:
            return self._clock.now()
        told, at = self._told
        return told.astimezone(UTC) + timedelta(seconds=self._clock.monotonic() - at)

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def chance(self) -> float:
        return self._clock.chance()
