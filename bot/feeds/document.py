"""Reads one document with feedparser. Runs in a worker process: hostile documents may take it for ever or kill it."""

import codecs
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import feedparser

from bot.errors import ParseError
from bot.feeds import scan, skipping
from bot.feeds.items import draft_of
from bot.feeds.jsonfeed import MOST_ENTRIES, read_json
from bot.feeds.normalise import address, finish, one_line, plain
from bot.feeds.urls import without_credentials
from bot.model import Entry, ParsedFeed

_LONGEST_FEED_TITLE = 300
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_HEAD = 65_536
_HTML = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_ENTITY = re.compile(rb"<!DOCTYPE[^>\[]*\[[^\]]*?<!ENTITY", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_REFERENCE = re.compile(rb"&#(?:[xX]0*([dD][89a-fA-F][0-9a-fA-F]{2})|0*(5[5-7]\d{3}));")
_BARE_AMPERSAND = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|&(?!#?\w{1,40};)", re.DOTALL)
_OPEN = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_CLOSE = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_END = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)


def read(body: bytes, url: str, content_type: str | None) -> ParsedFeed:
    """The feed that `body` is; raise `ParseError` if it is none. `url` is the base of its relative addresses.

    More than `MOST_ENTRIES` entries are read from both ends of the document: nobody knows at which end a feed puts
    its new ones.
    """
    # Else a relative link would carry the feed's password into what is posted.
    url = without_credentials(url)
    head = body[:_HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not head:
        raise ParseError("The document is empty.")
    if head[:1] in (b"{", b"["):
        return read_json(body, url)
    if _ENTITY.search(head):
        raise ParseError("The document could not be read as a feed: it declares entities of its own.")
    found = _feedparser(body, url, content_type)
    if not found.entries and not _is_feed(found, head):
        if _HTML.search(head) or (content_type or "").lower().startswith("text/html"):
            raise ParseError("This is a web page, not a feed.")
        raise ParseError(f"The document could not be read as a feed: {_complaint(found)}.")
    if found.entries and not found.version and _root(head) == "html":
        raise ParseError("This is a web page, not a feed.")
    return _feed(found, body, url)


def _feedparser(body: bytes, url: str, content_type: str | None) -> Any:
    headers = {"content-location": url, "content-type": _media_type(body, content_type)}
    try:
        # A BytesIO, because feedparser would open a file or an address that the bytes name.
        return feedparser.parse(
            io.BytesIO(_without_surrogates(_with_ampersands(body))),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        # feedparser lets all kinds of errors escape on documents that nobody foresaw.
        raise ParseError("The document could not be read as a feed: it is broken in a way nobody foresaw.") from error


def _feed(found: Any, body: bytes, url: str) -> ParsedFeed:
    raw = list(found.entries)
    if raw and found.bozo and _is_cut_off(body):
        raw.pop()
    elements = len(raw)
    raw_keys = _raw_keys(body, elements)
    if len(raw) > MOST_ENTRIES:
        raw = raw[: MOST_ENTRIES // 2] + raw[-MOST_ENTRIES // 2 :]
    channel: dict[str, Any] = found.feed
    site = address(url, dict.get(channel, "link"))
    entries: list[Entry] = []
    skipped = 0
    for position, entry in enumerate(raw):
        try:
            read_entry = finish(draft_of(entry, position=position, url=url, site=site))
            entries.append(replace(read_entry, raw_key=raw_keys[position]) if raw_keys else read_entry)
        except (MemoryError, RecursionError):
            raise
        except Exception:  # noqa: BLE001 - whatever one entry does, the others are read; the count is shown
            skipped += 1
    if skipped and not entries:
        raise ParseError("None of the feed's entries could be read.")
    return ParsedFeed(
        title=one_line(plain(str(dict.get(channel, "title") or "")), _LONGEST_FEED_TITLE) or None,
        site_url=site,
        icon_url=_icon(channel, url),
        entries=tuple(entries),
        ttl_seconds=_ttl_seconds(channel),
        skipped=skipped,
        elements=elements,
        declared_url=_declared(channel, url),
        skip_hours=skipping.hours(body),
        skip_days=skipping.days(body),
    )


def _raw_keys(body: bytes, elements: int) -> Sequence[str]:
    """What recognises each item by its bytes; empty where the scan does not see the same items as the parser."""
    items = scan.scan(body) or ()
    return [item.key for item in items] if len(items) == elements else ()


def _media_type(body: bytes, content_type: str | None) -> str:
    """XML, whatever the host said, in the host's charset unless the bytes show that it is wrong.

    Bytes above 127 that read as UTF-8 are UTF-8: other encodings do not do that by accident.
    """
    charset = _CHARSET.search(content_type or "")
    if b"\0" not in body and not body.isascii():
        try:
            codecs.getincrementaldecoder("utf-8")().decode(body, final=False)
        except UnicodeDecodeError:
            pass
        else:
            return "application/xml; charset=utf-8"
    return f"application/xml; charset={charset[1]}" if charset else "application/xml"


def _with_ampersands(body: bytes) -> bytes:
    """Escape a lone `&`: feedparser's loose reader, which such a document falls to, makes `R&D;` of `R&D`."""
    # In UTF-16 and ISO-2022-JP the byte may be half of another character.
    if b"\0" in body or b"\x1b" in body:
        return body
    return _BARE_AMPERSAND.sub(lambda match: b"&amp;" if match[0] == b"&" else match[0], body)


def _without_surrogates(body: bytes) -> bytes:
    """Without them feedparser raises UnicodeEncodeError on a character reference to half a character."""

    def replacement(match: re.Match[bytes]) -> bytes:
        number = int(match[1], 16) if match[1] else int(match[2])
        return b"&#xFFFD;" if 0xD800 <= number <= 0xDFFF else match[0]

    return _REFERENCE.sub(replacement, body)


def _is_feed(found: Any, head: bytes) -> bool:
    return bool(found.version) or _root(head) in ("rss", "rdf", "feed", "channel")


def _root(head: bytes) -> str:
    match = _ROOT.search(re.sub(rb"<!--.*?-->", b"", head, flags=re.DOTALL))
    return match[1].decode("ascii", "replace").lower() if match else ""


def _complaint(found: Any) -> str:
    """What the reader said, if it can be shown; never more than a line."""
    error = found.get("bozo_exception")
    message = getattr(error, "getMessage", None)
    return one_line(str(message()), 100) if message else "it holds no feed that is known here"


def _is_cut_off(body: bytes) -> bool:
    """Whether the document ends inside an entry."""
    if _END.search(body[-_HEAD:]):
        return False
    opened = max((match.start() for match in _OPEN.finditer(body)), default=-1)
    closed = max((match.start() for match in _CLOSE.finditer(body)), default=-1)
    return opened > closed


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
