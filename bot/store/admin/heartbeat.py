"""A look into the database from another process, beside a running bot: read-only, never waiting for its lock."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from bot.addresses import redacted
from bot.errors import StoreError
from bot.model import Overview
from bot.store.admin import status

LOOPS = ("poll", "deliver")
GATEWAY = "gateway"
"""Beats while Discord is connected."""
CONNECTED = "connected"
HEALTHY = timedelta(seconds=120)
"""Within which a loop that is well had a good round."""


def problems(path: Path, *, now: datetime, within: timedelta) -> list[str]:
    """Why the bot is not well, a sentence each; empty if its loops ran within that time."""
    try:
        with closing(beside(path)) as connection:
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


def gateway(path: Path, *, now: datetime, within: timedelta) -> str:
    """Whether the bot was connected to Discord within that time, and else when it was last.

    Raises:
        StoreError: there is no readable database.
    """
    try:
        with closing(beside(path)) as connection:
            row = connection.execute("SELECT beat_at FROM heartbeats WHERE loop = ?", (GATEWAY,)).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"the database {path} does not answer: {error}") from error
    seen = datetime.fromtimestamp(row[0] / 1000, UTC) if row else None
    if seen is not None and now - seen <= within:
        return CONNECTED
    return f"not connected; last seen: {_ago(seen, now)}"


def summary(path: Path, *, now: datetime) -> list[str]:
    """Where a bot stands, a line each; the figures of `/status overview`.

    Raises:
        StoreError: there is no readable database.
    """
    engine = sa.create_engine(
        "sqlite://", creator=lambda: beside(path), poolclass=sa.pool.NullPool, hide_parameters=True
    )
    try:
        with engine.connect() as connection:
            return lines(status.overview(connection, None, now=now), now=now)
    except sa.exc.DatabaseError as error:
        raise StoreError(f"the database {path} does not answer: {error.orig}") from error
    finally:
        engine.dispose()


def lines(found: Overview, *, now: datetime) -> list[str]:
    """The figures as text, for a terminal."""
    shown = [
        f"feeds followed: {found.feeds}",
        f"feeds failing: {found.failing}",
        f"topics: {found.topics}",
        f"articles stored: {found.entries}",
        f"articles posted: {found.posted}",
        f"articles posted in the last hour: {found.posted_last_hour}",
        f"articles waiting: {found.waiting}",
        f"articles kept for a digest or until quiet hours end: {found.kept}",
        f"articles refused by Discord: {found.failed}",
        f"channels held: {found.held}",
        f"last poll: {_ago(found.last_poll_at, now)}",
        f"last round of the poll loop: {_ago(found.last_round_at, now)}",
    ]
    if found.oldest_waiting is not None:
        shown.append(f"oldest waiting: {(now - found.oldest_waiting).total_seconds() / 60:.0f} minutes")
    shown += [
        f"held: channel {each.channel_id} of server {each.guild_id}, {each.waiting} waiting: {each.reason}"
        for each in found.channels
    ]
    shown += [
        f"{'gone' if each.gone else 'failing'}: feed {each.feed_id}, {redacted(each.name)}: {redacted(each.reason)}"
        for each in found.sources
    ]
    return shown


def _ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    minutes = (now - moment).total_seconds() / 60
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC, {minutes:.0f} minutes ago"


def beside(path: Path) -> sqlite3.Connection:
    """A connection that reads only, and waits for nobody for longer than 2 s. Raises StoreError if there is no file."""
    if not path.exists():
        raise StoreError(f"there is no database {path}; `run` makes it")
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2.0)
