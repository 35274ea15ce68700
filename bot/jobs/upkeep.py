"""The slow loops: heartbeats for the health check, and pruning."""

from collections.abc import Iterable
from datetime import timedelta

from bot import logs
from bot.clock import Clock
from bot.jobs.runner import Runner
from bot.store import Store

log = logs.get(__name__)

BEAT_SECONDS = 15.0
FRESH = timedelta(seconds=60)
PRUNE_SECONDS = 3600.0


class HeartbeatJob:
    """Stores which loops had a good round lately, for `python -m bot healthcheck`."""

    def __init__(self, store: Store, runners: Iterable[Runner], clock: Clock) -> None:
        self._store = store
        self._runners = tuple(runners)
        self._clock = clock

    async def round(self) -> float:
        now = self._clock.now()
        fresh = [runner.name for runner in self._runners if runner.last_good_at and now - runner.last_good_at < FRESH]
        await self._store.upkeep.beat(fresh, now=now)
        # Until every loop has had its first round, look again soon: a container waits for its first healthy sign.
        return BEAT_SECONDS if len(fresh) == len(self._runners) else 1.0


class PruneJob:
    """Cuts old bodies, a chunk a round while there are more."""

    def __init__(self, store: Store, keep: timedelta, clock: Clock) -> None:
        self._store = store
        self._keep = keep
        self._clock = clock

    async def round(self) -> float:
        cut = await self._store.upkeep.prune(now=self._clock.now(), keep=self._keep)
        if cut:
            log.info("old bodies cut to excerpts", entries=cut)
        return 1.0 if cut else PRUNE_SECONDS
