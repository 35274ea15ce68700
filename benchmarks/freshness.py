"""How late articles are seen at an equal number of polls: the rule that is built in against the one before, over real times.

    python benchmarks/freshness.py [--feeds N] [--days N] [--seed N] [--polls N] [--quick]

Feeds publish when real feeds did (`feed_populations`; their templates lie beside the project, without them nothing is run). Every
poll goes through the bot's own `poll_outcome`, with the price of a poll steered as in the bot; only the network is missing. The rule
before asked each feed at its own pace within an hour, whatever the time of day. Delays are minutes from an article's appearance to
its discovery, after two weeks to settle.

`poll_prices.py` shows the loop that steers the price.
"""

import argparse
import heapq
import json
import math
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import feed_populations as populations
from feed_populations import CLASSES, DAY, Feed, Figures, figures, quantile

from bot.config.settings import PollingSettings
from bot.feeds.identity.identify import keys
from bot.feeds.scheduling import poll_outcome
from bot.feeds.scheduling.learnt_interval import price_keeper
from bot.feeds.scheduling.poll_budget import PriceKeeper
from bot.feeds.scheduling.publish_habit import minutes_of
from bot.model import (
    CacheHints,
    ClaimedFeed,
    Entry,
    FeedOutcome,
    FeedState,
    FetchAddress,
    Fetched,
    MatchedEntry,
    NotModified,
    ParsedFeed,
    PollKind,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""
WARM = 14
"""Days after which delays count."""
NO_KEYS = keys(guid=None, link=None, title="", html="")
COLUMNS = ("median", "mean", "p90", "p99", "feed_median", "feed_mean", "feed_p90")
TARGETS = {"median": 0.60, "mean": 0.68, "p90": 0.72, "feed_median": 0.68, "feed_p90": 1.08}


def chance_of(feed: int, poll: int) -> float:
    """Evenly spread from 0 up to 1, the same in every run."""
    x = (feed * 2654435761 + poll * 40503 * 65537 + 12345) & 0xFFFFFFFF
    for _ in range(2):
        x ^= x >> 16
        x = (x * 0x45D9F3B) & 0xFFFFFFFF
    x ^= x >> 16
    return x / 4294967296.0


def meet(feed: Feed, known: int, at: float, counted_from: float) -> int:
    """A poll sees what has appeared; how many articles that is in all."""
    seen = bisect_right(feed.appeared, at)
    for number in range(known, seen):
        if feed.appeared[number] >= counted_from:
            if number < seen - feed.listed:
                feed.lost += 1
            else:
                feed.delays.append(at - feed.appeared[number])
    feed.polls += at >= counted_from
    return seen


# --- the rule before -------------------------------------------------------------------------------


def before(feeds: Sequence[Feed], days: float, *, longest: float = 60.0) -> None:
    """Every feed at its own pace, from 5 minutes to an hour: the rule until October 2026, in minutes."""
    for feed in feeds:
        _before(feed, days, longest)


def _before(feed: Feed, days: float, high: float) -> None:
    at, known, count, ttl, by_sight, pace = chance_of(feed.number, 999983) * 10, 0, 0, feed.ttl, False, (0.0, 0.0)
    while at < days * DAY:
        seen, is_first = meet(feed, known, at, WARM * DAY), count == 0
        if is_first or seen > known:
            dates = sorted(date for date in (feed.before + feed.published[:seen])[-feed.listed :] if date <= at)
            found = _pace(dates, at) if feed.dated else None
            if found is not None:
                pace, by_sight, ttl = found, False, feed.ttl
                if ttl > high and len(dates) >= 5 and (at - dates[0]) / 2 < ttl:
                    ttl = max(high, (at - dates[0]) / 2)
            else:
                entries, since = (pace[0] + seen - known, pace[1]) if by_sight else (0.0, at)
                pace = (entries, since) if at - since <= 28 * DAY else (entries / 2, at - (at - since) / 2)
                by_sight = True
        known = seen
        interval = 10.0
        if not (by_sight and at - pace[1] < DAY):
            interval = max(at - pace[1], 1.0) / pace[0] if pace[0] else high
        at += max(1.0, _waits(min(max(interval, 5.0), high), high, feed, ttl, is_first, chance_of(feed.number, count)))
        count += 1


def _waits(interval: float, high: float, feed: Feed, ttl: float, is_first: bool, chance: float) -> float:
    earliest, latest = 5.0 if is_first else max(5.0, interval * 0.9), min(high, interval * 1.1)
    if (asked := max(feed.max_age, ttl)) > earliest:
        earliest = max(earliest, min(asked, DAY))
        latest = max(latest, min(earliest * (1.5 if is_first else 1.1), DAY))
    return earliest + chance * (latest - earliest)


def _pace(dates: Sequence[float], now: float) -> tuple[float, float] | None:
    count = len(dates)
    if count < 2 or now - dates[0] < 1.0:
        return None
    half = max(2, (count + 1) // 2)
    windows = ((count - 1.0, dates[0]), (half - 1.0, dates[count - half]))
    return max(windows, key=lambda pace: pace[0] / max(now - pace[1], 1.0))


# --- the bot's rule --------------------------------------------------------------------------------


@dataclass
class Followed:
    """A feed as the bot knows it."""

    feed: Feed
    due: ClaimedFeed
    known: int = 0
    count: int = 0


@dataclass
class Bot:
    """Polls feeds in the order in which they are due, as the bot plans them."""

    settings: PollingSettings
    counted_from: float = WARM * DAY
    is_down: Callable[[float], bool] = lambda _: False
    prices: PriceKeeper = field(init=False)
    queue: list[tuple[float, int]] = field(default_factory=list)
    followed: list[Followed] = field(default_factory=list)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.prices = price_keeper(self.settings, START)

    def follow(self, feeds: Sequence[Feed], at: float) -> None:
        """All within ten minutes, as after an import."""
        for feed in feeds:
            first = at + chance_of(feed.number, 999983) * 10
            url = FetchAddress(f"https://host-{feed.number}.example/feed")
            due = ClaimedFeed(feed.number, url, FeedState.ACTIVE, due_at=START + timedelta(minutes=first))
            self.followed.append(Followed(feed, due))
            heapq.heappush(self.queue, (first, len(self.followed) - 1))

    def run(self, until: float) -> None:
        """Go on up to that minute."""
        while self.queue and self.queue[0][0] < until:
            at, index = heapq.heappop(self.queue)
            each = self.followed[index]
            if self.is_down(at):
                heapq.heappush(self.queue, (at + 10.0, index))
                continue
            self.at = at
            self.prices.steer(minutes_of(START) + at)
            outcome = self._poll(each, at)
            if outcome.at_price:
                self.prices.learn((outcome.next_poll_at - outcome.polled_at).total_seconds() / 60)
            heapq.heappush(self.queue, ((outcome.next_poll_at - START).total_seconds() / 60, index))

    def _poll(self, each: Followed, at: float) -> FeedOutcome:
        feed, due, now = each.feed, each.due, START + timedelta(minutes=at)
        moment: poll_outcome.Moment = {
            "now": now,
            "settings": self.settings,
            "chance": chance_of(feed.number, each.count),
        }
        seen = meet(feed, each.known, at, self.counted_from)
        fresh = seen - each.known
        hints = CacheHints(max_age_seconds=int(feed.max_age * 60) or None)
        etag = '"1"' if feed.conditional else None
        page = Fetched(due.url.reveal(), None, 200, b"", "digest", None, etag, None, hints)
        if each.count and not fresh:
            answer = NotModified(hints=hints) if feed.conditional else page
            outcome = poll_outcome.unchanged(due, answer, **moment, price=self.prices.price())
        else:
            dates = (feed.before + feed.published[:seen])[-feed.listed :]
            entries = tuple(
                Entry(NO_KEYS, place, published_at=START + timedelta(minutes=date) if feed.dated else None)
                for place, date in enumerate(reversed(dates))
            )
            identified = [
                MatchedEntry(entry, "", None if entry.position < fresh or not each.count else 1) for entry in entries
            ]
            parsed = ParsedFeed("A feed", None, None, entries, int(feed.ttl * 60) or None)
            outcome = poll_outcome.read(due, page, parsed, identified, **moment, price=self.prices.price())
        each.known, each.count, each.due = seen, each.count + 1, after(due, outcome, etag)
        return outcome


def after(due: ClaimedFeed, outcome: FeedOutcome, etag: str | None = None) -> ClaimedFeed:
    """What the store keeps of a good poll, see `store.intake.feed_state`."""
    was_read = outcome.kind is PollKind.ENTRIES
    return ClaimedFeed(
        id=due.id,
        url=due.url,
        state=due.state,
        due_at=outcome.next_poll_at,
        etag=etag,
        interval_seconds=outcome.interval_seconds,
        last_success_at=outcome.polled_at,
        pace=outcome.pace if was_read else due.pace,
        timetable=outcome.timetable if was_read else due.timetable,
        has_entries=due.has_entries or was_read,
        habit=outcome.habit or due.habit,
    )


# --- what is shown ---------------------------------------------------------------------------------


def forget(feeds: Sequence[Feed]) -> None:
    for feed in feeds:
        feed.polls, feed.delays, feed.lost = 0, [], 0


def row(name: str, found: Figures, base: Figures | None = None) -> None:
    cells = [
        f"{getattr(found, column):6.1f}"
        + (f" x{getattr(found, column) / getattr(base, column):.2f}" if base else " " * 6)
        for column in COLUMNS
    ]
    print(f"{name:36} {found.polls:5.1f}", *cells, f" lost {found.lost}", flush=True)


def of_classes(feeds: Sequence[Feed]) -> list[tuple[float, float, float]]:
    """Polls a day, median and mean delay of each class."""
    rows = []
    for number in range(len(CLASSES)):
        mine = [feed for feed in feeds if feed.group == number]
        delays = sorted(delay for feed in mine for delay in feed.delays) or [math.nan]
        polls = sum(feed.polls for feed in mine) / max(1, len(mine))
        rows.append((polls, quantile(delays, 0.5), sum(delays) / len(delays)))
    return rows


def compare(feeds: list[Feed], given: argparse.Namespace) -> int:
    days, counted = given.days, given.days - WARM
    print(f"{len(feeds)} feeds, {sum(len(feed.appeared) for feed in feeds):,} articles in six weeks")
    print(f"{'':36} polls " + " ".join(f"{column:>12}" for column in COLUMNS))
    before(feeds, days)
    base, classes = figures(feeds, counted), of_classes(feeds)
    row("before", base)
    budget = given.polls or base.polls
    runs: list[tuple[str, dict[str, Any]]] = [
        ("now, as many polls", {"polls_per_day": budget}),
        ("now, half of the polls", {"polls_per_day": budget / 2}),
        ("now, longest wait of an hour", {"polls_per_day": budget, "max_interval_seconds": 3600}),
    ]
    met = True
    for name, changes in runs[: 1 if given.quick else None]:
        forget(feeds)
        begun = time.process_time()
        bot = Bot(PollingSettings(**changes))
        bot.follow(feeds, 0.0)
        bot.run(days * DAY)
        seconds = time.process_time() - begun
        found = figures(feeds, counted)
        row(name, found, base)
        if name == runs[0][0]:
            for label, old, new in zip(CLASSES, classes, of_classes(feeds), strict=True):
                print(
                    f"    {label:18} polls {old[0] / counted:5.1f} -> {new[0] / counted:5.1f}, median {old[1]:5.1f} -> "
                    f"{new[1]:5.1f} x{new[1] / old[1]:.2f}, mean {old[2]:5.1f} -> {new[2]:5.1f} x{new[2] / old[2]:.2f}"
                )
                met &= new[2] <= 1.08 * old[2]
            met &= all(getattr(found, key) <= most * getattr(base, key) for key, most in TARGETS.items())
            met &= found.lost <= base.lost and abs(found.polls / budget - 1) < 0.05
            polls = sum(each.count for each in bot.followed)
            print(
                f"    price {bot.prices.price():.3f}; {1e6 * seconds / polls:.0f} us of CPU a poll, simulation and all"
            )
    print("targets met" if met else "targets MISSED: " + ", ".join(f"{key} x{most}" for key, most in TARGETS.items()))
    return 0 if met else 1


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--feeds", type=int, default=300, help="feeds (default 300)")
    options.add_argument("--days", type=int, default=populations.DAYS, help="days, of which 14 settle (default 42)")
    options.add_argument("--seed", type=int, default=11)
    options.add_argument("--polls", type=float, help="polls a feed and day (default: as many as before)")
    options.add_argument("--templates", type=Path, default=populations.SHARED / "templates_shared.jsonl")
    options.add_argument("--quick", action="store_true", help="only the comparison at equal polls")
    given = options.parse_args()
    hosts = populations.SHARED / "hosts.json"
    if not given.templates.exists() or not hosts.exists():
        print(f"SKIPPED: there are no templates of real feeds at {given.templates}", file=sys.stderr)
        return 0
    feeds = populations.build(
        populations.load(given.templates), given.feeds, given.seed, json.loads(hosts.read_text(encoding="utf-8"))
    )
    return compare(feeds, given)


if __name__ == "__main__":
    raise SystemExit(main())
