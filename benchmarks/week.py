"""A week of 10,000 feeds under a virtual clock: what the scheduling rule costs hosts, and how late articles are seen.

Every poll goes through the bot's own `feeds.scheduling.poll_outcome`; only the network is missing. Feeds publish at random (Poisson) with a
day and a night, from once a week to 50 times a day, and a few publish in bursts. Some hosts send Cache-Control or
ttl, some have no dates, some fail for hours, some are dead. All begin at once, as after an import.

Usage: python benchmarks/week.py [--feeds 10000] [--days 7] [--seed 1]
"""

import argparse
import heapq
import math
import random
import statistics
import sys
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.config.settings import PollingSettings
from bot.feeds.identity.identify import keys
from bot.feeds.scheduling import poll_outcome
from bot.feeds.scheduling.learnt_interval import price_keeper
from bot.feeds.scheduling.publish_habit import minutes_of
from bot.model import (
    NO_TIMETABLE,
    CacheHints,
    ClaimedFeed,
    Entry,
    FailureKind,
    FeedOutcome,
    FeedState,
    FetchAddress,
    Fetched,
    FetchFailed,
    MatchedEntry,
    NotModified,
    ParsedFeed,
    PollKind,
    Timetable,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
DAY, WEEK = 86_400.0, 7 * 86_400.0
FIXED_SECONDS = 600
LISTED = 20
"""Entries that a feed lists."""
PER_SECOND = 100
"""Polls that begin in a second at most, as much as the bot does in the first rush after a start."""
PACES = {"1 a week": (1 / 7, 0.45), "1 a day": (1.0, 0.30), "5 a day": (5.0, 0.17), "50 a day": (50.0, 0.08)}
"""Articles a day, and the share of feeds."""
SETTINGS = PollingSettings()
NO_HINTS = CacheHints()
NO_KEYS = keys(guid=None, link=None, title="", html="")


@dataclass
class Feed:
    """A feed and the host that serves it, in seconds since the start of the week; before it, time is negative."""

    number: int
    pace: str
    kind: str
    published: list[float]
    hints: CacheHints = NO_HINTS
    timetable: Timetable = NO_TIMETABLE
    dated: bool = True
    broken: list[tuple[float, float]] = field(default_factory=list)
    known: int = 0
    polls: int = 0
    due: ClaimedFeed | None = None

    def is_broken(self, now: float) -> bool:
        return any(begin <= now < end for begin, end in self.broken)


def publications(chance: random.Random, per_day: float, days: float) -> list[float]:
    """Moments of publication: three times as many per hour by day (7 to 23) as by night; 60 days back, or 20 articles."""
    back = max(60.0, 1.5 * LISTED / per_day) * DAY
    busiest = per_day / DAY * 1.5
    at, found = -back, []
    shift = chance.uniform(0, DAY)  # its time zone
    while (at := at + chance.expovariate(busiest)) < days * DAY:
        hour = (at + shift) % DAY / 3600
        # By day 1.2857 of the average, by night a third of that: both together come to the average.
        if chance.random() < (1.2857 if 7 <= hour < 23 else 0.4286) / 1.5:
            found.append(at)
    return found


def bursts(chance: random.Random, days: float) -> list[float]:
    """Once a week about eight articles within a quarter of an hour."""
    at, found = -60 * DAY, []
    while (at := at + chance.expovariate(1 / WEEK)) < days * DAY:
        found += [at + chance.uniform(0, 900) for _ in range(8)]
    return sorted(found)


def make(chance: random.Random, count: int, days: float) -> list[Feed]:
    names, shares = list(PACES), [share for _, share in PACES.values()]
    feeds = []
    for number in range(count):
        pace = chance.choices(names, shares)[0]
        kind = chance.choices(
            ["plain", "max-age 5 min", "max-age 1 h", "ttl 1 h", "ttl 1 day", "undated", "bursts", "flaky", "dead"],
            [0.36, 0.15, 0.08, 0.25, 0.02, 0.04, 0.03, 0.05, 0.02],
        )[0]
        found = bursts(chance, days) if kind == "bursts" else publications(chance, PACES[pace][0], days)
        feed = Feed(number, pace, kind, found, dated=kind != "undated")
        if kind.startswith("max-age"):
            feed.hints = CacheHints(max_age_seconds=300 if "5 min" in kind else 3600)
        if kind.startswith("ttl"):
            feed.timetable = Timetable(ttl_seconds=86_400 if "day" in kind else 3600)
        if kind == "flaky":
            begins = [chance.uniform(0, days * DAY) for _ in range(5)]
            feed.broken = [(begin, begin + chance.expovariate(1 / 7200)) for begin in begins]
        if kind == "dead":
            feed.broken = [(-math.inf, math.inf)]
        feed.due = ClaimedFeed(
            id=number, url=FetchAddress(f"https://host-{number}.example/feed"), state=FeedState.ACTIVE, due_at=START
        )
        feeds.append(feed)
    return feeds


def poll(feed: Feed, at: float, chance: float, price: float) -> tuple[FeedOutcome, int]:
    """One poll through the bot's own decisions; how many articles were new."""
    due, now = feed.due, START + timedelta(seconds=at)
    assert due is not None
    moment: poll_outcome.Moment = {"now": now, "settings": SETTINGS, "chance": chance}
    if feed.is_broken(at):
        failure = FetchFailed(FailureKind.TIMEOUT, "It did not answer.")
        return poll_outcome.failed(due, failure, **moment, price=price), 0
    count = bisect_right(feed.published, at)
    if due.has_entries and count == feed.known:
        return poll_outcome.unchanged(due, NotModified(hints=feed.hints), **moment, price=price), 0
    entries = tuple(
        Entry(NO_KEYS, position, published_at=START + timedelta(seconds=when) if feed.dated else None)
        for position, when in enumerate(reversed(feed.published[max(0, count - LISTED) : count]))
    )
    new = count - feed.known
    identified = [MatchedEntry(each, str(each.position), None if each.position < new else 1) for each in entries]
    fetched = Fetched(due.url.reveal(), None, 200, b"", "digest", None, '"1"', None, feed.hints)
    parsed = ParsedFeed("A feed", None, None, entries, feed.timetable.ttl_seconds)
    return poll_outcome.read(due, fetched, parsed, identified, **moment, price=price), new


def after(due: ClaimedFeed, outcome: FeedOutcome) -> ClaimedFeed:
    """What the store keeps, see `store.intake.entries`."""
    read = outcome.kind is PollKind.ENTRIES
    return ClaimedFeed(
        id=due.id,
        url=due.url,
        state=due.state,
        due_at=outcome.next_poll_at,
        etag='"1"',
        interval_seconds=outcome.interval_seconds,
        failures=due.failures + 1 if outcome.kind is PollKind.FAILED else 0,
        pace=outcome.pace if read else due.pace,
        timetable=outcome.timetable if read else due.timetable,
        last_success_at=due.last_success_at if outcome.kind is PollKind.FAILED else outcome.polled_at,
        habit=outcome.habit or due.habit,
        has_entries=due.has_entries or read,
    )


class Week:
    """Runs the polls in the order of their due times, and keeps the figures."""

    def __init__(self, feeds: list[Feed], days: float, chance: random.Random) -> None:
        self._feeds = feeds
        self._end = days * DAY
        self._chance = chance
        self._prices = price_keeper(SETTINGS, START)
        self.per_minute: Counter[int] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.delays: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.missed: Counter[str] = Counter()

    def run(self) -> None:
        queue = [(0.0, feed.number) for feed in self._feeds]
        heapq.heapify(queue)
        clock = 0.0
        while queue and queue[0][0] < self._end:
            due_at, number = heapq.heappop(queue)
            clock = max(clock + 1 / PER_SECOND, due_at)
            if clock < self._end:
                heapq.heappush(queue, (self._poll(self._feeds[number], clock), number))

    def _poll(self, feed: Feed, at: float) -> float:
        self._prices.steer(minutes_of(START) + at / 60)
        outcome, new = poll(feed, at, self._chance.random(), self._prices.price())
        assert feed.due is not None
        if outcome.at_price:
            self._prices.learn((outcome.next_poll_at - outcome.polled_at).total_seconds() / 60)
        feed.polls += 1
        self.per_minute[int(at // 60)] += 1
        self.outcomes[outcome.kind.value] += 1
        if new:
            first = not feed.due.has_entries
            if not first:
                seen = feed.published[feed.known : feed.known + new]
                self.delays[feed.pace, feed.kind] += [at - when for when in seen[-LISTED:]]
                self.missed[feed.kind] += max(0, new - LISTED)
            feed.known += new
        feed.due = after(feed.due, outcome)
        return (outcome.next_poll_at - START).total_seconds()


def delays_line(name: str, delays: list[float], polls: float) -> str:
    if not delays:
        return f"  {name:<15} {polls:>11.1f}"
    cuts = statistics.quantiles(delays, n=100)
    return f"  {name:<15} {polls:>11.1f} {len(delays):>9,} {cuts[49] / 60:>9.1f} {cuts[94] / 60:>9.1f} {max(delays) / 60:>9.1f}"


def report(feeds: list[Feed], week: Week, days: float, seconds: float) -> None:
    polls = sum(feed.polls for feed in feeds)
    fixed = len(feeds) * days * DAY / FIXED_SECONDS
    minutes = [week.per_minute.get(minute, 0) for minute in range(int(days * 1440))]
    settled = sorted(minutes[120:])
    print(f"{len(feeds):,} feeds for {days:g} days: {polls:,} polls in {seconds:.0f} s of computing")
    print(f"polls per feed and day: {polls / len(feeds) / days:.1f}; a fixed interval of 10 minutes: 144.0")
    print(f"polls avoided against it: {1 - polls / fixed:.1%}")
    print("outcomes: " + ", ".join(f"{name} {count:,}" for name, count in week.outcomes.most_common()))
    missed = ", ".join(f"{kind} {count:,}" for kind, count in week.missed.items() if count)
    print(f"articles that fell out of a feed's list before they were seen: {missed or 'none'}")
    print(
        f"polls in one minute: mean {statistics.mean(minutes):.0f}; from the third hour on at most {settled[-1]}, "
        f"99 of 100 minutes at most {settled[int(len(settled) * 0.99)]}; in the rush of the start at most {max(minutes)}"
    )
    heading = f"  {'':<15} {'polls a day':>11} {'articles':>9} {'median':>9} {'95 of 100':>9} {'longest':>9}"
    print(f"\nDelay from publication to discovery, in minutes, by pace:\n{heading}")
    for pace in PACES:
        found = [each for (name, _), delays in week.delays.items() if name == pace for each in delays]
        mine = [feed.polls / days for feed in feeds if feed.pace == pace]
        print(delays_line(pace, found, statistics.mean(mine)))
    print(f"\nThe same for hosts and feeds that ask for nothing and are well:\n{heading}")
    for pace in PACES:
        mine = [feed.polls / days for feed in feeds if (feed.pace, feed.kind) == (pace, "plain")]
        print(delays_line(pace, week.delays[pace, "plain"], statistics.mean(mine or [0])))
    print(f"\nBy what the host or the feed does:\n{heading}")
    for kind in sorted({feed.kind for feed in feeds}):
        found = [each for (_, name), delays in week.delays.items() if name == kind for each in delays]
        mine = [feed.polls / days for feed in feeds if feed.kind == kind]
        print(delays_line(kind, found, statistics.mean(mine)))


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--feeds", type=int, default=10_000)
    options.add_argument("--days", type=float, default=7)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    chance = random.Random(given.seed)
    feeds = make(chance, given.feeds, given.days)
    week = Week(feeds, given.days, chance)
    begun = time.perf_counter()
    week.run()
    report(feeds, week, given.days, time.perf_counter() - begun)


if __name__ == "__main__":
    main()
