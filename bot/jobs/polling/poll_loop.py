"""The poll loop: claims feeds that are due, asks their hosts, takes the answers in."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.config.settings import FairnessSettings
from bot.errors import ParseError, StoreError
from bot.feeds.fairness.tenants import current, working_for
from bot.feeds.incremental.new_entries import Parser
from bot.feeds.scheduling import poll_outcome
from bot.feeds.scheduling.network_outage import NetworkOutage
from bot.feeds.scheduling.poll_budget import PriceKeeper
from bot.feeds.scheduling.poll_interval import PollingSettings
from bot.feeds.scheduling.poll_price import PollPrice
from bot.feeds.scheduling.publish_habit import minutes_of
from bot.jobs.crash_test_hooks import Step
from bot.metrics import measured
from bot.model import (
    ClaimedFeed,
    FeedOutcome,
    FeedRequest,
    FetchFailed,
    FetchResult,
    NotModified,
    PollKind,
    Postponed,
)
from bot.services.sources.ingest import Ingest
from bot.store import Store
from bot.store.intake.apply_outcomes import Applied

log = logs.get(__name__)

MIN_AT_ONCE = 4
"""What each server may have under way, however many servers there are."""
STARTED_AT_ONCE = 8
IDLE_SECONDS = 5.0
MIN_PAUSE_SECONDS = 0.5
CROWD = 64
"""From so many feeds under way on, more are claimed as soon as half of them are done."""
PAUSE_PER_CLAIM = 10.0
"""How many times as long as a claim took that found nothing is waited, where what is due may not be claimed yet."""


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
        intake: Ingest,
        polling: PollingSettings,
        clock: Clock,
        *,
        on_queued: Callable[[], None],
        on_room: Callable[[], None],
        step: Step,
        shares: FairnessSettings,
        prices: PriceKeeper | None = None,
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
        self._most_at_once = shares.claimed_feeds
        self._busy_percent = shares.busy_percent
        self._outage = NetworkOutage()
        self._prices = prices
        self._knows_price = prices is None
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: dict[int, ClaimedFeed] = {}
        self._more_at = 0
        self._unstored: set[int] = set()
        """Feeds that this process still leases, although their polls ended: the database did not answer."""

    async def round(self) -> float:
        """Claim what is due, each server its share, and begin to poll it. Seconds until the next look."""
        if self._unstored:
            back = set(self._unstored)
            await self._store.feeds.release(back)
            self._unstored -= back
        await self._keep_price()
        begun = self._clock.monotonic()
        claimed = await self._store.feeds.claim_due(
            now=self._clock.now(),
            limit=self._most_at_once,
            per_server=self._share(),
            under_way=self._under_way.values(),
        )
        pause = MIN_PAUSE_SECONDS
        if not claimed:
            pause = max(pause, PAUSE_PER_CLAIM * (self._clock.monotonic() - begun))
        await self._begin(claimed)
        if len(claimed) == self._most_at_once:
            return 0.0
        due = await self._store.feeds.next_due_at()
        if due is None:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(pause, (due - self._clock.now()).total_seconds()))

    async def _keep_price(self) -> None:
        """Go on with the prices of before a restart, steer them once an hour, and keep them."""
        if self._prices is None:
            return
        now = minutes_of(self._clock.now())
        if not self._knows_price:
            stored = await self._store.prices.stored()
            self._prices.resume({server: PollPrice(*values, at=now) for server, values in stored.items()}, now)
            self._knows_price = True
        if self._prices.steer(now):
            known = self._prices.known
            await self._store.prices.keep({server: each[:4] for server, each in known.items()})
            log.debug("price of a poll", article_minutes=round(self._prices.price(), 4), own_prices=len(known) - 1)

    def _share(self) -> int:
        """How many feeds one server may have under way: all while no other has any, else its share.

        Most of them wait for their hosts and for slots. Claimed by dozens, a feed costs a few microseconds; one by one,
        400 of them.
        """
        servers = {server for feed in self._under_way.values() for server in feed.guilds[:1]}
        return max(MIN_AT_ONCE, self._most_at_once // max(1, len(servers)))

    async def close(self) -> None:
        """Give up the polls under way; their feeds stay due."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, feeds: Sequence[ClaimedFeed]) -> None:
        """A few at a time: each runs up to its first request at once, and the event loop has more to do meanwhile."""
        for feed in feeds:
            self._under_way[feed.id] = feed
        for start in range(0, len(feeds), STARTED_AT_ONCE):
            for feed in feeds[start : start + STARTED_AT_ONCE]:
                self._tasks.add(asyncio.create_task(self._work(feed)))
            await asyncio.sleep(0)
        self._more_at = len(self._under_way) // 2 if len(self._under_way) >= CROWD else 0

    async def _work(self, feed: ClaimedFeed) -> None:
        """Poll a feed. It waits for its host and a slot in the fetcher, which shares them among servers."""
        quiet: FeedOutcome | None = None
        try:
            with working_for(*feed.guilds):
                quiet = await self._poll(feed)
        except Exception:
            log.exception("a poll was lost; its feed comes again when its lease ends", feed=feed.id)
        finally:
            if (task := asyncio.current_task()) is not None:  # cheaper than a callback when it ends
                self._tasks.discard(task)
            if quiet is None:
                self._over(feed)
        if quiet is not None:
            self._store.entries.apply_soon(quiet, partial(self._settled, feed, quiet))

    def _over(self, feed: ClaimedFeed) -> None:
        self._under_way.pop(feed.id, None)
        if self._more_at and len(self._under_way) <= self._more_at:
            self._more_at = 0
            self._on_room()  # have more claimed before they run out

    async def _poll(self, feed: ClaimedFeed) -> FeedOutcome | None:
        """Poll a feed and store what came of it; or return it if only times changed, for which nobody need wait."""
        try:
            outcome = await self._outcome(feed)
        except StoreError as error:
            self._not_stored(feed, error)
            return None
        except Exception:
            log.exception("poll failed in an unforeseen way", feed=feed.id)
            outcome = poll_outcome.bug(feed, **self._now())
        if (usage := current()) is not None and usage.seconds > poll_outcome.FREE_SECONDS:
            outcome = poll_outcome.charged(
                feed,
                outcome,
                usage.seconds,
                busy_percent=self._busy_percent,
                now=self._clock.now(),
                chance=self._clock.chance(),
            )
        if self._prices is not None and outcome.at_price:
            self._prices.learn((outcome.next_poll_at - outcome.polled_at).total_seconds() / 60, feed.guilds)
        if outcome.only_times and outcome.moved_to is None:
            return outcome
        await self._record(feed, outcome)
        return None

    async def _outcome(self, feed: ClaimedFeed) -> FeedOutcome:
        request = FeedRequest(feed.url, feed.etag, feed.last_modified, feed.validators_url)
        fetched = await self._fetcher.fetch(request)
        self._step("fetched")
        answer = self._outage.judge(feed, fetched, self._clock.now())
        if isinstance(answer, Postponed):
            return poll_outcome.postponed(feed, answer, **self._now())
        if isinstance(answer, FetchFailed):
            return poll_outcome.failed(feed, answer, **self._now(), price=self._price(feed))
        if isinstance(answer, NotModified) or answer.digest == feed.body_digest:
            return poll_outcome.unchanged(feed, answer, **self._now(), price=self._price(feed))
        try:
            return await self._intake.read(feed, answer, self._parser)
        except ParseError as error:
            failure = FetchFailed(error.kind, str(error), hints=answer.hints)
            return poll_outcome.failed(feed, failure, **self._now(), price=self._price(feed))

    async def _record(self, feed: ClaimedFeed, outcome: FeedOutcome) -> None:
        try:
            applied = await self._store.entries.apply(outcome, patient=True)
        except StoreError as error:
            self._not_stored(feed, error)
            return
        except Exception:
            log.exception("poll could not be stored", feed=feed.id)
            await self._store.entries.apply(poll_outcome.bug(feed, **self._now()))
            return
        self._stored(feed, outcome, applied)

    def _settled(self, feed: ClaimedFeed, outcome: FeedOutcome, result: Applied | Exception) -> None:
        """What was handed on to be stored was stored, or could not be."""
        self._over(feed)
        if isinstance(result, Applied):
            self._stored(feed, outcome, result)
        elif isinstance(result, StoreError):
            self._not_stored(feed, result)
        else:
            log.error("poll could not be stored", feed=feed.id, exc_info=result)
            self._store.entries.apply_soon(poll_outcome.bug(feed, **self._now()), lambda _: None)

    def _stored(self, feed: ClaimedFeed, outcome: FeedOutcome, applied: Applied) -> None:
        self._step("stored")
        self._report(feed, outcome, applied.queued)
        if applied.queued:
            self._on_queued()

    def _report(self, feed: ClaimedFeed, outcome: FeedOutcome, queued: int) -> None:
        measured.polls[outcome.kind.value] += 1
        quiet = outcome.kind in {PollKind.UNCHANGED, PollKind.POSTPONED}
        if quiet and not logs.shows_debug():
            return  # most polls end here: a line made and dropped costs as much as deciding what they mean
        level = log.debug if quiet else log.info
        level(
            "feed polled",
            feed=feed.id,
            host=feed.url.site,
            outcome=outcome.kind.value,
            reason=outcome.reason,
            queued=queued,
            next_in_seconds=round((outcome.next_poll_at - outcome.polled_at).total_seconds()),
        )

    def _not_stored(self, feed: ClaimedFeed, error: StoreError) -> None:
        log.error("poll not stored; the feed stays due", feed=feed.id, error=str(error))
        self._unstored.add(feed.id)

    def _price(self, feed: ClaimedFeed) -> float | None:
        return None if self._prices is None else self._prices.price(feed.guilds)

    def _now(self) -> poll_outcome.Moment:
        return {"now": self._clock.now(), "settings": self._polling, "chance": self._clock.chance()}
