"""When a feed is asked again. Pure: the time, the bounds and the chance are handed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.model import CacheHints

WEEK = 7 * 24 * 3600
DAY = 24 * 3600
JITTER = 0.1
"""The share by which a poll may come earlier or later."""
MOST_DOUBLINGS = 20


class PollingSettings(Protocol):
    """Bounds in seconds, min <= default <= max."""

    @property
    def default_interval_seconds(self) -> int: ...
    @property
    def min_interval_seconds(self) -> int: ...
    @property
    def max_interval_seconds(self) -> int: ...


def next_poll(
    *,
    now: datetime,
    settings: PollingSettings,
    entries_per_week: float | None,
    failures: int,
    hints: CacheHints,
    ttl_seconds: int | None,
    chance: float,
) -> tuple[datetime, int]:
    """When to ask again, and the interval in seconds without jitter.

    The feed's own pace decides within the operator's bounds; failures double it up to a day; what the host or the
    feed asks for may lengthen it beyond `max_interval_seconds`, up to a day.

    Args:
        chance: from 0 up to 1; 0.5 is no jitter.
    """
    low, high = settings.min_interval_seconds, settings.max_interval_seconds
    if entries_per_week is None:
        interval = float(settings.default_interval_seconds)
    else:
        interval = WEEK / entries_per_week if entries_per_week > 0 else float(high)
    interval = min(max(interval, low), high)
    if failures > 0:
        interval = min(interval * 2 ** min(failures, MOST_DOUBLINGS), DAY)
    jittered = interval * (1 + JITTER * (2 * chance - 1))
    if failures == 0:
        jittered = min(max(jittered, low), high)
    asked = max(hints.max_age_seconds or 0, hints.retry_after_seconds or 0, ttl_seconds or 0)
    if asked > jittered:
        interval = min(asked, DAY)
        # Later, never earlier, than what was asked for.
        jittered = min(interval * (1 + JITTER * chance), DAY)
    return now + timedelta(seconds=jittered), round(interval)


def entries_per_week(published: Sequence[datetime], now: datetime) -> float | None:
    """The pace of a feed by the dates it lists, or None if they say nothing.

    Counted from the oldest of the listed dates to now, so that a feed that fell silent slows down.
    """
    dates = sorted(date for date in published if date <= now)
    if len(dates) < 2:
        return None
    span = (now - dates[0]).total_seconds()
    if span < 60:
        return None
    return len(dates) * WEEK / span
