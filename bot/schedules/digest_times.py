"""When a topic's digests and quiet hours are, by the clocks of its time zone. Pure: the moment is passed in.

Clocks that are put forward skip an hour: what was to happen in it happens as much later, on the same day. Clocks that
are put back have an hour twice: what is to happen in it happens the first time. So every day has its digest once,
whatever the zone; an hourly digest comes with every hour that passes, also with both of a doubled one.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import logs
from bot.model import DigestSchedule, Hours, TopicOptions

log = logs.get(__name__)

_DAY = timedelta(days=1)
_STEP = timedelta(minutes=15)
"""All offsets in use are multiples of it."""
_DAYS_AROUND = 9
"""So that there is a weekly digest on both sides, also around a day that a zone left out."""


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of this IANA name; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _zone(options: TopicOptions) -> tzinfo:
    """The zone of a topic; UTC, and a word in the log, where the zone that it was given is not known any more."""
    found = zone_of(options.zone)
    if found is None:
        _say_unknown(options.zone)
    return found or UTC


@cache
def _say_unknown(name: str) -> None:
    log.error("a topic's time zone is not known here; its digests and quiet hours go by UTC", zone=name)


def hours(options: TopicOptions, now: datetime) -> Hours:
    """What comes next, seen from now: a digest, and quiet hours that are not over yet."""
    quiet = quiet_hours(options, now)
    return Hours(next_digest(options, now), *(quiet or (None, None)))


def next_digest(options: TopicOptions, after: datetime) -> datetime | None:
    """The first digest later than this moment, None for a topic without."""
    return min((moment for moment in _digests(options, after) if moment > after), default=None)


def last_digest(options: TopicOptions, until: datetime) -> datetime | None:
    """The last digest up to this moment, None for a topic without."""
    return max((moment for moment in _digests(options, until) if moment <= until), default=None)


def quiet_hours(options: TopicOptions, now: datetime) -> tuple[datetime, datetime] | None:
    """Beginning and end of the quiet hours that are now, else of the next ones; None for a topic without.

    They last from the first moment up to, not including, the second.
    """
    begin, end = options.quiet_from, options.quiet_to
    if begin is None or end is None or begin == end:
        return None
    zone = _zone(options)
    today = now.astimezone(zone).date()
    nights = []
    for day in (today + _DAY * number for number in range(-2, 4)):
        last = day if end > begin else day + _DAY
        nights.append((_at(datetime.combine(day, _time(begin)), zone), _at(datetime.combine(last, _time(end)), zone)))
    # In an hour that the clocks skip, some begin and end at once, or never.
    return min(((since, until) for since, until in nights if since < until and until > now), default=None)


def _digests(options: TopicOptions, around: datetime) -> Iterable[datetime]:
    zone = _zone(options)
    if options.digest is DigestSchedule.AT_ONCE:
        return ()
    if options.digest is DigestSchedule.HOURLY:
        return _full_hours(around, zone)
    today = around.astimezone(zone).date()
    days = [today + _DAY * number for number in range(-_DAYS_AROUND, _DAYS_AROUND + 1)]
    if options.digest is DigestSchedule.WEEKLY:
        days = [day for day in days if day.weekday() == options.digest_day]
    return [_at(datetime.combine(day, _time(options.digest_minute)), zone) for day in days]


def _full_hours(around: datetime, zone: tzinfo) -> Iterable[datetime]:
    hour = around.replace(minute=0, second=0, microsecond=0)
    steps = (hour + _STEP * number for number in range(-12, 13))
    return [moment for moment in steps if moment.astimezone(zone).minute == 0]


def _at(local: datetime, zone: tzinfo) -> datetime:
    """A time on the wall as a moment: the first of two, and in a gap as much later."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def following(options: TopicOptions, before: Hours, now: datetime) -> Hours:
    """What comes after a digest that is due, or quiet hours that are over.

    Where a later digest is due as well, as after a long stop, it takes the place of the one that was missed.
    """
    fresh = hours(options, now)
    last = last_digest(options, now)
    missed = before.digest_at is not None and last is not None and last > before.digest_at
    return replace(fresh, digest_at=last) if missed else fresh
