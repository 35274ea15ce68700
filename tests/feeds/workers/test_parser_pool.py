"""Documents of all kinds, in worker processes and out of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest
import pytest_asyncio

from bot.errors import ParseError
from bot.feeds.parsing import entry_fields, feed_parser
from bot.feeds.parsing.jsonfeed import MAX_ENTRIES
from bot.feeds.workers.messages import LARGE_BYTES
from bot.feeds.workers.parser_pool import ParserPool
from bot.model import Enclosure, Entry, FailureKind, ParsedFeed
from tests.paths import ROOT

URL = "https://feeds.example.test/path/feed"
DOCUMENTS = ROOT / "tests" / "feeds" / "documents"
HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>'
FOOT = b"</channel></rss>"
ITEM = b"<item><title>A</title><link>https://e.example.test/a</link></item>"
SLOW = HEAD + b"<item>" + b"<b/>" * 500_000 + b"</item>" + FOOT
"""Takes a worker many seconds: each element costs feedparser the same."""


def read(name: str) -> ParsedFeed:
    return feed_parser.read((DOCUMENTS / name).read_bytes(), URL, None)


def test_rss_is_read() -> None:
    feed = read("plain.rss.xml")
    assert (feed.title, feed.site_url, feed.ttl_seconds) == ("The Ferry & Quay", "https://quay.example.test/", 1800)
    assert feed.declared_url == "https://quay.example.test/feed.xml"
    assert feed.icon_url == "https://feeds.example.test/logo.png"
    timetable, permalink = feed.entries
    assert timetable.title == "New timetable for R&D"
    assert timetable.guid == "quay-2"
    assert timetable.author == "Ada Berg"
    assert timetable.categories == ("Travel", "Boats & ships")
    assert timetable.published_at == datetime(2025, 8, 5, 8, tzinfo=UTC)
    assert timetable.text == "The new table is out. It is good."
    assert 'href="https://quay.example.test/table.html"' in timetable.summary_html
    assert timetable.image_url == "https://quay.example.test/img/boat.jpg"
    assert permalink.link == "https://quay.example.test/news/1"
    assert permalink.image_url == "https://cdn.example.test/thumb.jpg"
    assert permalink.published_at is None
    assert permalink.summary_html == "First <b>news</b>"


def test_atom_is_read() -> None:
    feed = read("plain.atom.xml")
    assert feed.declared_url == "https://atom.example.test/blog/feed.atom"
    two, no_page = feed.entries
    assert two.title == "if a < b: use <b>"
    assert two.link == "https://atom.example.test/blog/2025/two.html"
    assert two.author == "Ben, Cid"
    assert two.published_at == datetime(2025, 8, 5, 7, tzinfo=UTC)
    assert 'href="https://atom.example.test/blog/more.html"' in two.summary_html
    assert (no_page.link, no_page.guid, no_page.text) == (None, "urn:uuid:60a76c80", "Just words")
    assert no_page.published_at == datetime(2025, 8, 4, 9, tzinfo=UTC)


def test_rdf_is_read() -> None:
    feed = read("plain.rdf.xml")
    assert feed.ttl_seconds == 21_600
    assert [(entry.title, entry.link, entry.published_at) for entry in feed.entries] == [
        ("One", "https://rdf.example.test/1", datetime(2025, 8, 5, tzinfo=UTC))
    ]


def test_a_podcast_is_read() -> None:
    feed = read("podcast.rss.xml")
    assert feed.icon_url == "https://talk.example.test/cover.jpg"
    (episode,) = feed.entries
    assert episode.enclosure == Enclosure("https://cdn.example.test/ep7.mp3", "audio/mpeg", 1_234_567, 3723)
    assert episode.link == "https://cdn.example.test/ep7.mp3"
    assert episode.image_url == "https://talk.example.test/ep7.jpg"


def test_json_is_known_by_its_first_character() -> None:
    assert read("plain.feed.json").title == "JSON & co"


REFUSED = {
    "a web page": (b"<!DOCTYPE html><html><head><title>x</title></head><body>y</body></html>", "web page"),
    "nothing": (b" \n", "empty"),
    "words": (b"hello world", "could not be read"),
    "other XML": (b"<?xml version='1.0'?><opml><body/></opml>", "could not be read"),
    "entities of entities": (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "&b;">]>' + HEAD[21:] + ITEM + FOOT,
        "entities",
    ),
    "broken JSON": (b'{"version": "https://jsonfeed.org/', "JSON"),
}


@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_is_no_feed(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words) as caught:
        feed_parser.read(body, URL, None)
    assert caught.value.kind is FailureKind.NOT_A_FEED


def test_a_feed_without_entries_is_a_feed() -> None:
    assert feed_parser.read(HEAD + FOOT, URL, "text/html").entries == ()


def test_an_entry_cut_off_at_the_end_is_none() -> None:
    assert len(feed_parser.read(HEAD + ITEM + ITEM[:25], URL, None).entries) == 1
    assert len(feed_parser.read(HEAD + ITEM + ITEM, URL, None).entries) == 2


def test_a_lone_ampersand_is_an_ampersand() -> None:
    body = HEAD + b"<item><title>R&D &amp; Q&A</title><description><![CDATA[<p>a&b</p>]]></description></item>" + FOOT
    (entry,) = feed_parser.read(body, URL, None).entries
    assert (entry.title, entry.text) == ("R&D & Q&A", "a&b")


def test_half_characters_do_not_stop_a_feed() -> None:
    body = HEAD + b"<item><title>a&#xD800;b&#55296;c&#56;</title></item>" + FOOT
    assert feed_parser.read(body, URL, None).entries[0].title == "a\ufffdb\ufffdc8"


ITUNES = b' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def only(item: bytes) -> Entry:
    (entry,) = feed_parser.read(HEAD + b"<item" + ITUNES + b">" + item + b"</item>" + FOOT, URL, None).entries
    return entry


@pytest.mark.parametrize(
    ("file", "said", "kind"),
    [
        (b"a.mp3", b"", "audio/mpeg"),
        (b"a.MP3?x=1.jpg", b"type=''", "audio/mpeg"),
        (b"a.m4v", b"type='application/octet-stream'", "video/mp4"),
        (b"a", b"type='audio/mpeg'", "audio/mpeg"),
    ],
)
def test_an_episode_whose_file_says_no_kind_has_the_one_that_its_name_tells(
    file: bytes, said: bytes, kind: str
) -> None:
    entry = only(b"<guid>7f3a</guid><enclosure url='https://e.example.test/%s' %s/>" % (file, said))
    assert entry.enclosure is not None
    assert entry.enclosure.media_type == kind


@pytest.mark.parametrize(
    ("file", "said"), [(b"a.mp3", b"type='text/html'"), (b"a.jpg", b""), (b"a.torrent", b"type='application/x-b'")]
)
def test_a_file_that_nobody_can_listen_to_is_no_episode(file: bytes, said: bytes) -> None:
    assert only(b"<guid>7f3a</guid><enclosure url='https://e.example.test/%s' %s/>" % (file, said)).enclosure is None


def test_a_guid_stays_as_it_is_written() -> None:
    """Made absolute, every guid would change when the feed moves to another address."""
    entry = only(b"<guid>7f3a</guid><enclosure url='https://e.example.test/a.mp3' type='audio/mpeg'/>")
    assert (entry.guid, entry.link) == ("7f3a", "https://e.example.test/a.mp3")
    entry = only(b"<guid>/news/7</guid>")
    assert (entry.guid, entry.link) == ("/news/7", "https://feeds.example.test/news/7")
    entry = only(b"<guid isPermaLink='false'>https://e.example.test/7</guid>")
    assert (entry.guid, entry.link) == ("https://e.example.test/7", None)


def test_a_link_is_read_though_it_carries_an_address_of_another_kind() -> None:
    assert only(b"<link uri='at://did:plc:x/y/z'>https://e.example.test/a</link>").link == "https://e.example.test/a"


def test_a_podcasts_own_elements_stand_in() -> None:
    entry = only(
        b"<itunes:title>Episode 7</itunes:title><itunes:subtitle>Short words</itunes:subtitle>"
        b"<author>ada@e.example.test (Ada Berg)</author><itunes:author>Ada</itunes:author>"
    )
    assert (entry.title, entry.text, entry.author) == ("Episode 7", "Short words", "Ada Berg")


def test_of_notes_that_are_there_twice_those_with_markup_are_taken() -> None:
    notes = b"&lt;p&gt;The &lt;b&gt;notes&lt;/b&gt; of this episode, all of them.&lt;/p&gt;"
    entry = only(
        b"<description>" + notes + b"</description><itunes:summary>The notes of this episode, all.</itunes:summary>"
    )
    assert entry.summary_html == "<p>The <b>notes</b> of this episode, all of them.</p>"
    entry = only(
        b"<description>&lt;i&gt;Short&lt;/i&gt;</description><itunes:summary>Far longer words.</itunes:summary>"
    )
    assert entry.summary_html == "Far longer words."


def test_authors_are_each_named_once() -> None:
    assert (
        only(b"<dc:creator>Ada</dc:creator><dc:creator>Ben</dc:creator><dc:creator>Ada</dc:creator>").author
        == "Ada, Ben"
    )


def test_rss_whose_own_elements_have_a_prefix_is_read() -> None:
    body = b"<rss version=2.0><rss:channel><rss:title>t</rss:title><rss:item><rss:title>A</rss:title></rss:item></rss:channel></rss>"
    feed = feed_parser.read(body, URL, None)
    assert (feed.title, feed.entries[0].title) == ("t", "A")


def test_credentials_of_the_feed_are_in_nothing_that_is_read() -> None:
    body = HEAD + b"<link>/</link><item><link>/a</link><description>&lt;a href='b'>b&lt;/a></description></item>" + FOOT
    assert "hidden" not in repr(feed_parser.read(body, "https://me:hidden@e.example.test/feed", None))
    body = b'{"items": [{"url": "/a", "content_html": "<a href=b>b</a>"}]}'
    assert "hidden" not in repr(feed_parser.read(body, "https://me:hidden@e.example.test/feed", None))


def test_utf_8_is_read_as_utf_8_whatever_the_host_says() -> None:
    body = HEAD + "<item><title>Größe</title></item>".encode() + FOOT
    assert feed_parser.read(body, URL, "text/xml; charset=iso-8859-1").entries[0].title == "Größe"
    assert (
        feed_parser.read(body.decode().encode("latin-1"), URL, "text/xml; charset=iso-8859-1").entries[0].title
        == "Größe"
    )


def test_of_very_many_entries_both_ends_are_read() -> None:
    body = HEAD + b"".join(b"<item><title>%d</title></item>" % n for n in range(MAX_ENTRIES + 10)) + FOOT
    titles = [entry.title for entry in feed_parser.read(body, URL, None).entries]
    assert len(titles) == MAX_ENTRIES
    assert (titles[0], titles[-1]) == ("0", str(MAX_ENTRIES + 9))


def test_one_bad_entry_is_skipped_and_all_bad_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = entry_fields.draft_of

    def fragile(entry: dict[str, object], **others: Any) -> object:
        if entry["title"] == "bad":
            raise KeyError("something nobody foresaw")
        return honest(entry, **others)

    monkeypatch.setattr(feed_parser, "draft_of", fragile)
    bad = b"<item><title>bad</title></item>"
    feed = feed_parser.read(HEAD + bad + ITEM + FOOT, URL, None)
    assert (len(feed.entries), feed.skipped) == (1, 1)
    with pytest.raises(ParseError, match="None of the feed's entries"):
        feed_parser.read(HEAD + bad + FOOT, URL, None)


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ParserPool]:
    pool = ParserPool(timeout_seconds=1.0)
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def patient() -> AsyncIterator[ParserPool]:
    """One whose limit is not what ends a document."""
    pool = ParserPool(timeout_seconds=30.0)
    yield pool
    await pool.close()


def worker_processes() -> list[psutil.Process]:
    server = [child for child in psutil.Process().children() if "bot.feeds.workers.fork_server" in child.cmdline()]
    return [worker for process in server for worker in process.children()]


async def test_the_pool_reads_and_refuses(pool: ParserPool) -> None:
    feed = await pool.parse(HEAD + ITEM + FOOT, URL, "application/rss+xml")
    assert feed.entries[0].title == "A"
    with pytest.raises(ParseError, match="web page") as caught:
        await pool.parse(b"<html></html>", URL, "text/html")
    assert caught.value.kind is FailureKind.NOT_A_FEED


async def test_a_large_document_is_read(pool: ParserPool) -> None:
    filler = b"<item><description>" + b"x" * LARGE_BYTES + b"</description></item>"
    assert len((await pool.parse(HEAD + filler + ITEM + FOOT, URL, None)).entries) == 2


async def test_a_hostile_document_is_stopped_while_others_are_read(pool: ParserPool) -> None:
    await pool.start()
    hostile = asyncio.create_task(pool.parse(SLOW, URL, None))
    meanwhile = 0
    while not hostile.done():
        assert len((await pool.parse(HEAD + ITEM + FOOT, URL, None)).entries) == 1
        meanwhile += 1
    assert meanwhile > 1, "the last may have been read after it"
    with pytest.raises(ParseError, match="longer than 1 s") as caught:
        await hostile
    assert caught.value.kind is FailureKind.PARSE_TIMEOUT


async def test_a_worker_that_dies_over_a_document_costs_that_document(patient: ParserPool) -> None:
    pool = patient
    await pool.start()
    stuck = asyncio.create_task(pool.parse(SLOW, URL, None))
    while not stuck.done():
        await asyncio.sleep(0.05)
        for process in worker_processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.cpu_times().user > 0.05:
                    process.kill()
    with pytest.raises(ParseError, match="crash") as caught:
        await stuck
    assert caught.value.kind is FailureKind.PARSE_CRASH
    assert len((await pool.parse(HEAD + ITEM + FOOT, URL, None)).entries) == 1


async def test_idle_workers_that_were_killed_are_replaced(pool: ParserPool) -> None:
    await pool.start()
    for process in worker_processes():
        process.kill()
    assert len((await pool.parse(HEAD + ITEM + FOOT, URL, None)).entries) == 1


async def test_cancelling_gives_the_document_up() -> None:
    pool = ParserPool(workers=1, timeout_seconds=30.0)
    try:
        await pool.start()
        task = asyncio.create_task(pool.parse(SLOW, URL, None))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(10):
            assert len((await pool.parse(HEAD + ITEM + FOOT, URL, None)).entries) == 1
    finally:
        await pool.close()


async def test_closing_is_quick_leaves_no_worker_and_may_be_repeated() -> None:
    pool = ParserPool(timeout_seconds=30.0)
    await pool.start()
    task = asyncio.create_task(pool.parse(SLOW, URL, None))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await pool.close()
        await pool.close()
    with pytest.raises((asyncio.CancelledError, ParseError)):
        await task
    assert worker_processes() == []
