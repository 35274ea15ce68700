"""Compare what Riverpost reads from other projects' test documents with what those projects expect, field by field.

    python benchmarks/expectations.py SHARED_FOLDER [SUITE]

Only what a suite expects is compared. A difference is either explained by a rule of `REASONS` below, with the reason
why Riverpost decides otherwise, or printed as unexplained.
"""

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from suites import (
    URL,
    Fields,
    fastfeedparser,
    feedsmith,
    gofeed,
    one_title,
    podcastparser,
    rss_parser,
    words,
)

from bot.errors import ParseError
from bot.feeds.parsing import feed_parser
from bot.model import Entry, ParsedFeed


@dataclass(frozen=True)
class Difference:
    suite: str
    path: str
    field: str
    expected: Any
    ours: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def entry_fields(entry: Entry) -> Fields:
    return {
        "title": one_title(entry.title),
        "link": unquote(entry.link) if entry.link else None,
        "guid": entry.guid,
        "author": entry.author,
        "date": entry.published_at.replace(microsecond=0) if entry.published_at else None,
        "text": "".join(entry.text.split()) or None,
        "categories": frozenset(name.casefold() for name in entry.categories) or None,
        "enclosure": unquote(entry.enclosure.url) if entry.enclosure else None,
        "duration": entry.enclosure.duration_seconds if entry.enclosure else None,
        "image": unquote(entry.image_url) if entry.image_url else None,
    }


def feed_fields(feed: ParsedFeed) -> Fields:
    return {
        "title": one_title(feed.title),
        "site": unquote(feed.site_url) if feed.site_url else None,
        "ours": unquote(feed.declared_url) if feed.declared_url else None,
        "icon": unquote(feed.icon_url) if feed.icon_url else None,
    }


Rule = tuple[str, str, Callable[[Difference], bool], str]


def lost(one: Difference) -> bool:
    return "\ufffd" in str(one.expected) and "\ufffd" not in str(one.ours)


REASONS: tuple[Rule, ...] = (
    ("rss-parser", "*", lost, "not UTF-8 and undeclared: the encoding is guessed where they show U+FFFD"),
    (
        "rss-parser",
        "categories",
        lambda one: bool(one.ours and one.expected <= one.ours) or "itunes:keywords" in one.text,
        "itunes:keywords are categories too",
    ),
    (
        "rss-parser",
        "text",
        lambda one: "itunes:summary" in one.text,
        "description and itunes:summary say the same; the latter has the markup of both",
    ),
    (
        "gofeed",
        "feed's title",
        lambda one: "</subtitle>" in one.text and one.ours is None,
        "the document closes its <title> with </subtitle>: nobody knows where the title ends",
    ),
    (
        "gofeed",
        "*",
        lambda one: one.field.endswith("title") and words(one.expected) == one.ours,
        "a title is one line of plain text: markup in it is resolved",
    ),
    ("gofeed", "author", lambda one: str(one.expected) in str(one.ours), "all authors are named"),
    ("gofeed", "author", lambda one: "markup" in one.path, "a name is plain text; markup in it is resolved or no name"),
    ("gofeed", "categories", lambda one: "naked_markup" in one.path, "markup within a category is no name"),
    (
        "gofeed",
        "text",
        lambda one: re.search(r'content type="(application|video)/', one.text) is not None,
        "content of a type that is no text is not shown",
    ),
    (
        "*",
        "guid",
        lambda one: bool(one.ours) and ":" not in one.ours,
        "an id is kept as written, so that it outlives a move",
    ),
    (
        "*",
        "guid",
        lambda one: one.ours is None,
        "without a guid the entry is known by link and content; they take the link or file",
    ),
    ("fastfeedparser", "categories", lambda one: len(one.ours or ()) == 20, "at most 20 categories are kept"),
    ("podcastparser", "document", lambda one: "max_episodes" in one.path, "their test sets a limit of episodes"),
    (
        "podcastparser",
        "document",
        lambda one: "enclosure" in one.path,
        "an entry without a file, title or link counts too",
    ),
    ("podcastparser", "feed's title", lambda one: one.ours is None, "the feed has no title; they take the file's name"),
    ("podcastparser", "title", lambda one: one.ours is None, "the entry has no title; they take the media file's name"),
    ("podcastparser", "link", lambda one: str(one.expected).startswith("file:"), "a guid without a slash is no link"),
    ("podcastparser", "duration", lambda one: "<enclosure" not in one.text, "a duration without a file says nothing"),
    ("feedsmith", "*", lambda one: "xml:base" in one.text, "relative links are resolved against xml:base"),
)

SUITES: dict[str, tuple[str, Callable[..., tuple[Fields, list[Fields]]]]] = {
    "gofeed": ("gofeed", gofeed),
    "rss-parser": ("rss-parser-npm", rss_parser),
    "fastfeedparser": ("fastfeedparser-tests", fastfeedparser),
    "podcastparser": ("podcastparser", podcastparser),
    "feedsmith": ("feedsmith", feedsmith),
}
_INPUTS = (".xml", ".rss", ".atom", ".json")


def pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Each document and what is expected of it."""
    for expected in sorted(folder.rglob("*.json")):
        if "/opml/" in str(expected):
            continue
        name = expected.name.removesuffix(".json")
        if name.endswith((".expected", "_expected")):
            yield expected.with_name(name[: -len("_expected")] + ".json"), expected
            continue
        folders = (expected.parent, expected.parent.parent / "input")
        names_ = [f"{name}{ending}{packed}" for ending in _INPUTS[:3] for packed in ("", ".raw.gz")]
        source = next((path for place in folders for one in names_ if (path := place / one).exists()), None)
        if source is not None:
            yield source, expected


def body_of(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.name.endswith(".raw.gz") else data


def compare(suite: str, source: Path, expected: Path, seen: Counter[str]) -> Iterator[Difference]:
    view = SUITES[suite][1]
    body = body_of(source)
    path = str(source).partition("suites/")[2]
    data = json.loads(expected.read_text("utf-8"))
    feed, items = (
        ({}, []) if not isinstance(data, dict) else view(data, str(expected)) if view is gofeed else view(data)
    )
    try:
        found = feed_parser.read(body, URL, None)
    except ParseError as error:
        seen["document"] += 1
        yield Difference(suite, path, "document", f"{len(items)} entries", str(error), body)
        return
    seen["document"] += 1
    if len(items) != len(found.entries):
        yield Difference(suite, path, "document", f"{len(items)} entries", f"{len(found.entries)} entries", body)
        return
    rows = [
        (feed, feed_fields(found), "feed's "),
        *zip(items, map(entry_fields, found.entries), [""] * len(items), strict=True),
    ]
    for wanted, ours, owner in rows:
        for field, value in wanted.items():
            if value is None:
                continue
            seen[owner + field] += 1
            same = value == ours[field] or (isinstance(value, str) and str(value).strip() == ours[field])
            if not same:
                yield Difference(suite, path, owner + field, value, ours[field], body)


def main() -> int:
    suites = Path(sys.argv[1]) / "corpus" / "suites"
    chosen = sys.argv[2:] or list(SUITES)
    unexplained: list[Difference] = []
    for suite in chosen:
        seen: Counter[str] = Counter()
        different: dict[str, list[Difference]] = defaultdict(list)
        reasons: Counter[str] = Counter()
        for source, expected in pairs(suites / SUITES[suite][0]):
            for difference in compare(suite, source, expected, seen):
                different[difference.field].append(difference)
        print(
            f"\n{suite}: {sum(seen.values()) - sum(map(len, different.values()))} of {sum(seen.values())} fields agree"
        )
        for field, count in seen.items():
            open_ = 0
            for one in different[field]:
                rule = next((r for r in REASONS if r[0] in ("*", suite) and r[1] in ("*", field) and r[2](one)), None)
                if rule:
                    reasons[f"{field}: {rule[3]}"] += 1
                else:
                    unexplained.append(one)
                    open_ += 1
            agree = count - len(different[field])
            print(
                f"  {field:18} {agree:5} of {count:5}  {100 * agree / count:5.1f} %",
                f"{open_} unexplained" if open_ else "",
            )
        for reason, count in reasons.most_common():
            print(f"     {count:4} {reason}")
    print(f"\n{len(unexplained)} unexplained")
    for one in unexplained:
        print(f"{one.path}: {one.field}: expected {str(one.expected)[:150]!r}, got {str(one.ours)[:150]!r}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
