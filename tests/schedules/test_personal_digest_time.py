"""The daily digest comes once a day, at the hour that the clock on the wall shows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedules.personal_digest_time import next_digest

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "zone", "after", "expected"),
    [
        (8, "UTC", "2026-01-01 07:59:59", "2026-01-01 08:00"),
        (8, "UTC", "2026-01-01 08:00", "2026-01-02 08:00"),
        (8, "Europe/Berlin", "2026-01-01 06:00", "2026-01-01 07:00"),
        (8, "Europe/Berlin", "2026-07-01 06:00", "2026-07-02 06:00"),
        (0, "America/New_York", "2026-01-01 04:00", "2026-01-01 05:00"),
        (2, "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:00"),  # the clock goes from 2 to 3: 3 o'clock
        (2, "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 00:00"),  # it shows 2 twice: the first time
        (2, "Europe/Berlin", "2026-10-25 00:00", "2026-10-26 01:00"),  # and not the second
        (8, "Nowhere/Land", "2026-01-01 07:00", "2026-01-01 08:00"),
    ],
)
def test_the_next_digest(hour: int, zone: str, after: str, expected: str) -> None:
    assert next_digest(hour, zone, moment(after)) == moment(expected)


@given(
    st.integers(0, 23),
    st.sampled_from(ZONES),
    st.integers(0, 12 * 365 * 24 * 60).map(lambda minutes: moment("2020-01-01") + timedelta(minutes=minutes)),
)
def test_it_comes_once_a_day_and_never_twice_on_one(hour: int, zone: str, after: datetime) -> None:
    first = next_digest(hour, zone, after)
    second = next_digest(hour, zone, first)
    assert after < first <= after + timedelta(hours=48.5)
    assert timedelta(hours=21) <= second - first <= timedelta(hours=48.5)
    assert first.astimezone(ZoneInfo(zone)).date() < second.astimezone(ZoneInfo(zone)).date()
