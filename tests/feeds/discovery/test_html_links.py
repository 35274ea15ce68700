"""What a page says about its feeds."""

import gzip
import json
import time
from typing import Any

import pytest

from bot.feeds.discovery import html_links
from bot.feeds.discovery.candidates import is_no_source, looks_like_a_feed, speaks_of_comments
from bot.url_normalisation import absolute, canonical
from tests.paths import SHARED

HERE = "https://blog.example/posts/one"


def declared(html: str, url: str = HERE) -> list[str]:
    return [candidate.url for candidate in html_links.read(html.encode(), url).declared]


def linked(html: str, url: str = HERE) -> list[str]:
    return [candidate.url for candidate in html_links.read(html.encode(), url).linked]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/feed">', "https://blog.example/feed"),
        ('<LINK REL="ALTERNATE" TYPE="APPLICATION/ATOM+XML" HREF="/Feed">', "https://blog.example/Feed"),
        ('<link rel="home alternate" type="application/feed+json" href="f">', "https://blog.example/posts/f"),
        ("<link rel=alternate type=application/rss+xml href=/feed>", "https://blog.example/feed"),
        ('<link rel="feed" href="/x">', "https://blog.example/x"),
        (
            '<link rel="alternate" type=" application/rss+xml; charset=utf-8 " href=" /feed ">',
            "https://blog.example/feed",
        ),
        ('<link rel="alternate" type="application/rss" href="/feed">', "https://blog.example/feed"),
        ('<link rel="alternate" type="text/xml" href="/some.xml">', "https://blog.example/some.xml"),
        ('<link rel="alternate" href="/atom.xml">', "https://blog.example/atom.xml"),
        (
            '<base href="/deep/er/"><link rel="alternate" type="application/rss+xml" href="feed">',
            "https://blog.example/deep/er/feed",
        ),
        ('<link rel="alternate" type="application/rss+xml" href="//feeds.example/x">', "https://feeds.example/x"),
        ('<link rel="alternate" type="application/rss+xml" href="feed://blog.example/x">', "http://blog.example/x"),
        ('<p><div><table><link rel="alternate" type="application/rss+xml" href="/feed"', ""),
        (
            '<title>x</title></head></body></p><td><link rel="alternate" type="application/rss+xml" href="/feed"><b>',
            "https://blog.example/feed",
        ),
        ('<link rel="alternate" type="application/rss+xml" href="">', ""),
        ('<link rel="alternate" type="application/rss+xml" href="javascript:void(0)">', ""),
        ('<link rel="alternate" hreflang="de" href="/de/">', ""),
        ('<link rel="alternate" type="text/html" href="/feed">', ""),
        ('<link rel="stylesheet" type="text/xml" href="/x.xml">', ""),
        ('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">', ""),
        ('<link rel="alternate" type="text/xml+oembed" href="/x">', ""),
        ('<link rel="alternate" type="application/rss+xml" title="Blog &raquo; Comments Feed" href="/c">', ""),
        ('<link rel="alternate" type="application/rss+xml" title="Blog » Flux des commentaires" href="/c">', ""),
        ('<link rel="alternate" type="application/rss+xml" href="/comments/feed/">', ""),
        ('<!-- <link rel="alternate" type="application/rss+xml" href="/feed"> -->', ""),
    ],
)
def test_a_link_element_declares_a_feed(html: str, expected: str) -> None:
    assert declared(html) == ([expected] if expected else [])


def test_what_is_surely_a_feed_comes_before_what_may_be_one_and_each_comes_once() -> None:
    html = (
        '<link rel="alternate" type="text/xml" href="/a"><link rel="alternate" type="application/rss+xml" href="/b">'
        '<link rel="alternate" type="application/atom+xml" href="http://www.blog.example/b/">'
    )
    assert declared(html) == ["https://blog.example/b", "https://blog.example/a"]


def test_a_feed_in_another_language_than_the_page_stands_aside() -> None:
    html = (
        '<html lang="de-AT"><link rel="alternate" type="application/rss+xml" hreflang="en" href="/en">'
        '<link rel="alternate" type="application/rss+xml" hreflang="de" href="/de">'
    )
    found = html_links.read(html.encode(), HERE).declared
    assert [(each.url[-2:], each.aside) for each in found] == [("en", True), ("de", False)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="/index.xml">News</a>', ["https://blog.example/index.xml"]),
        ('<a href="/abonnieren">RSS</a>', ["https://blog.example/abonnieren"]),
        ('<a href="/x"><img src="i.png" alt="RSS feed"></a>', ["https://blog.example/x"]),
        ('<a href="/x" title="Subscribe via RSS"><i></i></a>', ["https://blog.example/x"]),
        ('<a href="/?feed=rss2">x</a>', ["https://blog.example?feed=rss2"]),
        ('<a href="feed:https://blog.example/f">x</a>', ["https://blog.example/f"]),
        ('<a href="https://feeds.example/pod.rss">x</a>', ["https://feeds.example/pod.rss"]),
        ('<a href="https://feedly.com/i/subscription/feed/https://blog.example/feed">x</a>', []),
        ('<a href="https://other.example/story?utm_source=rss">x</a>', []),
        ('<a href="#rss">RSS</a>', []),
        ('<a href="/about">About our feed of ideas</a>', []),
        ('<a href="/rss.png">x</a>', []),
        ('<a href="https://buzzfeed.example/story">x</a>', []),
    ],
)
def test_an_anchor_that_looks_like_a_feed_is_taken(html: str, expected: list[str]) -> None:
    assert [canonical(url) for url in linked(html)] == [canonical(url) for url in expected]


def test_links_to_other_sites_count_only_where_the_page_declares_nothing() -> None:
    html = '<a href="https://friend.example/feed">a friend</a><a href="/feed">ours</a>'
    assert linked(html) == ["https://blog.example/feed", "https://friend.example/feed"]
    own = '<link rel="alternate" type="application/rss+xml" href="/main.xml">'
    assert linked(own + html) == ["https://blog.example/feed"]


@pytest.mark.parametrize(
    ("body", "content_type", "label"),
    [
        ("Ünïted".encode("latin-1"), "text/html; charset=iso-8859-1", "Ünïted"),
        ("記事".encode("shift_jis"), "text/html; charset=Shift_JIS", "記事"),
        ("記事".encode(), "text/html; charset=iso-8859-1", "記事"),
        ("Ünïted".encode("cp1252"), None, "Ünïted"),
    ],
)
def test_a_title_is_read_in_the_page_s_encoding(body: bytes, content_type: str | None, label: str) -> None:
    html = b'<link rel="alternate" type="application/rss+xml" href="/f" title="' + body + b'">'
    [found] = html_links.read(html, HERE, content_type).declared
    assert found.label == label


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_page_in_a_wide_encoding_is_read(encoding: str) -> None:
    html = '<html><link rel="alternate" type="application/rss+xml" href="/f">'.encode(encoding)
    assert [each.url for each in html_links.read(html, HERE).declared] == ["https://blog.example/f"]


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 200_000,
        b'<a href="/feed/' * 200_000,
        b"<a href=/rss" + b"x" * 2_000_000 + b">",
        b'<link rel="alternate" type="application/rss+xml" href="/f">' * 50_000,
        b"<!--" * 500_000,
        b"\xff" * 3_000_000,
    ],
    ids=["deep", "open quotes", "a long address", "many links", "open comments", "no text"],
)
def test_a_hostile_page_costs_little(body: bytes) -> None:
    started = time.process_time()
    html_links.read(body, HERE)
    assert time.process_time() - started < 5.0


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.example/feed", True),
        ("https://x.example/blog/feed/atom/", True),
        ("https://x.example/a.rss?x=1", True),
        ("https://x.example/?format=feed&type=rss", True),
        ("https://x.example/feeds/posts/default", True),
        ("https://x.example/news_rss.xml", False),
        ("https://feed.example/", False),
        ("https://x.example/feedback", False),
        ("https://x.example/feed/history", False),
        ("https://x.example", False),
    ],
)
def test_an_address_looks_like_a_feed_or_not(address: str, expected: bool) -> None:
    assert looks_like_a_feed(address) is expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Blog » Comments Feed", True),
        ("Comments on: A post", True),
        ("Commentaires sur : Un article", True),
        ("Kommentare zu: Ein Artikel", True),
        ("No Comment", False),
        ("Commentary", False),
    ],
)
def test_a_feed_of_comments_is_known_by_its_title(title: str, expected: bool) -> None:
    assert speaks_of_comments(title) is expected


def test_a_json_feed_is_no_script() -> None:
    assert not is_no_source("https://x.example/feed.json")
    assert is_no_source("https://x.example/feed.js")


# --- pages of the real web -------------------------------------------------------------------------


def oracle() -> list[dict[str, Any]]:
    path = SHARED / "corpus/html/ORACLE.json"
    if not path.exists():
        pytest.skip(f"the shared corpus is not at {SHARED}: set RIVERPOST_SHARED")
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return found


def test_every_feed_that_real_pages_declare_is_found_but_those_of_comments() -> None:
    missing = []
    for row in oracle():
        file = SHARED / "corpus" / row["path"]
        packed = file.with_name(f"{file.name}.raw.gz")
        body = file.read_bytes() if file.exists() else gzip.decompress(packed.read_bytes())
        here = "https://page.example/folder/page.html"
        found = {canonical(each.url) for each in html_links.read(body, here).declared}
        base = absolute(here, row["base"]) or here
        for feed in row["feeds"]:
            url = absolute(base, feed["href"].strip())
            assert url is not None
            if canonical(url) not in found and not (is_no_source(url) or speaks_of_comments(feed["title"])):
                missing.append((row["path"], url))
    assert missing == []


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<meta http-equiv="Refresh" content="0; URL=https://new.example/posts.xml">', "https://new.example/posts.xml"),
        ("<meta http-equiv=refresh content=\"0;url='/rss.xml'\">", "https://blog.example/rss.xml"),
        ('<meta content="3, new/" http-equiv="refresh">', "https://blog.example/posts/new/"),
        ('<meta http-equiv="refresh" content="300; url=/later">', None),
        ('<meta http-equiv="refresh" content="5">', None),
        (f'<meta http-equiv="refresh" content="5; url={HERE}">', None),
        ('<meta http-equiv="refresh" content="0; url=javascript:alert(1)">', None),
        ('<meta name="refresh" content="0; url=/no">', None),
    ],
)
def test_a_page_that_only_refreshes_leads_elsewhere(html: str, expected: str | None) -> None:
    assert html_links.read(html.encode(), HERE).refresh == expected
