"""A sample of the corpus of captured feeds, which is not part of the project. `benchmarks/` has the whole of it."""

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from bot.errors import ParseError
from bot.feeds.parsing import feed_parser
from bot.model import Entry, ParsedFeed
from tests.paths import SHARED

CORPUS = SHARED / "corpus"
SUITES = CORPUS / "suites"
URL = "https://feeds.example.test/feed"
EVERY = 2
"""Of the real feeds, each with this number is read."""
CUT_OFF = {"suites/fastfeedparser-tests/osm-pl.xml": 1}
"""Entries that the reference counts, though the document ends within them."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"NOT TESTED: the shared corpus is not at {SHARED}")


def body_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.name.endswith(".raw.gz") else path.read_bytes()


def read(path: Path, content_type: str | None = None) -> ParsedFeed | None:
    """Any other error than a `ParseError` fails the test."""
    try:
        return feed_parser.read(body_of(path), URL, content_type)
    except ParseError:
        return None


@pytest.fixture(scope="module")
def real() -> dict[str, ParsedFeed | None]:
    with (CORPUS / "MANIFEST.tsv").open("r", encoding="utf-8", newline="") as manifest:
        rows = csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE)
        paths = [row["path"] for row in rows if "REAL" in row["notes"].split()]
    return {path: read(CORPUS / path) for path in paths[::EVERY]}


@pytest.fixture(scope="module")
def reference() -> dict[str, int]:
    rows = map(json.loads, (CORPUS / "REFERENCE.jsonl").read_text("utf-8").splitlines())
    return {row["path"]: row["entries"] for row in rows}


def entries_of(real: dict[str, ParsedFeed | None]) -> list[Entry]:
    return [entry for feed in real.values() if feed for entry in feed.entries]


def test_every_feed_with_entries_gives_them(real: dict[str, ParsedFeed | None], reference: dict[str, int]) -> None:
    expected = {path: reference[path] - CUT_OFF.get(path, 0) for path in real if reference.get(path)}
    different = [
        (path, count, found)
        for path, count in expected.items()
        if (found := len(feed.entries) if (feed := real[path]) else None) != count
    ]
    assert len(expected) > 250
    assert different == []
    assert sum(feed.skipped for feed in real.values() if feed) == 0


def test_nearly_every_entry_has_what_a_post_needs(real: dict[str, ParsedFeed | None]) -> None:
    entries = entries_of(real)
    shares = Counter(
        name
        for entry in entries
        for name, present in {
            "title or link": bool(entry.title or entry.link),
            "link": entry.link,
            "text": entry.text,
            "date": entry.published_at,
        }.items()
        if present
    )
    assert len(entries) > 2_000
    assert shares["title or link"] >= 0.995 * len(entries)
    assert shares["link"] >= 0.9 * len(entries)
    assert shares["text"] >= 0.85 * len(entries)
    assert shares["date"] >= 0.9 * len(entries)


def test_no_title_holds_markup_or_half_decoded_text(real: dict[str, ParsedFeed | None]) -> None:
    titles = [entry.title for entry in entries_of(real)]
    assert [title for title in titles if "\n" in title] == []
    # An Atom title of type text may speak of a tag.
    assert sum("</" in title for title in titles) <= 0.001 * len(titles)
    assert sum("\ufffd" in title for title in titles) <= 0.001 * len(titles)


def test_positions_and_addresses_are_what_the_store_relies_on(real: dict[str, ParsedFeed | None]) -> None:
    for path, feed in real.items():
        if feed:
            assert [entry.position for entry in feed.entries] == list(range(len(feed.entries))), path
    for entry in entries_of(real):
        assert entry.link is None or entry.link.startswith(("http://", "https://"))
        assert entry.image_url is None or entry.image_url.startswith(("http://", "https://"))


def test_transcoded_feeds_have_the_right_titles() -> None:
    rows = json.loads((SUITES / "made-encodings" / "INDEX.json").read_text("utf-8"))
    wrong = []
    for row in rows:
        feed = read(SUITES / "made-encodings" / row["file"], row["http_content_type"])
        titles = [entry.title for entry in feed.entries[: len(row["first_titles"])]] if feed else []
        if feed is None or feed.title != row["feed_title"] or titles != row["first_titles"]:
            wrong.append(row["file"])
    assert len(rows) > 40
    assert wrong == []


READ_IN_SPITE = {
    "bom_twice.rss": "Post 1",
    "entity_harmless.rss": "Café © & co",
    "leading_whitespace.rss": "Post 1",
    "lone_surrogate_cesu.rss": "x😀y",
    "no_channel.rss": "Post 1",
    "nul_bytes.rss": "ab",
    "numeric_bad_charrefs.rss": "a\ufffd\ufffd\ufffd\ufffd\ufffdb",
    "php_warning_before_xml.rss": "Post 1",
    "truncated_mid_item.rss": "Post 1",
    "unescaped_ampersand.rss": "R&D at AT&T",
    "unknown_namespace_prefix.rss": "Post 1",
    "utf32le_bom.rss": "ünïcode",
    "xinclude.rss": "x",
    "xxe_parameter_entity.rss": "Post 1",
}


@pytest.mark.parametrize("name", READ_IN_SPITE)
def test_an_odd_document_is_read(name: str) -> None:
    feed = read(SUITES / "made-hostile" / name)
    assert feed is not None
    assert feed.entries[0].title == READ_IN_SPITE[name]


@pytest.mark.parametrize("name", ["billion_laughs_in_description.rss", "quadratic_blowup.rss", "xxe_file.rss"])
def test_an_entity_bomb_is_refused(name: str) -> None:
    with pytest.raises(ParseError, match="entities of its own"):
        feed_parser.read(body_of(SUITES / "made-hostile" / name), URL, None)
