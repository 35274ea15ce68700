"""Dates as feeds write them."""

from datetime import UTC, datetime
from time import struct_time

import pytest

from bot.feeds.dates import duration_seconds, moment

CASES = {
    "RFC 822 with a zone": ("Tue, 05 Aug 2025 10:00:00 +0200", "2025-08-05T08:00:00"),
    "RFC 822 with a named zone": ("Tue, 05 Aug 2025 10:00:00 EST", "2025-08-05T15:00:00"),
    "RFC 822 without a zone is UTC": ("Tue, 05 Aug 2025 10:00:00", "2025-08-05T10:00:00"),
    "RFC 3339": ("2025-08-05T10:00:00.123-07:30", "2025-08-05T17:30:00"),
    "a date alone": ("2025-08-05", "2025-08-05T00:00:00"),
    "month first": ("Aug 5, 2025", "2025-08-05T00:00:00"),
    "month first in full, with half a day": ("August 5th, 2025 3:05 pm", "2025-08-05T15:05:00"),
    "midnight as half a day": ("August 5, 2025 12:10 AM", "2025-08-05T00:10:00"),
    "hour 24 is the next day": ("2025-08-31T24:00:00Z", "2025-09-01T00:00:00"),
    "a leap second": ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
    "German month": ("Di, 05 Mär 2025 10:00:00 +0100", "2025-03-05T09:00:00"),
    "Spanish words": ("5 de agosto de 2025", "2025-08-05T00:00:00"),
    "seconds since 1970": ("1754388000", "2025-08-05T10:00:00"),
    "milliseconds since 1970": ("1754388000000", "2025-08-05T10:00:00"),
    "no such date": ("0000-00-00T00:00:00Z", None),
    "no such day": ("2025-02-30", None),
    "no such hour": ("2025-02-03T29:00:00Z", None),
    "a year that is a mistake": ("9999-12-31", None),
    "the epoch means none": ("Thu, 01 Jan 1970 00:00:00 GMT", None),
    "words": ("yesterday", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_moment_reads(text: str, expected: str | None) -> None:
    found = moment(text)
    assert found == (None if expected is None else datetime.fromisoformat(expected).replace(tzinfo=UTC))


def test_a_reading_that_is_possible_wins_over_the_text() -> None:
    parsed = struct_time((2025, 8, 5, 10, 0, 0, 1, 217, 0))
    assert moment("strange", parsed) == datetime(2025, 8, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "parsed", [(-1, 11, 30, 0, 0, 0, 0, 0, 0), (2025, 13, 1, 0, 0, 0, 0, 0, 0), (1755, 1, 1, 0, 0, 0, 0, 0, 0)]
)
def test_an_impossible_reading_gives_way_to_the_text(parsed: tuple[int, ...]) -> None:
    assert moment("2025-08-05", struct_time(parsed)) == datetime(2025, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:02:03", 3723),
        ("02:03", 123),
        ("61", 61),
        ("61.5", 61),
        ("0", None),
        ("", None),
        (None, None),
        ("1:2:3:4", None),
        ("about an hour", None),
        ("٣", None),
    ],
)
def test_durations(text: str | None, seconds: int | None) -> None:
    assert duration_seconds(text) == seconds
