"""When a feed is asked again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.settings import PollingSettings
from bot.feeds.scheduling.poll_interval import after_skipped, next_poll
from bot.model import CacheHints, Timetable

NOW = datetime(2026, 1, 8, tzinfo=UTC)
"""A Thursday, at midnight."""
DAY = 24 * 3600


@dataclass(frozen=True)
class Bounds:
    default_interval_seconds: int = 600
    min_interval_seconds: int = 300
    max_interval_seconds: int = 3600
    polls_per_day: float = 24


NO_HINTS = CacheHints()
ALWAYS = Timetable()


def seconds(
    own: float | None = None,
    *,
    failures: int = 0,
    hints: CacheHints = NO_HINTS,
    timetable: Timetable = ALWAYS,
    chance: float = 0.5,
    spread: bool = False,
) -> float:
    at, _ = next_poll(
        now=NOW,
        settings=Bounds(),
        own_wait=own,
        failures=failures,
        hints=hints,
        timetable=timetable,
        chance=chance,
        spread=spread,
    )
    return (at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"own": None}, (600, 660)),
        ({"own": 3600}, (3360, 3600)),
        ({"own": 90_000}, (3360, 3600)),
        ({"own": 0}, (300, 330)),
        ({"own": 1200}, (1200, 1320)),
        ({"own": 3000}, (3000, 3240)),
        ({"own": 0, "failures": 3}, (0.9 * 300 * 8, 1.1 * 300 * 8)),
        ({"own": 3600, "failures": 60}, (0.9 * DAY, DAY)),
        ({"hints": CacheHints(max_age_seconds=7200)}, (7200, 7440)),
        ({"hints": CacheHints(max_age_seconds=60)}, (600, 660)),
        ({"hints": CacheHints(max_age_seconds=600)}, (600, 660)),
        ({"hints": CacheHints(max_age_seconds=660)}, (660, 726)),
        ({"timetable": Timetable(ttl_seconds=5400)}, (5400, 5640)),
        ({"timetable": Timetable(ttl_seconds=86400)}, (DAY, DAY)),
        ({"hints": CacheHints(retry_after_seconds=7200), "failures": 1}, (7200, 7440)),
        ({"hints": CacheHints(retry_after_seconds=10**9)}, (DAY, DAY)),
        ({"own": 3600, "spread": True}, (300, 3600)),
        ({"spread": True}, (300, 660)),
        ({"spread": True, "hints": CacheHints(max_age_seconds=3600)}, (3600, 5400)),
    ],
    ids=[
        "unknown",
        "the longest",
        "longer than the longest",
        "the shortest",
        "its own wait",
        "at most four minutes late",
        "doubled",
        "at most a day",
        "max-age",
        "short max-age",
        "max-age like its own",
        "max-age a little above its own",
        "ttl",
        "ttl of a day",
        "retry-after",
        "bounded",
        "one of many",
        "one of many, unknown",
        "one of many with max-age",
    ],
)
def test_polls_are_spread_over_what_is_allowed_and_nothing_else(
    case: dict[str, object], expected: tuple[float, float]
) -> None:
    low, high = expected
    found = [seconds(**case, chance=chance) for chance in (0.0, 0.5, 1.0)]  # type: ignore[arg-type]  # a table of arguments
    assert found == pytest.approx([low, (low + high) / 2, high], abs=1e-3)


@given(
    own=st.one_of(st.none(), st.floats(0, 10**6)),
    failures=st.integers(0, 100),
    max_age=st.one_of(st.none(), st.integers(0, 10**7)),
    ttl=st.one_of(st.none(), st.integers(0, 10**8)),
    chance=st.floats(0, 0.999),
    spread=st.booleans(),
)
def test_a_poll_is_never_earlier_than_asked_nor_later_than_a_day(
    *, own: float | None, failures: int, max_age: int | None, ttl: int | None, chance: float, spread: bool
) -> None:
    wait = seconds(
        own,
        failures=failures,
        hints=CacheHints(max_age_seconds=max_age),
        timetable=Timetable(ttl_seconds=ttl),
        chance=chance,
        spread=spread,
    )
    assert min(max(max_age or 0, ttl or 0), DAY) - 1e-3 <= wait <= DAY + 1e-3
    assert wait >= 300


@pytest.mark.parametrize("failures", [0, 1, 9])
@pytest.mark.parametrize("max_age", [None, 3600, 3 * DAY])
@pytest.mark.parametrize("chance", [0.0, 0.999])
def test_bounds_above_a_day_hold_whatever_is_asked_or_fails(failures: int, max_age: int | None, chance: float) -> None:
    settings = PollingSettings(
        min_interval_seconds=2 * DAY, default_interval_seconds=2 * DAY, max_interval_seconds=3 * DAY
    )
    at, _ = next_poll(
        now=NOW,
        settings=settings,
        own_wait=None,
        failures=failures,
        hints=CacheHints(max_age_seconds=max_age),
        timetable=Timetable(),
        chance=chance,
    )
    assert 2 * DAY <= (at - NOW).total_seconds() <= 3 * DAY


def test_a_failure_of_a_feed_that_is_left_alone_for_long_is_tried_again_within_two_hours() -> None:
    settings = Bounds(max_interval_seconds=DAY)
    at, interval = next_poll(
        now=NOW,
        settings=settings,
        own_wait=DAY,
        failures=1,
        hints=NO_HINTS,
        timetable=ALWAYS,
        chance=0.999,
    )
    assert (at - NOW).total_seconds() < 1.1 * 7200
    assert interval == 7200


def skip(*, hours: set[int] | None = None, days: set[int] | None = None) -> Timetable:
    return Timetable(skip_hours=frozenset(hours or ()), skip_days=frozenset(days or ()))


@pytest.mark.parametrize(
    ("timetable", "at", "expected"),
    [
        (skip(), "2026-01-08 05:30", "2026-01-08 05:30"),
        (skip(hours={4}), "2026-01-08 05:30", "2026-01-08 05:30"),
        (skip(hours={5, 6}), "2026-01-08 05:30", "2026-01-08 07:00"),
        (skip(hours={22, 23, 0}), "2026-01-08 22:10", "2026-01-09 01:00"),
        (skip(days={5, 6}), "2026-01-10 12:00", "2026-01-12 00:00"),
        (skip(hours={0}, days={5, 6}), "2026-01-10 12:00", "2026-01-12 01:00"),
        (skip(hours=set(range(24))), "2026-01-08 05:30", "2026-01-08 05:30"),
        (skip(days=set(range(7))), "2026-01-08 05:30", "2026-01-08 05:30"),
    ],
    ids=["none", "another hour", "two hours", "over midnight", "a weekend", "both", "all hours", "all days"],
)
def test_skipped_hours_and_days_are_waited_out(timetable: Timetable, at: str, expected: str) -> None:
    found = after_skipped(datetime.fromisoformat(at).replace(tzinfo=UTC), timetable)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - a zone is given
    st.frozensets(st.integers(0, 23), max_size=23),
    st.frozensets(st.integers(0, 6), max_size=6),
)
def test_the_moment_found_is_free_and_no_free_hour_was_passed_over(
    at: datetime, hours: frozenset[int], days: frozenset[int]
) -> None:
    found = after_skipped(at, Timetable(skip_hours=hours, skip_days=days))
    assert found >= at
    assert found.hour not in hours
    assert found.weekday() not in days
    passed = at
    while passed < found:
        assert passed.hour in hours or passed.weekday() in days
        passed = passed.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def test_after_skipped_hours_feeds_do_not_come_at_the_stroke_of_the_hour() -> None:
    night = Timetable(skip_hours=frozenset(range(6)))
    found = [seconds(timetable=night, chance=chance) for chance in (0.0, 0.5, 0.999)]
    assert found == pytest.approx([6 * 3600, 6 * 3600 + 300, 6 * 3600 + 599.4])
