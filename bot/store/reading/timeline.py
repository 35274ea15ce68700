"""The river: everything that a guild follows, newest first, read from any place at the same cost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.addresses import has_secret, shown
from bot.model import Article, PublishedSource, Scope, TimelineSlice
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array
from bot.store.reading.timeline_index import Key, TimelineIndex
from bot.store.schema import row_mapping
from bot.store.schema.source_name_columns import called
from bot.store.schema.source_name_columns import shown as named
from bot.store.schema.tables import entries, feeds, former_feeds, milliseconds, subscriptions, topics

_BY_ID = (
    sa.select(*row_mapping.ARTICLE_COLUMNS)
    .join(feeds, feeds.c.id == entries.c.feed_id)
    .where(among(entries.c.id, "b_ids"))
)

_FEED_OF = sa.select(entries.c.feed_id).where(entries.c.id == sa.bindparam("b_entry"))


class TimelineStore:
    """Stretches of rivers, by place or from a key on: what came meanwhile neither doubles nor hides anything."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def at(self, scope: Scope, rank: int, *, size: int) -> TimelineSlice:
        """From this place on; 0 is that of the newest. Too high a place gives the last full page."""
        async with self._db.read() as connection:
            ranks = await TimelineIndex.of(connection, array(await feeds_of(connection, scope)))
            return await _stretch(connection, ranks, min(max(0, rank), _last_page(ranks.total, size)), size)

    async def older(self, scope: Scope, than: Key, *, size: int) -> TimelineSlice:
        """What follows the article with this key."""
        async with self._db.read() as connection:
            ranks = await TimelineIndex.of(connection, array(await feeds_of(connection, scope)))
            moment, entry_id = than
            # The first key that is older: also where that article itself has left the river.
            rank = await ranks.rank((moment, entry_id - 1)) if entry_id > 0 else await ranks.rank((moment - 1, 2**62))
            return await _stretch(connection, ranks, rank, size)

    async def newer(self, scope: Scope, than: Key, *, size: int) -> TimelineSlice:
        """What comes just before the article with this key; fewer than `size` at the top of the river."""
        async with self._db.read() as connection:
            ranks = await TimelineIndex.of(connection, array(await feeds_of(connection, scope)))
            end = await ranks.rank(than)
            begin = max(0, end - size)
            return await _stretch(connection, ranks, begin, end - begin)

    async def between(self, scope: Scope, since: datetime, until: datetime, rank: int, *, size: int) -> TimelineSlice:
        """Of one stretch of time, `until` not included, from this place in it on; its `newer` and `total` are of the stretch."""
        async with self._db.read() as connection:
            ranks = await TimelineIndex.of(connection, array(await feeds_of(connection, scope)))
            begin = await ranks.rank((milliseconds(until), 0))
            end = await ranks.rank((milliseconds(since), 0))
            total = end - begin
            found = await _stretch(connection, ranks, begin + rank, max(0, min(size, total - rank)))
            return replace(found, newer=rank, total=total)

    async def article(self, scope: Scope, entry_id: int) -> Article | None:
        """One article of the river; None where it is in none of its sources."""
        async with self._db.read() as connection:
            read = await feeds_of(connection, scope)
            # An article of somebody else costs as much as one that there is not.
            if await connection.scalar(_FEED_OF, {"b_entry": entry_id}) not in read:
                return None
            return next(iter(await articles_in_order(connection, [entry_id])), None)

    async def sources(self, scope: Scope) -> tuple[PublishedSource, ...]:
        """What the river is made of, by name as the guild calls it."""
        query = sa.select(
            feeds.c.id, feeds.c.url, feeds.c.site_url, feeds.c.icon_url, named(scope.guild_id).label("title")
        ).where(among(feeds.c.id, "b_ids"))
        async with self._db.read() as connection:
            read = await feeds_of(connection, scope)
            rows = (await connection.execute(query, {"b_ids": array(read)})).all()
        made = [
            PublishedSource(row.id, called(row.title, row.url), row.site_url, shown(row.url), row.icon_url)
            for row in rows
            if row_mapping.MOVED not in row.url
        ]
        return tuple(sorted(made, key=lambda each: each.title.casefold()))


async def feeds_of(connection: AsyncConnection, scope: Scope) -> list[int]:
    """The feeds that are read from: only ever such as these topics follow, or followed before they moved."""
    query = (
        sa.select(subscriptions.c.feed_id)
        .distinct()
        .join(topics, topics.c.id == subscriptions.c.topic_id)
        .where(topics.c.guild_id == scope.guild_id, among(topics.c.id, "b_topics"))
    )
    former = (
        sa.select(former_feeds.c.former_id)
        .distinct()
        .join(topics, topics.c.id == former_feeds.c.topic_id)
        .where(topics.c.guild_id == scope.guild_id, among(topics.c.id, "b_topics"))
    )
    if scope.feed_id is not None:
        query = query.where(subscriptions.c.feed_id == scope.feed_id)
        former = former.where(former_feeds.c.feed_id == scope.feed_id)
    asked = {"b_topics": array(scope.topics)}
    found = [(await connection.execute(each, asked)).scalars() for each in (query, former)]
    read = sorted({feed_id for ids in found for feed_id in ids})
    return await _without_secret(connection, read) if scope.public_only else read


async def _without_secret(connection: AsyncConnection, feed_ids: Sequence[int]) -> list[int]:
    query = sa.select(feeds.c.id, feeds.c.url).where(among(feeds.c.id, "b_ids"))
    found = (await connection.execute(query, {"b_ids": array(feed_ids)})).all()
    return sorted(row.id for row in found if not has_secret(row.url.partition(row_mapping.MOVED)[0]))


async def articles_in_order(connection: AsyncConnection, ids: Sequence[int]) -> tuple[Article, ...]:
    """The articles with these ids, in this order; those that are gone are left out."""
    if not ids:
        return ()
    found = await connection.execute(_BY_ID, {"b_ids": array(ids)})
    by_id = {row["entry_id"]: row_mapping.article(row) for row in found.mappings()}
    return tuple(by_id[entry_id] for entry_id in ids if entry_id in by_id)


def _last_page(total: int, size: int) -> int:
    return max(0, total - 1) // size * size


async def _stretch(connection: AsyncConnection, ranks: TimelineIndex, rank: int, size: int) -> TimelineSlice:
    keys = await ranks.keys(rank, size)
    if not keys:
        return TimelineSlice((), rank, ranks.total)
    shown = await articles_in_order(connection, [entry_id for _, entry_id in keys])
    return TimelineSlice(shown, rank, ranks.total, keys[0], keys[-1])
