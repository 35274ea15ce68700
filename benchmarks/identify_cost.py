"""What it costs to find a document's entries among the stored ones, and how that grows with their number.

    python benchmarks/identify_cost.py

For each number of entries the documents are: all unchanged, all guids new, all edited, all guids and links new, none
known, one guid and link for all, and one content for all. CPU time of `identify`, best of five; then of the store's
`known`, which reads the stored keys. Linear means that the last column stays about the same.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.feeds.identity.identify import identify, keys
from bot.model import Entry, EntryKeys, FeedOutcome, MatchedEntry, PollKind, StoredEntry
from tests.opening import open_store

SIZES = (20, 200, 1_000, 5_000)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SITE = "https://blog.example.test/"


def entries(size: int, guid: str = "g{}", link: str = SITE + "{}", text: str = "text {}") -> list[Entry]:
    made = []
    for n in range(size):
        key = keys(guid=guid.format(n), link=link.format(n), title=f"Title {n}", html=text.format(n))
        made.append(Entry(keys=key, position=n, guid=guid.format(n), link=link.format(n), title=f"Title {n}"))
    return made


def alike(size: int) -> list[Entry]:
    """Links of which each is shared by two entries, and one content under all of them."""
    content = keys(guid=None, link=None, title="T", html="")
    made = []
    for n in range(size):
        link = keys(guid=None, link=f"{SITE}{n // 2}", title="", html="").link
        text = content.content if n % 2 else keys(guid=None, link=None, title=str(n), html="").content
        made.append(Entry(keys=EntryKeys(None, link, text), position=n))
    return made


def stored(listed: list[Entry]) -> list[StoredEntry]:
    found = [item for item in identify(listed, ()) if item.known_id is None]
    return [StoredEntry(id=len(found) - place, uid=item.uid, keys=item.entry.keys) for place, item in enumerate(found)]


def cases(size: int) -> dict[str, tuple[list[Entry], list[StoredEntry]]]:
    known = stored(entries(size))
    constant = {"guid": "site", "link": SITE + "news"}
    half_edited = [replace(entry, keys=replace(entry.keys, link=f"{entry.keys.link}x")) for entry in alike(size)]
    return {
        "unchanged": (entries(size), known),
        "all guids new": (entries(size, guid="n{}"), known),
        "all edited": (entries(size, text="other {}"), known),
        "guids and links new": (entries(size, guid="n{}", link=SITE + "n/{}"), known),
        "none known": (entries(size, guid="n{}", link=SITE + "n/{}", text="other {}"), []),
        "one guid and link": (entries(size, **constant), stored(entries(size, **constant))),
        "one content": (half_edited, stored(alike(size))),
    }


def cost(listed: list[Entry], known: list[StoredEntry]) -> float:
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        identify(listed, known, listed={item.id for item in known})
        best = min(best, time.process_time() - started)
    return best


async def store_cost(size: int, database: Path) -> tuple[float, float]:
    """CPU seconds of `known` for a document that is known whole, and of storing it in the first place."""
    store = await open_store(f"sqlite:///{database}", now=NOW)
    feed = await store.feeds.ensure(SITE, now=NOW)
    listed = entries(size)
    new = tuple(MatchedEntry(entry=item.entry, uid=item.uid, known_id=None) for item in identify(listed, ()))
    outcome = FeedOutcome(feed.id, PollKind.ENTRIES, NOW, NOW, 600, "read", listed=new)
    started = time.process_time()
    await store.entries.apply(outcome)
    applied = time.process_time() - started
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        known, _ = await store.entries.known(feed.id, [entry.keys for entry in listed])
        best = min(best, time.process_time() - started)
        assert len(known) == size
    await store.close()
    return best, applied


def line(what: str, size: int, seconds: float) -> None:
    print(f"{what:24}{size:7}{1000 * seconds:11.2f}{1e6 * seconds / size:14.1f}")


def main() -> int:
    print(f"{'document':24}{'entries':>7}{'CPU ms':>11}{'us per entry':>14}")
    for what in cases(1):
        for size in SIZES:
            line(what, size, cost(*cases(size)[what]))
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            known, applied = asyncio.run(store_cost(size, Path(folder) / "riverpost.db"))
        line("store: known", size, known)
        line("store: apply, all new", size, applied)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
