"""Reads the dates that feeds write, well-formed or not, as aware datetimes in UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import struct_time

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Outside of these a date is a mistake (a timestamp read as a year, 0000-00-00)."""

_MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen янв",
            "feb fev fév feb фев",
            "mar mär maa mrt мар",
            "apr avr abr апр",
            "may mai mag mei maj май мая",
            "jun juin giu июн",
            "jul juil lug июл",
            "aug aoû aou ago авг",
            "sep set сен",
            "oct okt ott out окт",
            "nov ноя",
            "dec dez déc dic дек",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES: Mapping[str, float] = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2,
    "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "est": -5, "edt": -4, "cst": -6,
    "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})")
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s+)?(?P<name>[^\W\d_]{3,})\.?,?[\s-]+(?:de\s+)?(?P<year>\d{4})"
)
_MONTH_FIRST = re.compile(r"(?P<name>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\b)?\s*([+-]\d{2}:?\d{2}|[a-z]{1,4}\b)?",
    re.IGNORECASE,
)
_STAMP = re.compile(r"\d{9,10}|\d{12,13}")


def moment(text: str | None, parsed: struct_time | None = None) -> datetime | None:
    """The moment that `text` names; `parsed` is a reading of it in UTC that wins where it is possible.

    Seconds or milliseconds since 1970 are read as such; a missing zone is taken as UTC. None for what names no
    possible moment.
    """
    text = (text or "").strip()[:100]
    if _STAMP.fullmatch(text):
        seconds = int(text) / (1000 if len(text) > 10 else 1)
        return _plausible(datetime.fromtimestamp(seconds, UTC))
    if parsed is not None:
        try:
            found = _plausible(datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC))
        except ValueError:
            found = None
        if found:
            return found
    try:
        return _plausible(_read(text))
    except (ValueError, OverflowError):
        return None


def duration_seconds(text: object) -> int | None:
    """`itunes:duration`: seconds, MM:SS or HH:MM:SS; None if it is none of these or 0."""
    parts = str(text or "").strip().split(":")
    if not 1 <= len(parts) <= 3 or not all(re.fullmatch(r"\d{1,6}(\.\d+)?", part, re.ASCII) for part in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(float(part))
    return seconds or None


def _read(text: str) -> datetime | None:
    date = _YEAR_FIRST.search(text) or _DAY_FIRST.search(text) or _MONTH_FIRST.search(text)
    if not date:
        return None
    fields = date.groupdict()
    month = int(fields["month"]) if "month" in fields else _month(fields["name"])
    if month is None:
        return None
    day = datetime(int(fields["year"]), month, int(fields["day"]), tzinfo=UTC)
    time = _TIME.search(text[date.end() :])
    if not time:
        return day
    hour, minute, second = int(time[1]), int(time[2]), min(int(time[3] or 0), 59)
    if time[4]:
        hour = hour % 12 + (12 if time[4][0] in "pP" else 0)
    if hour > 24 or minute > 59:
        return None
    # Hour 24 is the next day's midnight (ISO 8601:2004, 4.2.3).
    return day + timedelta(hours=hour, minutes=minute, seconds=second) - _offset(time[5])


def _month(name: str) -> int | None:
    name = name.lower()
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])


def _offset(zone: str | None) -> timedelta:
    if not zone:
        return timedelta()
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return -size if zone[0] == "-" else size
    return timedelta(hours=_ZONES.get(zone.lower(), 0))


def _plausible(found: datetime | None) -> datetime | None:
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    # Midnight of 1970-01-01 is how programs write "no date".
    return None if found == datetime(1970, 1, 1, tzinfo=UTC) else found
