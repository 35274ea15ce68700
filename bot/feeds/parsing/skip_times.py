"""When a feed asks to be left alone: RSS's skipHours and skipDays, which feedparser leaves out. Pure."""

import re

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_SKIP_HOURS = re.compile(rb"<skipHours\s*>(.{0,5000}?)</skipHours", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour\s*>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
_SKIP_DAYS = re.compile(rb"<skipDays\s*>(.{0,5000}?)</skipDays", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(rb"<day\s*>\s*([a-z]+)\s*</day", re.IGNORECASE)


def hours(body: bytes) -> frozenset[int]:
    """Hours in GMT, 0 to 23; 24 is midnight, as RSS 0.91 counted. Empty where all are named: nobody means that."""
    found = {int(hour) % 24 for hour in _listed(body, _SKIP_HOURS, _HOUR) if int(hour) <= 24}
    return frozenset(found) if len(found) < 24 else frozenset()


def days(body: bytes) -> frozenset[int]:
    """Days in GMT, 0 for Monday. Empty where all are named."""
    names = {name.decode().lower() for name in _listed(body, _SKIP_DAYS, _DAY)}
    found = {DAYS.index(name) for name in names if name in DAYS}
    return frozenset(found) if len(found) < 7 else frozenset()


def _listed(body: bytes, block: re.Pattern[bytes], one: re.Pattern[bytes]) -> list[bytes]:
    # Most feeds have neither, and a search for the word is all that it costs them.
    if b"skipHours" not in body and b"skipDays" not in body:
        return []
    match = block.search(_outside_of_items(body))
    return one.findall(match[1]) if match else []


def _outside_of_items(body: bytes) -> bytes:
    """What the feed says of itself: before the first item, and after the last."""
    first = _FIRST_ITEM.search(body)
    if first is None:
        return body
    end = max(body.rfind(b"</item>"), body.rfind(b"</entry>"), first.start())
    return body[: first.start()] + body[end:]
