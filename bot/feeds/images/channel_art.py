"""Pictures that decorate a feed instead of showing an article: its own logo, or one that most of its entries share."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from bot.model import Entry, ParsedFeed

FEWEST = 3
"""Entries with one picture, before it can be decoration."""
MAX_BODY = 1_000_000
"""Bytes of a document that are searched for a picture in the entries that were not read."""
MAX_SEARCHED = 20
"""Pictures that are searched for in one document."""

_ENTRY = re.compile(rb"<(?:item|entry)[\s>]", re.IGNORECASE)
_SIZE = re.compile(r"(?:[-_]\d{2,4}x\d{2,4}(?=\.\w+$)|/\d{2,4}x\d{2,4}(?:bb)?(?=[./]))", re.IGNORECASE)


def without_decoration(feed: ParsedFeed, body: bytes, icon_url: str | None = None) -> ParsedFeed:
    """The feed with only such pictures as belong to one article.

    Args:
        feed: what was read of the document: all of its entries, or only some.
        body: the whole document; entries that were not read are looked at here.
        icon_url: the feed's logo as it is known from before.
    """
    named = {entry.image_url for entry in feed.entries if entry.image_url}
    if not named:
        return feed
    icons = {_same(icon) for icon in (feed.icon_url, icon_url) if icon}
    shared = {url for url in named if _same(url) in icons} | _shared(feed.entries, body, named)
    if not shared:
        return feed
    entries = tuple(replace(entry, image_url=None) if entry.image_url in shared else entry for entry in feed.entries)
    return replace(feed, entries=entries)


def is_same_picture(one: str, other: str | None) -> bool:
    """Whether two addresses show one picture, whatever its size and the address's query."""
    return other is not None and _same(one) == _same(other)


def _shared(entries: tuple[Entry, ...], body: bytes, named: Iterable[str]) -> set[str]:
    counts = Counter(entry.image_url for entry in entries if entry.image_url)
    shared = {url for url, count in counts.items() if count >= FEWEST and 2 * count >= len(entries)}
    items = _ENTRY.split(body[:MAX_BODY])[1:]
    if len(items) <= max(len(entries), FEWEST):
        return shared
    for url in sorted(set(named) - shared)[:MAX_SEARCHED]:
        needles = _as_written(url)
        count = sum(any(needle in item for needle in needles) for item in items)
        if count >= FEWEST and 2 * count >= len(items):
            shared.add(url)
    return shared


def _as_written(url: str) -> tuple[bytes, ...]:
    """How the address may stand in a document: without its scheme, as text or as HTML in it."""
    plain = url.partition(":")[2]
    return tuple({plain.encode(), plain.replace("&", "&amp;").encode(), plain.replace("&", "&amp;amp;").encode()})


def _same(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = (parts.hostname or "").removeprefix("www.")
    # A picture whose address has no name of a file is told apart by its query.
    query = "" if "." in parts.path.rpartition("/")[2] else parts.query
    return f"{host}{_SIZE.sub('', parts.path)}?{query}"
