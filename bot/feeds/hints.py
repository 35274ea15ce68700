"""What an answer's headers say about when to ask again. Pure; relative to the server's own clock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.model import CacheHints

MOST_SECONDS = 7 * 24 * 3600


def read(headers: Mapping[str, str], *, now: datetime) -> CacheHints:
    """`now` stands in where the server sends no Date."""
    here = _date(headers.get("Date")) or now
    return CacheHints(
        max_age_seconds=_max_age(headers, here), retry_after_seconds=_seconds_or_date(headers.get("Retry-After"), here)
    )


def _max_age(headers: Mapping[str, str], here: datetime) -> int | None:
    directives = [part.strip().lower() for part in headers.get("Cache-Control", "").split(",")]
    if "no-cache" in directives or "no-store" in directives:
        return None
    for directive in directives:
        name, _, value = directive.partition("=")
        if name == "max-age" and value.strip('"').isdigit():
            age = headers.get("Age", "")
            return _bounded(int(value.strip('"')[:12]) - (int(age[:12]) if age.isdigit() else 0))
    expires = _date(headers.get("Expires"))
    return _bounded((expires - here).total_seconds()) if expires else None


def _seconds_or_date(value: str | None, here: datetime) -> int | None:
    if not value:
        return None
    if value.strip().isdigit():
        return _bounded(int(value.strip()[:12]))
    date = _date(value)
    return _bounded((date - here).total_seconds()) if date else None


def _bounded(seconds: float) -> int:
    return int(min(max(seconds, 0), MOST_SECONDS))


def _date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
