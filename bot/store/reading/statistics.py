"""How much sources publish, week by week."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.model import WeeklySource
from bot.store.engine.database import Database
from bot.store.engine.json_params import one_of
from bot.store.schema import source_name_columns
from bot.store.schema.tables import entries, feeds, subscriptions, topics

WEEK = timedelta(days=7)
_WEEK_MS = int(WEEK.total_seconds() * 1000)


class StatisticsStore:
    """Counts over the entries of the feeds that a guild follows."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def weekly(
        self, guild_id: int, topic_ids: Collection[int], *, feed_id: int | None = None, weeks: int, now: datetime
    ) -> tuple[WeeklySource, ...]:
        """Articles of each source of these topics in each of the last weeks, the busiest first. A week ends at this hour."""
        followed = (
            sa.select(subscriptions.c.feed_id)
            .join(topics, topics.c.id == subscriptions.c.topic_id)
            .where(topics.c.guild_id == guild_id, one_of(topics.c.id, topic_ids))
        )
        chosen: sa.ColumnElement[bool] = feeds.c.id.in_(followed)
        if feed_id is not None:
            chosen = sa.and_(chosen, feeds.c.id == feed_id)
        moment = sa.type_coerce(entries.c.sort_at, sa.BigInteger())
        until = int(now.timestamp() * 1000)
        week = ((until - moment) // _WEEK_MS).label("week")
        counted = (
            sa.select(entries.c.feed_id, week, sa.func.count().label("articles"))
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(chosen, entries.c.sort_at > now - weeks * WEEK, entries.c.sort_at <= now)
            .group_by(entries.c.feed_id, week)
        )
        named = sa.select(feeds.c.id, source_name_columns.shown(guild_id).label("name"), feeds.c.url).where(chosen)
        async with self._db.read() as connection:
            counts: dict[int, dict[int, int]] = defaultdict(dict)
            for row in (await connection.execute(counted)).all():
                counts[row.feed_id][row.week] = row.articles
            sources = [
                WeeklySource(
                    row.id,
                    source_name_columns.called(row.name, row.url),
                    tuple(counts[row.id].get(weeks - 1 - place, 0) for place in range(weeks)),
                )
                for row in (await connection.execute(named)).all()
            ]
        return tuple(sorted(sources, key=lambda each: (-each.total, each.name.casefold())))
