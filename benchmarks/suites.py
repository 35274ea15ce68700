"""What other projects' test suites expect of their documents, in the fields that Riverpost has too; one function a suite."""

import html
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urljoin

URL = "https://feeds.example.test/dir/feed"
Fields = dict[str, Any]


def words(value: object) -> str | None:
    """Text without markup, by other means than Riverpost's."""
    if not isinstance(value, str):
        return None
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", value, flags=re.DOTALL | re.IGNORECASE)
    text = re.sub(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", " ", text, flags=re.DOTALL)
    return "".join(html.unescape(html.unescape(text)).split()) or None


def one_title(value: object) -> str | None:
    text = words(value)
    return text[:990] if text else None


def moment(value: object) -> datetime | None:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC) if value else None
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        try:
            found = parsedate_to_datetime(value)
        except ValueError:
            return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC).replace(microsecond=0)


def link(value: object) -> str | None:
    return unquote(urljoin(URL, value.strip())) if isinstance(value, str) and value.strip() else None


def first(*values: object) -> Any:
    return next((value for value in values if value not in (None, "", [], {})), None)


def longest(*values: object) -> str | None:
    texts = [value for value in values if isinstance(value, str) and value.strip()]
    return max(texts, key=len, default=None)


def names(people: object) -> str | None:
    if isinstance(people, dict):
        people = [people]
    if isinstance(people, str):
        people = [{"name": people}]
    found = [one.get("name") if isinstance(one, dict) else one for one in people or ()]
    kept = [re.sub(r"\S+@\S+", " ", name).strip(" ()<>") for name in found if isinstance(name, str)]
    return ", ".join(dict.fromkeys(" ".join(name.split()) for name in kept if name)) or None


def categories(values: object, *keys: str) -> frozenset[str] | None:
    texts = [
        first(*(one.get(key) for key in keys)) if isinstance(one, dict) else one
        for one in (values if isinstance(values, list) else ())
    ]
    return (
        frozenset(" ".join(html.unescape(text).split()).casefold() for text in texts if isinstance(text, str)) or None
    )


def media(enclosures: object, *keys: str) -> str | None:
    for one in enclosures if isinstance(enclosures, list) else ():
        kind = str(first(one.get("type"), one.get("mime_type")) or "")
        if kind.startswith(("audio/", "video/")):
            return link(first(*(one.get(key) for key in keys)))
    return None


def atom_link(links: object) -> str | None:
    for one in links if isinstance(links, list) else ():
        if one.get("rel") in (None, "", "alternate"):
            return link(one.get("href"))
    return None


def gofeed(data: Fields, path: str) -> tuple[Fields, list[Fields]]:
    if "/parser/atom/" in path:
        feed = {"title": one_title(data.get("title")), "site": atom_link(data.get("links"))}
        return feed, [
            {
                "title": one_title(item.get("title")),
                "link": atom_link(item.get("links")),
                "guid": item.get("id"),
                "author": names(item.get("authors")),
                "date": moment(first(item.get("publishedParsed"), item.get("updatedParsed"))),
                "text": words(longest((item.get("content") or {}).get("value")) or item.get("summary")),
                "categories": categories(item.get("categories"), "label", "term"),
            }
            for item in data.get("entries") or ()
        ]
    if "/parser/rss/" in path or "/extensions/" in path:
        feed = {"title": one_title(data.get("title")), "site": link(data.get("link"))}
        return feed, [
            {
                "title": one_title(item.get("title")),
                "link": link(item.get("link")),
                "guid": (item.get("guid") or {}).get("value") if isinstance(item.get("guid"), dict) else None,
                "author": names(item.get("author")),
                "date": moment(item.get("pubDateParsed")),
                "text": words(first(item.get("content"), item.get("description"))),
                "categories": categories(item.get("categories"), "value"),
                "enclosure": media([item["enclosure"]], "url") if item.get("enclosure") else None,
            }
            for item in data.get("items") or ()
        ]
    return universal(data)


def universal(data: Fields) -> tuple[Fields, list[Fields]]:
    """What gofeed translates every format to, and JSON Feed's own names."""
    feed = {
        "title": one_title(data.get("title")),
        "site": link(first(data.get("link"), data.get("home_page_url"))),
        "ours": link(first(data.get("feedLink"), data.get("feed_url"))),
    }
    return feed, [
        {
            "title": one_title(item.get("title")),
            "link": link(first(item.get("link"), item.get("url"))),
            "guid": first(item.get("guid"), item.get("id")),
            "author": names(first(item.get("authors"), item.get("author"))),
            "date": moment(first(item.get("publishedParsed"), item.get("date_published"), item.get("updatedParsed"))),
            "text": words(
                first(item.get("content"), item.get("content_html"), item.get("content_text"), item.get("description"))
            ),
            "categories": categories(first(item.get("categories"), item.get("tags")), "value"),
            "enclosure": media(first(item.get("enclosures"), item.get("attachments")), "url"),
        }
        for item in data.get("items") or ()
    ]


def rss_parser(data: Fields) -> tuple[Fields, list[Fields]]:
    data = data.get("feed") or data
    feed = {"title": one_title(data.get("title")), "site": link(data.get("link"))}
    return feed, [
        {
            "title": one_title(item.get("title")),
            "link": link(item.get("link")),
            "guid": first(item.get("guid"), item.get("id")),
            "author": names(first(item.get("creator"), item.get("author"))),
            "date": moment(item.get("isoDate")),
            "text": words(first(item.get("content:encoded"), item.get("content"))),
            "categories": categories(item.get("categories"), "_"),
            "enclosure": media([item["enclosure"]], "url") if isinstance(item.get("enclosure"), dict) else None,
        }
        for item in data.get("items") or ()
    ]


def fastfeedparser(data: Fields) -> tuple[Fields, list[Fields]]:
    channel = data.get("feed") or {}
    feed = {"title": one_title(channel.get("title")), "site": link(channel.get("link"))}
    return feed, [
        {
            "title": one_title(item.get("title")),
            "link": link(item.get("link")),
            "guid": item.get("id"),
            "author": names(item.get("author")),
            "date": moment(first(item.get("published"), item.get("updated"))),
            "text": words(first(*(one.get("value") for one in item.get("content") or ()), item.get("description"))),
            "categories": categories(item.get("tags"), "label", "term"),
        }
        for item in data.get("entries") or ()
    ]


def podcastparser(data: Fields) -> tuple[Fields, list[Fields]]:
    feed = {
        "title": one_title(data.get("title")),
        "site": link(data.get("link")),
        "icon": link(data.get("cover_url")),
    }
    return feed, [
        {
            "title": one_title(item.get("title")),
            "link": link(item.get("link")),
            "guid": item.get("guid"),
            "author": names(item.get("itunes_author")),
            "date": moment(item.get("published")),
            "text": words(first(item.get("description_html"), item.get("description"))),
            "enclosure": media(item.get("enclosures"), "url"),
            "duration": item.get("total_time") or None,
            "image": link(first(item.get("episode_art_url"))),
        }
        for item in data.get("episodes") or ()
    ]


def feedsmith(data: Fields) -> tuple[Fields, list[Fields]]:
    atom = "entries" in data
    feed = {
        "title": one_title(data.get("title")),
        "site": atom_link(data.get("links")) if atom else link(data.get("link")),
    }
    return feed, [
        {
            "title": one_title(item.get("title")),
            "link": atom_link(item.get("links")) if atom else link(item.get("link")),
            "guid": first(
                item.get("id"),
                (item.get("guid") or {}).get("value") if isinstance(item.get("guid"), dict) else None,
                (item.get("rdf") or {}).get("about"),
            ),
            "author": names(item.get("authors")),
            "date": moment(first(item.get("published"), item.get("pubDate"), item.get("updated"))),
            "text": words(first(item.get("content"), item.get("description"), item.get("summary"))),
            "categories": categories(item.get("categories"), "label", "name", "term"),
            "enclosure": media(item.get("enclosures"), "url"),
        }
        for item in (data.get("entries") if atom else data.get("items")) or ()
    ]
