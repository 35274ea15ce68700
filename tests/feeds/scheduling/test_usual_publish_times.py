"""When a feed usually publishes, as people are told."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from bot.feeds.scheduling.usual_publish_times import Days, UsualTimes, usual_times

NOW = datetime(2026, 1, 9, 15, 20, tzinfo=UTC)
"""A Friday."""
MIDNIGHT = datetime(2026, 1, 9, tzinfo=UTC)


def published(*hours: float, days: Iterable[int] = range(40), weekdays: Collection[int] = range(7)) -> list[datetime]:
    times = [MIDNIGHT - timedelta(days=day) + timedelta(hours=hour, minutes=day % 9) for day in days for hour in hours]
    return [each for each in times if each.weekday() in weekdays]


def hours(found: UsualTimes | None) -> tuple[int, int]:
    assert found is not None
    assert found.start is not None
    assert found.end is not None
    return found.start.hour, found.end.hour


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (published(8.1, 9.2), (8, 10)),
        (published(8.1, 9.2, 9.4) + published(17, days=range(0, 40, 4)), (8, 10)),
        (published(23.1, 0.3), (23, 1)),
        (published(8.1, days=range(60, 100)) + published(16.2, days=range(20)), (16, 17)),
    ],
    ids=["two hours", "with exceptions", "over midnight", "today's habit"],
)
def test_the_hours_are_the_fewest_that_hold_most_articles(times: list[datetime], expected: tuple[int, int]) -> None:
    assert hours(usual_times(times, NOW)) == expected


def test_hours_over_midnight_end_after_they_begin() -> None:
    found = usual_times(published(23.1, 0.3), NOW)
    assert found is not None
    assert found.start is not None
    assert found.end is not None
    assert found.end - found.start == timedelta(hours=2)


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [(set(range(5)), Days.WEEKDAYS), ({5, 6}, Days.WEEKENDS), (set(range(7)), Days.ALL), ({0, 2, 6}, Days.ALL)],
)
def test_days_are_named_where_nearly_all_articles_come_on_them(weekdays: set[int], expected: Days) -> None:
    found = usual_times(published(8.1, weekdays=weekdays), NOW)
    assert found is not None
    assert found.days is expected


def test_a_few_days_do_not_tell_whether_a_feed_rests_on_weekends() -> None:
    found = usual_times(published(8.1, 9.1, days=range(1, 5), weekdays=set(range(5))), NOW)
    assert found == UsualTimes(Days.ALL, MIDNIGHT + timedelta(hours=8), MIDNIGHT + timedelta(hours=10))


@pytest.mark.parametrize(
    "times",
    [published(*range(24)), published(1, 9, 17), published(0)],
    ids=["all day", "three times", "dates"],
)
def test_a_feed_without_usual_hours_publishes_at_any_time(times: list[datetime]) -> None:
    exact = [each.replace(minute=0) for each in times]
    assert usual_times(exact, NOW) == UsualTimes(Days.ALL)


@pytest.mark.parametrize(
    "times",
    [
        [],
        published(8, days=range(5)),
        published(8, 9, 10, 11, days=range(2)),
        [NOW] * 50,
        published(8, days=range(-40, 0)),
    ],
    ids=["none", "few", "two days", "all at once", "to come"],
)
def test_of_too_little_nothing_is_said(times: list[datetime]) -> None:
    assert usual_times(times, NOW) is None
