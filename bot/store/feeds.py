"""Feed rows: addresses, what is due, and the former addresses of feeds that moved."""

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FeedDue, FeedState
from bot.store import rows
from bot.store.database import Database
from bot.store.schema import deliveries, entries, feed_aliases, feeds, subscriptions

LEASE = timedelta(minutes=5)
"""Longer than the slowest poll: the wait for the host, 20 s for the answer, and the parse."""
PER_HOST = 4
"""Feeds of one host claimed at a time; they are fetched one after the other anyway."""

_HAS_ENTRIES = sa.exists().where(entries.c.feed_id == feeds.c.id).label("has_entries")


def _followed() -> sa.Exists:
    """Whether anybody waits for the feed's articles: a source that rests everywhere is not asked."""
    return sa.exists().where(subscriptions.c.feed_id == feeds.c.id, subscriptions.c.paused.is_(False))


def _host(url: str) -> str:
    parts = urlsplit(url)
    return (parts.netloc.rpartition("@")[2] or url).lower()


class FeedStore:
    """The table `feeds` and its aliases."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def ensure(self, url: str, *, now: datetime) -> FeedDue:
        """The feed of this address, or of which this is a former address; made, due at once, if there is none."""
        async with self._db.write(urgent=True) as connection:
            return await ensure(connection, url, now=now)

    async def claim_due(self, *, now: datetime, limit: int, busy_hosts: Collection[str] = ()) -> tuple[FeedDue, ...]:
        """Lease up to `limit` followed, active feeds that are due, at most a few of each host, longest due first."""
        followed = _followed()
        rank = sa.func.row_number().over(partition_by=feeds.c.host, order_by=feeds.c.next_poll_at).label("rank")
        due = (
            sa.select(feeds.c.id, feeds.c.next_poll_at, rank)
            .where(feeds.c.state == FeedState.ACTIVE, feeds.c.next_poll_at <= now)
            .where(sa.or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now))
            .where(feeds.c.host.not_in(busy_hosts), followed)
            .subquery()
        )
        chosen = sa.select(due.c.id).where(due.c.rank <= PER_HOST).order_by(due.c.next_poll_at).limit(limit)
        async with self._db.read() as connection:
            ids = (await connection.execute(chosen)).scalars().all()
        if not ids:
            return ()
        async with self._db.write() as connection:
            await connection.execute(sa.update(feeds).where(feeds.c.id.in_(ids)).values(lease_until=now + LEASE))
            found = await connection.execute(
                sa.select(feeds, _HAS_ENTRIES).where(feeds.c.id.in_(ids)).order_by(feeds.c.next_poll_at)
            )
            return tuple(rows.feed_due(row) for row in found.mappings())

    async def void_leases(self) -> None:
        """At start: whoever held them is gone, since one process owns the file."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(feeds).values(lease_until=None))

    async def next_due_at(self) -> datetime | None:
        """When the next followed feed is due, or None if nothing is followed."""
        followed = _followed()
        query = sa.select(sa.func.min(feeds.c.next_poll_at)).where(feeds.c.state == FeedState.ACTIVE, followed)
        async with self._db.read() as connection:
            found: datetime | None = await connection.scalar(query)
            return found


async def ensure(connection: AsyncConnection, url: str, *, now: datetime) -> FeedDue:
    """`FeedStore.ensure` inside a transaction of the caller."""
    alias = await connection.scalar(sa.select(feed_aliases.c.feed_id).where(feed_aliases.c.url == url))
    if alias is None:
        values = {"url": url, "host": _host(url), "next_poll_at": now}
        await connection.execute(insert(feeds).values(values).on_conflict_do_nothing())
    match = feeds.c.id == alias if alias is not None else feeds.c.url == url
    found = await connection.execute(sa.select(feeds, _HAS_ENTRIES).where(match))
    return rows.feed_due(found.mappings().one())


async def move(connection: AsyncConnection, feed_id: int, url: str) -> None:
    """Give a feed its new address; the old one stays as an alias. Two feeds that meet become one."""
    old = await connection.scalar(sa.select(feeds.c.url).where(feeds.c.id == feed_id))
    if old is None or old == url:
        return
    other = await connection.scalar(sa.select(feeds.c.id).where(feeds.c.url == url))
    if other is not None:
        await _merge(connection, source=other, target=feed_id)
    await connection.execute(sa.delete(feed_aliases).where(feed_aliases.c.url == url))
    await connection.execute(sa.update(feeds).where(feeds.c.id == feed_id).values(url=url, host=_host(url)))
    await connection.execute(insert(feed_aliases).values(url=old, feed_id=feed_id).on_conflict_do_nothing())


async def _merge(connection: AsyncConnection, *, source: int, target: int) -> None:
    """Everything of `source` becomes `target`'s; what both have is kept once, with its deliveries."""
    twin = entries.alias("twin")
    pairs = await connection.execute(
        sa.select(entries.c.id, twin.c.id.label("twin_id"))
        .join(twin, sa.and_(twin.c.uid == entries.c.uid, twin.c.feed_id == target))
        .where(entries.c.feed_id == source)
    )
    for pair in pairs.all():
        await connection.execute(
            sa.update(deliveries)
            .prefix_with("OR IGNORE", dialect="sqlite")
            .where(deliveries.c.entry_id == pair.id)
            .values(entry_id=pair.twin_id)
        )
    mine = sa.select(twin.c.uid).where(twin.c.feed_id == target)
    await connection.execute(
        sa.update(entries).where(entries.c.feed_id == source, entries.c.uid.not_in(mine)).values(feed_id=target)
    )
    await connection.execute(
        sa.update(subscriptions)
        .prefix_with("OR IGNORE", dialect="sqlite")
        .where(subscriptions.c.feed_id == source)
        .values(feed_id=target)
    )
    await connection.execute(sa.update(feed_aliases).where(feed_aliases.c.feed_id == source).values(feed_id=target))
    await connection.execute(sa.delete(feeds).where(feeds.c.id == source))
