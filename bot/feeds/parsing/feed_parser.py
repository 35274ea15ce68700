"""Reads one document with feedparser. Runs in a worker process: hostile documents may take it for ever or kill it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from typing import Any

from bot.errors import ParseError
from bot.feeds.encodings.detect import as_utf8
from bot.feeds.incremental import item_scanner
from bot.feeds.parsing import feedparser_adapter, skip_times
from bot.feeds.parsing.entry_fields import draft_of
from bot.feeds.parsing.jsonfeed import MAX_ENTRIES, read_json
from bot.feeds.parsing.normalise import address, finish, one_line, plain
from bot.feeds.parsing.secret_removal import scrubbed
from bot.feeds.parsing.truncate import thinned
from bot.feeds.parsing.xml_repair import ROOTS, is_web_page, repaired, root_name
from bot.i18n.translation import N_
from bot.model import Entry, ParsedFeed
from bot.plain_text import as_html
from bot.url_normalisation import base_of

_MAX_FEED_TITLE = 300
_TITLE_READ = 10 * _MAX_FEED_TITLE
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def read(body: bytes, url: str, content_type: str | None) -> ParsedFeed:
    """The feed that `body` is; raise `ParseError` if it is none. `url` is where it came from, with all that is secret in it.

    More than `MAX_ENTRIES` entries are read from both ends of the document: nobody knows at which end a feed puts
    its new ones. What is secret in `url` is not in what the feed says.
    """
    return scrubbed(_read(body, base_of(url), content_type), [url])


def _read(body: bytes, url: str, content_type: str | None) -> ParsedFeed:
    text = as_utf8(body, content_type)
    head = text[:1_000].lstrip()
    if not head and not text.strip():
        raise ParseError(N_("The document is empty."))
    if head[:1] in (b"{", b"["):
        return read_json(text, url)
    text, removed = thinned(repaired(text), MAX_ENTRIES)
    found = _found(text, url)
    root = root_name(text)
    if not found.entries and not found.version and root not in ROOTS:
        if is_web_page(text) or (content_type or "").lower().startswith("text/html"):
            raise ParseError(N_("This is a web page, not a feed."))
        reason = one_line(found.problem, 100) if found.problem else N_("it holds no feed that is known here")
        raise ParseError(N_("The document could not be read as a feed: {reason}.").format(reason=reason))
    if found.entries and not found.version and root == "html":
        raise ParseError(N_("This is a web page, not a feed."))
    feed = _feed(found, url, removed, _raw_keys(body, len(found.entries) + removed))
    return replace(feed, skip_hours=skip_times.hours(text), skip_days=skip_times.days(text))


def _found(body: bytes, url: str) -> feedparser_adapter.Found:
    try:
        return feedparser_adapter.parse(body, url)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        # feedparser lets all kinds of errors escape on documents that nobody foresaw.
        raise ParseError(
            N_("The document could not be read as a feed: it is broken in a way nobody foresaw.")
        ) from error


def _raw_keys(body: bytes, elements: int) -> Sequence[str]:
    """What recognises each item by its bytes; empty where the scan does not see the same items as the parser."""
    items = item_scanner.scan(body) or ()
    return [item.key for item in items] if len(items) == elements else ()


def _feed(found: feedparser_adapter.Found, url: str, removed: int, raw_keys: Sequence[str]) -> ParsedFeed:
    raw = list(enumerate(found.entries))
    if len(raw) > MAX_ENTRIES:
        raw = raw[: MAX_ENTRIES // 2] + raw[-MAX_ENTRIES // 2 :]
    channel = found.feed
    site = address(url, dict.get(channel, "link"))
    is_atom = found.version.startswith("atom")
    entries: list[Entry] = []
    skipped = 0
    for index, entry in raw:
        position = index + removed if index >= MAX_ENTRIES // 2 else index
        try:
            read_entry = finish(draft_of(entry, position=position, url=url, site=site, is_atom=is_atom))
            entries.append(replace(read_entry, raw_key=raw_keys[position]) if raw_keys else read_entry)
        except (MemoryError, RecursionError):
            raise
        except Exception:  # noqa: BLE001 - whatever one entry does, the others are read; the count is shown
            skipped += 1
    if skipped and not entries:
        raise ParseError(N_("None of the feed's entries could be read."))
    return ParsedFeed(
        title=one_line(_title(channel, is_atom=is_atom), _MAX_FEED_TITLE) or None,
        site_url=site,
        icon_url=_icon(channel, url),
        entries=tuple(entries),
        ttl_seconds=_ttl_seconds(channel),
        skipped=skipped,
        elements=len(found.entries) + removed,
        declared_url=_declared(channel, url),
    )


def _title(channel: dict[str, Any], *, is_atom: bool) -> str:
    """In Atom what is declared as text is text (RFC 4287, 3.1.1.1): tags in it are words."""
    words = str(dict.get(channel, "title") or "")[:_TITLE_READ]
    detail = dict.get(channel, "title_detail")
    is_text = is_atom and isinstance(detail, dict) and detail.get("type") == "text/plain"
    return plain(as_html(unescape(words)) if is_text else words)


def _icon(channel: dict[str, Any], url: str) -> str | None:
    image = dict.get(channel, "image")
    href = image.get("href") if isinstance(image, dict) else None
    for candidate in (dict.get(channel, "icon"), href, dict.get(channel, "logo")):
        if isinstance(candidate, str) and (found := address(url, candidate)):
            return found
    return None


def _declared(channel: dict[str, Any], url: str) -> str | None:
    for link in dict.get(channel, "links") or ():
        if link.get("rel") == "self" and (found := address(url, link.get("href"))):
            return found
    return None


def _ttl_seconds(channel: dict[str, Any]) -> int | None:
    ttl = str(dict.get(channel, "ttl") or "").strip()
    if re.fullmatch(r"\d{1,6}", ttl, re.ASCII) and int(ttl):
        return int(ttl) * 60
    period = _PERIODS.get(str(dict.get(channel, "sy_updateperiod") or "").strip().lower())
    times = str(dict.get(channel, "sy_updatefrequency") or "1").strip()
    if period is None or not re.fullmatch(r"\d{1,4}", times, re.ASCII) or not int(times):
        return None
    return max(1, period // int(times))
