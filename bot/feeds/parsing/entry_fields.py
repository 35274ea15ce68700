"""Takes an entry as feedparser gives it apart into a `Draft`."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urljoin

from bot.feeds.images.image_choice import Candidate, is_picture_file
from bot.feeds.parsing import media_types
from bot.feeds.parsing.dates import duration_seconds, moment
from bot.feeds.parsing.normalise import Draft, address, author_name, plain, says_something
from bot.model import Enclosure
from bot.plain_text import as_html
from bot.url_normalisation import host_name

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_IANA = "http://www.iana.org/assignments/relation/"
_ONE_ELEMENT = re.compile(r"\s*<([a-z][a-z0-9]*)\b[^<>]*>.*</[a-z][a-z0-9]*>\s*\Z", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_NO_ADDRESSES = ("N/A", "n/a", "null", "None", "none", "undefined", "nil")
MAX_AUTHORS = 20
_DATES = ("published", "updated", "created")


def draft_of(entry: dict[str, Any], *, position: int, url: str, site: str | None, is_atom: bool = False) -> Draft:
    """The entry's own words.

    Args:
        url: the document's address.
        site: the feed's own link. It or the document may be the base of relative addresses.
        is_atom: addresses are relative to the document (RFC 3986, 5.1.3), not to the entry's page.
    """
    # dict.get passes by feedparser's guesses for absent names, which warn.
    title = _detail(entry, "title_detail")
    if is_atom:
        _keep_words(entry)
    body, body_base, other = _body(entry)
    # feedparser gives the document's address where no xml:base says otherwise.
    declared = next((base for base in (body_base, title.get("base")) if base and base != url), None)
    declared_base = address(url, declared)
    base = declared_base or site or url
    # What a service passes on under its own name is not relative to that name.
    document = url if is_atom and host_name(url) == host_name(base) else None
    enclosure = _enclosure(entry, base)
    return Draft(
        position=position,
        base=base,
        guid=_text(entry, "id"),
        links=_links(entry, enclosure, url),
        title=str(
            title.get("value") or _text(entry, "title") or _text(entry, "itunes_title") or _name_of_media(entry) or ""
        ),
        title_is_html=title.get("type") in _HTML_TYPES,
        title_is_declared=is_atom,
        html=body,
        html_base=declared_base or document,
        other_html=other,
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


def _keep_words(entry: dict[str, Any]) -> None:
    """Make HTML of what an Atom entry declares to be text (RFC 4287, 4.1.3.3): tags in it are words."""
    for one in (*_list(entry, "content"), _detail(entry, "summary_detail")):
        value = str(one.get("value") or "")
        is_text = one.get("declared") and one.get("type") == "text/plain" and "<" in value
        # What is one element from its beginning to its end was declared by mistake.
        if is_text and not _ONE_ELEMENT.match(value):
            one["value"], one["type"] = as_html(value), "text/html"


def _body(entry: dict[str, Any]) -> tuple[str, str | None, str]:
    """What a reader is to see, with its xml:base, and what the entry says beside it."""
    content, base, summary = _fullest(entry)
    if says_something(content):
        return content, base, summary if content is not summary else ""
    if content is not summary and says_something(summary):
        # A picture in what has no words is still the article's.
        return content + summary if "<img" in content.lower() else summary, base, ""
    # The description of a picture or film stands for an article only where that has no words of its own.
    return content + (_media_description(entry) or ""), base, ""


def _media_description(entry: dict[str, Any]) -> str | None:
    detail = _detail(entry, "media_description_detail")
    text = _text(entry, "media_description") or detail.get("value")
    return as_html(text) if text and detail.get("type") == "text/plain" else text


def _name_of_media(entry: dict[str, Any]) -> str | None:
    """The title of an entry that is nothing but its picture or film."""
    said = (*(str(one.get("value") or "") for one in _list(entry, "content")), _text(entry, "summary") or "")
    return None if any(map(says_something, said)) else _text(entry, "media_title")


def _fullest(entry: dict[str, Any]) -> tuple[str, str | None, str]:
    """The longest of what the entry gives as content, else its summary; its xml:base; the summary."""
    contents = [one for one in _list(entry, "content") if isinstance(one.get("value"), str)]
    readable = [one for one in contents if str(one.get("type") or "text/html").startswith(("text/", "application/x"))]
    best: dict[str, Any] = max(readable, key=lambda one: len(one["value"]), default={})
    summary = _detail(entry, "summary_detail") or {"value": _text(entry, "summary")}
    words = (best.get("value") or "").strip()
    if not words or (best.get("type") == "text/plain" and _says_as_much(summary, words)):
        best = summary
    short = str(summary.get("value") or _text(entry, "subtitle") or "")
    return short if best is summary else str(best["value"]), best.get("base"), short


def _says_as_much(summary: dict[str, Any], words: str) -> bool:
    """Whether it is HTML for the same text: podcasts repeat their notes without markup (itunes:summary)."""
    return summary.get("type") in _HTML_TYPES and len(plain(str(summary.get("value") or ""))) > 0.8 * len(words)


def _links(entry: dict[str, Any], enclosure: Enclosure | None, url: str) -> Sequence[str | None]:
    """Best first: the page, another document that the entry is, the guid if it is a permalink, the file."""
    pages, others = [], []
    for link in _list(entry, "links"):
        kind = _media_type(link) or "text/html"
        if not _is_alternate(link) or _is_no_address(dict.get(link, "href"), url):
            continue
        if kind in _HTML_TYPES:
            pages.append(dict.get(link, "href"))
        elif not kind.endswith(("xml", "json")):
            others.append(dict.get(link, "href"))
    # A file beside a page that gives it no type (feedgen) is not the page.
    pages.sort(key=lambda href: media_types.by_name(href) is not None)
    # feedparser takes every guid for the link where there is none, unless the feed denies it.
    guid, page = _text(entry, "id"), _text(entry, "link")
    if (page == guid and "/" not in (guid or "")) or _is_no_address(page, url):
        page = None
    permalink = guid if dict.get(entry, "guid_is_permalink") and _ADDRESS.match(guid or "") else None
    named = (page, *others[:1]) if page != guid else (*others[:1], page)
    return (*pages[:1], *named, permalink, enclosure.url if enclosure else None)


def _is_alternate(link: dict[str, Any]) -> bool:
    """A name is the same as its address at IANA (RFC 4287, 4.2.7.2)."""
    return str(dict.get(link, "rel") or "").strip().lower().removeprefix(_IANA) == "alternate"


def _media_type(link: dict[str, Any]) -> str:
    return str(dict.get(link, "type") or "").partition(";")[0].strip().lower()


def _is_no_address(href: object, url: str) -> bool:
    """Whether it is a word for nothing, which feedparser has made absolute."""
    return (
        isinstance(href, str)
        and href.endswith(_NO_ADDRESSES)
        and any(href == urljoin(url, one) for one in _NO_ADDRESSES)
    )


def _author(entry: dict[str, Any]) -> str | None:
    # An entry without authors has those of the feed that it was taken from (RFC 4287, 4.2.1).
    authors = _list(entry, "authors") or _list(_detail(entry, "source"), "authors")
    found = (author_name(str(one["name"])) for one in authors[:MAX_AUTHORS] if one.get("name"))
    names = list(dict.fromkeys(name for name in found if name))
    if names:
        # A podcast names its author twice, once with its address.
        return ", ".join(name for name in names if not any(name != other and name in other for other in names))
    return _detail(entry, "author_detail").get("name") or _text(entry, "author")


def _enclosure(entry: dict[str, Any], base: str) -> Enclosure | None:
    """The first audio or video file."""
    alternates = [link for link in _list(entry, "links") if _is_alternate(link)]
    named = [link for link in alternates if media_types.by_name(dict.get(link, "href"))]
    # Without a page beside it, the file is what the entry links to.
    files = [{**link, "type": ""} for link in named] if len(named) < len(alternates) else []
    for found in (*_list(entry, "enclosures"), *_list(entry, "media_content"), *files):
        href = address(base, found.get("href") or found.get("url"))
        if href and (kind := media_types.playable(found.get("type"), href)):
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
        if is_picture_file(found.get("type"), None, href := found.get("href")) and not media_types.by_name(href):
            yield Candidate(href)
    yield Candidate(_detail(entry, "image").get("href"))
    for name in ("item_image_url", "item_image_href", "item_image"):
        if (found_url := (_text(entry, name) or "").strip()).startswith(("http", "/")):
            yield Candidate(found_url)


def _text(entry: dict[str, Any], name: str) -> str | None:
    value = dict.get(entry, name)
    return value if isinstance(value, str) else None


def _detail(entry: dict[str, Any], name: str) -> dict[str, Any]:
    value = dict.get(entry, name)
    return value if isinstance(value, dict) else {}


def _list(entry: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = entry.get(name) if name == "enclosures" else dict.get(entry, name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
