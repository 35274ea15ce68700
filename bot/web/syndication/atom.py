"""Atom (RFC 4287) with paged feeds (RFC 5005, 3)."""

from datetime import datetime
from xml.etree import ElementTree as ET

from bot.model import Article
from bot.web.syndication.feed_page import FeedPage, content, document, moment, page_of, stable_id, xml_text

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"


def write(page: FeedPage) -> bytes:
    feed = ET.Element("feed", {"xmlns": _ATOM} | ({"xml:lang": page.language} if page.language else {}))
    _text(feed, "id", page.feed_id)
    _text(feed, "title", page.title)
    _text(feed, "updated", _date(page.updated_at))
    _link(feed, "alternate", page.page_url, "text/html")
    _link(feed, "self", page.address, "application/atom+xml")
    for relation, address in (
        ("first", page.first),
        ("previous", page.previous),
        ("next", page.next),
        ("last", page.last),
        ("hub", page.hub),
    ):
        if address:
            _link(feed, relation, address)
    _text(ET.SubElement(feed, "author"), "name", page.title)
    ET.SubElement(feed, "generator").text = "Riverpost"
    for article in page.articles:
        feed.append(_entry(article, page))
    return document(feed)


def _entry(article: Article, page: FeedPage) -> ET.Element:
    entry = ET.Element("entry")
    _text(entry, "id", stable_id(article))
    _text(entry, "title", article.title or article.source_title or "")
    _text(entry, "updated", _date(moment(article)))
    if article.published_at is not None:
        _text(entry, "published", _date(article.published_at))
    _link(entry, "alternate", page_of(article, page.page_url), "text/html")
    if article.enclosure is not None:
        attached = _link(entry, "enclosure", article.enclosure.url, article.enclosure.media_type)
        if article.enclosure.length_bytes:
            attached.set("length", str(article.enclosure.length_bytes))
    # An entry needs an author unless its source has one (4.1.2).
    _text(ET.SubElement(entry, "author"), "name", article.author or article.source_title or page.title)
    for category in article.categories:
        ET.SubElement(entry, "category", {"term": xml_text(category)})
    written = ET.SubElement(entry, "content", {"type": "html"})
    written.text = xml_text(content(article))
    source = ET.SubElement(entry, "source")
    _text(source, "id", article.feed_url)
    _text(source, "title", article.source_title or article.feed_url)
    _text(source, "updated", _date(moment(article)))
    _link(source, "self", article.feed_url)
    if article.source_url:
        _link(source, "alternate", article.source_url, "text/html")
    return entry


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = xml_text(text)


def _link(parent: ET.Element, relation: str, address: str, media_type: str | None = None) -> ET.Element:
    given = {"rel": relation, "href": xml_text(address)} | ({"type": media_type} if media_type else {})
    return ET.SubElement(parent, "link", given)


def _date(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
