"""The slow loops: heartbeats for the health check, what is kept no longer, and the search index made anew."""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta

from bot import logs
from bot.clock import Clock
from bot.jobs.runner import Runner
from bot.store import Store
from bot.store.admin.heartbeat import GATEWAY

log = logs.get(__name__)

BEAT_SECONDS = 15.0
FRESH = timedelta(seconds=60)
PRUNE_SECONDS = 3600.0
POSTS_SECONDS = 6 * 3600.0
MERGE_SECONDS = 24 * 3600.0
SWEEP_SECONDS = 4.0
"""What is to go at once is gone after two of them."""
PIECE_SECONDS = 0.2
"""Between two pieces, so that others write meanwhile."""
FILL_SECONDS = 0.1
"""Between two pieces of the search index, which take half of that."""
FILLED_LINE = 10_000
"""Articles between two lines of the log."""
WHOLE_SECONDS = 24 * 3600.0


class HeartbeatJob:
    """Stores which loops had a good round lately, and whether Discord is there, for `healthcheck` and `status`."""

    def __init__(
        self, store: Store, runners: Iterable[Runner], clock: Clock, *, is_connected: Callable[[], bool]
    ) -> None:
        self._store = store
        self._is_connected = is_connected
        self._runners = tuple(runners)
        self._clock = clock

    async def round(self) -> float:
        now = self._clock.now()
        fresh = [runner.name for runner in self._runners if runner.last_good_at and now - runner.last_good_at < FRESH]
        connected = (GATEWAY,) if self._is_connected() else ()
        await self._store.upkeep.beat((*fresh, *connected), now=now)
        # Until every loop has had its first round, look again soon: a container waits for its first healthy sign.
        return BEAT_SECONDS if len(fresh) == len(self._runners) else 1.0


class RetentionJob:
    """Deletes what is kept no longer, and cuts old bodies: a piece a round, soon again while there is more."""

    def __init__(self, store: Store, keep: timedelta, clock: Clock) -> None:
        self._store = store
        self._keep = keep
        self._clock = clock
        self._swept: Counter[str] = Counter()
        self._pruned_at = self._posts_at = self._merged_at = -math.inf
        self._post_id: int | None = None
        self._is_merging = False

    async def round(self) -> float:
        """Seconds until the next look."""
        swept = await self._store.retention.sweep(now=self._clock.now())
        self._swept.update(swept.counts())
        more = swept.more
        more |= await self._prune()
        more |= await self._sweep_posts()
        if not more:
            if self._swept:
                log.info("what is kept no longer was deleted", **self._swept)
            self._swept.clear()
            more = await self._merge()
        return PIECE_SECONDS if more else SWEEP_SECONDS

    async def _prune(self) -> bool:
        if self._clock.monotonic() - self._pruned_at < PRUNE_SECONDS:
            return False
        cut = await self._store.upkeep.prune(now=self._clock.now(), keep=self._keep)
        if cut:
            log.info("old bodies cut to excerpts", entries=cut)
        else:
            self._pruned_at = self._clock.monotonic()
        return bool(cut)

    async def _sweep_posts(self) -> bool:
        """From the first post to the last, and after some hours again."""
        if self._post_id is None:
            if self._clock.monotonic() - self._posts_at < POSTS_SECONDS:
                return False
            self._post_id, self._posts_at = 0, self._clock.monotonic()
        self._post_id, swept = await self._store.retention.sweep_posts(after=self._post_id, now=self._clock.now())
        self._swept.update(swept.counts())
        return self._post_id is not None

    async def _merge(self) -> bool:
        """The search index is rewritten without what was deleted, at most once a day."""
        if not self._is_merging:
            if self._clock.monotonic() - self._merged_at < MERGE_SECONDS:
                return False
            self._is_merging = await self._store.retention.begin_merging()
            if not self._is_merging:
                return False
            self._merged_at = self._clock.monotonic()
        self._is_merging = await self._store.retention.merge_index()
        return self._is_merging


class SearchIndexJob:
    """Makes the search index anew after an upgrade that changed how texts are folded: a piece a round."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._filled = 0
        self._began_at = 0.0

    async def round(self) -> float:
        """Seconds until the next piece; once the index is whole, nothing is left to do."""
        if not self._filled:
            self._began_at = self._clock.monotonic()
        before = self._filled
        articles = await self._store.search_index.fill()
        self._filled += articles
        if not articles:
            if self._filled:
                seconds = round(self._clock.monotonic() - self._began_at)
                log.info("the search index is whole again", articles=self._filled, seconds=seconds)
                self._filled = 0
            return WHOLE_SECONDS
        if not before or before // FILLED_LINE != self._filled // FILLED_LINE:
            log.info("the search index is made anew, the newest articles first", articles=self._filled)
        return FILL_SECONDS
