"""How often a feed publishes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.scheduling.publish_rate import by_dates, by_sight, entries_per_week, of_document
from bot.model import PublishRate

NOW = datetime(2026, 1, 8, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


def week(dates: list[datetime | None], now: datetime = NOW) -> float | None:
    return entries_per_week(by_dates(dates, now), now)


def every(step: timedelta, count: int, *, last: timedelta = timedelta()) -> list[datetime | None]:
    return [NOW - last - step * number for number in range(count)]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (every(7 * DAY, 10), 1),
        (every(12 * HOUR, 10), 14),
        (every(HOUR / 5, 11), 5 * 24 * 7),
        ([*every(HOUR, 11), NOW - 15 * YEAR], 24 * 7),
        ([*every(DAY, 6), *every(YEAR, 5, last=YEAR)], 7),
        (every(HOUR / 60, 10, last=30 * DAY), 7 * 9 / 30),
        ([*every(HOUR, 8), *(NOW + 3 * DAY for _ in range(8))], 24 * 7),
    ],
    ids=[
        "weekly",
        "twice a day",
        "ten within two hours",
        "one pinned for 15 years",
        "back after five slow years",
        "a burst a month ago",
        "half of the dates in the future",
    ],
)
def test_the_pace_is_that_of_today(dates: list[datetime | None], expected: float) -> None:
    assert week(dates) == pytest.approx(expected, rel=0.02)


def test_a_pace_falls_by_itself_while_nothing_new_comes() -> None:
    pace = by_dates(every(HOUR / 30, 5), NOW)
    shown = [entries_per_week(pace, NOW + wait) for wait in (timedelta(), HOUR, DAY, 7 * DAY)]
    assert shown == sorted(shown, key=lambda found: -(found or 0))
    assert (shown[0] or 0) > 5000
    assert (shown[-1] or 0) < 5


@pytest.mark.parametrize(
    "dates",
    [[], [NOW - DAY], [NOW + DAY] * 9, [NOW, NOW, NOW], [None, None, None, NOW - DAY, NOW - 2 * DAY]],
    ids=["none", "one", "only future ones", "stamped when asked", "most entries undated"],
)
def test_dates_that_say_nothing_are_not_believed(dates: list[datetime | None]) -> None:
    assert by_dates(dates, NOW) is None


@given(st.lists(st.integers(60, 10**8), min_size=3, max_size=60))
def test_any_dates_give_a_pace_that_is_no_less_than_that_of_the_whole_list(ages: list[int]) -> None:
    found = week([NOW - timedelta(seconds=age) for age in ages])
    assert found is not None
    assert found >= (len(ages) - 1) * 7 * 24 * 3600 / max(ages) - 1e-6


def test_a_feed_without_dates_is_watched_for_a_day_and_then_has_the_pace_that_was_seen() -> None:
    first = by_sight(None, 0, NOW)
    assert entries_per_week(first, NOW + DAY / 2) is None
    assert entries_per_week(first, NOW + DAY) == 0
    later = by_sight(by_sight(first, 3, NOW + DAY), 1, NOW + 2 * DAY)
    assert entries_per_week(later, NOW + 2 * DAY) == pytest.approx(14)


def test_what_was_seen_long_ago_fades() -> None:
    busy = by_sight(PublishRate(280, NOW - 28 * DAY, by_sight=True), 0, NOW + HOUR)
    assert entries_per_week(busy, NOW + HOUR) == pytest.approx(70, rel=0.01)
    assert (entries_per_week(busy, NOW + 14 * DAY) or 0) < 36


def test_a_document_that_lists_only_what_is_new_counts_on() -> None:
    before = PublishRate(9, NOW - 9 * DAY)
    listed = [NOW - HOUR, NOW - 2 * HOUR]
    assert of_document(listed, new=2, partial=True, before=before, now=NOW) == PublishRate(11, NOW - 9 * DAY)
    assert of_document(listed, new=2, partial=False, before=before, now=NOW) == PublishRate(1, NOW - 2 * HOUR)
    assert of_document([None], new=1, partial=False, before=before, now=NOW) == PublishRate(0, NOW, by_sight=True)
