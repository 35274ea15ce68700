"""From a site's address to its feeds."""

from collections.abc import AsyncIterator

import pytest

from bot.clock import SystemClock
from bot.errors import DiscoveryError
from bot.feeds.discover import Discovery, links_of
from bot.feeds.fetch import Fetcher
from bot.feeds.parse import ParserPool
from tests.feeds.test_fetch import Settings
from tests.wire.feedserver import FeedServer


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def discovery() -> AsyncIterator[Discovery]:
    parser = ParserPool(workers=1)
    async with Fetcher(Settings(), SystemClock()) as fetcher:
        yield Discovery(fetcher, parser)
    await parser.close()


async def test_a_feed_s_address_is_the_feed(server: FeedServer, discovery: Discovery) -> None:
    feed = server.feed("blog", title="A blog")
    feed.publish("One")
    [found] = await discovery.find(feed.url)
    assert (found.url, found.title, found.entries) == (feed.url, "A blog", 1)


async def test_a_page_gives_the_feeds_it_declares_in_its_order(server: FeedServer, discovery: Discovery) -> None:
    for name in ("posts", "talks"):
        server.feed(f"{name}.xml", title=name).publish("One")
    page = server.site(
        "site",
        '<head><link rel="alternate" type="application/rss+xml" href="/posts.xml">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed">'
        '<link rel="alternate" type="application/atom+xml" href="talks.xml"></head>',
    )
    assert [found.title for found in await discovery.find(page)] == ["posts", "talks"]


async def test_a_page_that_declares_nothing_is_asked_at_the_usual_places(
    server: FeedServer, discovery: Discovery
) -> None:
    server.feed("atom.xml", title="hidden").publish("One")
    [found] = await discovery.find(server.site("", "<p>Hello</p>"))
    assert found.title == "hidden"


async def test_where_there_is_no_feed_it_says_what_to_do(server: FeedServer, discovery: Discovery) -> None:
    with pytest.raises(DiscoveryError, match=r"I found no feed at .* Paste the address of the feed itself"):
        await discovery.find(server.site("site", "<p>Hello</p>"))
    with pytest.raises(DiscoveryError, match=r"could not read .* nothing at this address"):
        await discovery.find(f"{server.url}/missing")


async def test_a_feed_that_moved_for_good_is_found_at_its_new_address(server: FeedServer, discovery: Discovery) -> None:
    feed = server.feed("blog")
    feed.publish("One")
    old = server.feed("old")
    old.redirect(feed.url, status=301)
    [found] = await discovery.find(old.url)
    assert found.url == feed.url


def test_links_are_absolute_by_the_page_s_base_and_each_comes_once() -> None:
    html = (
        b'<base href="https://cdn.example/x/"><link rel="ALTERNATE home" type="application/rss+xml; charset=utf-8" href="feed">'
        b'<a href="feed/">RSS</a><a href="/about">About</a><a href="/index.xml">XML</a><a href="/wp-json/feed">no</a>'
    )
    assert links_of(html, "https://blog.example/") == ["https://cdn.example/x/feed", "https://cdn.example/index.xml"]
