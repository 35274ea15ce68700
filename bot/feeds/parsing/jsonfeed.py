"""Reads JSON Feed 1.0 and 1.1 (jsonfeed.org), forgiving about everything but the frame."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.errors import ParseError
from bot.feeds.images.image_choice import Candidate, is_picture_file
from bot.feeds.parsing import media_types
from bot.feeds.parsing.dates import moment
from bot.feeds.parsing.normalise import Draft, address, finish, one_line, says_something
from bot.i18n.translation import N_
from bot.model import Enclosure, Entry, FailureKind, ParsedFeed
from bot.plain_text import as_html

MAX_ENTRIES = 5_000


def read_json(body: bytes, url: str) -> ParsedFeed:
    """Raise `ParseError` for anything that is not a JSON Feed."""
    try:
        document = json.loads(body, strict=False)  # bare tabs and line ends in texts are no reason to lose a feed
    except (ValueError, RecursionError) as error:
        # A number of more than 4300 digits is a ValueError too.
        raise ParseError(N_("The document looks like a JSON Feed, but its JSON is broken.")) from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise ParseError(N_("This is JSON, but not a JSON Feed."), kind=FailureKind.NOT_A_FEED)
    site = address(url, _text(document.get("home_page_url")))
    feed_author = _author(document)
    entries: list[Entry] = []
    items = list(enumerate(document["items"]))
    if len(items) > MAX_ENTRIES:
        items = items[: MAX_ENTRIES // 2] + items[-MAX_ENTRIES // 2 :]
    skipped = 0
    for position, item in items:
        try:
            entries.append(finish(_draft(item, position, site or url, feed_author)))
        except (ValueError, TypeError, AttributeError, RecursionError):  # among them: it is no object
            skipped += 1
    if skipped and not entries:
        raise ParseError(N_("None of the feed's entries could be read."))
    return ParsedFeed(
        title=one_line(_text(document.get("title")) or "", 300) or None,
        site_url=site,
        icon_url=address(url, _text(document.get("favicon"))) or address(url, _text(document.get("icon"))),
        entries=tuple(entries),
        skipped=skipped,
        declared_url=address(url, _text(document.get("feed_url"))),
    )


def _draft(item: Mapping[str, Any], position: int, base: str, feed_author: str | None) -> Draft:
    html = _text(item.get("content_html")) or ""
    if not says_something(html):
        words = as_html(_text(item.get("content_text")) or _text(item.get("summary")) or "")
        # A picture in it is still the article's.
        html = html + words if "<img" in html.lower() else words
    tags = item.get("tags")
    images = [_text(item.get("image")), _text(item.get("banner_image"))]
    images += [
        _text(found.get("url"))
        for found in _attachments(item)
        if is_picture_file(_text(found.get("mime_type")), None, _text(found.get("url")))
    ]
    return Draft(
        position=position,
        base=base,
        guid=_text(item.get("id")),
        links=(_text(item.get("url")), _text(item.get("external_url")), *_links_in_files(item)),
        title=_text(item.get("title")) or "",
        html=html,
        author=_author(item) or feed_author,
        categories=[_text(tag) for tag in tags] if isinstance(tags, list) else (),
        pictures=[Candidate(found) for found in images],
        enclosure=_enclosure(item, base),
        published_at=moment(_text(item.get("date_published"))) or moment(_text(item.get("date_modified"))),
    )


def _enclosure(item: Mapping[str, Any], base: str) -> Enclosure | None:
    for found, media_type in _playable(item):
        if url := address(base, _text(found.get("url"))):
            return Enclosure(
                url=url,
                media_type=media_type,
                length_bytes=_count(found.get("size_in_bytes")),
                duration_seconds=_count(found.get("duration_in_seconds")),
            )
    return None


def _links_in_files(item: Mapping[str, Any]) -> list[str | None]:
    return [_text(found.get("url")) for found, _ in _playable(item)]


def _playable(item: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The attached audio and video files, each with its media type."""
    for found in _attachments(item):
        if media_type := media_types.playable(_text(found.get("mime_type")), _text(found.get("url"))):
            yield found, media_type


def _attachments(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    found = item.get("attachments")
    yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _author(holder: Mapping[str, Any]) -> str | None:
    listed = holder.get("authors")
    people = listed if isinstance(listed, list) and listed else [holder.get("author")]
    names = [_text(one.get("name")) if isinstance(one, dict) else _text(one) for one in people]
    return ", ".join(name for name in names if name) or None


def _text(value: object) -> str | None:
    """Numbers are texts too: ids are often written as numbers."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _count(value: object) -> int | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**53:
        return int(value) or None
    return None
