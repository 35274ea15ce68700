"""When a person's daily digest is due: at an hour of the clock on their wall. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_digest(hour: int, zone: str, after: datetime) -> datetime:
    """The first full hour of this number in this zone after a moment, in UTC.

    Where the clock is put forward over the hour it is the moment at which it would have been; where it is put
    back and shows the hour twice, the first time: once a day in any case.

    Args:
        hour: 0 to 23.
        zone: a name that zoneinfo knows; an unknown one counts as UTC.
    """
    place = zone_of(zone)
    day = after.astimezone(place).date()
    # The day before too: putting the clock back can show yesterday's date after a moment of today.
    for days in range(-1, 3):
        moment = datetime.combine(day + timedelta(days=days), time(hour), tzinfo=place).astimezone(UTC)
        if moment > after:
            return moment
    raise AssertionError("three days without that hour")


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC where this machine's files do not know it (any more)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
