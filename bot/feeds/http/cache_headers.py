"""What an answer's headers say about when to ask again. Pure; relative to the server's own clock."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from bot.model import CacheHints

MAX_SECONDS = 7 * 24 * 3600
NO_HINTS = CacheHints()


class Headers(Protocol):
    """Headers by name, whatever its case; a name may come several times."""

    def get(self, key: str, /) -> str | None: ...
    def getall(self, key: str, default: list[str], /) -> list[str]: ...


def read(headers: Headers, *, now: datetime) -> CacheHints:
    """`now` stands in where the server sends no Date.

    s-maxage is for caches that many share and not read here: servers clear those when something is published.
    """
    max_age = _max_age(headers, now)
    retry_after = _retry_after(headers, now)
    return CacheHints(max_age, retry_after) if max_age is not None or retry_after is not None else NO_HINTS


def _max_age(headers: Headers, now: datetime) -> int | None:
    fresh: float | None = None
    lines = headers.getall("Cache-Control", [])
    for directive in ",".join(lines).lower().split(",") if lines else ():
        name, _, value = directive.strip().partition("=")
        if name in {"no-cache", "no-store"}:
            return None
        if name.rstrip() == "max-age" and fresh is None:
            fresh = _number(value.strip(' "')) or 0
    if fresh is None:
        expires = _date(headers.get("Expires"))
        if expires is None:
            return None
        fresh = (expires - _here(headers, now)).total_seconds()
    # An answer out of a cache was fresh for a part of that already (RFC 9111, section 4.2).
    return _bounded(fresh - (_number(headers.get("Age")) or 0))


def _retry_after(headers: Headers, now: datetime) -> int | None:
    value = headers.get("Retry-After")
    if value is None:
        return None
    seconds = _number(value)
    if seconds is not None:
        return _bounded(seconds)
    date = _date(value)
    return _bounded((date - _here(headers, now)).total_seconds()) if date else None


def _here(headers: Headers, now: datetime) -> datetime:
    return _date(headers.get("Date")) or now


def _bounded(seconds: float) -> int:
    return int(min(max(seconds, 0), MAX_SECONDS))


def _number(value: str | None) -> int | None:
    text = (value or "").strip().partition(".")[0]
    return int(text[:12]) if text.isascii() and text.isdigit() else None


def _date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None
