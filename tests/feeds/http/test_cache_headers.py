"""What headers say about when to ask again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.feeds.http import cache_headers
from bot.model import CacheHints

NOW = datetime(2026, 1, 8, 12, tzinfo=UTC)
WEEK = 7 * 24 * 3600
SERVERS_DATE = ("Date", "Thu, 08 Jan 2026 10:00:00 GMT")
"""Its clock is two hours behind ours."""


def read(*headers: tuple[str, str]) -> CacheHints:
    return cache_headers.read(CIMultiDict(headers), now=NOW)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], None),
        ([("Cache-Control", "max-age=600")], 600),
        ([("cache-control", "Public, Max-Age = 600")], 600),
        ([("Cache-Control", 'public, max-age="600", must-revalidate')], 600),
        ([("Cache-Control", "public"), ("Cache-Control", "max-age=600")], 600),
        ([("Cache-Control", "max-age=600"), ("Age", "200")], 400),
        ([("Cache-Control", "max-age=600"), ("Age", "900")], 0),
        ([("Cache-Control", "s-maxage=600")], None),
        ([("Cache-Control", "s-maxage=9000, max-age=60")], 60),
        ([("Cache-Control", "max-age=600, no-cache")], None),
        ([("Cache-Control", "no-store"), ("Expires", "Thu, 08 Jan 2026 13:00:00 GMT")], None),
        ([("Cache-Control", "max-age=soon"), ("Expires", "Thu, 08 Jan 2026 13:00:00 GMT")], 0),
        ([("Cache-Control", "max-age=99999999999999999999999")], WEEK),
        ([("Expires", "Thu, 08 Jan 2026 13:00:00 GMT")], 3600),
        ([("Expires", "Thu, 08 Jan 2026 11:00:00 GMT"), SERVERS_DATE], 3600),
        ([("Expires", "Thu, 08 Jan 2026 11:00:00 GMT"), SERVERS_DATE, ("Age", "600")], 3000),
        ([("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")], 0),
        ([("Expires", "0")], None),
        ([("Expires", "Thu, 08 Jan 99999 11:00:00 GMT")], None),
    ],
)
def test_how_long_an_answer_is_fresh(headers: list[tuple[str, str]], expected: int | None) -> None:
    assert read(*headers).max_age_seconds == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("Retry-After", "120")], 120),
        ([("Retry-After", " 120.7 ")], 120),
        ([("Retry-After", "-5")], None),
        ([("Retry-After", "\u00b2")], None),
        ([("Retry-After", "soon")], None),
        ([("Retry-After", "9" * 30)], WEEK),
        ([("Retry-After", "Thu, 08 Jan 2026 13:00:00 GMT")], 3600),
        ([("Retry-After", "Thu, 08 Jan 2026 11:00:00 GMT"), SERVERS_DATE], 3600),
        ([("Retry-After", "Thu, 08 Jan 2026 11:00:00 +0200"), SERVERS_DATE], 0),
    ],
)
def test_how_long_to_stay_away_by_the_servers_own_clock(headers: list[tuple[str, str]], expected: int | None) -> None:
    assert read(*headers).retry_after_seconds == expected


@given(st.dictionaries(st.sampled_from(["Cache-Control", "Expires", "Age", "Date", "Retry-After"]), st.text()))
def test_whatever_stands_in_headers_gives_bounded_hints(headers: dict[str, str]) -> None:
    found = read(*headers.items())
    assert 0 <= (found.max_age_seconds or 0) <= WEEK
    assert 0 <= (found.retry_after_seconds or 0) <= WEEK
