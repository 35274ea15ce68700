"""Filters as they are set: of topics, and of single sources in them. Judging new articles is `store.intake.filter_verdicts`'s."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from bot.model import Article, DeliveryState, Filters, FilterSet, Rejection, Text
from bot.store.engine.database import Database
from bot.store.engine.json_params import one_of
from bot.store.posting.skipped_deliveries import bring_back, waits_or_rests
from bot.store.schema import row_mapping
from bot.store.schema.source_name_columns import called
from bot.store.schema.tables import deliveries, entries, feeds, former_feeds, subscriptions, topics
from bot.store.topics.filterable_text import TEXT_COLUMNS, text_of

CHUNK = 200


class FilterStore:
    """The columns `topics.filters` and `subscriptions.filters`, and what waits behind them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def set(self, topic_id: int, feed_id: int | None, text: str | None) -> bool:
        """Of a topic, or of one source in it; None takes it away. False: there is no such topic or source."""
        if feed_id is None:
            statement = sa.update(topics).where(topics.c.id == topic_id).values(filters=text)
        else:
            statement = (
                sa.update(subscriptions)
                .where(subscriptions.c.topic_id == topic_id, subscriptions.c.feed_id == feed_id)
                .values(filters=text)
            )
        async with self._db.write(urgent=True) as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def of(self, topic_id: int, feed_id: int | None) -> Filters:
        """What is set; `source` is None without a source."""
        query = sa.select(topics.c.filters, subscriptions.c.filters.label("source"))
        of_source = sa.and_(subscriptions.c.topic_id == topics.c.id, subscriptions.c.feed_id == feed_id)
        query = query.select_from(topics.outerjoin(subscriptions, of_source)).where(topics.c.id == topic_id)
        async with self._db.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Filters(row.filters, row.source) if row else Filters()

    async def all(self, guild_id: int, topic_ids: Collection[int]) -> tuple[FilterSet, ...]:
        """What is set in these topics of a guild, by topic and source; the topic's own first."""
        here = sa.and_(topics.c.guild_id == guild_id, one_of(topics.c.id, topic_ids))
        of_topics = sa.select(
            topics.c.name,
            topics.c.name_key,
            sa.null().label("title"),
            sa.null().label("address"),
            topics.c.filters.label("filters"),
        ).where(here, topics.c.filters.is_not(None))
        of_sources = (
            sa.select(
                topics.c.name,
                topics.c.name_key,
                feeds.c.title,
                feeds.c.url.label("address"),
                subscriptions.c.filters,
            )
            .join(subscriptions, subscriptions.c.topic_id == topics.c.id)
            .join(feeds, feeds.c.id == subscriptions.c.feed_id)
            .where(here, subscriptions.c.filters.is_not(None))
        )
        async with self._db.read() as connection:
            found = (await connection.execute(sa.union_all(of_topics, of_sources))).all()
        named = [(row.name_key, called(row.title, row.address), row) for row in found]
        named.sort(key=lambda each: each[:2])
        return tuple(FilterSet(row.name, source or None, row.filters) for _, source, row in named)

    async def newest(self, topic_id: int, feed_id: int | None, *, limit: int) -> tuple[tuple[Article, str | None], ...]:
        """The newest articles of a topic's sources, or of one of them, each with its source's filter."""
        query = (
            sa.select(*row_mapping.ARTICLE_COLUMNS, subscriptions.c.filters)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .join(subscriptions, subscriptions.c.feed_id == entries.c.feed_id)
            .where(subscriptions.c.topic_id == topic_id)
            .order_by(entries.c.sort_at.desc(), entries.c.id.desc())
            .limit(limit)
        )
        if feed_id is not None:
            query = query.where(entries.c.feed_id == feed_id)
        async with self._db.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        return tuple((row_mapping.article(row), row["filters"]) for row in found)

    async def waiting(
        self, topic_id: int, feed_id: int | None, *, after: int
    ) -> tuple[tuple[int, Text, str | None], ...]:
        """Some of what waits in a topic, also for the end of a pause, by id, each with its source's filter."""
        came = sa.and_(former_feeds.c.topic_id == deliveries.c.topic_id, former_feeds.c.former_id == entries.c.feed_id)
        query = (
            sa.select(deliveries.c.id.label("delivery_id"), *TEXT_COLUMNS, subscriptions.c.filters)
            .join(entries, entries.c.id == deliveries.c.entry_id)
            .outerjoin(former_feeds, came)
            .outerjoin(
                subscriptions,
                sa.and_(
                    subscriptions.c.topic_id == deliveries.c.topic_id,
                    subscriptions.c.feed_id == sa.func.coalesce(former_feeds.c.feed_id, entries.c.feed_id),
                ),
            )
            .where(deliveries.c.topic_id == topic_id, deliveries.c.id > after, waits_or_rests())
            .order_by(deliveries.c.id)
            .limit(CHUNK)
        )
        if feed_id is not None:
            query = query.where(sa.or_(entries.c.feed_id == feed_id, former_feeds.c.feed_id == feed_id))
        async with self._db.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        return tuple((row["delivery_id"], text_of(row), row["filters"]) for row in found)

    async def leave_out(self, left_out: Mapping[int, Rejection]) -> int:
        """Skip those of these deliveries that still wait; whose story they were to tell waits again. How many."""
        skipped = 0
        async with self._db.write(urgent=True) as connection:
            for delivery_id, out in left_out.items():
                changed = await connection.execute(
                    sa.update(deliveries)
                    .where(deliveries.c.id == delivery_id, waits_or_rests())
                    .values(state=DeliveryState.SKIPPED, reason=out.reason)
                )
                skipped += changed.rowcount
            gone = sa.select(deliveries.c.id).where(deliveries.c.id.in_(list(left_out)))
            await bring_back(connection, gone.where(deliveries.c.state == DeliveryState.SKIPPED))
        return skipped
