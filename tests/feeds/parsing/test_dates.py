"""Dates as feeds write them."""

from datetime import UTC, datetime
from time import struct_time

import pytest

from bot.feeds.parsing.dates import duration_seconds, moment

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
    "two digits of a year": ("Tue, 05 Aug 25 10:00 EST", "2025-08-05T15:00:00"),
    "two digits of a year long ago": ("03 Apr 94 1500 GMT", "1994-04-03T15:00:00"),
    "full names": ("Tuesday, 05 August 2025 10:00:00 +1000", "2025-08-05T00:00:00"),
    "the year last": ("Tue Aug  5 10:00:00 2025", "2025-08-05T10:00:00"),
    "the year last, behind a zone": ("Tue Aug 05 10:00:00 EST 2025", "2025-08-05T15:00:00"),
    "as JavaScript writes it": ("Mon Jun 22 2015 20:12:20 GMT+0900 (JST)", "2015-06-22T11:12:20"),
    "half a day behind the year": ("Sat, Dec 16 2023 02:02:33 PM", "2023-12-16T14:02:33"),
    "words behind": ("Tue, 05 Aug 2025 10:00:00 GMT (automated)", "2025-08-05T10:00:00"),
    "British summer": ("Mon, 03 Oct 2011 19:42:30 BST", "2011-10-03T18:42:30"),
    "a zone that is none": ("Tue, 05 Aug 2025 10:00:00 +9999", "2025-08-05T10:00:00"),
    "a zone with a colon": ("Tue, 05 Aug 2025 10:00:00 +10:00", "2025-08-05T00:00:00"),
    "a zone: India": ("Sat, 29 Aug 2026 10:00:00 IST", "2026-08-29T04:30:00"),
    "a zone: New Zealand": ("Sat, 29 Aug 2026 10:00:00 NZST", "2026-08-28T22:00:00"),
    "a zone: Brazil": ("Sat, 29 Aug 2026 10:00:00 BRT", "2026-08-29T13:00:00"),
    "a zone: hours alone": ("2026-08-29 10:00:00+02", "2026-08-29T08:00:00"),
    "a zone: one digit": ("Sat, 29 Aug 2026 10:00:00 +2", "2026-08-29T08:00:00"),
    "a zone: three digits": ("Sat, 29 Aug 2026 10:00:00 -500", "2026-08-29T15:00:00"),
    "a zone: a name and hours": ("Sat, 29 Aug 2026 10:00:00 UTC+2", "2026-08-29T08:00:00"),
    "a zone: a name, a blank and hours": ("Sat, 29 Aug 2026 10:00:00 GMT +0200", "2026-08-29T08:00:00"),
    "a zone: a name and odd minutes": ("Sat, 29 Aug 2026 10:00:00 GMT+5:30", "2026-08-29T04:30:00"),
    "a zone: behind an hour alone": ("2025-01-06T10+02:00", "2025-01-06T08:00:00"),
    "compact": ("20250805T100000Z", "2025-08-05T10:00:00"),
    "a time without colons": ("2002-12-31T192030+01:00", "2002-12-31T18:20:30"),
    "a date and a time in words": ("2025-08-05 10:00:00 UTC", "2025-08-05T10:00:00"),
    "slashes, the year first": ("2025/08/05 10:00:00", "2025-08-05T10:00:00"),
    "slashes, American by the half day": ("08/05/2025 10:00 AM", "2025-08-05T10:00:00"),
    "slashes, American by the zone": ("10/01/11 22:48:58 ET", "2011-10-02T03:48:58"),
    "slashes, the day first": ("28/05/2010 10:00", "2010-05-28T10:00:00"),
    "slashes, American by the day": ("05/28/2010", "2010-05-28T00:00:00"),
    "slashes that may be either": ("08/05/2025 10:00", None),
    "dashes, the day first": ("07-05-2010", "2010-05-07T00:00:00"),
    "dots": ("05.08.2025 10:00", "2025-08-05T10:00:00"),
    "Chinese": ("2025年8月5日 10:00", "2025-08-05T10:00:00"),
    "Russian": ("вт, 05 авг 2025 10:00:00 +0300", "2025-08-05T07:00:00"),
    "French": ("5 août 2025", "2025-08-05T00:00:00"),
    "a month": ("2025-08", "2025-08-01T00:00:00"),
    "a year": ("2025", "2025-01-01T00:00:00"),
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


def test_another_reading_is_used_where_the_text_is_strange() -> None:
    parsed = struct_time((2025, 8, 5, 10, 0, 0, 1, 217, 0))
    assert moment("strange", parsed) == datetime(2025, 8, 5, 10, tzinfo=UTC)
    assert moment("strange", struct_time((-1, 11, 30, 0, 0, 0, 0, 0, 0))) is None


def test_another_reading_is_not_used_for_a_day_or_a_zone_that_is_none() -> None:
    """It was read as another day: 31 February as 3 March, +9999 as four days before."""
    parsed = struct_time((2025, 3, 3, 10, 0, 0, 1, 217, 0))
    assert moment("Fri, 31 Feb 2025 10:00:00 GMT", parsed) is None
    assert moment("08/05/2025 10:00", parsed) is None
    assert moment("2025/08/05 10:00:00", parsed) == datetime(2025, 8, 5, 10, tzinfo=UTC)


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
