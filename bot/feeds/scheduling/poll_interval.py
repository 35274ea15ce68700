"""When a feed is asked again. Pure: the time, the bounds and the chance are handed in."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.model import CacheHints, Timetable

WEEK = 7 * 24 * 3600
DAY = 24 * 3600
JITTER = 0.1
"""The share by which a poll may come earlier or later."""
SPREAD = 0.5
"""The share by which a poll may come later than the host asked, where many feeds began together."""
MAX_DOUBLINGS = 20


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
    timetable: Timetable,
    chance: float,
    spread: bool = False,
) -> tuple[datetime, int]:
    """When to ask again, and the interval in seconds without jitter.

    The feed's own pace decides within the operator's bounds; failures double it up to a day; what the host or the
    feed asks for may lengthen it beyond `max_interval_seconds`, up to a day. The hours and days that the feed wants to
    be skipped may add to that.

    Args:
        chance: from 0 up to 1; evenly spread over the time that is allowed, so that no two feeds keep step.
        spread: this feed was due together with many others; the next poll may come as early as `min_interval_seconds`.
    """
    low, high = float(settings.min_interval_seconds), float(settings.max_interval_seconds)
    longest = max(DAY, low)
    interval = _own_interval(settings, entries_per_week)
    if failures > 0:
        interval = min(interval * 2 ** min(failures, MAX_DOUBLINGS), longest)
        earliest, latest = max(low, interval * (1 - JITTER)), min(interval * (1 + JITTER), longest)
    else:
        earliest = low if spread else max(low, interval * (1 - JITTER))
        latest = min(high, interval * (1 + JITTER))
    asked = float(max(hints.max_age_seconds or 0, hints.retry_after_seconds or 0, timetable.ttl_seconds or 0))
    if asked > earliest:
        # Later, never earlier, than what was asked for.
        earliest = max(earliest, min(asked, DAY))
        latest = max(latest, min(earliest * (1 + (SPREAD if spread else JITTER)), longest))
        interval = max(interval, earliest)
    at = now + timedelta(seconds=earliest + chance * (latest - earliest))
    free = after_skipped(at, timetable)
    if free > at:
        # Within the first hour that is free again, or all such feeds would come at its stroke.
        free += timedelta(seconds=chance * min(interval, 3600))
    return free, round(interval)


def _own_interval(settings: PollingSettings, entries_per_week: float | None) -> float:
    low, high = settings.min_interval_seconds, settings.max_interval_seconds
    if entries_per_week is None:
        interval = float(settings.default_interval_seconds)
    else:
        interval = WEEK / entries_per_week if entries_per_week > 0 else float(high)
    return min(max(interval, low), high)


def after_skipped(at: datetime, timetable: Timetable) -> datetime:
    """The first moment from `at` on that lies outside of the skipped hours and days, in GMT.

    `at` itself where none is skipped, or where the feed would never be asked at all.
    """
    hours, days = timetable.skip_hours, timetable.skip_days
    if not hours and not days:
        return at
    candidate = at.astimezone(UTC)
    for _ in range(8 * 24):
        if candidate.weekday() not in days and candidate.hour not in hours:
            return candidate
        candidate = candidate.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at
