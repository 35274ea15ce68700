"""When a feed is asked again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.feeds.schedule import entries_per_week, next_poll
from bot.model import CacheHints

NOW = datetime(2026, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Bounds:
    default_interval_seconds: int = 600
    min_interval_seconds: int = 300
    max_interval_seconds: int = 3600


NO_HINTS = CacheHints()


def seconds(
    pace: float | None = None,
    *,
    failures: int = 0,
    hints: CacheHints = NO_HINTS,
    ttl: int | None = None,
    chance: float = 0.5,
) -> float:
    at, _ = next_poll(
        now=NOW,
        settings=Bounds(),
        entries_per_week=pace,
        failures=failures,
        hints=hints,
        ttl_seconds=ttl,
        chance=chance,
    )
    return (at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"pace": None}, 600),
        ({"pace": 1}, 3600),
        ({"pace": 5000}, 300),
        ({"pace": 500}, 7 * 24 * 3600 / 500),
        ({"pace": 5000, "failures": 3}, 300 * 8),
        ({"pace": 1, "failures": 60}, 24 * 3600),
        ({"hints": CacheHints(max_age_seconds=7200), "chance": 0.0}, 7200),
        ({"hints": CacheHints(max_age_seconds=60)}, 600),
        ({"ttl": 86400}, 86400),
        ({"hints": CacheHints(retry_after_seconds=10**9)}, 86400),
    ],
    ids=[
        "unknown pace",
        "slow",
        "fast",
        "its own pace",
        "doubled",
        "at most a day",
        "max-age",
        "short max-age",
        "ttl",
        "bounded",
    ],
)
def test_the_interval(case: dict[str, object], expected: float) -> None:
    assert seconds(**case) == pytest.approx(expected)  # type: ignore[arg-type]  # a table of arguments


@pytest.mark.parametrize("chance", [0.0, 0.3, 0.999])
def test_jitter_spreads_but_stays_inside_the_bounds_and_never_before_what_was_asked(chance: float) -> None:
    assert 300 <= seconds(5000, chance=chance) <= 330
    assert 3240 <= seconds(1, chance=chance) <= 3600
    assert seconds(hints=CacheHints(retry_after_seconds=7200), chance=chance) >= 7200


def test_the_pace_counts_from_the_oldest_date_to_now() -> None:
    assert entries_per_week([NOW - timedelta(days=7 * n) for n in (1, 2)], NOW) == pytest.approx(1)
    assert entries_per_week([NOW], NOW) is None
    assert entries_per_week([NOW + timedelta(days=3)] * 9, NOW) is None
