"""The poll loop: claims feeds that are due, asks their hosts, takes the answers in."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.errors import ParseError, StoreError
from bot.feeds import decide
from bot.feeds.incremental import Parser
from bot.feeds.outage import Outage
from bot.feeds.schedule import PollingSettings
from bot.jobs.steps import Step, unobserved
from bot.model import (
    FeedDue,
    FeedOutcome,
    FeedRequest,
    FetchFailed,
    FetchResult,
    NotModified,
    PollKind,
    Postponed,
)
from bot.services.intake import Intake
from bot.store import Store
from bot.store.feeds import PER_HOST
from bot.store.polls import Applied

log = logs.get(__name__)

MOST_AT_ONCE = 64
"""Polls under way. Each may hold a body of up to `fetch.max_body_megabytes`."""
MOST_QUEUED = 256
"""Feeds claimed and not yet begun. Claimed by dozens, a feed costs a few microseconds; one by one, 400 of them."""
STARTED_AT_ONCE = 8
IDLE_SECONDS = 5.0


class Fetcher(Protocol):
    """The only one who talks to feed hosts."""

    async def fetch(self, request: FeedRequest) -> FetchResult: ...


class PollJob:
    """One round claims what is due and starts its polls; each poll ends in one stored outcome."""

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        parser: Parser,
        intake: Intake,
        polling: PollingSettings,
        clock: Clock,
        *,
        on_queued: Callable[[], None],
        on_room: Callable[[], None] = lambda: None,
        step: Step = unobserved,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._parser = parser
        self._intake = intake
        self._polling = polling
        self._clock = clock
        self._on_queued = on_queued
        self._on_room = on_room
        self._step = step
        self._outage = Outage()
        self._tasks: set[asyncio.Task[None]] = set()
        self._hosts: defaultdict[str, int] = defaultdict(int)
        self._queue: deque[FeedDue] = deque()
        self._under_way: set[int] = set()
        self._unstored: set[int] = set()
        """Feeds that this process still leases, although their polls ended: the database did not answer."""

    async def round(self) -> float:
        """Claim what is due, as far as there is room in the queue. Seconds until the next look."""
        await self._start_workers()  # for what is queued already, should workers have ended
        room = MOST_QUEUED - len(self._queue)
        if room < MOST_QUEUED // 2:
            return IDLE_SECONDS  # half a queue is left to work on; `_next` wakes this when it is not
        if self._unstored:
            back = set(self._unstored)
            await self._store.feeds.release(back)
            self._unstored -= back
        busy = [host for host, count in self._hosts.items() if count >= PER_HOST]
        claimed = await self._store.feeds.claim_due(now=self._clock.now(), limit=room, busy_hosts=busy)
        for feed in claimed:
            if feed.id not in self._under_way:  # else it still waits for its host, longer than its lease
                self._under_way.add(feed.id)
                self._hosts[feed.host] += 1
                self._queue.append(feed)
        await self._start_workers()
        if len(claimed) == room:
            return 0.0
        due = await self._store.feeds.next_due_at()
        if due is None:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(0.5, (due - self._clock.now()).total_seconds()))

    async def close(self) -> None:
        """Give up the polls under way; their feeds stay due."""
        self._queue.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start_workers(self) -> None:
        """A few at a time: each runs up to its first request at once, and the event loop has more to do meanwhile."""
        while self._queue and len(self._tasks) < MOST_AT_ONCE:
            for _ in range(min(STARTED_AT_ONCE, len(self._queue), MOST_AT_ONCE - len(self._tasks))):
                task = asyncio.create_task(self._work())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(0)

    async def _work(self) -> None:
        """Poll what is queued, one after the other, until nothing is left."""
        while self._queue:
            feed = self._queue.popleft()
            if len(self._queue) == MOST_QUEUED // 2 - 1:
                self._on_room()  # have more claimed before the queue runs dry
            quiet: FeedOutcome | None = None
            try:
                quiet = await self._poll(feed)
            except Exception:
                log.exception("a poll was lost; its feed comes again when its lease ends", feed=feed.id)
            finally:
                if quiet is None:
                    self._over(feed)
            if quiet is not None:
                self._store.entries.apply_soon(quiet, partial(self._settled, feed, quiet))

    def _over(self, feed: FeedDue) -> None:
        self._under_way.discard(feed.id)
        self._hosts[feed.host] -= 1
        if self._hosts[feed.host] <= 0:
            del self._hosts[feed.host]

    async def _poll(self, feed: FeedDue) -> FeedOutcome | None:
        """Poll a feed and store what came of it; or return it if only times changed, for which nobody need wait."""
        try:
            outcome = await self._outcome(feed)
        except StoreError as error:
            self._not_stored(feed, error)
            return None
        except Exception:
            log.exception("poll failed in an unforeseen way", feed=feed.id)
            outcome = decide.bug(feed, **self._now())
        if outcome.only_times and outcome.moved_to is None:
            return outcome
        await self._record(feed, outcome)
        return None

    async def _outcome(self, feed: FeedDue) -> FeedOutcome:
        request = FeedRequest(feed.url, feed.etag, feed.last_modified, feed.validators_url)
        fetched = await self._fetcher.fetch(request)
        self._step("fetched")
        answer = self._outage.judge(feed, fetched, self._clock.now())
        if isinstance(answer, Postponed):
            return decide.postponed(feed, answer, **self._now())
        if isinstance(answer, FetchFailed):
            return decide.failed(feed, answer, **self._now())
        if isinstance(answer, NotModified) or answer.digest == feed.body_digest:
            return decide.unchanged(feed, answer, **self._now())
        try:
            return await self._intake.read(feed, answer, self._parser)
        except ParseError as error:
            return decide.failed(feed, FetchFailed(error.kind, str(error), hints=answer.hints), **self._now())

    async def _record(self, feed: FeedDue, outcome: FeedOutcome) -> None:
        try:
            applied = await self._store.entries.apply(outcome, patient=True)
        except StoreError as error:
            self._not_stored(feed, error)
            return
        except Exception:
            log.exception("poll could not be stored", feed=feed.id)
            await self._store.entries.apply(decide.bug(feed, **self._now()))
            return
        self._stored(feed, outcome, applied)

    def _settled(self, feed: FeedDue, outcome: FeedOutcome, result: Applied | Exception) -> None:
        """What was handed on to be stored was stored, or could not be."""
        self._over(feed)
        if isinstance(result, Applied):
            self._stored(feed, outcome, result)
        elif isinstance(result, StoreError):
            self._not_stored(feed, result)
        else:
            log.error("poll could not be stored", feed=feed.id, exc_info=result)
            self._store.entries.apply_soon(decide.bug(feed, **self._now()), lambda _: None)

    def _stored(self, feed: FeedDue, outcome: FeedOutcome, applied: Applied) -> None:
        self._step("stored")
        self._report(feed, outcome, applied.queued)
        if applied.queued:
            self._on_queued()

    def _report(self, feed: FeedDue, outcome: FeedOutcome, queued: int) -> None:
        quiet = outcome.kind in {PollKind.UNCHANGED, PollKind.POSTPONED}
        if quiet and not logs.shows_debug():
            return  # most polls end here: a line made and dropped costs as much as deciding what they mean
        level = log.debug if quiet else log.info
        level(
            "feed polled",
            feed=feed.id,
            url=feed.url,
            outcome=outcome.kind.value,
            reason=outcome.reason,
            queued=queued,
            next_in_seconds=round((outcome.next_poll_at - outcome.polled_at).total_seconds()),
        )

    def _not_stored(self, feed: FeedDue, error: StoreError) -> None:
        log.error("poll not stored; the feed stays due", feed=feed.id, error=str(error))
        self._unstored.add(feed.id)

    def _now(self) -> decide.Moment:
        return {"now": self._clock.now(), "settings": self._polling, "chance": self._clock.chance()}
