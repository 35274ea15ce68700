"""The first reading of a feed: the newest in full, the rest as it stays in the archive, and nothing lost of what tells entries."""

import gzip

import pytest

from bot.errors import ParseError
from bot.feeds.parsing import feed_parser, first_poll_parser
from bot.model import EXCERPT, Entry
from tests.paths import SHARED

URL = "https://blog.example/feed"
REAL = SHARED / "corpus" / "real"
EVERY = 5


def item(number: int, *, more: str = "") -> str:
    return (
        f"<item><title>Article {number}</title><link>https://blog.example/{number}</link><guid>https://blog.example/{number}</guid>"
        f"<pubDate>Tue, {number:02} Sep 2026 10:00:00 +0000</pubDate>{more}"
        f"<description>&lt;p&gt;{'Words ' * 200}&lt;/p&gt;&lt;img src='https://blog.example/{number}.png'&gt;</description></item>"
    )


def rss(*items: str) -> bytes:
    return f"<rss version='2.0' xmlns:m='http://search.yahoo.com/mrss/'><channel><title>A blog</title>{''.join(items)}</channel></rss>".encode()


def in_full(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.title for entry in entries if not entry.archived]


@pytest.mark.parametrize("numbers", [range(9, 0, -1), range(1, 10)], ids=["newest first", "oldest first"])
def test_the_newest_are_read_in_full_wherever_they_stand(numbers: range) -> None:
    feed = first_poll_parser.read_first(rss(*map(item, numbers)), URL, None, 2, 1)
    assert sorted(in_full(feed.entries)) == ["Article 8", "Article 9"]
    assert [entry.title for entry in feed.entries] == [f"Article {number}" for number in numbers]
    assert [entry.position for entry in feed.entries] == list(range(9))
    assert feed.elements == 9


def test_an_old_entry_keeps_all_its_keys_and_the_beginning_of_its_text() -> None:
    body = rss(*map(item, range(9, 0, -1)))
    (old, *_), (whole, *_) = (
        [entry for entry in read.entries if entry.title == "Article 1"]
        for read in (first_poll_parser.read_first(body, URL, None, 2, 1), feed_parser.read(body, URL, None))
    )
    assert (old.keys, old.raw_key, old.link, old.published_at) == (
        whole.keys,
        whole.raw_key,
        whole.link,
        whole.published_at,
    )
    assert old.archived
    assert old.text == whole.text[:EXCERPT]
    assert old.image_url is None


def test_what_is_not_plain_is_read_in_full_too() -> None:
    items = [item(9), item(8), item(7, more="<m:thumbnail url='https://blog.example/t.png'/>"), item(6)]
    assert in_full(first_poll_parser.read_first(rss(*items), URL, None, 1, 1).entries) == ["Article 9", "Article 7"]


@pytest.mark.parametrize(
    "body",
    [rss(item(2), item(1)), rss(*map(item, range(9, 0, -1))).replace(b"A blog", b"R&D")],
    ids=["short", "not well-formed"],
)
def test_a_document_without_an_archive_or_without_a_scan_is_read_as_ever(body: bytes) -> None:
    assert first_poll_parser.read_first(body, URL, None, 2, 1) == feed_parser.read(body, URL, None)


def test_real_feeds_are_known_by_the_same_keys_however_they_were_read_first() -> None:
    if not REAL.is_dir():
        pytest.skip("the corpus of real feeds is not there: set RIVERPOST_SHARED")
    old = 0
    for path in sorted(path for path in REAL.rglob("*") if path.is_file() and "series" not in path.parts)[::EVERY]:
        body = path.read_bytes()
        body = gzip.decompress(body) if path.name.endswith(".raw.gz") else body
        try:
            whole = feed_parser.read(body, URL, None)
        except ParseError:
            continue
        first = first_poll_parser.read_first(body, URL, None, 3, 1)
        assert (first.title, first.site_url, first.elements) == (whole.title, whole.site_url, whole.elements)
        for read, expected in zip(first.entries, whole.entries, strict=True):
            assert (read.keys, read.raw_key, read.position) == (expected.keys, expected.raw_key, expected.position), (
                path
            )
            assert (read.title, read.link, read.published_at) == (expected.title, expected.link, expected.published_at)
            assert read.archived or read == expected
            old += read.archived
    assert old > 100
