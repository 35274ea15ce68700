"""Feeds polled for weeks under a virtual clock, through the decisions that the bot takes; only the network is missing."""

import statistics
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.config.settings import PollingSettings
from bot.feeds.identity.identify import keys
from bot.feeds.scheduling import poll_outcome
from bot.model import (
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

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday, four weeks before the clocks of Europe change."""
URL = "https://daily.example/feed"
LISTED = 20
KEYS = keys(guid=None, link=None, title="", html="")
BERLIN = ZoneInfo("Europe/Berlin")


def daily(*hours: float, days: range, zone: ZoneInfo = BERLIN, weekends: bool = True) -> list[datetime]:
    """An article at about each of these hours of a place's days, counted from START."""
    found = []
    for day in days:
        date = (START + timedelta(days=day)).replace(tzinfo=zone)
        if weekends or date.weekday() < 5:
            found += [
                date + timedelta(hours=hour, minutes=(7 * day + 3 * index) % 11) for index, hour in enumerate(hours)
            ]
    return sorted(each.astimezone(UTC) for each in found)


@dataclass
class Feed:
    """A feed, how it answers, and what the bot saw of it."""

    published: Sequence[datetime]
    dated: bool = True
    told: Callable[[datetime], datetime] = lambda when: when
    """The date that an article claims."""
    timetable: Timetable = field(default_factory=Timetable)
    is_broken: Callable[[datetime], bool] = lambda _: False
    bot_runs: Callable[[datetime], bool] = lambda _: True
    polls: list[datetime] = field(default_factory=list)
    delays: dict[datetime, timedelta] = field(default_factory=dict)
    lost: int = 0

    def run(self, days: int, settings: PollingSettings | None = None) -> "Feed":
        settings = settings or PollingSettings()
        due = ClaimedFeed(1, FetchAddress(URL), FeedState.ACTIVE, due_at=START, etag='"1"')
        known, now = 0, START
        while now < START + timedelta(days=days):
            chance = len(self.polls) * 0.618 % 1
            moment: poll_outcome.Moment = {"now": now, "settings": settings, "chance": chance}
            self.polls.append(now)
            if self.is_broken(now):
                outcome = poll_outcome.failed(due, FetchFailed(FailureKind.TIMEOUT, "It did not answer."), **moment)
            else:
                seen = bisect_right(self.published, now)
                outcome = self._answer(due, known, seen, moment)
                if due.has_entries:
                    self.lost += max(0, seen - known - LISTED)
                    self.delays |= {when: now - when for when in self.published[known:seen]}
                known = seen
            due = _after(due, outcome)
            now = outcome.next_poll_at
            while not self.bot_runs(now):
                now += timedelta(minutes=5)
        return self

    def _answer(self, due: ClaimedFeed, known: int, seen: int, moment: poll_outcome.Moment) -> FeedOutcome:
        if due.has_entries and seen == known:
            return poll_outcome.unchanged(due, NotModified(), **moment)
        dates = [
            self.told(when) if self.dated else None for when in reversed(self.published[max(0, seen - LISTED) : seen])
        ]
        entries = tuple(Entry(KEYS, place, published_at=date) for place, date in enumerate(dates))
        new = seen - known if due.has_entries else len(entries)
        matched = [MatchedEntry(each, "", None if each.position < new else 1) for each in entries]
        parsed = ParsedFeed("A", None, None, entries, self.timetable.ttl_seconds, skip_hours=self.timetable.skip_hours)
        return poll_outcome.read(due, Fetched(URL, None, 200, b"", "d", None, '"1"', None), parsed, matched, **moment)

    def delay(self, days: range) -> float:
        """The middle delay in minutes of what was published on these days."""
        begin, end = START + timedelta(days=days.start), START + timedelta(days=days.stop)
        return statistics.median(
            delay / timedelta(minutes=1) for when, delay in self.delays.items() if begin <= when < end
        )

    def polls_a_day(self, days: range) -> float:
        begin, end = START + timedelta(days=days.start), START + timedelta(days=days.stop)
        return sum(begin <= poll < end for poll in self.polls) / len(days)


def _after(due: ClaimedFeed, outcome: FeedOutcome) -> ClaimedFeed:
    has_failed, was_read = outcome.kind is PollKind.FAILED, outcome.kind is PollKind.ENTRIES
    return replace(
        due,
        due_at=outcome.next_poll_at,
        interval_seconds=outcome.interval_seconds,
        failures=due.failures + 1 if has_failed else 0,
        last_success_at=due.last_success_at if has_failed else outcome.polled_at,
        pace=outcome.pace if was_read else due.pace,
        timetable=outcome.timetable if was_read else due.timetable,
        has_entries=due.has_entries or was_read,
        habit=outcome.habit or due.habit,
    )


HOURLY = PollingSettings(max_interval_seconds=3600)


def test_a_feed_with_habits_is_seen_much_sooner_than_by_polls_that_are_spread_evenly() -> None:
    feed = Feed(daily(8.2, 8.6, days=range(-30, 28), weekends=False)).run(28)
    evenly = 24 * 60 / feed.polls_a_day(range(7, 28)) / 2
    assert feed.delay(range(7, 28)) < 0.55 * evenly
    assert feed.polls_a_day(range(7, 28)) < 30


def test_the_first_document_is_enough_to_know_a_feed_by() -> None:
    feed = Feed(daily(8.2, 8.6, days=range(-30, 21), weekends=False)).run(21)
    assert feed.delay(range(1, 8)) < 1.3 * feed.delay(range(8, 21)) + 5


def test_when_the_clocks_change_articles_come_hardly_later() -> None:
    feed = Feed(daily(8.2, 18.4, days=range(-30, 48))).run(48)
    before, after = feed.delay(range(13, 27)), feed.delay(range(27, 34))
    assert after < 1.5 * before + 3
    assert feed.delay(range(41, 48)) < 1.25 * before + 2


def test_an_outage_of_five_hours_loses_nothing_and_leaves_no_trace() -> None:
    def outage(now: datetime) -> bool:
        return START + timedelta(days=14, hours=6) <= now < START + timedelta(days=14, hours=11)

    well = Feed(daily(8.2, 18.4, days=range(-30, 28))).run(28)
    stopped = Feed(daily(8.2, 18.4, days=range(-30, 28)), bot_runs=lambda now: not outage(now)).run(28)
    failing = Feed(daily(8.2, 18.4, days=range(-30, 28)), is_broken=outage).run(28)
    for feed in (stopped, failing):
        assert set(feed.delays) == set(well.delays)
        assert max(feed.delays.values()) < timedelta(hours=10)
        assert feed.delay(range(15, 28)) < 1.2 * well.delay(range(15, 28)) + 2
        assert abs(feed.polls_a_day(range(15, 28)) - well.polls_a_day(range(15, 28))) < 3


def test_a_feed_that_changes_its_habits_is_known_again_after_weeks_and_never_left_alone_for_long() -> None:
    feed = Feed(daily(8.2, 8.6, days=range(-30, 14)) + daily(20.2, 20.6, days=range(14, 70))).run(70)
    assert feed.delay(range(14, 16)) < 70
    assert feed.delay(range(55, 70)) < 1.3 * feed.delay(range(7, 14)) + 3
    assert max(feed.delays.values()) <= timedelta(hours=2)


def test_a_feed_that_was_silent_for_months_and_wakes_up_is_found_within_the_longest_wait() -> None:
    feed = Feed(daily(9.2, days=range(-100, -60)) + daily(9.2, days=range(20, 50))).run(50)
    assert max(feed.delays.values()) <= timedelta(hours=2)
    assert feed.polls_a_day(range(10)) < 20
    assert feed.delay(range(40, 50)) < 0.8 * feed.delay(range(20, 24))


def test_a_feed_that_takes_to_publishing_all_day_is_asked_more_and_loses_nothing() -> None:
    burst = [START + timedelta(days=10, minutes=4 * number) for number in range(700)]
    feed = Feed(daily(9.2, days=range(-30, 10)) + burst).run(12)
    assert feed.lost == 0
    assert feed.polls_a_day(range(11, 12)) > 1.5 * feed.polls_a_day(range(10))


def test_whoever_keeps_an_hour_is_never_made_to_wait_for_longer() -> None:
    feed = Feed(daily(8.2, days=range(-30, 14))).run(14, HOURLY)
    assert max(b - a for a, b in zip(feed.polls, feed.polls[1:], strict=False)) <= timedelta(hours=1)
    assert max(feed.delays.values()) <= timedelta(hours=1)


def test_dates_that_lie_lag_or_are_missing_make_it_little_worse() -> None:
    times = daily(8.2, 18.4, days=range(-30, 50))
    true = Feed(times).run(50).delay(range(30, 50))
    lagging = Feed(times, told=lambda when: when - timedelta(minutes=25)).run(50)
    undated = Feed(times, dated=False).run(50)
    days_only = Feed(times, told=lambda when: when.replace(hour=0, minute=0)).run(50)
    wrong_zone = Feed(times, told=lambda when: when - timedelta(hours=9)).run(50)
    ahead = Feed(times, told=lambda when: when + timedelta(hours=9)).run(50)
    for feed in (lagging, undated, days_only, wrong_zone, ahead):
        assert feed.delay(range(30, 50)) < 1.6 * true + 4
        assert len(feed.delays) == 100


def test_skipped_hours_and_a_ttl_are_respected_all_the_time() -> None:
    timetable = Timetable(ttl_seconds=3000, skip_hours=frozenset({1, 2, 3}))
    feed = Feed(daily(8.2, days=range(-30, 14)), timetable=timetable).run(14)
    assert not {poll.hour for poll in feed.polls[1:]} & {1, 2, 3}
    assert min(b - a for a, b in zip(feed.polls, feed.polls[1:], strict=False)) >= timedelta(seconds=3000)
