"""Replay real polling histories through the real path, and hold what was posted against what really appeared.

    python benchmarks/replay.py SHARED_FOLDER [--series NAME] [--limit SNAPSHOTS] [--verbose]

Every snapshot is one poll with the snapshot's time as clock: `document.read`, the store's known entries, `identify`,
`poll_outcome.read`, `store.intake.entries.apply` on a SQLite file with one topic that follows the feed and has no backfill. The
first snapshot is the baseline.

What really appeared is told without any of Riverpost's code: ElementTree reads the snapshots, and `article_of` says by
rules written for these feeds which article an item is. Of each series it prints

    appeared     articles that were not in the baseline and came into the feed later
    posted       deliveries that wait
    doubles      deliveries beyond the first of an article
    missed       articles that appeared and have no delivery
    archive      deliveries skipped as put in from an archive
    copies       deliveries skipped as copies of what the same document lists; they stand for nothing that appeared
    edits        times a stored article was corrected and not posted again
    came back    times an article left the feed and was listed again later

and then, with --verbose or where a number is not 0, which articles.
"""

import argparse
import asyncio
import hashlib
import io
import pickle
import re
import sqlite3
import sys
import tarfile
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot import feeds as feeds_package
from bot.config.settings import PollingSettings
from bot.errors import ParseError
from bot.feeds.parsing import feed_parser
from bot.model import DeliveryStatusKind, Fetched, MatchedEntry, ParsedFeed
from bot.services.sources.ingest import Ingest
from bot.store import Store
from tests.opening import open_store

ATOM = "{http://www.w3.org/2005/Atom}"
URL = "https://feeds.example.test/feed"

RENAMED = {
    # A static site's author corrected the date or a slip in the address of an article that was out already: the same
    # words under another guid and link, the old ones gone in the same snapshot, or for some minutes beside them with slips
    # in a few letters. One article to every reader.
    "networkop-atom": {
        "/blog/2016/02/17/network-ci-intro": "/blog/2016/02/19/network-ci-intro",
        "/blog/2016/04/26/neutron-native": "/blog/2016/04/22/neutron-native",
    },
    "networkop-index": {"/post/2021-02-diy-sdwan": "/post/2021-02-dyi-sdwan"},
    "plajjan-rss": {
        "/2019-07-25-writing-a-background-worker-for-cisco-nso.html": (
            "/2019-07-02-writing-a-background-worker-for-cisco-nso.html"
        ),
    },
}


@dataclass(frozen=True, slots=True)
class Item:
    """What ElementTree finds of an item."""

    guid: str | None
    link: str | None
    title: str | None


@dataclass(slots=True)
class Result:
    """What one series came to."""

    polls: int = 0
    unchanged: int = 0
    unreadable: int = 0
    appeared: int = 0
    posted: Counter[str] = field(default_factory=Counter)
    archive: Counter[str] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    edits: int = 0
    came_back: int = 0
    deliveries: int = 0
    titles: dict[str, str | None] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def doubles(self) -> list[str]:
        return [article for article, count in self.posted.items() for _ in range(count - 1)]


class SnapshotClock:
    """Stands at the time of the snapshot that is polled."""

    def __init__(self) -> None:
        self.time = datetime(2000, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None: ...

    def chance(self) -> float:
        return 0.5


def article_of(series: str, item: Item) -> str:
    """Which article an item is, by rules for these feeds; nothing of Riverpost takes part.

    BBC: the path of the page holds the article's own number. Its guids are that address, later with a counter of
    revisions behind it (`#0`, `#1`) and with or without `at_` parameters, under bbc.co.uk or bbc.com.
    Others: the path of an address that serves as guid or, without guid, of the link; else the guid itself.
    """
    if series.startswith("bbc-") and item.link:
        return urlsplit(item.link).path.rstrip("/")
    told_by = item.guid or item.link or item.title or ""
    if told_by.startswith("http"):
        parts = urlsplit(told_by)
        told_by = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return RENAMED.get(series, {}).get(told_by, told_by)


def items_of(body: bytes) -> list[Item]:
    """The items in the document's order; none if it is not well-formed."""
    try:
        root = ET.parse(io.BytesIO(body)).getroot()
    except ET.ParseError:
        return []
    found = []
    for node in root.iter():
        if node.tag == "item":
            found.append(Item(_text(node, "guid"), _text(node, "link"), _text(node, "title")))
        elif node.tag == f"{ATOM}entry":
            links = [
                link.get("href") for link in node.iter(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"
            ]
            found.append(Item(_text(node, f"{ATOM}id"), links[0] if links else None, _text(node, f"{ATOM}title")))
    return found


def _text(node: ET.Element, name: str) -> str | None:
    return (node.findtext(name) or "").strip() or None


def snapshots(folder: Path, limit: int | None) -> Iterator[tuple[datetime, bytes]]:
    """Time and bytes of each snapshot, oldest first, over all parts of the series."""
    count = 0
    for part in sorted(folder.glob("*.tar.xz")):
        with tarfile.open(part) as archive:
            # The parts are packed in order, so one pass over the stream is enough.
            for member in archive:
                stamp = re.search(r"_(\d{8}T\d{6})", member.name)
                file = archive.extractfile(member) if member.isfile() and stamp else None
                if file is None or stamp is None:
                    continue
                if limit is not None and count == limit:
                    return
                count += 1
                yield datetime.strptime(stamp[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC), file.read()


class Parser:
    """`document.read`, with its results kept in a folder as long as nobody touches the code they came from."""

    def __init__(self) -> None:
        code = hashlib.blake2b(digest_size=8)
        for path in sorted(Path(feeds_package.__path__[0]).glob("*.py")):
            code.update(path.read_bytes())
        self._folder = Path(tempfile.gettempdir()) / "riverpost-replay" / code.hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._kept: dict[str, ParsedFeed | None] = {}
        self._fresh = False

    def load(self, series: str) -> None:
        path = self._folder / series
        self._kept = pickle.loads(path.read_bytes()) if path.exists() else {}
        self._fresh = False

    def save(self, series: str) -> None:
        if self._fresh:
            (self._folder / series).write_bytes(pickle.dumps(self._kept))

    def read(self, body: bytes, digest: str) -> ParsedFeed | None:
        if digest not in self._kept:
            try:
                self._kept[digest] = feed_parser.read(body, URL, "application/rss+xml")
            except ParseError:
                self._kept[digest] = None
            self._fresh = True
        return self._kept[digest]


class Replay:
    """One series, one store, one topic."""

    def __init__(self, series: str, parser: Parser) -> None:
        self.result = Result()
        self._series = series
        self._parser = parser
        self._clock = SnapshotClock()
        self._baseline: set[str] = set()
        self._last: set[str] = set()
        self._ever: set[str] = set()

    async def run(self, folder: Path, limit: int | None, database: Path) -> Result:
        store: Store | None = None
        started = time.process_time()
        for at, body in snapshots(folder, limit):
            self._clock.time = at
            if store is None:
                store = await open_store(f"sqlite:///{database}", now=at, default_backfill=0)
                topic = await store.topics.create(guild_id=1, name="replay", channel_id=1, backfill=0, now=at)
                feed = await store.feeds.ensure(URL, now=at)
                assert topic is not None
                await store.topics.subscribe(topic.id, feed.id, added_by=None, now=at)
                intake = Ingest(store, PollingSettings(), self._clock)
            self.result.polls += 1
            digest = hashlib.blake2b(body, digest_size=16).hexdigest()
            if digest == feed.body_digest:
                self.result.unchanged += 1
                continue
            listed = self._see(items_of(body), f"{at:%Y-%m-%d %H:%M}")
            parsed = self._parser.read(body, digest)
            if parsed is None:
                self.result.unreadable += 1
                continue
            fetched = Fetched(URL, None, 200, body, digest, None, None, None)
            outcome = await intake.take_in(feed, fetched, parsed)
            feed = await store.feeds.ensure(URL, now=at)
            if len(parsed.entries) != len(listed):
                raise SystemExit(f"{self._series} {at}: {len(listed)} items, {len(parsed.entries)} entries read")
            self._count(outcome.listed, listed)
        assert store is not None
        await store.close()
        self.result.seconds = time.process_time() - started
        with sqlite3.connect(database) as connection:
            waiting = "SELECT count(*) FROM deliveries WHERE state = 'waiting'"
            self.result.deliveries = connection.execute(waiting).fetchone()[0]
        appeared = self._ever - self._baseline
        self.result.appeared = len(appeared)
        delivered = self.result.posted.keys() | self.result.archive.keys()
        self.result.missed = sorted(appeared - delivered)
        return self.result

    def _see(self, items: list[Item], at: str) -> list[str]:
        articles = [article_of(self._series, item) for item in items]
        for article, item in zip(articles, items, strict=True):
            self.result.titles[article] = item.title
            self.result.first.setdefault(article, at)
        now = set(articles)
        if not self._ever:
            self._baseline = now
        self.result.came_back += len((now & self._ever) - self._last)
        self._last = now
        self._ever |= now
        return articles

    def _count(self, listed: tuple[MatchedEntry, ...], articles: list[str]) -> None:
        for item in listed:
            article = articles[item.entry.position]
            if item.known_id is not None:
                self.result.edits += item.changed
            elif item.skip_reason == DeliveryStatusKind.COPY:
                self.result.copies[article] += 1
            elif item.skip_reason:
                self.result.archive[article] += 1
            elif self.result.polls > 1:
                self.result.posted[article] += 1


def report(series: str, result: Result, *, verbose: bool) -> None:
    print(
        f"{series:26}{result.polls:6}{result.unchanged:10}{result.appeared:9}{result.deliveries:7}"
        f"{len(result.doubles):8}{len(result.missed):7}{sum(result.archive.values()):8}"
        f"{sum(result.copies.values()):7}"
        f"{result.edits:7}{result.came_back:10}{result.seconds:7.1f}"
    )
    if sum(result.posted.values()) != result.deliveries:
        print(f"    {sum(result.posted.values())} new entries, but {result.deliveries} deliveries")
    found = defaultdict(list, {"double": result.doubles, "missed": result.missed})
    if result.unreadable:
        print(f"    {result.unreadable} snapshots could not be read")
    if verbose:
        found["archive"] = sorted(result.archive)
        found["copy"] = sorted(result.copies)
    for what, articles in found.items():
        for article in articles:
            print(f"    {what}: {article} ({result.titles[article]}), first listed {result.first[article]}")


def main() -> int:
    arguments = argparse.ArgumentParser(description="Replay real polling histories.")
    arguments.add_argument("shared", type=Path)
    arguments.add_argument("--series", action="append", help="only this one; may be given several times")
    arguments.add_argument("--limit", type=int, help="only so many snapshots of each")
    arguments.add_argument("--verbose", action="store_true", help="name the skipped articles too")
    given = arguments.parse_args()
    folders = sorted(path for path in (given.shared / "corpus" / "real" / "series").iterdir() if path.is_dir())
    parser = Parser()
    print(
        f"{'series':26}{'polls':>6}{'unchanged':>10}{'appeared':>9}{'posted':>7}{'doubles':>8}{'missed':>7}"
        f"{'archive':>8}{'copies':>7}{'edits':>7}{'came back':>10}{'CPU s':>7}"
    )
    wrong = 0
    for folder in folders:
        if given.series and folder.name not in given.series:
            continue
        parser.load(folder.name)
        with tempfile.TemporaryDirectory() as scratch:
            replay = Replay(folder.name, parser)
            result = asyncio.run(replay.run(folder, given.limit, Path(scratch) / "replay.db"))
        parser.save(folder.name)
        report(folder.name, result, verbose=given.verbose)
        wrong += len(result.doubles) + len(result.missed)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
