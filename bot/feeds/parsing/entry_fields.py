"""Takes an entry as feedparser gives it apart into a `Draft`."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from bot.feeds.images.image_choice import Candidate, is_picture_file
from bot.feeds.parsing.dates import duration_seconds, moment
from bot.feeds.parsing.normalise import Draft, address, plain
from bot.model import Enclosure

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_MEDIA_TYPES = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".opus": "audio/opus",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
}
MAX_AUTHORS = 20
_DATES = ("published", "updated", "created")


def draft_of(entry: dict[str, Any], *, position: int, url: str, site: str | None) -> Draft:
    """`url` is the document's address, `site` the feed's own link; either may be the base of relative addresses."""
    # dict.get passes by feedparser's guesses for absent names, which warn.
    title = _detail(entry, "title_detail")
    body, body_base = _fullest(entry)
    # feedparser gives the document's address where no xml:base says otherwise.
    declared = next((base for base in (body_base, title.get("base")) if base and base != url), None)
    base = address(url, declared) or site or url
    enclosure = _enclosure(entry, base)
    return Draft(
        position=position,
        base=base,
        guid=_text(entry, "id"),
        links=_links(entry, enclosure),
        title=str(title.get("value") or _text(entry, "title") or _text(entry, "itunes_title") or ""),
        title_is_html=title.get("type") in _HTML_TYPES,
        html=body,
        author=_author(entry),
        categories=[tag.get("label") or tag.get("term") for tag in _list(entry, "tags")],
        pictures=tuple(_pictures(entry)),
        enclosure=enclosure,
        published_at=next(
            (
                found
                for name in _DATES
                if (found := moment(_text(entry, name), dict.get(entry, f"{name}_parsed"))) is not None
            ),
            None,
        ),
    )


def _fullest(entry: dict[str, Any]) -> tuple[str, str | None]:
    """The longest of what the entry gives as content, else its summary, with its xml:base."""
    contents = [one for one in _list(entry, "content") if isinstance(one.get("value"), str)]
    readable = [one for one in contents if str(one.get("type") or "text/html").startswith(("text/", "application/x"))]
    best: dict[str, Any] = max(readable, key=lambda one: len(one["value"]), default={})
    summary = _detail(entry, "summary_detail") or {"value": _text(entry, "summary")}
    words = (best.get("value") or "").strip()
    if not words or (best.get("type") == "text/plain" and _says_as_much(summary, words)):
        best = summary
    return str(best.get("value") or _text(entry, "subtitle") or ""), best.get("base")


def _says_as_much(summary: dict[str, Any], words: str) -> bool:
    """Whether it is HTML for the same text: podcasts repeat their notes without markup (itunes:summary)."""
    return summary.get("type") in _HTML_TYPES and len(plain(str(summary.get("value") or ""))) > 0.8 * len(words)


def _links(entry: dict[str, Any], enclosure: Enclosure | None) -> Sequence[str | None]:
    """Best first: the page, the guid if it is said to be a permalink and looks like one, the file."""
    alternate = [
        link.get("href")
        for link in _list(entry, "links")
        if link.get("rel") == "alternate" and str(link.get("type") or "text/html") in _HTML_TYPES
    ]
    # feedparser takes every guid for the link where there is none, unless the feed denies it.
    guid, page = _text(entry, "id"), _text(entry, "link")
    if page == guid and "/" not in (guid or ""):
        page = None
    return (*alternate[:1], page, enclosure.url if enclosure else None)


def _author(entry: dict[str, Any]) -> str | None:
    found = (str(one["name"]).strip() for one in _list(entry, "authors")[:MAX_AUTHORS] if one.get("name"))
    names = list(dict.fromkeys(found))
    if names:
        # A podcast names its author twice, once with its address.
        return ", ".join(name for name in names if not any(name != other and name in other for other in names))
    return _detail(entry, "author_detail").get("name") or _text(entry, "author")


def _enclosure(entry: dict[str, Any], base: str) -> Enclosure | None:
    """The first audio or video file."""
    for found in (*_list(entry, "enclosures"), *_list(entry, "media_content")):
        href = address(base, found.get("href") or found.get("url"))
        kind = str(found.get("type") or "").lower()
        if not kind.startswith(("audio/", "video/", "image/", "text/")):
            # Some say nothing, or "application/octet-stream": then the file's name tells.
            kind = _MEDIA_TYPES.get(PurePosixPath((href or "").partition("?")[0].lower()).suffix, kind)
        if href and kind.startswith(("audio/", "video/")):
            length = str(found.get("length") or found.get("filesize") or "").strip()
            return Enclosure(
                url=href,
                media_type=kind,
                length_bytes=int(length) or None if length.isdecimal() and len(length) <= 15 else None,
                duration_seconds=duration_seconds(dict.get(entry, "itunes_duration") or found.get("duration")),
            )
    return None


def _pictures(entry: dict[str, Any]) -> Iterator[Candidate]:
    """Pictures beside the HTML, best first: media:content, media:thumbnail, attached pictures, itunes:image."""
    for found in _list(entry, "media_content"):
        if is_picture_file(found.get("type"), found.get("medium"), found.get("url")):
            yield Candidate(found.get("url"), found.get("width"), found.get("height"))
    for found in _list(entry, "media_thumbnail"):
        yield Candidate(found.get("url"), found.get("width"), found.get("height"))
    for found in _list(entry, "enclosures"):
        if is_picture_file(found.get("type"), None, found.get("href")):
            yield Candidate(found.get("href"))
    yield Candidate(_detail(entry, "image").get("href"))


def _text(entry: dict[str, Any], name: str) -> str | None:
    value = dict.get(entry, name)
    return value if isinstance(value, str) else None


def _detail(entry: dict[str, Any], name: str) -> dict[str, Any]:
    value = dict.get(entry, name)
    return value if isinstance(value, dict) else {}


def _list(entry: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = entry.get(name) if name == "enclosures" else dict.get(entry, name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
