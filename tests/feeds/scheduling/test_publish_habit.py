"""When a feed tends to publish."""

import struct
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.scheduling.publish_habit import (
    PublishHabit,
    by_hour,
    from_dates,
    minutes_of,
    pack,
    passed,
    rate_of,
    unknown,
    unpack,
    with_news,
)

HOUR, DAY = 60.0, 1440.0
NOW = minutes_of(datetime(2026, 1, 8, 12, tzinfo=UTC))
"""A Thursday, at noon."""
MIDNIGHT = NOW - 12 * HOUR


def daily(*hours: float, days: int = 20, last: float = MIDNIGHT - DAY) -> list[float | None]:
    """Dates at these hours of each of so many days up to `last`, a midnight; a minute apart from day to day."""
    return [last - day * DAY + hour * HOUR + day % 7 for day in range(days) for hour in hours]


def busiest(habit: PublishHabit) -> int:
    likely = by_hour(habit.hours)
    return max(range(24), key=likely.__getitem__)


def test_a_habit_takes_few_bytes_and_is_the_same_when_it_is_read_again() -> None:
    habit = from_dates(daily(7.2, 18.4), NOW)
    assert len(pack(habit)) <= 92
    again = unpack(pack(habit))
    assert again.hours == pytest.approx(habit.hours, rel=1e-3)
    assert again[1:4] == pytest.approx(habit[1:4], rel=1e-6)
    assert again.at == habit.at


def test_what_was_packed_by_another_version_is_an_error_and_no_nonsense() -> None:
    with pytest.raises(struct.error):
        unpack(pack(unknown(NOW))[:40])


def test_the_first_documents_dates_tell_hours_and_pace() -> None:
    habit = from_dates(daily(7.2), NOW)
    likely = by_hour(habit.hours)
    assert busiest(habit) == 7
    assert likely[7] > 4 * likely[20]
    assert sum(likely) / 24 == pytest.approx(1)
    assert rate_of(habit) == pytest.approx(1, rel=0.15)


def test_an_hour_more_or_less_is_still_likely_as_after_a_change_of_the_clocks() -> None:
    likely = by_hour(from_dates(daily(7.2), NOW).hours)
    assert min(likely[6], likely[8]) > 2 * likely[20]


@pytest.mark.parametrize(
    "dates",
    [
        [],
        [None] * 20,
        [NOW + DAY] * 20,
        [NOW - 0.1 * number / 20 for number in range(20)],
        [None] * 15 + daily(7.2, days=5),
    ],
    ids=["none", "undated", "in the future", "stamped when asked", "most undated"],
)
def test_dates_that_say_nothing_teach_nothing(dates: list[float | None]) -> None:
    assert from_dates(dates, NOW) == unknown(NOW)


def test_dates_without_a_time_of_day_tell_the_pace_but_no_hour() -> None:
    habit = from_dates([MIDNIGHT - number * DAY for number in range(20)], NOW)
    assert set(by_hour(habit.hours)) == {1.0}
    assert rate_of(habit) == pytest.approx(1, rel=0.1)


def test_many_entries_of_one_minute_are_one_event_of_the_day() -> None:
    built = [MIDNIGHT - 3 * DAY + 3 * HOUR + 0.01 * number for number in range(15)]
    assert busiest(from_dates(built + daily(18.3, days=10), NOW)) == 18


@pytest.mark.parametrize(
    "old",
    [[NOW - 15 * 365 * DAY], [NOW - (900 + 30 * n) * DAY for n in range(8)], []],
    ids=["an entry pinned for 15 years", "silent for years", "neither"],
)
def test_the_pace_is_that_of_today(old: list[float | None]) -> None:
    recent: list[float | None] = [NOW - 144 * number for number in range(20)]
    assert 4 < rate_of(from_dates(old + recent, NOW)) < 12


def test_what_a_poll_brings_is_learnt_at_its_date_and_the_silence_ends() -> None:
    habit = passed(from_dates(daily(7.2), NOW), NOW + 3 * DAY)
    assert habit.silent > 2
    after = with_news(habit, [NOW + 3 * DAY + 20], before=NOW + 3 * DAY, now=NOW + 3 * DAY + 40)
    assert after.silent < 0.1
    assert after.hours[12] == 1
    assert after.articles > habit.articles


@pytest.mark.parametrize(
    "date",
    [None, NOW - 30, NOW + 500, NOW - 400 * DAY],
    ids=["undated", "of before the last poll", "of the future", "years old"],
)
def test_a_date_that_cannot_be_is_the_middle_of_the_two_polls(date: float | None) -> None:
    now = NOW + 2 * HOUR + 30
    after = with_news(from_dates(daily(7.2), NOW), [date], before=NOW + HOUR + 30, now=now)
    assert after.hours[14] == 1, "between 13:30 and 14:30"
    assert after.silent == pytest.approx(passed(after._replace(silent=0.0, at=now - 30), now).silent, rel=0.01)


def test_after_a_long_gap_an_undated_article_counts_but_tells_no_hour() -> None:
    habit = from_dates(daily(7.2), NOW)
    after = with_news(habit, [None, None], before=NOW, now=NOW + DAY)
    assert after.hours == habit.hours
    assert after.articles == pytest.approx(passed(habit, NOW + DAY).articles + 2, rel=0.02)


def test_after_an_outage_dates_still_tell_when_articles_came() -> None:
    habit = from_dates(daily(7.2), NOW)
    after = with_news(habit, [NOW + 14 * HOUR], before=NOW, now=NOW + 36 * HOUR)
    assert after.hours[2] == 1


def test_hours_that_were_learnt_from_dates_go_soon_where_dates_turn_out_to_be_false() -> None:
    habit = from_dates(daily(3.0), NOW)
    at = MIDNIGHT + 15 * HOUR
    for _ in range(12):
        at += DAY
        habit = with_news(habit, [at - 14 * HOUR], before=at - 30, now=at)
    assert busiest(habit) == 14


def test_dates_that_lag_by_minutes_do_not_shorten_the_memory() -> None:
    habit = from_dates(daily(7.2), NOW)
    lagging = with_news(habit, [NOW - 20], before=NOW, now=NOW + 30)
    assert sum(lagging.hours) == pytest.approx(sum(habit.hours) * 0.985 + 1)


def test_a_feed_that_changes_its_habits_is_known_anew_after_some_weeks() -> None:
    habit = from_dates(daily(7.2, days=40), NOW)
    at = MIDNIGHT
    for _ in range(60):
        at += DAY
        habit = with_news(habit, [at + 19.5 * HOUR], before=at + 19 * HOUR, now=at + 20 * HOUR)
    likely = by_hour(habit.hours)
    assert busiest(habit) == 19
    assert likely[19] > 1.5 * likely[7]


def test_a_feed_in_a_place_with_summer_time_keeps_its_hours_over_the_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    days = [datetime(2026, 3, 1, 8, 30, tzinfo=zone) + timedelta(days=number) for number in range(28)]
    habit = from_dates([minutes_of(day) for day in days], minutes_of(datetime(2026, 3, 29, tzinfo=UTC)))
    likely = by_hour(habit.hours)
    moved = minutes_of(datetime(2026, 3, 30, 8, 30, tzinfo=zone)) % DAY // HOUR
    assert (busiest(habit), moved) == (7, 6)
    assert likely[6] > 2


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 400 * DAY)), max_size=30),
    st.lists(st.one_of(st.none(), st.floats(-DAY, 4 * DAY)), max_size=10),
    st.floats(0, 10 * DAY),
)
def test_whatever_dates_there_are_the_habit_stays_sound(
    ages: list[float | None], news: list[float | None], gap: float
) -> None:
    habit = from_dates([None if age is None else NOW - age for age in ages], NOW)
    after = with_news(habit, [None if when is None else NOW + when for when in news], before=NOW, now=NOW + gap)
    for each in (habit, after, passed(after, NOW + gap + 1000 * DAY)):
        likely = by_hour(each.hours)
        assert min(likely) > 0.2
        assert sum(likely) / 24 == pytest.approx(1)
        assert each.silent >= 0
        assert 0 < rate_of(each) < 10**6
        unpack(pack(each))


def test_time_that_passes_at_once_is_like_time_that_passes_bit_by_bit() -> None:
    habit = from_dates(daily(7.2, 15.5), NOW)
    step = habit
    for hour in range(1, 49):
        step = passed(step, NOW + hour * HOUR)
    once = passed(habit, NOW + 48 * HOUR)
    assert step.silent == pytest.approx(once.silent, rel=0.05)
    assert (step.articles, step.days) == pytest.approx((once.articles, once.days))
