"""From a site's address to its feeds: over real sockets, and for hosts that no test may ask from a set of documents."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest

from bot.clock import SystemClock
from bot.errors import DiscoveryError
from bot.feeds.discovery.feed_finder import MAX_REQUESTS, Discovery
from bot.feeds.http.fetcher import Fetcher
from bot.feeds.parsing import feed_parser
from bot.feeds.workers.parser_pool import ParserPool
from bot.model import FailureKind, Fetched, FetchFailed, ParsedFeed
from tests.feeds.http.test_fetcher import Settings
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


class Web:
    """Documents by address, for hosts of the real web; reads them in this process."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.urgent: list[bool] = []
        self._documents: dict[str, bytes] = {}
        self._moved: dict[str, str] = {}
        self._refused: dict[str, int] = {}
        self._hangs: set[str] = set()

    def put(self, url: str, body: str) -> None:
        self._documents[url] = body.encode()

    def feed(self, url: str, title: str, *links: str, text: str = "") -> None:
        items = "".join(
            f"<item><title>{link}</title><link>{link}</link><description>{text}</description></item>" for link in links
        )
        self.put(url, f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>')

    def redirect(self, url: str, to: str) -> None:
        self._moved[url] = to

    def refuse(self, url: str, status: int) -> None:
        self._refused[url] = status

    def hang(self, url: str) -> None:
        self._hangs.add(url)

    async def page(self, url: str, *, deadline_seconds: float, urgent: bool) -> Fetched | FetchFailed:
        self.asked.append(url)
        self.urgent.append(urgent)
        if url in self._hangs:
            await asyncio.sleep(deadline_seconds)
            return FetchFailed(FailureKind.TIMEOUT, "The host did not answer in time.")
        final = self._moved.get(url, url)
        if final in self._refused:
            return FetchFailed(FailureKind.HTTP, f"The host answered {self._refused[final]}.", self._refused[final])
        body = self._documents.get(final)
        if body is None:
            return FetchFailed(FailureKind.HTTP, "There is nothing at this address (404).", 404)
        return Fetched(final, None, 200, body, "digest", None, None, None)

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        return feed_parser.read(body, url, content_type)

    async def find(self, source: str, *, total_seconds: float = 5.0) -> list[tuple[str, str]]:
        """Titles and addresses of what is found."""
        found = await Discovery(self, self, total_seconds=total_seconds).find(source)
        return [(each.title, each.url.reveal()) for each in found]


# --- over real sockets -----------------------------------------------------------------------------


async def test_a_feed_s_address_is_the_feed(server: FeedServer, discovery: Discovery) -> None:
    feed = server.feed("blog", title="A blog")
    feed.publish("One")
    [found] = await discovery.find(feed.url)
    assert (found.url.reveal(), found.title, found.entries) == (feed.url, "A blog", 1)


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


async def test_a_feed_behind_a_password_is_found_with_the_password_of_its_page(
    server: FeedServer, discovery: Discovery
) -> None:
    feed = server.feed("posts.xml", title="inner")
    feed.publish("One")
    page = server.site("site", '<link rel="alternate" type="application/rss+xml" href="/posts.xml">')
    [found] = await discovery.find(page.replace("http://", "http://me:secret@"))
    assert found.url == feed.url.replace("http://", "http://me:secret@")
    assert feed.requests[0].headers["Authorization"].startswith("Basic ")


# --- a set of documents ----------------------------------------------------------------------------


async def test_what_is_known_of_a_platform_is_asked_first_and_its_page_never() -> None:
    web = Web()
    repo = "https://github.com/octo/knife"
    web.feed(f"{repo}/releases.atom", "Release notes from knife", f"{repo}/releases/tag/v2", f"{repo}/releases/tag/v1")
    web.feed(f"{repo}/tags.atom", "Tags from knife", f"{repo}/releases/tag/v2", f"{repo}/releases/tag/v1")
    web.feed(f"{repo}/commits.atom", "Recent Commits to knife", f"{repo}/commit/b", f"{repo}/commit/a")
    assert [title for title, _ in await web.find(repo)] == ["Release notes from knife", "Recent Commits to knife"]
    assert repo not in web.asked


async def test_a_platform_s_feed_pasted_itself_is_just_that_feed() -> None:
    web = Web()
    web.feed("https://github.com/octo/knife/tags.atom", "Tags", "https://github.com/octo/knife/releases/tag/v1")
    assert await web.find("https://github.com/octo/knife/tags.atom") == [
        ("Tags", "https://github.com/octo/knife/tags.atom")
    ]
    assert len(web.asked) == 1


async def test_a_youtube_handle_leads_to_its_channel() -> None:
    web = Web()
    feed = "https://www.youtube.com/feeds/videos.xml?channel_id=UC_x5XG1OV2P6uZZ5FSM9Ttw"
    web.put("https://www.youtube.com/@example", '<script>{"externalId":"UC_x5XG1OV2P6uZZ5FSM9Ttw"}</script>')
    web.feed(feed, "Example", "https://www.youtube.com/watch?v=1")
    assert await web.find("https://www.youtube.com/@example") == [("Example", feed)]


async def test_a_podcast_at_apple_leads_to_its_own_feed() -> None:
    web = Web()
    web.put(
        "https://itunes.apple.com/lookup?id=123456&entity=podcast",
        json.dumps({"resultCount": 1, "results": [{"collectionName": "Show", "feedUrl": "https://pod.example/rss"}]}),
    )
    web.feed("https://pod.example/rss", "Show", "https://pod.example/1")
    assert await web.find("https://podcasts.apple.com/de/podcast/show/id123456") == [
        ("Show", "https://pod.example/rss")
    ]


async def test_a_shortened_address_of_a_platform_is_followed_first() -> None:
    web = Web()
    web.put("https://short.example/x", "never read")
    web.redirect("https://short.example/x", "https://letters.substack.com/p/one")
    web.put("https://letters.substack.com/p/one", "<p>One</p>")
    web.feed("https://letters.substack.com/feed", "Letters", "https://letters.substack.com/p/one")
    assert await web.find("https://short.example/x") == [("Letters", "https://letters.substack.com/feed")]


async def test_a_feed_in_two_formats_is_offered_once() -> None:
    web = Web()
    head = "".join(
        f'<link rel="alternate" type="application/{kind}+xml" href="/{kind}.xml">' for kind in ("rss", "atom")
    )
    web.put("https://blog.example/", head)
    links = [f"https://blog.example/{number}" for number in range(8)]
    web.feed("https://blog.example/rss.xml", "Blog", *links, text="Short.")
    web.feed("https://blog.example/atom.xml", "Blog", *links[:5], text="Much longer, the whole article.")
    assert await web.find("https://blog.example/") == [("Blog", "https://blog.example/atom.xml")]


async def test_feeds_of_one_title_are_told_apart_by_how_the_page_calls_them() -> None:
    web = Web()
    web.put(
        "https://news.example/",
        '<link rel="alternate" type="application/rss+xml" title="Front page" href="/front.xml">'
        '<link rel="alternate" type="application/rss+xml" title="Everything" href="/all.xml">',
    )
    web.feed("https://news.example/front.xml", "News", "https://news.example/1")
    web.feed("https://news.example/all.xml", "News", "https://news.example/2", "https://news.example/3")
    assert [title for title, _ in await web.find("https://news.example/")] == ["News · Front page", "News · Everything"]


async def test_comments_of_an_article_are_not_offered_for_it() -> None:
    web = Web()
    page = "https://blog.example/2024/05/post/"
    web.put(
        page,
        '<link rel="alternate" type="application/rss+xml" title="Blog" href="/feed/">'
        '<link rel="alternate" type="application/rss+xml" title="Blog: etwas dazu" href="feed/">',
    )
    web.feed("https://blog.example/feed/", "Blog", page)
    web.feed(f"{page}feed/", "Antworten", f"{page}#comment-2", f"{page}#comment-1")
    assert await web.find(page) == [("Blog", "https://blog.example/feed/")]


async def test_an_article_that_declares_nothing_leads_to_the_feed_of_its_front_page() -> None:
    web = Web()
    web.put("https://blog.example/2024/post.html", "<p>Text</p>")
    web.put("https://blog.example/", '<link rel="alternate" type="application/rss+xml" href="/news">')
    web.feed("https://blog.example/news", "Blog", "https://blog.example/1")
    assert await web.find("https://blog.example/2024/post.html") == [("Blog", "https://blog.example/news")]


async def test_a_page_closed_to_bots_may_still_have_an_open_feed() -> None:
    web = Web()
    web.refuse("https://blog.example/", 403)
    web.feed("https://blog.example/feed", "Blog", "https://blog.example/1")
    assert await web.find("https://blog.example/") == [("Blog", "https://blog.example/feed")]
    web.refuse("https://shop.example/", 403)
    with pytest.raises(DiscoveryError, match=r"could not read https://shop.example/: The host answered 403"):
        await web.find("https://shop.example/")


async def test_the_usual_places_beside_the_page_come_before_those_of_the_site() -> None:
    web = Web()
    web.put("https://site.example/blog", "<p>Text</p>")
    web.feed("https://site.example/feed", "Site", "https://site.example/2")
    assert await web.find("https://site.example/blog") == [("Site", "https://site.example/feed")]
    web.feed("https://site.example/blog/atom.xml", "Blog", "https://site.example/1")
    assert await web.find("https://site.example/blog") == [("Blog", "https://site.example/blog/atom.xml")]


async def test_a_page_full_of_links_costs_a_bounded_number_of_requests() -> None:
    web = Web()
    head = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{n}.xml">' for n in range(200))
    web.put("https://blog.example/a/b", head + "".join(f'<a href="/{n}/feed">x</a>' for n in range(200)))
    with pytest.raises(DiscoveryError, match="I found no feed"):
        await web.find("https://blog.example/a/b")
    assert len(web.asked) == len(set(web.asked)) <= MAX_REQUESTS


async def test_what_was_found_counts_when_the_time_is_over() -> None:
    web = Web()
    web.put(
        "https://blog.example/",
        '<link rel="alternate" type="application/rss+xml" href="https://slow.example/feed">'
        '<link rel="alternate" type="application/rss+xml" href="/feed">',
    )
    web.hang("https://slow.example/feed")
    web.feed("https://blog.example/feed", "Blog", "https://blog.example/1")
    assert await web.find("https://blog.example/", total_seconds=0.3) == [("Blog", "https://blog.example/feed")]


async def test_a_host_that_hangs_is_named_within_the_time() -> None:
    web = Web()
    web.hang("https://slow.example/")
    with pytest.raises(DiscoveryError, match=r"https://slow.example/"):
        await web.find("https://slow.example/", total_seconds=0.1)


async def test_a_page_that_was_read_has_no_feed_even_if_the_time_ran_out_over_its_links() -> None:
    web = Web()
    web.put("https://blog.example/", '<link rel="alternate" type="application/rss+xml" href="https://slow.example/">')
    web.hang("https://slow.example/")
    for place in ("feed", "rss.xml", "atom.xml"):
        web.hang(f"https://blog.example/{place}")
    with pytest.raises(DiscoveryError, match=r"I found no feed at https://blog\.example/"):
        await web.find("https://blog.example/", total_seconds=0.3)


async def test_passwords_are_neither_shown_nor_given_to_other_hosts() -> None:
    web = Web()
    web.put(
        "https://me:secret@blog.example/",
        '<link rel="alternate" type="application/rss+xml" href="https://other.example/feed">',
    )
    with pytest.raises(DiscoveryError) as failure:
        await web.find("https://me:secret@blog.example/")
    assert "secret" not in str(failure.value)
    assert "https://other.example/feed" in web.asked


async def test_a_search_that_nobody_waits_for_does_not_push_in() -> None:
    web = Web()
    web.feed("https://blog.example/feed", "Blog", "https://blog.example/1")
    await Discovery(web, web, urgent=False).find("https://blog.example/feed")
    assert web.urgent == [False]


async def test_of_several_addresses_less_is_said_than_of_one(server: FeedServer, discovery: Discovery) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    with pytest.raises(DiscoveryError, match=r"The host cannot be reached\.$") as caught:
        await discovery.find(closed)
    assert caught.value.in_bulk.endswith("It cannot be reached as a feed.")
    page = server.feed("page")
    page.body(b"<html><title>a page</title></html>", content_type="text/html")
    with pytest.raises(DiscoveryError) as caught:
        await discovery.find(page.url)
    assert caught.value.in_bulk == str(caught.value)


@pytest.mark.parametrize("is_feed", [True, False])
async def test_a_page_that_only_sends_on_leads_to_its_feed(*, is_feed: bool) -> None:
    web = Web()
    web.put("https://old.example/feed", '<meta http-equiv="refresh" content="0; url=https://new.example/posts.xml">')
    feed = "https://new.example/posts.xml" if is_feed else "https://new.example/all.xml"
    if not is_feed:
        web.put(
            "https://new.example/posts.xml", '<link rel="alternate" type="application/rss+xml" href="/all.xml">moved'
        )
    web.feed(feed, "New blog", "https://new.example/1")
    assert await web.find("https://old.example/feed") == [("New blog", feed)]


async def test_pages_that_send_to_each_other_are_left() -> None:
    web = Web()
    web.put("https://a.example/", '<meta http-equiv="refresh" content="0; url=https://b.example/">')
    web.put("https://b.example/", '<meta http-equiv="refresh" content="0; url=https://a.example/">')
    with pytest.raises(DiscoveryError, match="I found no feed"):
        await web.find("https://a.example/")
    assert web.asked.count("https://b.example/") == 1
