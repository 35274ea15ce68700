"""Keeps the hours of topics: after a digest or quiet hours, what comes next is worked out and stored."""

from datetime import datetime, timedelta

from bot.clock import Clock
from bot.model import Hours, Topic
from bot.schedules import digest_times
from bot.store import Store

LOOK = timedelta(seconds=1)


class ScheduleKeeper:
    """Looks once a second, before channels are claimed. That hours begin or end is told by SQL, to the millisecond."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._next: datetime | None = None

    async def tick(self) -> None:
        """Have every topic's next digest and quiet hours lie ahead, but for a digest that is still to be planned."""
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return

        def plan(topic: Topic, before: Hours) -> Hours:
            return digest_times.following(topic.options, before, now)

        await self._store.hours.turn(plan, now=now)
        self._next = now + LOOK
