"""Feed rows: what is known of a feed, and which are due."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.addresses.registrable_domain import have_one_owner
from bot.model import ClaimedFeed, FeedState, FetchAddress
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array, gathered, not_among, values_of
from bot.store.moves.former_feeds import HAS_FORMERS
from bot.store.schema import row_mapping
from bot.store.schema.tables import entries, feed_aliases, feeds, former_feeds, guilds, subscriptions, topics

LEASE = timedelta(minutes=5)
"""Longer than the slowest poll: the wait for the host, 20 s for the answer, and the parse."""
MAX_STRETCHES = 8
PER_HOST = 16
"""Feeds of one host claimed at a time for one server; they are fetched one after the other anyway."""
MAX_SERVERS = 50
"""Servers that follow a feed and are looked at: the feed counts for the one of them that has least under way."""

_HAS_ENTRIES = sa.exists().where(entries.c.feed_id == feeds.c.id).label("has_entries")


_LEFT = sa.select(guilds.c.guild_id).where(guilds.c.removed_at.is_not(None))
"""Servers that removed the bot, or may not use it: nothing is fetched for their sake until they are back."""


def _followed() -> sa.Exists:
    """Whether a server that has the bot follows the feed, also with a pause: what comes meanwhile is kept."""
    return (
        sa.exists()
        .where(subscriptions.c.feed_id == feeds.c.id)
        .where(topics.c.id == subscriptions.c.topic_id, topics.c.guild_id.not_in(_LEFT))
    )


def _counts() -> sa.ColumnElement[bool]:
    """For a subscription: the feed is asked for its sake. One with a pause counts where no other has none."""
    awake, where = subscriptions.alias("awake"), topics.alias("where_awake")
    others = (
        sa.exists()
        .where(awake.c.feed_id == subscriptions.c.feed_id, awake.c.paused.is_(False))
        .where(where.c.id == awake.c.topic_id, where.c.guild_id.not_in(_LEFT))
    )
    return sa.or_(subscriptions.c.paused.is_(False), ~others)


def _waits_anybody() -> sa.Exists:
    """Whether a server follows the feed that has not its share under way, neither in all nor at the feed's host."""
    at_host = feeds.c.host + sa.literal(" ") + sa.cast(topics.c.guild_id, sa.Text())
    # One list of both is looked up once a row, as it was for the first alone.
    full_or_left = sa.union_all(values_of("b_full"), _LEFT)
    return (
        sa.exists()
        .where(subscriptions.c.feed_id == feeds.c.id, _counts())
        .where(topics.c.id == subscriptions.c.topic_id, topics.c.guild_id.not_in(full_or_left))
        .where(not_among(at_host, "b_full_at_hosts"))
    )


_SERVERS = (
    sa.select(topics.c.guild_id)
    .distinct()
    .where(topics.c.id == subscriptions.c.topic_id, subscriptions.c.feed_id == feeds.c.id)
    .where(_counts(), topics.c.guild_id.not_in(_LEFT))
    .limit(MAX_SERVERS)
    .correlate(feeds)
    .subquery("servers")
)
_NOW = sa.bindparam("b_now", type_=feeds.c.next_poll_at.type)
_DUE = gathered(
    sa.select(
        feeds.c.id,
        feeds.c.host,
        sa.select(sa.func.json_group_array(_SERVERS.c.guild_id)).scalar_subquery().label("servers"),
    )
    .where(feeds.c.state == FeedState.ACTIVE, feeds.c.next_poll_at <= _NOW, _waits_anybody())
    .where(sa.or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= _NOW))
    .where(not_among(feeds.c.id, "b_taken"))
    .order_by(feeds.c.next_poll_at, feeds.c.id)
    .limit(sa.bindparam("b_limit", type_=sa.Integer()))
)
_LEASE = (
    sa.update(feeds)
    .where(among(feeds.c.id, "b_ids"))
    .values(lease_until=sa.bindparam("b_until", type_=feeds.c.lease_until.type))
)
_LEASED = gathered(sa.select(*row_mapping.DUE_COLUMNS, _HAS_ENTRIES, HAS_FORMERS).where(among(feeds.c.id, "b_ids")))
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

    async def ensure(self, url: FetchAddress | str, *, now: datetime) -> ClaimedFeed:
        """The feed of this address, or of which this is a former address; made, due at once, if there is none."""
        async with self._db.write(urgent=True) as connection:
            return await ensure(connection, FetchAddress(url).reveal(), now=now)

    async def at(self, url: FetchAddress) -> int | None:
        """The feed whose address this is now."""
        async with self._db.read() as connection:
            found: int | None = await connection.scalar(sa.select(feeds.c.id).where(feeds.c.url == url.reveal()))
            return found

    async def newest_entry(self, feed_id: int) -> int:
        """The highest id of a feed's entries, 0 where it has none."""
        query = sa.select(sa.func.max(entries.c.id)).where(entries.c.feed_id == feed_id)
        async with self._db.read() as connection:
            return await connection.scalar(query) or 0

    async def newest_times(self, feed_id: int, *, most: int) -> tuple[datetime, ...]:
        """When its newest articles were published, or seen if they do not say; not more than `most`."""
        query = sa.select(entries.c.sort_at).where(entries.c.feed_id == feed_id).order_by(entries.c.sort_at.desc())
        async with self._db.read() as connection:
            return tuple((await connection.execute(query.limit(most))).scalars())

    async def formers(self, feed_id: int, *, most: int) -> tuple[int, ...]:
        """The feeds from which some of who follow this one came, the oldest first; not more than `most`."""
        query = (
            sa.select(former_feeds.c.former_id)
            .distinct()
            .where(former_feeds.c.feed_id == feed_id)
            .order_by(former_feeds.c.former_id)
            .limit(most)
        )
        async with self._db.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def claim_due(
        self, *, now: datetime, limit: int, per_server: int | None = None, under_way: Iterable[ClaimedFeed] = ()
    ) -> tuple[ClaimedFeed, ...]:
        """Lease up to `limit` followed, active feeds that are due, longest due first.

        A feed counts for one of the servers that follow it, which is named first in it. One that has its share under
        way gets no more, be it in all or at a host; its feeds that others follow are claimed for these.

        Args:
            per_server: how many feeds one server may have under way; None: all.
            under_way: what was claimed before and is not done.
        """
        under_way = tuple(under_way)
        load = _Load(limit if per_server is None else per_server, under_way)
        chosen = await self._due(now, limit, load, [feed.id for feed in under_way])
        if not chosen:
            return ()
        async with self._db.write() as connection:
            await connection.execute(_LEASE, {"b_ids": array(chosen), "b_until": now + LEASE})
            leased = await connection.execute(_LEASED, {"b_ids": array(chosen)})
            claimed = {row[0]: row_mapping.feed_due(row, chosen[row[0]]) for row in leased.scalar_one()}
        return tuple(claimed[feed_id] for feed_id in chosen if feed_id in claimed)

    async def _due(self, now: datetime, limit: int, load: "_Load", under_way: list[int]) -> dict[int, tuple[int, ...]]:
        """In the index's order, a stretch at a time: with ten thousand overdue, ranking them all would take 25 ms a claim.

        Servers that have enough are left out of the next stretch, so that one with thousands of feeds hides nobody.
        """
        chosen: dict[int, tuple[int, ...]] = {}
        for _ in range(MAX_STRETCHES):
            parameters = {"b_now": now, "b_taken": array([*under_way, *chosen]), "b_limit": limit} | load.parameters()
            async with self._db.read() as connection:
                found = (await connection.execute(_DUE, parameters)).scalar_one()
            all_servers = json.loads(f"[{','.join([row[2] for row in found])}]")  # at once: each call costs 3 us
            for (feed_id, host, _), servers in zip(found, all_servers, strict=True):
                if len(chosen) < limit and (server := load.lightest(host, servers)) is not None:
                    load.add(host, server)
                    chosen[feed_id] = (
                        (server,) if len(servers) == 1 else (server, *(other for other in servers if other != server))
                    )
            if len(chosen) >= limit or len(found) < limit:
                break
        return chosen

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


async def ensure(connection: AsyncConnection, url: str, *, now: datetime) -> ClaimedFeed:
    """`FeedStore.ensure` inside a transaction of the caller."""
    feed_id = await _of_alias(connection, url)
    if feed_id is None:
        feed_id = await ensure_at(connection, url, now=now)
    # Whoever asks is about to follow it: nobody deletes it in between.
    await connection.execute(
        sa.update(feeds)
        .where(feeds.c.id == feed_id, feeds.c.unfollowed_since.is_not(None))
        .values(unfollowed_since=None)
    )
    query = gathered(sa.select(*row_mapping.DUE_COLUMNS, _HAS_ENTRIES, HAS_FORMERS).where(feeds.c.id == feed_id))
    (row,) = (await connection.execute(query)).scalar_one()
    return row_mapping.feed_due(row)


class _Load:
    """What each server has under way."""

    def __init__(self, per_server: int, under_way: Iterable[ClaimedFeed]) -> None:
        self._per_server = per_server
        self._of_server: dict[int, int] = {}
        self._at_host: dict[tuple[str, int], int] = {}
        for feed in under_way:
            for server in feed.guilds[:1]:
                self.add(feed.host, server)

    def add(self, host: str, server: int) -> None:
        at_host = (host, server)
        self._of_server[server] = self._of_server.get(server, 0) + 1
        self._at_host[at_host] = self._at_host.get(at_host, 0) + 1

    def lightest(self, host: str, servers: Sequence[int]) -> int | None:
        """Of the servers that may have one more at the host, the one that has least."""
        if len(servers) == 1:  # as nearly all feeds
            return servers[0] if self._has_room(host, servers[0]) else None
        free = [server for server in servers if self._has_room(host, server)]
        return min(free, key=lambda server: self._of_server.get(server, 0), default=None)

    def _has_room(self, host: str, server: int) -> bool:
        return self._of_server.get(server, 0) < self._per_server and self._at_host.get((host, server), 0) < PER_HOST

    def parameters(self) -> dict[str, str]:
        return {
            "b_full": array(server for server, count in self._of_server.items() if count >= self._per_server),
            "b_full_at_hosts": array(
                f"{host} {server}" for (host, server), count in self._at_host.items() if count >= PER_HOST
            ),
        }


async def ensure_at(connection: AsyncConnection, url: str, *, now: datetime) -> int:
    """The feed whose address this is now; made, due at once, if there is none."""
    values = {"url": url, "host": host_of(url), "next_poll_at": now}
    await connection.execute(insert(feeds).values(values).on_conflict_do_nothing())
    found: int = (await connection.execute(sa.select(feeds.c.id).where(feeds.c.url == url))).scalar_one()
    return found


def host_of(url: str) -> str:
    """Name and port, as they stand in the address."""
    return (urlsplit(url).netloc.rpartition("@")[2] or url).lower()


async def _of_alias(connection: AsyncConnection, url: str) -> int | None:
    """The feed that was at this address before it moved within its owner's domain.

    Where another domain has it, the old address says nothing to who did not follow it there.
    """
    query = (
        sa.select(feeds.c.id, feeds.c.url)
        .join(feed_aliases, feed_aliases.c.feed_id == feeds.c.id)
        .where(feed_aliases.c.url == url)
    )
    row = (await connection.execute(query)).one_or_none()
    return row.id if row is not None and have_one_owner(url, row.url) else None
