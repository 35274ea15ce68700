"""From what a person pasted to feeds: the address itself, what its page links to, the usual places."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from bot.errors import DiscoveryError, FeedError
from bot.feeds.urls import absolute, canonical, without_credentials
from bot.model import Fetched, FetchFailed, ParsedFeed

TOTAL_SECONDS = 15.0
"""For everything: a person waits."""
MOST_CANDIDATES = 6
FEED_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
    "application/xml",
    "text/xml",
}
USUAL_PLACES = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feed.json")
LOOKS_LIKE_A_FEED = re.compile(
    r"(?:\.(?:rss|atom|rdf)|/(?:feed|rss|atom|rss2)/?|(?:rss|atom|feed|index)\.(?:xml|json|php))(?:\?|$)", re.IGNORECASE
)
NO_SOURCE = re.compile(
    r"/wp-json/|oembed|/comments/feed|/comments/default|[?&]feed=comments|comments?\.(?:xml|rss|atom)|manifest\.json",
    re.IGNORECASE,
)


class Pages(Protocol):
    """Fetches documents for discovery, see `feeds.fetch.Fetcher.page`."""

    async def page(self, url: str, *, deadline_seconds: float) -> Fetched | FetchFailed: ...


class Parser(Protocol):
    """Reads documents; raises `ParseError`."""

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was read just now."""

    url: str
    title: str
    entries: int
    fetched: Fetched
    parsed: ParsedFeed


class Discovery:
    """Finds the feeds of an address."""

    def __init__(self, pages: Pages, parser: Parser) -> None:
        self._pages = pages
        self._parser = parser

    async def find(self, source: str) -> tuple[Found, ...]:
        """The feeds of an address, best first; one if the address is a feed itself.

        Raises:
            DiscoveryError: there is none, or the address cannot be read; says what to do.
        """
        shown = without_credentials(source)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await self._find(source, shown)
        except TimeoutError as error:
            raise DiscoveryError(
                f"{shown} took too long to answer. Try again in a while, or paste the address of the feed itself."
            ) from error

    async def _find(self, source: str, shown: str) -> tuple[Found, ...]:
        page = await self._pages.page(source, deadline_seconds=TOTAL_SECONDS)
        if isinstance(page, FetchFailed):
            raise DiscoveryError(f"I could not read {shown}: {page.message}")
        itself = await self._read(source, page)
        if itself is not None:
            return (itself,)
        candidates = links_of(page.body, page.url)
        found = await self._read_all(candidates[:MOST_CANDIDATES])
        if not found:
            found = await self._read_all([urljoin(page.url, place) for place in USUAL_PLACES])
        if not found:
            raise DiscoveryError(
                f"I found no feed at {shown}. Paste the address of the feed itself: it often ends in /feed or .xml."
            )
        return found

    async def _read_all(self, urls: Sequence[str]) -> tuple[Found, ...]:
        """Those that are feeds, in the given order, each once."""
        read = await asyncio.gather(*(self._try(url) for url in urls))
        found: dict[str, Found] = {}
        for feed in read:
            if feed is not None:
                found.setdefault(canonical(feed.url), feed)
        return tuple(found.values())

    async def _try(self, url: str) -> Found | None:
        page = await self._pages.page(url, deadline_seconds=TOTAL_SECONDS)
        return None if isinstance(page, FetchFailed) else await self._read(url, page)

    async def _read(self, url: str, page: Fetched) -> Found | None:
        try:
            parsed = await self._parser.parse(page.body, page.url, page.content_type)
        except FeedError:
            return None
        address = page.moved_to or url
        title = parsed.title or without_credentials(address)
        return Found(address, title, len(parsed.entries), page, parsed)


def links_of(html: bytes, base_url: str) -> list[str]:
    """Addresses on a page that are or look like feeds: what it declares first, then its links. Pure."""
    tree = LexborHTMLParser(html)
    base_node = tree.css_first("base[href]")
    base = absolute(base_url, base_node.attributes.get("href")) if base_node else None
    base = base or base_url
    declared = [
        node.attributes.get("href")
        for node in tree.css("link[href]")
        if "alternate" in (node.attributes.get("rel") or "").lower().split()
        and (node.attributes.get("type") or "").split(";")[0].strip().lower() in FEED_TYPES
    ]
    linked = [
        href for node in tree.css("a[href]") if (href := node.attributes.get("href")) and LOOKS_LIKE_A_FEED.search(href)
    ]
    found: dict[str, str] = {}
    for href in declared + linked:
        url = absolute(base, href)
        if url is not None and not NO_SOURCE.search(url):
            found.setdefault(canonical(url), url)
    return list(found.values())
