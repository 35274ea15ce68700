"""Figures and failed articles, of one guild or of the whole bot. What is asked for one guild holds nothing of another."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.model import (
    BlockedChannel,
    BlockReason,
    DeliveryState,
    FailedArticle,
    FailedPage,
    FailingFeed,
    FeedState,
    Overview,
    PostState,
)
from bot.store.engine.database import Database
from bot.store.engine.json_params import one_of
from bot.store.posting.digest_times import is_open, may_go
from bot.store.schema.source_name_columns import called, shown
from bot.store.schema.tables import channels, deliveries, entries, feeds, heartbeats, posts, subscriptions, topics

LISTED = 20
"""Held channels and failing feeds that are named one by one."""
DROPPED = "dropped by a person"

_UNPOSTED = deliveries.c.state.in_((DeliveryState.WAITING, DeliveryState.PLANNED))


class StatusStore:
    """What operators see and do. `guild_id` is None for the whole bot, everywhere.

    `visible` are the topics that a person may see; None for all of the guild's.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    async def overview(
        self, guild_id: int | None, *, now: datetime, visible: Collection[int] | None = None
    ) -> Overview:
        async with self._db.read() as connection:
            return await connection.run_sync(overview, guild_id, now=now, visible=visible)

    async def failed(self, of_topics: Collection[int] | None, *, page: int, size: int) -> FailedPage:
        """Articles of these topics that cannot be posted as they are, newest first. Too high a number gives the last page.

        None is every topic of the bot, here and below.
        """
        mine = _among(of_topics)
        failed = sa.and_(deliveries.c.state == DeliveryState.FAILED, mine)
        count = (
            sa.select(sa.func.count())
            .select_from(deliveries)
            .join(topics, topics.c.id == deliveries.c.topic_id)
            .where(failed)
        )
        query = (
            sa.select(
                deliveries.c.id.label("delivery_id"),
                deliveries.c.entry_id,
                deliveries.c.reason,
                topics.c.guild_id,
                topics.c.name,
                topics.c.channel_id,
                entries.c.title,
                entries.c.link,
                shown(topics.c.guild_id).label("source"),
                feeds.c.url.label("address"),
            )
            .join(topics, topics.c.id == deliveries.c.topic_id)
            .join(entries, entries.c.id == deliveries.c.entry_id)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(failed)
            .order_by(deliveries.c.id.desc())
            .limit(size)
        )
        async with self._db.read() as connection:
            total = await connection.scalar(count) or 0
            pages = max(1, -(-total // size))
            number = min(max(1, page), pages)
            found = await connection.execute(query.offset((number - 1) * size))
            articles = tuple(
                FailedArticle(
                    delivery_id=row.delivery_id,
                    entry_id=row.entry_id,
                    guild_id=row.guild_id,
                    topic=row.name,
                    channel_id=row.channel_id,
                    title=row.title,
                    link=row.link,
                    reason=row.reason or "",
                    source=called(row.source, row.address),
                )
                for row in found.all()
            )
        return FailedPage(articles, number, pages, total)

    async def replay(self, of_topics: Collection[int] | None, delivery_id: int) -> bool:
        """Let a failed article wait again, for a message of its own. False: it is not failed (any more)."""
        values = {"state": DeliveryState.WAITING, "reason": None, "post_id": None, "alone": True}
        return await self._change(of_topics, delivery_id, values)

    async def drop(self, of_topics: Collection[int] | None, delivery_id: int) -> bool:
        """Give a failed article up. False: it is not failed (any more)."""
        return await self._change(of_topics, delivery_id, {"state": DeliveryState.SKIPPED, "reason": DROPPED})

    async def _change(self, of_topics: Collection[int] | None, delivery_id: int, values: dict[str, Any]) -> bool:
        mine = sa.select(topics.c.id).where(_among(of_topics))
        async with self._db.write(urgent=True) as connection:
            changed = await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.id == delivery_id, deliveries.c.state == DeliveryState.FAILED)
                .where(deliveries.c.topic_id.in_(mine))
                .values(values)
            )
            return changed.rowcount > 0


def overview(
    connection: sa.Connection, guild_id: int | None, *, now: datetime, visible: Collection[int] | None = None
) -> Overview:
    """The figures, on any connection: `python -m bot status` reads them from beside a running bot."""
    mine = _mine(guild_id, visible)
    followed = (
        sa.exists().where(subscriptions.c.feed_id == feeds.c.id, topics.c.id == subscriptions.c.topic_id).where(mine)
    )
    ill = sa.and_(followed, sa.or_(feeds.c.failures > 0, feeds.c.state == FeedState.GONE))
    on_their_way = sa.select(sa.func.count()).select_from(deliveries).join(topics, topics.c.id == deliveries.c.topic_id)
    on_their_way = on_their_way.where(mine)
    used = sa.exists().where(topics.c.channel_id == channels.c.channel_id).where(mine)
    held = sa.and_(channels.c.held_reason.is_not(None), _scope(channels.c.guild_id, guild_id), used)
    recent = (
        sa.select(sa.func.count())
        .select_from(deliveries)
        .join(posts, posts.c.id == deliveries.c.post_id)
        .where(posts.c.state == PostState.POSTED, posts.c.posted_at > now - timedelta(hours=1))
        .where(_scope(posts.c.guild_id, guild_id))
    )
    if visible is not None:
        recent = recent.where(one_of(deliveries.c.topic_id, visible))
    # What waits for its digest or for the end of quiet hours is where it should be.
    kept = sa.and_(deliveries.c.state == DeliveryState.WAITING, sa.not_(sa.and_(is_open(now), may_go())))
    late = sa.and_(_UNPOSTED, sa.not_(kept))
    oldest = (
        sa.select(sa.func.min(deliveries.c.created_at))
        .join(topics, topics.c.id == deliveries.c.topic_id)
        .where(mine, late)
    )
    stored = sa.select(sa.func.count()).select_from(entries.join(feeds, feeds.c.id == entries.c.feed_id))
    beat = sa.select(heartbeats.c.beat_at).where(heartbeats.c.loop == "poll")

    def count(query: sa.Select[Any]) -> int:
        return connection.scalar(query) or 0

    return Overview(
        guild_id=guild_id,
        feeds=count(sa.select(sa.func.count()).select_from(feeds).where(followed)),
        failing=count(sa.select(sa.func.count()).select_from(feeds).where(ill)),
        topics=count(sa.select(sa.func.count()).select_from(topics).where(mine)),
        entries=count(stored if guild_id is None else stored.where(followed)),
        posted=count(on_their_way.where(deliveries.c.state == DeliveryState.POSTED)),
        waiting=count(on_their_way.where(late)),
        kept=count(on_their_way.where(kept)),
        failed=count(on_their_way.where(deliveries.c.state == DeliveryState.FAILED)),
        held=count(sa.select(sa.func.count()).select_from(channels).where(held)),
        posted_last_hour=count(recent),
        oldest_waiting=connection.scalar(oldest),
        last_poll_at=connection.scalar(sa.select(sa.func.max(feeds.c.last_polled_at)).where(followed)),
        last_round_at=connection.scalar(beat),
        channels=_held_channels(connection, held),
        sources=_failing_feeds(connection, ill),
        paused_topics=tuple(
            connection.scalars(
                sa.select(topics.c.name).where(mine, topics.c.paused).order_by(topics.c.name_key).limit(LISTED)
            )
        ),
        paused_sources=count(
            sa.select(sa.func.count())
            .select_from(subscriptions.join(topics, topics.c.id == subscriptions.c.topic_id))
            .where(mine, subscriptions.c.paused)
        ),
    )


def _held_channels(connection: sa.Connection, held: sa.ColumnElement[bool]) -> tuple[BlockedChannel, ...]:
    waiting = (
        sa.select(sa.func.count())
        .select_from(deliveries.join(topics, topics.c.id == deliveries.c.topic_id))
        .where(topics.c.channel_id == channels.c.channel_id, _UNPOSTED)
        .correlate(channels)
        .scalar_subquery()
    )
    query = sa.select(channels, waiting.label("waiting")).where(held).order_by(channels.c.held_since).limit(LISTED)
    return tuple(
        BlockedChannel(
            channel_id=row.channel_id,
            guild_id=row.guild_id,
            kind=BlockReason(row.held_kind),
            reason=row.held_reason,
            since=row.held_since,
            probe_at=row.probe_at,
            waiting=row.waiting,
        )
        for row in connection.execute(query).all()
    )


def _failing_feeds(connection: sa.Connection, ill: sa.ColumnElement[bool]) -> tuple[FailingFeed, ...]:
    query = sa.select(feeds).where(ill).order_by(feeds.c.failing_since.asc().nulls_last(), feeds.c.id).limit(LISTED)
    return tuple(
        FailingFeed(
            feed_id=row.id,
            name=called(row.title, row.url),
            reason=row.last_error or "no reason given",
            since=row.failing_since,
            gone=row.state == FeedState.GONE,
        )
        for row in connection.execute(query).all()
    )


def _among(of_topics: Collection[int] | None) -> sa.ColumnElement[bool]:
    return sa.true() if of_topics is None else topics.c.id.in_(list(of_topics))


def _scope(column: sa.Column[int], guild_id: int | None) -> sa.ColumnElement[bool]:
    return sa.true() if guild_id is None else column == guild_id


def _mine(guild_id: int | None, visible: Collection[int] | None) -> sa.ColumnElement[bool]:
    """For queries with `topics`: those of the guild that are to be seen."""
    mine = _scope(topics.c.guild_id, guild_id)
    return mine if visible is None else sa.and_(mine, one_of(topics.c.id, visible))
