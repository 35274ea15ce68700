"""Reads the dates that feeds write, well-formed or not, as aware datetimes in UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
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
    "eet": 2, "eest": 3, "ist": 5.5, "pkt": 5, "npt": 5.75, "mmt": 6.5, "ict": 7, "wib": 7, "wita": 8, "wit": 9,
    "sgt": 8, "myt": 8, "hkt": 8, "pht": 8, "awst": 8, "acst": 9.5, "acdt": 10.5, "nzst": 12, "nzdt": 13,
    "sast": 2, "cat": 2, "eat": 3, "wat": 1, "trt": 3, "idt": 3, "irst": 3.5, "brt": -3, "brst": -2, "art": -3,
    "clt": -4, "clst": -3, "cot": -5, "pet": -5, "vet": -4, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5,
    "akst": -9, "akdt": -8, "hst": -10, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "est": -5, "edt": -4, "cst": -6,
    "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "et": -5, "ct": -6, "mt": -7, "pt": -8,
}  # fmt: skip
_AMERICAN = frozenset(("est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "et", "ct", "mt", "pt"))
_HIGHEST_OFFSET = timedelta(hours=15)
"""What is farther from UTC is no zone."""
_DATES = (
    re.compile(r"(?<!\d)(?P<year>\d{4})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=T|\s|$)"),
    re.compile(
        r"(?<![\d:])(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s+)?(?P<name>[^\W\d_]{3,})\.?,?[\s-]+(?:de\s+)?"
        r"(?P<year>\d{4}|\d\d)(?![\d:])"
    ),
    re.compile(r"(?P<name>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?![\d:])"),
    # As C's asctime writes it: the year comes last.
    re.compile(
        r"(?P<name>[^\W\d_]{3,})\s+(?P<day>\d{1,2})\s+(?=\d\d?:)(?P<rest>[\d:]+(?:\s+[A-Z+]\S*)?)\s+(?P<year>\d{4})"
    ),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})(?!\d)"),
)
_NUMBERS = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d\d)(?![\d/-])")
_PART = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d))?")
_ZONE = r"(?:(?:GMT|UTC)\s*(?=[+-]\d))?([+-](?:\d{1,2}:\d{2}|\d{1,4})(?!\d)|[a-z]{1,4}\b)?"
_TIME = re.compile(rf"(?<!\d)(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?\s*([ap]\.?m\b)?\s*{_ZONE}", re.IGNORECASE)
_SHORT_TIME = re.compile(rf"[T\s](\d\d)(\d\d)(\d\d)?(?!\d)()\s*{_ZONE}", re.IGNORECASE)
_HOUR_ALONE = re.compile(r"T(\d\d)()()()([+-]\d{2}(?::?\d{2})?(?!\d)|Z\b)")
_STAMP = re.compile(r"\d{9,10}|\d{12,13}")


def moment(text: str | None, parsed: struct_time | None = None) -> datetime | None:
    """The moment that `text` names; `parsed` is another reading of it in UTC, used where this one finds nothing.

    Seconds or milliseconds since 1970 are read as such; a missing zone is taken as UTC. None for what names no
    possible moment.
    """
    text = (text or "").strip()[:100]
    if _STAMP.fullmatch(text):
        seconds = int(text) / (1000 if len(text) > 10 else 1)
        return _plausible(datetime.fromtimestamp(seconds, UTC))
    try:
        found = _plausible(_read(text))
    except (ValueError, OverflowError):
        return None  # it is written as a date, but there is no such day
    if found is not None or parsed is None:
        return found
    try:
        return _plausible(datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC))
    except ValueError:
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


@lru_cache(maxsize=256)
def _read(text: str) -> datetime | None:
    date = next((found for pattern in _DATES if (found := pattern.search(text))), None)
    if date is None:
        return _read_numbers(text) or _read_part(text)
    fields = date.groupdict()
    month = int(fields["month"]) if "month" in fields else _month(fields["name"])
    if month is None:
        return None
    day = datetime(_year(fields["year"]), month, int(fields["day"]), tzinfo=UTC)
    return _with_time(day, fields.get("rest") or text[date.end() :])


def _with_time(day: datetime, text: str) -> datetime:
    time = _SHORT_TIME.match(text) or _HOUR_ALONE.match(text) or _TIME.search(text)
    if not time:
        return day
    hour, minute, second = int(time[1]), int(time[2] or 0), min(int(time[3] or 0), 59)
    if time[4]:
        hour = hour % 12 + (12 if time[4][0] in "pP" else 0)
    if hour > 24 or minute > 59:
        raise ValueError("no time of a day")
    # Hour 24 is the next day's midnight (ISO 8601:2004, 4.2.3).
    return day + timedelta(hours=hour, minutes=minute, seconds=second) - _offset(time[5])


def _read_numbers(text: str) -> datetime | None:
    """Month first in America, day first elsewhere. Raise ValueError where nothing tells which."""
    date = _NUMBERS.search(text)
    if date is None:
        return None
    first, second = int(date[1]), int(date[3])
    time = _TIME.search(text[date.end() :])
    american = bool(time and (time[4] or (time[5] or "").lower() in _AMERICAN))
    if max(first, second) <= 12 and first != second and not american and date[2] == "/":
        raise ValueError("the day or the month may be first")
    day_first = first > 12 or (second <= 12 and not american)
    day, month = (first, second) if day_first else (second, first)
    return _with_time(datetime(_year(date[4]), month, day, tzinfo=UTC), text[date.end() :])


def _read_part(text: str) -> datetime | None:
    """A year, or a year and a month: their first moment."""
    date = _PART.fullmatch(text)
    return datetime(int(date["year"]), int(date["month"] or 1), 1, tzinfo=UTC) if date else None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= 70 else 2000)


def _month(name: str) -> int | None:
    name = name.lower()
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])


def _offset(zone: str | None) -> timedelta:
    if not zone:
        return timedelta()
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
        size = timedelta(hours=int(hours), minutes=int(minutes))
        if size > _HIGHEST_OFFSET:
            return timedelta()
        return -size if zone[0] == "-" else size
    return timedelta(hours=_ZONES.get(zone.lower(), 0))


def _plausible(found: datetime | None) -> datetime | None:
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    # Midnight of 1970-01-01 is how programs write "no date".
    return None if found == datetime(1970, 1, 1, tzinfo=UTC) else found
