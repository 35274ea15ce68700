"""When a feed usually publishes, for people: some hours of the day, on some days of the week. Pure."""

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MOST = 200
"""Articles that are looked at, the newest."""
SPAN = timedelta(days=60)
FEWEST, FEWEST_DAYS = 8, 4
"""With fewer times, or fewer different days, nothing is said of a feed."""
SHARE = 0.7
"""So much of what is published comes in the hours that are named, and so much on weekends where only they are."""
WIDEST = 8
"""More hours than this are no usual time."""
ON_WEEKENDS = 0.08
"""Of what is published, at most, where it comes on weekdays; two sevenths would be even."""


class Days(enum.Enum):
    """The days of the week on which a feed publishes."""

    ALL = "all"
    WEEKDAYS = "weekdays"
    WEEKENDS = "weekends"


@dataclass(frozen=True, slots=True)
class UsualTimes:
    """Whole hours in UTC; the end may be on the next day. Without hours it is any time of the day."""

    days: Days
    start: datetime | None = None
    end: datetime | None = None


def usual_times(moments: Iterable[datetime], now: datetime) -> UsualTimes | None:
    """What the times of a feed's newest articles say, None if too little.

    Several articles of one minute are one time, and times of which most are at midnight are days without a time.
    """
    known = sorted(
        {moment.astimezone(UTC).replace(second=0, microsecond=0) for moment in moments if now - SPAN < moment <= now}
    )
    if len(known) < FEWEST or len({moment.date() for moment in known}) < FEWEST_DAYS:
        return None
    days = _days(known)
    if 2 * sum(1 for moment in known if moment.hour == moment.minute == 0) >= len(known):
        return UsualTimes(days)
    start, width = _hours(Counter(moment.hour for moment in known), SHARE * len(known))
    if width > WIDEST:
        return UsualTimes(days)
    begin = _at(now.astimezone(UTC).date(), start)
    return UsualTimes(days, begin, begin + timedelta(hours=width))


def _days(known: list[datetime]) -> Days:
    if (known[-1] - known[0]) < timedelta(days=7):
        return Days.ALL  # whether it rests on weekends cannot be told yet
    weekend = sum(1 for moment in known if moment.weekday() >= 5) / len(known)
    if weekend >= SHARE:
        return Days.WEEKENDS
    return Days.WEEKDAYS if weekend <= ON_WEEKENDS else Days.ALL


def _hours(counts: Counter[int], enough: float) -> tuple[int, int]:
    """The fewest hours on end that hold enough, and where they begin; of several the fullest."""
    for width in range(1, 25):
        held = {start: sum(counts[(start + hour) % 24] for hour in range(width)) for start in range(24)}
        fullest = max(held, key=held.__getitem__)
        if held[fullest] >= enough:
            return fullest, width
    raise AssertionError("a whole day holds all")


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
