"""A look into the database from another process, beside a running bot: read-only, never waiting for its lock."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.errors import StoreError

LOOPS = ("poll", "deliver")


def problems(path: Path, *, now: datetime, within: timedelta) -> list[str]:
    """Why the bot is not well, a sentence each; empty if its loops ran within that time."""
    try:
        with closing(_open(path)) as connection:
            beats = dict(connection.execute("SELECT loop, beat_at FROM heartbeats"))
    except (sqlite3.Error, StoreError) as error:
        return [f"the database {path} does not answer: {error}"]
    found = []
    for loop in LOOPS:
        beat = datetime.fromtimestamp(beats[loop] / 1000, UTC) if loop in beats else None
        if beat is None or now - beat > within:
            since = f"since {beat:%Y-%m-%d %H:%M:%S} UTC" if beat else "yet"
            found.append(f"the {loop} loop has had no good round {since}")
    return found


def summary(path: Path, *, now: datetime) -> list[str]:
    """Where a bot stands, a line each.

    Raises:
        StoreError: there is no readable database.
    """
    counts = (
        ("feeds followed", "SELECT count(DISTINCT feed_id) FROM subscriptions"),
        ("feeds failing", "SELECT count(*) FROM feeds WHERE failures > 0 OR state = 'gone'"),
        ("topics", "SELECT count(*) FROM topics"),
        ("articles stored", "SELECT count(*) FROM entries"),
        ("articles posted", "SELECT count(*) FROM deliveries WHERE state = 'posted'"),
        ("articles waiting", "SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'planned')"),
        ("articles refused by Discord", "SELECT count(*) FROM deliveries WHERE state = 'failed'"),
        ("channels held", "SELECT count(*) FROM channels WHERE held_reason IS NOT NULL"),
    )
    try:
        with closing(_open(path)) as connection:
            lines = [f"{label}: {connection.execute(query).fetchone()[0]}" for label, query in counts]
            oldest = connection.execute(
                "SELECT min(created_at) FROM deliveries WHERE state IN ('waiting', 'planned')"
            ).fetchone()[0]
            held = connection.execute(
                "SELECT channel_id, held_reason FROM channels WHERE held_reason IS NOT NULL"
            ).fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"the database {path} does not answer: {error}") from error
    if oldest is not None:
        minutes = (now - datetime.fromtimestamp(oldest / 1000, UTC)).total_seconds() / 60
        lines.append(f"oldest waiting: {minutes:.0f} minutes")
    return lines + [f"held: channel {channel}: {reason}" for channel, reason in held]


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise StoreError(f"there is no database {path}; `run` makes it")
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2.0)
