"""What people type for a topic's options: checked, and turned into the fields of `TopicOptions`."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from bot.errors import UserError
from bot.i18n.translation import _
from bot.model import MINUTES_A_DAY, TopicOptions
from bot.schedules import digest_times

MAX_EXCERPT = 1500
NOW_FIELDS = ("digest", "digest_minute", "digest_day", "zone", "quiet_from", "quiet_to")
"""The fields that say when."""
NEVER = frozenset({"", "off", "no", "none", "never", "-"})
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:(?P<half>[ap])\.?m\.?|uhr|h)?", re.IGNORECASE)
_SPAN = re.compile(r"\s*(?:-|–|—|to|until|bis)\s*")  # noqa: RUF001 - dashes are meant


def read_clock(text: str) -> int:
    """Minutes after midnight of "8", "08:00", "8.30" or "10 pm".

    Raises:
        UserError: it is no time of a day.
    """
    found = _CLOCK.fullmatch(text.strip())
    minute = _minute(found) if found else -1
    if found is None or not 0 <= minute <= MINUTES_A_DAY or int(found[2] or 0) > 59:
        raise UserError(_("I cannot read the time “{text}”. Write it like 08:00 or 21:30.").format(text=text[:20]))
    return minute % MINUTES_A_DAY


def _minute(found: re.Match[str]) -> int:
    hour, half = int(found[1]), (found["half"] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return -1
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + int(found[2] or 0)


def read_quiet(text: str) -> tuple[int | None, int | None]:
    """Beginning and end of "22:00-07:00", in minutes after midnight; none of "off" or nothing.

    Raises:
        UserError: it cannot be read, or begins when it ends.
    """
    if text.strip().casefold() in NEVER:
        return None, None
    parts = _SPAN.split(text.strip())
    if len(parts) != 2:
        raise UserError(_("I cannot read those quiet hours. Write them like 22:00-07:00, or “off” for none."))
    begin, end = (read_clock(part) for part in parts)
    if begin == end:
        raise UserError(_("Quiet hours cannot begin and end at the same time. Pause the topic to stop it altogether."))
    return begin, end


@cache
def _zones() -> frozenset[str]:
    """Looked up once: it opens every file of the time zones, which takes some 60 ms."""
    return frozenset(available_timezones())


def read_zone(text: str) -> str:
    """The IANA name of a time zone, whatever its case and with spaces for underscores.

    Raises:
        UserError: there is no such zone.
    """
    wanted = text.strip().replace(" ", "_")
    known = {name.casefold(): name for name in _zones()}
    found = known.get(wanted.casefold())
    if found is None:
        raise UserError(
            _("I know no time zone “{zone}”. Write it like Europe/Berlin or America/New_York.").format(zone=text[:40])
        )
    return found


def suggest_zones(typed: str, limit: int) -> tuple[str, ...]:
    """Zones whose name holds what was typed: first the places that begin with it, last what is no place."""
    wanted = typed.strip().replace(" ", "_").casefold()
    found = [name for name in _zones() if wanted in name.casefold()]

    def rank(name: str) -> tuple[bool, bool, str]:
        begins = name.rpartition("/")[2].casefold().startswith(wanted)
        return "/" not in name or name.startswith("Etc/"), not begins, name

    return tuple(sorted(found, key=rank)[:limit])


def read_excerpt(text: str) -> int:
    """A number of characters; 0 for the title only.

    Raises:
        UserError: it is no number within the bounds.
    """
    if not text.strip().isdecimal() or int(text) > MAX_EXCERPT:
        raise UserError(
            _("An excerpt has between 0 (the title only) and {most} characters. Write a number such as 350.").format(
                most=f"{MAX_EXCERPT:,}"
            )
        )
    return int(text)


def clock(minute: int) -> str:
    """Minutes after midnight as people read them."""
    return f"{minute // 60:02}:{minute % 60:02}"


def changed(before: TopicOptions, options: Mapping[str, Any]) -> TopicOptions:
    """The options after the change.

    Raises:
        UserError: they do not fit together.
    """
    after = replace(before, **options)
    if not 0 <= after.excerpt <= MAX_EXCERPT:
        read_excerpt(str(after.excerpt))
    if digest_times.zone_of(after.zone) is None:
        read_zone(after.zone)
    return after
