"""For how long a feed can be left alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.scheduling.poll_threshold import exponent_of, minutes_to_wait
from bot.feeds.scheduling.publish_habit import PublishHabit, from_dates, minutes_of, passed, unknown

HOUR, DAY = 60.0, 1440.0
MONDAY = minutes_of(datetime(2026, 1, 5, tzinfo=UTC))
USUAL = 0.6


def wait(habit: PublishHabit, at: float, *, price: float = USUAL, longest: float = 120) -> float:
    return minutes_to_wait(passed(habit, at), price=price, shortest=5, longest=longest)


def of_pace(per_day: float) -> PublishHabit:
    return unknown(MONDAY)._replace(articles=30 * per_day, days=30.0, silent=0.7)


def mornings() -> PublishHabit:
    """An article at about half past eight each day."""
    return from_dates([MONDAY - day * DAY + 8.5 * HOUR + day % 5 for day in range(1, 40)], MONDAY)


def test_a_feed_is_asked_soon_where_it_tends_to_publish_and_left_alone_where_it_does_not() -> None:
    habit = mornings()
    by_day = {hour: wait(habit, MONDAY + hour * HOUR) for hour in (0, 6, 7, 8, 12, 20)}
    assert max(by_day[7], by_day[8]) < 25
    assert by_day[0] > 45
    assert by_day[20] > 60
    assert min(by_day, key=by_day.__getitem__) in {7, 8}


def test_a_wait_before_the_usual_hour_does_not_reach_far_into_it() -> None:
    at = MONDAY + 5.5 * HOUR
    assert at + wait(mornings(), at) < MONDAY + 7.5 * HOUR


def test_weekends_are_asked_less() -> None:
    habit = of_pace(10)
    assert wait(habit, MONDAY + 5 * DAY + 9 * HOUR) > wait(habit, MONDAY + 2 * DAY + 9 * HOUR)


def test_busy_feeds_are_asked_more_but_not_as_much_more_as_they_publish() -> None:
    waits = [wait(of_pace(per_day), MONDAY, longest=600) for per_day in (0.1, 1, 10, 100)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] < 8 * waits[-1]


def test_right_after_an_article_a_feed_is_asked_sooner_and_when_it_has_fallen_silent_later() -> None:
    busy = of_pace(20)
    fresh, usual, silent = (wait(busy._replace(silent=expected), MONDAY) for expected in (0.0, 1.0, 20.0))
    assert fresh < usual < silent


def test_a_feed_that_is_silent_for_months_is_asked_at_least_as_often_as_the_longest_wait_says() -> None:
    dead = passed(of_pace(1), MONDAY + 300 * DAY)
    assert wait(dead, MONDAY + 300 * DAY) <= 120
    assert 150 < wait(dead, MONDAY + 300 * DAY, longest=2000) < 1000


def test_a_feed_that_wakes_up_is_asked_more() -> None:
    dead = passed(of_pace(5), MONDAY + 50 * DAY)
    awake = dead._replace(silent=0.0, articles=dead.articles + 1)
    assert wait(awake, awake.at) < 0.8 * wait(dead, dead.at)


@pytest.mark.parametrize("per_day", [0.05, 1, 30])
def test_a_dearer_poll_comes_later(per_day: float) -> None:
    waits = [wait(of_pace(per_day), MONDAY, price=price, longest=10_000) for price in (0.1, 0.6, 3, 20)]
    assert waits == sorted(set(waits))


def test_with_few_polls_they_go_where_articles_are() -> None:
    assert exponent_of(0.01) == 0.4
    assert exponent_of(10_000) == 0.75
    assert exponent_of(12) < exponent_of(24) < exponent_of(48)


@given(
    st.floats(0, 10_000),
    st.floats(0.01, 200),
    st.floats(0, 1000),
    st.floats(1e-9, 1e9),
    st.floats(0.02, 1000),
    st.floats(1, 525_600),
)
def test_bounds_hold_whatever_is_known(
    articles: float, days: float, silent: float, price: float, shortest: float, room: float
) -> None:
    habit = unknown(MONDAY)._replace(articles=articles, days=days, silent=silent)
    found = minutes_to_wait(habit, price=price, shortest=shortest, longest=shortest + room)
    assert shortest <= found <= shortest + room
