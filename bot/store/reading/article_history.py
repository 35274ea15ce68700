"""What became of an article in the topics of one guild. Nothing here tells of another guild."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    ArticleHistory,
    DeliveryState,
    DeliveryStatus,
    DeliveryStatusKind,
    Message,
    PostState,
    ProblemKind,
    Rejection,
)
from bot.store.admin.status import DROPPED
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array, one_of
from bot.store.posting.skipped_deliveries import OTHER_TOPIC, SAME_STORY, SOURCE_PAUSED
from bot.store.schema.source_name_columns import called
from bot.store.schema.tables import (
    channels,
    deliveries,
    entries,
    feeds,
    former_feeds,
    posts,
    same_stories,
    subscriptions,
    topics,
)

MOST = 5
"""Articles that one link may stand for: a link that a whole feed shares tells nothing."""

_SKIPPED = {
    SAME_STORY: DeliveryStatusKind.SAME_STORY,
    OTHER_TOPIC: DeliveryStatusKind.OTHER_TOPIC,
    ProblemKind.ARCHIVE: DeliveryStatusKind.ARCHIVE,
    ProblemKind.FLOOD: DeliveryStatusKind.FLOOD,
    ProblemKind.CROWDED: DeliveryStatusKind.CROWDED,
    DeliveryStatusKind.COPY: DeliveryStatusKind.COPY,
    SOURCE_PAUSED: DeliveryStatusKind.SOURCE_PAUSED,
    DROPPED: DeliveryStatusKind.DROPPED,
}


_SHOWN = (
    entries.c.id,
    entries.c.feed_id,
    entries.c.title,
    entries.c.link,
    entries.c.published_at,
    entries.c.seen_at,
)


class ArticleHistoryStore:
    """Reading across entries, deliveries and messages."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def by_keys(
        self, guild_id: int, topic_ids: Collection[int], link_key: str | None, guid_key: str | None, *, now: datetime
    ) -> tuple[ArticleHistory, ...]:
        """The articles whose link or guid this is, as these topics of the guild know them; the newest first."""
        # By feed, since the indexes begin with it.
        of_a_feed = entries.c.feed_id.in_(sa.select(feeds.c.id))
        keys = [
            column == key
            for column, key in ((entries.c.link_key, link_key), (entries.c.guid_key, guid_key))
            if key is not None
        ]
        queries = [sa.select(entries.c.id).where(of_a_feed, each) for each in keys]
        return await self._traced(guild_id, topic_ids, queries, now=now)

    async def in_message(
        self, guild_id: int, topic_ids: Collection[int], channel_id: int, message_id: int, *, now: datetime
    ) -> tuple[ArticleHistory, ...]:
        """The articles in one of the guild's messages that these topics posted, in their order."""
        # What is posted in a forum lies in a thread of its own, which no row names.
        of_guild = sa.select(topics.c.channel_id).where(topics.c.guild_id == guild_id)
        query = (
            sa.select(deliveries.c.entry_id)
            .join(posts, posts.c.id == deliveries.c.post_id)
            .where(sa.or_(posts.c.channel_id == channel_id, posts.c.channel_id.in_(of_guild)))
            .where(one_of(deliveries.c.topic_id, topic_ids))
            .where(posts.c.guild_id == guild_id, posts.c.state == PostState.POSTED, posts.c.message_id == message_id)
        )
        return await self._traced(guild_id, topic_ids, [query], now=now, most=10)

    async def _traced(
        self,
        guild_id: int,
        topic_ids: Collection[int],
        queries: Sequence[sa.Select[Any]],
        *,
        now: datetime,
        most: int = MOST,
    ) -> tuple[ArticleHistory, ...]:
        mine = sa.select(topics.c.id).where(topics.c.guild_id == guild_id, one_of(topics.c.id, topic_ids))
        known_here = sa.or_(
            sa.exists().where(subscriptions.c.feed_id == entries.c.feed_id, subscriptions.c.topic_id.in_(mine)),
            sa.exists().where(former_feeds.c.former_id == entries.c.feed_id, former_feeds.c.topic_id.in_(mine)),
            sa.exists().where(deliveries.c.entry_id == entries.c.id, deliveries.c.topic_id.in_(mine)),
        )
        query = (
            sa.select(*_SHOWN, feeds.c.title.label("source_title"), feeds.c.url.label("source_address"))
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(among(entries.c.id, "b_ids"), known_here)
            .order_by(entries.c.sort_at.desc(), entries.c.id.desc())
            .limit(most)
        )
        async with self._db.read() as connection:
            ids = {each for asked in queries for each in (await connection.execute(asked)).scalars()}
            found = (await connection.execute(query, {"b_ids": array(ids)})).all()
            fates = {row.id: await _fates(connection, guild_id, topic_ids, row, now) for row in found}
        return tuple(
            ArticleHistory(
                entry_id=row.id,
                title=row.title,
                link=row.link,
                source=called(row.source_title, row.source_address),
                published_at=row.published_at,
                seen_at=row.seen_at,
                fates=fates[row.id],
            )
            for row in found
        )


async def _fates(
    connection: AsyncConnection, guild_id: int, topic_ids: Collection[int], entry: Any, now: datetime
) -> tuple[DeliveryStatus, ...]:
    """In each of these topics that has a delivery of it or follows its source, by name."""
    query = (
        sa.select(
            topics.c.name,
            topics.c.channel_id,
            topics.c.paused.label("topic_paused"),
            topics.c.digest_at,
            topics.c.quiet_from,
            topics.c.quiet_until,
            subscriptions.c.id.label("subscription_id"),
            subscriptions.c.since,
            deliveries.c.id.label("delivery_id"),
            deliveries.c.state,
            deliveries.c.reason,
            deliveries.c.created_at,
            deliveries.c.order_at,
            deliveries.c.order_position,
            posts.c.state.label("post_state"),
            posts.c.channel_id.label("post_channel_id"),
            posts.c.message_id,
            posts.c.posted_at,
            posts.c.due_at,
            posts.c.last_error,
            channels.c.held_reason,
            channels.c.held_since,
        )
        .outerjoin(
            subscriptions,
            sa.and_(subscriptions.c.topic_id == topics.c.id, subscriptions.c.feed_id == entry.feed_id),
        )
        .outerjoin(deliveries, sa.and_(deliveries.c.topic_id == topics.c.id, deliveries.c.entry_id == entry.id))
        .outerjoin(posts, posts.c.id == deliveries.c.post_id)
        .outerjoin(channels, channels.c.channel_id == topics.c.channel_id)
        .where(topics.c.guild_id == guild_id, one_of(topics.c.id, topic_ids))
        .where(sa.or_(subscriptions.c.id.is_not(None), deliveries.c.id.is_not(None)))
        .order_by(topics.c.name_key)
    )
    found = (await connection.execute(query)).all()
    left_out = [row.delivery_id for row in found if row.reason in {SAME_STORY, OTHER_TOPIC}]
    told = await _told(connection, topic_ids, left_out)
    return tuple([await _fate(connection, guild_id, entry, row, told.get(row.delivery_id), now) for row in found])


async def _fate(
    connection: AsyncConnection, guild_id: int, entry: Any, row: Any, told: Any, now: datetime
) -> DeliveryStatus:
    def made(kind: DeliveryStatusKind, **rest: Any) -> DeliveryStatus:
        return DeliveryStatus(row.name, row.channel_id, kind, **rest)

    if row.delivery_id is None:
        if row.since is None:
            return made(DeliveryStatusKind.UNREAD)
        # Seen by the poll that set the baseline, or before it.
        return made(
            DeliveryStatusKind.SILENT if entry.seen_at <= row.since else DeliveryStatusKind.NOT_QUEUED, at=row.since
        )
    state = DeliveryState(row.state)
    if state is DeliveryState.POSTED:
        message = _message(guild_id, row)
        if row.post_state is None:  # so old that its message is not remembered any more
            return made(DeliveryStatusKind.POSTED, at=row.created_at)
        return made(
            DeliveryStatusKind.POSTED if message else DeliveryStatusKind.REMOVED, message=message, at=row.posted_at
        )
    if state is DeliveryState.FAILED:
        return made(DeliveryStatusKind.FAILED, reason=row.reason)
    if state is DeliveryState.SKIPPED:
        if Rejection.read(row.reason) is not None:
            return made(DeliveryStatusKind.FILTERED, reason=row.reason)
        kind = _SKIPPED.get(row.reason, DeliveryStatusKind.NOT_QUEUED)
        if told is not None:
            title = f"{told.title} ({told.source})" if told.title else told.source
            told_for = told.topic if told.topic != row.name else None
            return made(kind, told_by=title, told_for=told_for, message=_message(guild_id, told))
        return made(kind, reason=row.reason)
    planned = state is DeliveryState.PLANNED
    return made(
        DeliveryStatusKind.PLANNED if planned else DeliveryStatusKind.WAITING,
        reason=row.last_error if planned else None,
        at=row.created_at,
        topic_paused=bool(row.topic_paused),
        held_reason=row.held_reason,
        held_since=row.held_since,
        due_at=row.due_at if planned else None,
        ahead=0 if planned else await _ahead(connection, row),
        **({} if planned else _kept(row, now)),
    )


def _kept(row: Any, now: datetime) -> dict[str, Any]:
    """What a delivery that waits waits for by its topic's clocks, as `store.posting.digest_times` lets it go."""
    opens = now
    in_digest = row.digest_at is not None and (row.digest_at > now or row.created_at > row.digest_at)
    if in_digest:
        # Behind a digest that is due and not planned yet comes another, which nobody has set so far.
        opens = max(row.digest_at, now)
    quiet = row.quiet_from is not None and row.quiet_from <= opens < row.quiet_until
    return {
        "in_digest": in_digest,
        "digest_at": opens if in_digest and opens > now else None,
        "quiet_until": row.quiet_until if quiet else None,
    }


def _message(guild_id: int, row: Any) -> Message | None:
    if row.post_state != PostState.POSTED or row.message_id is None:
        return None
    return Message(guild_id, row.post_channel_id, row.message_id, row.posted_at)


async def _ahead(connection: AsyncConnection, row: Any) -> int:
    place = sa.tuple_(deliveries.c.order_at, deliveries.c.order_position, deliveries.c.id)
    here = sa.tuple_(sa.literal(row.order_at, deliveries.c.order_at.type), row.order_position, row.delivery_id)
    query = (
        sa.select(sa.func.count())
        .select_from(deliveries)
        .join(topics, topics.c.id == deliveries.c.topic_id)
        .where(topics.c.channel_id == row.channel_id, topics.c.paused.is_(False))
        .where(deliveries.c.state == DeliveryState.WAITING, place < here)
    )
    return await connection.scalar(query) or 0


async def _told(connection: AsyncConnection, topic_ids: Collection[int], delivery_ids: Sequence[int]) -> dict[int, Any]:
    """By delivery: the one of these topics that tells its story, and where."""
    if not delivery_ids:
        return {}
    query = (
        sa.select(
            same_stories.c.delivery_id,
            topics.c.name.label("topic"),
            entries.c.title,
            sa.func.coalesce(feeds.c.title, feeds.c.host).label("source"),
            posts.c.state.label("post_state"),
            posts.c.channel_id.label("post_channel_id"),
            posts.c.message_id,
            posts.c.posted_at,
        )
        .join(deliveries, deliveries.c.id == same_stories.c.told_by)
        .join(topics, topics.c.id == deliveries.c.topic_id)
        .join(entries, entries.c.id == deliveries.c.entry_id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .outerjoin(posts, posts.c.id == deliveries.c.post_id)
        .where(same_stories.c.delivery_id.in_(delivery_ids), one_of(deliveries.c.topic_id, topic_ids))
    )
    return {row.delivery_id: row for row in (await connection.execute(query)).all()}
