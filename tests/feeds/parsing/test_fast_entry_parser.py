"""The cheap reading of plain items: equal to feedparser's where it says anything, and silent where it would have to guess."""

import gzip
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import ParseError
from bot.feeds.incremental import item_scanner
from bot.feeds.parsing import fast_entry_parser, feed_parser
from bot.feeds.parsing.entry_fields import draft_of
from bot.feeds.parsing.normalise import finish
from bot.model import Entry
from tests.paths import SHARED

URL = "https://blog.example/feed"
REAL = SHARED / "corpus" / "real"
EVERY = 2

PLAIN = (
    "<item><title>A title</title><link>https://blog.example/1</link><guid isPermaLink='false'>1</guid>"
    "<pubDate>Tue, 01 Sep 2026 10:00:00 +0200</pubDate>{}<description>&lt;p&gt;Words&lt;/p&gt;</description></item>"
)
ATOM = (
    "<entry><title>A title</title><id>tag:blog.example,2026:1</id><link href='https://blog.example/1'/>"
    "<updated>2026-09-01T10:00:00Z</updated>{}<content type='html'>&lt;p&gt;Words&lt;/p&gt;</content></entry>"
)


def rss(item: str) -> bytes:
    names = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:m='http://search.yahoo.com/mrss/'"
    return f"<rss version='2.0' {names}><channel><title>A blog</title>{item}</channel></rss>".encode()


def atom(entry: str) -> bytes:
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>A blog</title>{entry}</feed>".encode()


def entry_of(raw: dict[str, Any], position: int, whole: Any) -> Entry:
    return finish(draft_of(raw, position=position, url=URL, site=whole.site_url))


@pytest.mark.parametrize(
    "body",
    [
        rss(PLAIN.format("<dc:creator>Ann</dc:creator><category>One</category><category domain='x'>Two</category>")),
        rss(PLAIN.format("<content:encoded><![CDATA[<p>All <b>words</b></p><img src='/a.png'>]]></content:encoded>")),
        rss(PLAIN.format("").replace("isPermaLink='false'>1<", ">https://blog.example/1<")),
        atom(ATOM.format("<author><name>Ann</name><uri>https://ann.example/</uri></author><category term='One'/>")),
        atom(ATOM.format("<published>2026-08-31T10:00:00+02:00</published><summary>Short &amp; plain</summary>")),
        atom(ATOM.format("<link rel='replies' href='https://blog.example/1/comments'/>")),
    ],
    ids=["rss", "rss with content", "rss with a permalink", "atom with author", "atom with dates", "atom with links"],
)
def test_a_plain_item_is_read_as_feedparser_reads_it(body: bytes) -> None:
    whole = feed_parser.read(body, URL, None)
    (raw,) = fast_entry_parser.read(body, URL)
    assert raw is not None
    assert entry_of(raw, 0, whole) == replace(whole.entries[0], raw_key=None)


@pytest.mark.parametrize(
    "item",
    [
        PLAIN.format("<enclosure url='https://blog.example/a.mp3' type='audio/mpeg' length='1'/>"),
        PLAIN.format("<m:thumbnail url='https://blog.example/a.png'/>"),
        PLAIN.format("<category><b>One</b></category>"),
        PLAIN.format("<description>again</description>"),
        PLAIN.format("<author>ann@blog.example (Ann)</author>"),
        PLAIN.format("").replace("A title", "R&amp;amp;D"),
        PLAIN.format("").replace("<title>A title</title>", ""),
        PLAIN.format("").replace("https://blog.example/1", "/1"),
        PLAIN.format("").replace("isPermaLink='false'", ""),
        PLAIN.format("").replace("01 Sep", "31 Sep"),
        PLAIN.format("").replace("Words", "caf\u00c3\u00a9"),
        PLAIN.format("").replace("<item>", "<item xml:lang='de'>"),
    ],
    ids=[
        "a file", "a picture", "markup inside", "twice described", "an address for a name", "an entity in the title",
        "no title", "a relative link", "a number as permalink", "no such day", "encoded twice", "attributes",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_feedparser(item: str) -> None:
    assert fast_entry_parser.read(rss(item), URL) == (None,)


def test_places_are_kept_where_only_some_items_are_plain() -> None:
    body = rss(PLAIN.format("<m:thumbnail url='https://blog.example/a.png'/>") + PLAIN.format(""))
    assert [raw is not None for raw in fast_entry_parser.read(body, URL)] == [False, True]


@pytest.mark.parametrize(
    "body",
    [b"<rss><channel><item>", rss(PLAIN.format("")).replace(b"<channel>", b"<channel xml:base='https://x.example/'>")],
    ids=["cut off", "with a base of its own"],
)
def test_of_some_documents_nothing_is_read(body: bytes) -> None:
    assert fast_entry_parser.read(body, URL) == ()


def test_plain_items_of_real_feeds_are_read_as_feedparser_reads_them() -> None:
    if not REAL.is_dir():
        pytest.skip("the corpus of real feeds is not there: set RIVERPOST_SHARED")
    compared = 0
    for path in sorted(path for path in REAL.rglob("*") if path.is_file() and "series" not in path.parts)[::EVERY]:
        body = path.read_bytes()
        body = gzip.decompress(body) if path.name.endswith(".raw.gz") else body
        items = item_scanner.scan(body) if len(body) < 600_000 else None
        if not items or not any(raws := fast_entry_parser.read(body, URL)):
            continue
        try:
            whole = feed_parser.read(body, URL, None)
        except ParseError:
            continue
        assert len(raws) == len(items), path
        by_place = {entry.position: replace(entry, raw_key=None) for entry in whole.entries}
        for place, raw in enumerate(raws):
            if raw is not None:
                assert entry_of(raw, place, whole) == by_place[place], path
                compared += 1
    assert compared > 500
