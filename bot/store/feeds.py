"""Feed rows: what is known of a feed, and which are due."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FeedDue, FeedState
from bot.store import rows
from bot.store.arrays import among, array, gathered, not_among
from bot.store.database import Database
from bot.store.moves import host_of
from bot.store.schema import entries, feed_aliases, feeds, subscriptions

LEASE = timedelta(minutes=5)
"""Longer than the slowest poll: the wait for the host, 20 s for the answer, and the parse."""
MOST_STRETCHES = 8
PER_HOST = 4
"""Feeds of one host claimed at a time; they are fetched one after the other anyway."""

_HAS_ENTRIES = sa.exists().where(entries.c.feed_id == feeds.c.id).label("has_entries")


def _followed() -> sa.Exists:
    """Whether anybody waits for the feed's articles: a source that rests everywhere is not asked."""
    return sa.exists().where(subscriptions.c.feed_id == feeds.c.id, subscriptions.c.paused.is_(False))


_NOW = sa.bindparam("b_now", type_=feeds.c.next_poll_at.type)
_DUE = gathered(
    sa.select(feeds.c.id, feeds.c.host)
    .where(feeds.c.state == FeedState.ACTIVE, feeds.c.next_poll_at <= _NOW, _followed())
    .where(sa.or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= _NOW))
    .where(not_among(feeds.c.host, "b_full"), not_among(feeds.c.id, "b_taken"))
    .order_by(feeds.c.next_poll_at, feeds.c.id)
    .limit(sa.bindparam("b_limit", type_=sa.Integer()))
)
_LEASE = (
    sa.update(feeds)
    .where(among(feeds.c.id, "b_ids"))
    .values(lease_until=sa.bindparam("b_until", type_=feeds.c.lease_until.type))
)
_LEASED = gathered(sa.select(*rows.DUE_COLUMNS, _HAS_ENTRIES).where(among(feeds.c.id, "b_ids")))
_NEXT_DUE = (
    sa.select(feeds.c.next_poll_at)
    .where(feeds.c.state == FeedState.ACTIVE, _followed())
    .order_by(feeds.c.next_poll_at)
    .limit(1)
)


class FeedStore:
    """The table `feeds` and its aliases."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def ensure(self, url: str, *, now: datetime) -> FeedDue:
        """The feed of this address, or of which this is a former address; made, due at once, if there is none."""
        async with self._db.write(urgent=True) as connection:
            return await ensure(connection, url, now=now)

    async def at(self, url: str) -> int | None:
        """The feed whose address this is now."""
        async with self._db.read() as connection:
            found: int | None = await connection.scalar(sa.select(feeds.c.id).where(feeds.c.url == url))
            return found

    async def claim_due(self, *, now: datetime, limit: int, busy_hosts: Collection[str] = ()) -> tuple[FeedDue, ...]:
        """Lease up to `limit` followed, active feeds that are due, at most a few of each host, longest due first."""
        ids = await self._due(now, limit, busy_hosts)
        if not ids:
            return ()
        async with self._db.write() as connection:
            await connection.execute(_LEASE, {"b_ids": array(ids), "b_until": now + LEASE})
            leased = await connection.execute(_LEASED, {"b_ids": array(ids)})
            claimed = {row[0]: rows.feed_due(row) for row in leased.scalar_one()}
        return tuple(claimed[feed_id] for feed_id in ids if feed_id in claimed)

    async def _due(self, now: datetime, limit: int, busy_hosts: Collection[str]) -> list[int]:
        """In the index's order, a stretch at a time: with ten thousand overdue, ranking them all would take 25 ms a claim.

        Hosts that have enough are left out of the next stretch, so that a host with thousands of feeds hides nobody.
        """
        counts: Counter[str] = Counter(dict.fromkeys(busy_hosts, PER_HOST))
        taken: dict[int, None] = {}
        for _ in range(MOST_STRETCHES):
            full = array(host for host, count in counts.items() if count >= PER_HOST)
            parameters = {"b_now": now, "b_full": full, "b_taken": array(taken), "b_limit": limit}
            async with self._db.read() as connection:
                found = (await connection.execute(_DUE, parameters)).scalar_one()
            for feed_id, host in found:
                if counts[host] < PER_HOST and len(taken) < limit:
                    counts[host] += 1
                    taken[feed_id] = None
            if len(taken) >= limit or len(found) < limit:
                break
        return list(taken)

    async def void_leases(self) -> None:
        """At start: whoever held them is gone, since one process owns the file."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(feeds).values(lease_until=None))

    async def release(self, feed_ids: Iterable[int]) -> None:
        """Give back feeds whose polls could not be stored: they are due at once."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(feeds).where(feeds.c.id.in_(list(feed_ids))).values(lease_until=None))

    async def next_due_at(self) -> datetime | None:
        """When the next followed feed is due, or None if nothing is followed."""
        async with self._db.read() as connection:
            found: datetime | None = await connection.scalar(_NEXT_DUE)
            return found


async def ensure(connection: AsyncConnection, url: str, *, now: datetime) -> FeedDue:
    """`FeedStore.ensure` inside a transaction of the caller."""
    alias = await connection.scalar(sa.select(feed_aliases.c.feed_id).where(feed_aliases.c.url == url))
    if alias is None:
        values = {"url": url, "host": host_of(url), "next_poll_at": now}
        await connection.execute(insert(feeds).values(values).on_conflict_do_nothing())
    match = feeds.c.id == alias if alias is not None else feeds.c.url == url
    found = await connection.execute(gathered(sa.select(*rows.DUE_COLUMNS, _HAS_ENTRIES).where(match)))
    (row,) = found.scalar_one()
    return rows.feed_due(row)
