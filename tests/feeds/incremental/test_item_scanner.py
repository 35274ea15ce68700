"""Which items are found in a document, what recognises them, and that leaving known ones out changes nothing else."""

import gzip
import random
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import ParseError
from bot.feeds.incremental import item_scanner
from bot.feeds.parsing import feed_parser
from tests.paths import SHARED

URL = "https://blog.example/feed"
REAL = SHARED / "corpus" / "real"
EVERY = 3
"""Of the corpus's documents, one in so many: the whole takes a quarter of a minute."""


def rss(*items: str, head: str = "") -> bytes:
    return f"<rss version='2.0' {head}><channel><title>A blog</title>{''.join(items)}</channel></rss>".encode()


def item(number: int, more: str = "") -> str:
    return f"<item><title>Article {number}</title><guid>g{number}</guid>{more}</item>"


def cut(body: bytes, *known: int) -> bytes:
    items = item_scanner.scan(body)
    assert items is not None
    return item_scanner.without(body, items, known)


def test_items_are_found_by_their_bytes_in_the_documents_order() -> None:
    body = rss(item(1), item(2))
    items = item_scanner.scan(body)
    assert items is not None
    assert [body[each.start : each.end].decode() for each in items] == [item(1), item(2)]


@pytest.mark.parametrize(
    "body",
    [
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id></entry><entry ><id>2</id></entry ></feed>",
        b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
        b"<channel/><item rdf:about='a'/></rdf:RDF>".replace(b"<item rdf:about='a'/>", b"<item></item><item></item>"),
        b"\n  <?xml version='1.0'?><rss><channel><item>1</item><item>2</item></channel></rss>",
        b"\xef\xbb\xbf<rss><channel><item>1</item><item>2</item></channel></rss>",
        "<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><item>é</item><item>2</item></channel></rss>".encode(
            "latin-1"
        ),
        b"<rss><channel><item><title><![CDATA[</item><item>]]></title></item><!-- <item> --><item>2</item></channel></rss>",
        b"<rss xmlns:a='http://www.w3.org/2005/Atom'><channel><a:entry>1</a:entry><item>2</item></channel></rss>",
    ],
    ids=["atom", "rdf", "leading blanks", "byte-order mark", "latin-1", "in CDATA and comments", "two vocabularies"],
)
def test_items_are_found_in_every_kind_of_document(body: bytes) -> None:
    items = item_scanner.scan(body)
    assert items is not None
    assert len(items) == 2
    assert all(body[each.start : each.end].startswith((b"<item", b"<entry", b"<a:entry")) for each in items)
    assert all(body[each.start : each.end].endswith(b">") for each in items)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"items": []}',
        b"<rss><channel><item>R&D</item></channel></rss>",
        b"<rss><channel><item>1</item>",
        b"<rss><channel><item><item>1</item></item></channel></rss>",
        b"<rss><channel><item/></channel></rss>",
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel><item>&a;</item></channel></rss>",
        b"<rss><channel><dc:item>1</dc:item></channel></rss>",
        "<?xml version='1.0' encoding='shift_jis'?><rss><channel><item>あ</item></channel></rss>".encode("shift_jis"),
        b"<?xml version='1.0' encoding='no-such'?><rss><channel><item>1</item></channel></rss>",
        b"<?xml version='1.0' encoding='unicode_escape'?><rss><channel><item>1</item></channel></rss>",
        "<rss><channel><item>1</item></channel></rss>".encode("utf-16"),
    ],
    ids=[
        "empty", "JSON", "not well-formed", "cut off", "nested", "an empty item", "entities", "undeclared prefix",
        "encoding of several bytes", "unknown encoding", "no encoding of text", "UTF-16",
    ],
)  # fmt: skip
def test_what_is_not_understood_to_the_last_byte_is_left_to_be_read_whole(body: bytes) -> None:
    assert item_scanner.scan(body) is None


def test_an_item_is_recognised_by_its_bytes_wherever_it_stands() -> None:
    first, second = item_scanner.scan(rss(item(1), item(2))) or ()
    moved, _ = item_scanner.scan(rss(item(2), item(3), head="xmlns:x='y'")) or ()
    assert moved.key == second.key != first.key


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<slash:comments>3</slash:comments>", "<slash:comments>14</slash:comments>"),
        ("<thr:total>3</thr:total>", "<thr:total>4</thr:total>"),
        ("<media:statistics views='3'/>", "<media:statistics views='4'/>"),
        ("<media:starRating count='3' average='5.00'/>", "<media:starRating count='4' average='4.75'/>"),
    ],
)
def test_counters_that_change_with_every_poll_do_not_count(before: str, after: str) -> None:
    assert item_scanner.key_of(item(1, before).encode()) == item_scanner.key_of(item(1, after).encode())
    assert item_scanner.key_of(item(1, before).encode()) != item_scanner.key_of(item(2, before).encode())


def test_what_is_known_is_cut_out_and_nothing_else() -> None:
    assert cut(rss(item(1), item(2), item(3)), 0, 2) == rss(item(2))
    assert cut(rss(item(1))) == rss(item(1))
    assert cut(rss(item(1)), 0) == rss()


def documents() -> list[Path]:
    if not REAL.is_dir():
        return []
    return sorted(path for path in REAL.rglob("*") if path.is_file() and "series" not in path.parts)[::EVERY]


def test_leaving_known_items_out_of_real_feeds_gives_the_same_as_reading_them_whole() -> None:
    if not (paths := documents()):
        pytest.skip("the corpus of real feeds is not there: set RIVERPOST_SHARED")
    chance = random.Random(20261124)
    compared = 0
    for path in paths:
        body = path.read_bytes()
        body = gzip.decompress(body) if path.name.endswith(".raw.gz") else body
        items = item_scanner.scan(body) if len(body) < 600_000 else None
        if not items:
            continue
        try:
            whole = feed_parser.read(body, URL, None)
        except ParseError:
            continue
        assert whole.elements == len(items), path
        known = set(chance.sample(range(len(items)), chance.randrange(len(items))))
        places = [place for place in range(len(items)) if place not in known]
        rest = feed_parser.read(item_scanner.without(body, items, known), URL, None)
        assert rest.elements == len(places), path
        expected = [entry for entry in whole.entries if entry.position not in known]
        assert [replace(entry, position=places[entry.position]) for entry in rest.entries] == expected, path
        frame = {"entries": (), "elements": None, "skipped": 0}
        assert replace(rest, **frame) == replace(whole, **frame), path  # type: ignore[arg-type]  # three fields of theirs
        compared += 1
    assert compared > len(paths) * 0.7
