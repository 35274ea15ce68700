"""What it costs to find the channels that have something to send, with very many channels and articles that wait.

    python benchmarks/claims.py [--channels N] [--waiting N]

The database is new and has no statistics, as after an upgrade or a first start. CPU milliseconds of one claim of 20
channels, the least of three.
"""

import argparse
import asyncio
import contextlib
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import rig

from tests.opening import open_file, open_store

MOST_MILLISECONDS = 50.0
CLAIMED = 20


def fill(path: Path, *, channels: int, waiting: int, at: int) -> None:
    """One feed, a topic in each channel, and articles that wait in turn in all topics."""
    with contextlib.closing(open_file(path)) as made, made:
        made.execute(
            f"INSERT INTO feeds(id, url, host, next_poll_at) VALUES (1, 'https://a.example/', 'a.example', {at})"
        )
        made.executemany(
            "INSERT INTO channels(channel_id, guild_id) VALUES (?, 1)", [(each,) for each in range(channels)]
        )
        made.executemany(
            "INSERT INTO topics(id, guild_id, name, name_key, channel_id, options, created_at) "
            f"VALUES (?, 1, ?, ?, ?, '{{}}', {at})",
            [(each + 1, f"t{each}", f"t{each}", each) for each in range(channels)],
        )
        made.executemany(
            "INSERT INTO entries(id, feed_id, uid, content_key, title, summary_html, text, categories, position, "
            f"seen_at, sort_at) VALUES (?, 1, ?, ?, 'Article', '', '', '[]', 1, {at}, {at})",
            [(each, f"g:{each}", f"c{each}") for each in range(1, waiting // channels + 2)],
        )
        made.executemany(
            "INSERT INTO deliveries(topic_id, entry_id, state, order_at, order_position, created_at) "
            f"VALUES (?, ?, 'waiting', {at}, 0, {at})",
            [(each % channels + 1, each // channels + 1) for each in range(waiting)],
        )


async def measure(given: argparse.Namespace) -> float:
    clock = rig.MovableClock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.db")
        store = await open_store(f"sqlite:///{path}", now=clock.now())
        await store.close()
        fill(path, channels=given.channels, waiting=given.waiting, at=int(clock.now().timestamp() * 1000))
        store = await open_store(f"sqlite:///{path}", now=clock.now())
        best = float("inf")
        for number in range(1, 4):
            before = time.process_time()
            claimed = await store.deliveries.claim_channels(now=clock.now() + timedelta(hours=number), limit=CLAIMED)
            best = min(best, 1000 * (time.process_time() - before))
            assert len(claimed) == CLAIMED
        await store.close()
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=5_000)
    parser.add_argument("--waiting", type=int, default=50_000)
    given = parser.parse_args()
    found = asyncio.run(measure(given))
    what = f"a claim, {given.channels:,} channels, {given.waiting:,} waiting"
    return 0 if rig.verdict(what, found, most=MOST_MILLISECONDS, unit=" ms") else 1


if __name__ == "__main__":
    raise SystemExit(main())
