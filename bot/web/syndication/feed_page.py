"""One page of a feed that goes out, before it has a format."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from bot.model import Article
from bot.web import article_html

MAX_TEXT = 3_000
"""Characters of an article in a feed; the rest is on its own site."""
_NAMESPACE = uuid.UUID("7b8f2c52-3b0b-4f43-9a40-6a2c35d2c1b7")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedPage:
    """What a reader program is given. All addresses are absolute.

    Args (fields):
        address: of this very page of the feed; `first` to `last` as in RFC 5005, None where there is none.
        feed_id: the same for all pages of a feed.
    """

    feed_id: str
    title: str
    page_url: str
    address: str
    articles: tuple[Article, ...]
    updated_at: datetime
    language: str | None = None
    hub: str | None = None
    first: str | None = None
    previous: str | None = None
    next: str | None = None
    last: str | None = None


def stable_id(article: Article) -> str:
    """An article's id, whatever happens to the addresses of this server, of the feed and of the article."""
    return uuid.uuid5(_NAMESPACE, f"{article.entry_id}:{article.seen_at.timestamp():.3f}").urn


def feed_urn(*parts: object) -> str:
    """An id for a feed, from what it is a feed of."""
    return uuid.uuid5(_NAMESPACE, ":".join(map(str, parts))).urn


def content(article: Article) -> str:
    """The article's cleaned HTML, cut."""
    return str(article_html.shown(article.summary_html, MAX_TEXT)[0])


def xml_text(text: str) -> str:
    """Without the characters that XML 1.0 (2.2) forbids, and which no escape allows."""
    return _FORBIDDEN.sub("", text)


def moment(article: Article) -> datetime:
    """When it was published, else when it was first seen."""
    return article.published_at or article.seen_at


def page_of(article: Article, fallback: str) -> str:
    """Where it is read: on its own site."""
    return article.link or fallback


def document(root: ET.Element) -> bytes:
    """An XML document in UTF-8."""
    written: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + written
