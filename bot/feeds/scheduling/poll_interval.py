"""When a feed is asked again. Pure: the time, the bounds and the chance are handed in."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.model import CacheHints, Timetable

DAY = 24 * 3600
JITTER, JITTER_SECONDS = 0.1, 240.0
"""The share by which a poll may come later, and seconds at most; after failures the share by which earlier or later."""
SPREAD = 0.5
"""The share by which a poll may come later than the host asked, where many feeds began together."""
MAX_DOUBLINGS = 20
FIRST_FAILURE = 3600
"""What failures double is at most an hour, however long the feed is left alone while it is well."""


class PollingSettings(Protocol):
    """Bounds in seconds, min <= default <= max; and polls a feed and day, over all feeds."""

    @property
    def default_interval_seconds(self) -> int: ...
    @property
    def min_interval_seconds(self) -> int: ...
    @property
    def max_interval_seconds(self) -> int: ...
    @property
    def polls_per_day(self) -> float: ...


def next_poll(
    *,
    now: datetime,
    settings: PollingSettings,
    own_wait: float | None,
    failures: int,
    hints: CacheHints,
    timetable: Timetable,
    chance: float,
    spread: bool = False,
) -> tuple[datetime, int]:
    """When to ask again, and the interval in seconds without jitter.

    The feed's own wait decides within the operator's bounds; failures double it up to a day; what the host or the
    feed asks for may lengthen it beyond `max_interval_seconds`, up to a day. The hours and days that the feed wants to
    be skipped may add to that.

    Args:
        own_wait: seconds for which it may be left alone, by what is known of it; None while nothing is known.
        chance: from 0 up to 1; evenly spread over the time that is allowed, so that no two feeds keep step.
        spread: this feed was due together with many others; the next poll may come as early as `min_interval_seconds`.
    """
    low, high = float(settings.min_interval_seconds), float(settings.max_interval_seconds)
    longest = max(DAY, low)
    interval = min(max(float(settings.default_interval_seconds if own_wait is None else own_wait), low), high)
    if failures > 0:
        interval = min(min(interval, max(low, FIRST_FAILURE)) * 2 ** min(failures, MAX_DOUBLINGS), longest)
        earliest, latest = max(low, interval * (1 - JITTER)), min(interval * (1 + JITTER), longest)
    else:
        late = _late(interval)
        earliest = low if spread else max(low, min(interval, high - late))
        latest = min(high, max(low, min(interval, high - late)) + late)
    asked = float(max(hints.max_age_seconds or 0, hints.retry_after_seconds or 0, timetable.ttl_seconds or 0))
    if asked > earliest:
        # Later, never earlier, than what was asked for.
        earliest = max(earliest, min(asked, DAY))
        latest = max(latest, min(earliest + (SPREAD * earliest if spread else _late(earliest)), longest))
        interval = max(interval, earliest)
    at = now + timedelta(seconds=earliest + chance * (latest - earliest))
    free = after_skipped(at, timetable)
    if free > at:
        # Within the first hour that is free again, or all such feeds would come at its stroke.
        free += timedelta(seconds=chance * min(interval, 3600))
    return free, round(interval)


def _late(interval: float) -> float:
    return min(JITTER * interval, JITTER_SECONDS)


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
