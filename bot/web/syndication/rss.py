"""RSS 2.0, as the RSS Advisory Board's best practices profile has it."""

from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from bot.model import Article
from bot.web.syndication.feed_page import FeedPage, content, document, moment, page_of, stable_id, xml_text

CONTENT_TYPE = "application/rss+xml; charset=utf-8"
_NAMESPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
}


def write(page: FeedPage) -> bytes:
    rss = ET.Element("rss", {"version": "2.0"} | _NAMESPACES)
    channel = ET.SubElement(rss, "channel")
    _text(channel, "title", page.title)
    _text(channel, "link", page.page_url)
    _text(channel, "description", page.title)
    if page.language:
        _text(channel, "language", page.language)
    _text(channel, "lastBuildDate", _date(page.updated_at))
    _text(channel, "generator", "Riverpost")
    _text(channel, "docs", "https://www.rssboard.org/rss-specification")
    relations = {"self": page.address, "first": page.first, "previous": page.previous, "next": page.next}
    for relation, address in (relations | {"last": page.last, "hub": page.hub}).items():
        if address:
            ET.SubElement(channel, "atom:link", {"rel": relation, "href": xml_text(address)})
    for article in page.articles:
        channel.append(_item(article, page))
    return document(rss)


def _item(article: Article, page: FeedPage) -> ET.Element:
    item = ET.Element("item")
    _text(item, "title", article.title or article.source_title or "")
    _text(item, "link", page_of(article, page.page_url))
    _text(item, "guid", stable_id(article))
    item[-1].set("isPermaLink", "false")
    _text(item, "pubDate", _date(moment(article)))
    if article.author:
        _text(item, "dc:creator", article.author)
    for category in article.categories:
        _text(item, "category", category)
    html = content(article)
    _text(item, "description", html)
    if article.enclosure is not None:
        length = str(article.enclosure.length_bytes or 0)
        given = {"url": article.enclosure.url, "length": length, "type": article.enclosure.media_type or ""}
        ET.SubElement(item, "enclosure", {name: xml_text(value) for name, value in given.items()})
        if article.enclosure.duration_seconds:
            _text(item, "itunes:duration", str(article.enclosure.duration_seconds))
    _text(item, "source", article.source_title or article.feed_url)
    item[-1].set("url", xml_text(article.feed_url))
    return item


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = xml_text(text)


def _date(when: datetime) -> str:
    return format_datetime(when)
