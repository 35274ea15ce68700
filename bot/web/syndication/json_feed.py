"""JSON Feed 1.1."""

import json
from typing import Any

from bot.model import Article
from bot.web.syndication.feed_page import FeedPage, content, moment, stable_id

CONTENT_TYPE = "application/feed+json; charset=utf-8"


def write(page: FeedPage) -> bytes:
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": page.title,
        "home_page_url": page.page_url,
        "feed_url": page.address,
        "items": [_item(each) for each in page.articles],
    }
    if page.next:
        feed["next_url"] = page.next
    if page.language:
        feed["language"] = page.language
    if page.hub:
        feed["hubs"] = [{"type": "WebSub", "url": page.hub}]
    return json.dumps(feed, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _item(article: Article) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": stable_id(article),
        "content_html": content(article),
        "date_published": moment(article).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "_source": {"title": article.source_title, "feed_url": article.feed_url, "url": article.source_url},
    }
    optional = {
        "url": article.link,
        "title": article.title,
        "image": article.image_url,
        "tags": list(article.categories),
        "authors": [{"name": article.author}] if article.author else None,
    }
    item |= {name: value for name, value in optional.items() if value}
    if article.enclosure is not None:
        sizes = {
            "size_in_bytes": article.enclosure.length_bytes,
            "duration_in_seconds": article.enclosure.duration_seconds,
        }
        media = {"url": article.enclosure.url, "mime_type": article.enclosure.media_type or "application/octet-stream"}
        item["attachments"] = [media | {name: value for name, value in sizes.items() if value}]
    return item
