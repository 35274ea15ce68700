"""Posted messages that are to be written anew: asked for as rows, so that none is forgotten, done one after the other."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Change, Delivery, DeliveryState, MessagePayload, PostKind, PostState, Revision
from bot.store.admin.retention import EMPTY
from bot.store.engine.database import Database
from bot.store.engine.json_params import one_of
from bot.store.posting import duplicates
from bot.store.posting.digest_times import is_open, may_go
from bot.store.posting.edit_requests import MAX_CORRECTIONS
from bot.store.schema import row_mapping, source_name_columns
from bot.store.schema.tables import channels, deliveries, edits, entries, feeds, posts, topics

PATIENCE = timedelta(minutes=10)
"""New articles of the channel go first, but no longer than this."""


class EditStore:
    """The table `edits`. An edit that is done twice does no harm, so nothing of it need be looked up."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def next(self, *, now: datetime, besides: Collection[int] = ()) -> Revision | None:
        """The message that is due longest, with everything in it that changed; none of a held channel.

        Args:
            besides: servers whose messages are left out.
        """
        await self._tidy()
        waiting = (
            sa.exists()
            .where(topics.c.channel_id == posts.c.channel_id, topics.c.paused.is_(False), is_open(now))
            .where(deliveries.c.topic_id == topics.c.id, deliveries.c.state == DeliveryState.WAITING, may_go())
        )
        planned = posts.alias("planned")
        opened = sa.exists().where(planned.c.channel_id == posts.c.channel_id, planned.c.state == PostState.PLANNED)
        member = deliveries.alias("member")
        query = (
            sa.select(posts)
            .join(member, member.c.post_id == posts.c.id)
            .join(edits, edits.c.delivery_id == member.c.id)
            .outerjoin(channels, channels.c.channel_id == posts.c.channel_id)
            .where(posts.c.state == PostState.POSTED, posts.c.kind != PostKind.DIGEST)
            .where(sa.not_(one_of(posts.c.guild_id, besides)))
            .where(edits.c.due_at <= now, channels.c.held_reason.is_(None))
            .where(sa.or_(sa.not_(sa.or_(waiting, opened)), edits.c.due_at <= now - PATIENCE))
            .order_by(edits.c.due_at, edits.c.delivery_id)
            .limit(1)
        )
        async with self._db.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            return None if row is None else await _revision(connection, row)

    async def done(self, revision: Revision, payload: MessagePayload, *, corrected: Collection[int] = ()) -> None:
        """The message shows this now. What changed since the revision was read stays to be done.

        Args:
            corrected: the deliveries whose title or excerpt is another now.
        """
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(posts).where(posts.c.id == revision.post_id).values(payload=payload.to_json())
            )
            if corrected:
                await connection.execute(
                    sa.update(deliveries)
                    .where(deliveries.c.id.in_(corrected))
                    .values(corrections=deliveries.c.corrections + 1)
                )
            for change in revision.changes:
                await connection.execute(
                    sa.delete(edits).where(edits.c.delivery_id == change.delivery.id, edits.c.stamp == change.stamp)
                )

    async def later(self, revision: Revision, *, due_at: datetime, error: str) -> None:
        """Try again at `due_at`."""
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(edits)
                .where(edits.c.delivery_id.in_(_ids(revision)))
                .values(due_at=due_at, attempts=edits.c.attempts + 1, last_error=error)
            )

    async def forget(self, revision: Revision) -> None:
        """It cannot be done: the message stays as it is."""
        async with self._db.write() as connection:
            await connection.execute(sa.delete(edits).where(edits.c.delivery_id.in_(_ids(revision))))

    async def _tidy(self) -> None:
        """Drop what needs no edit: an article that waits is shown as it is stored, a removed message not at all.

        A digest says what was so when it was made, and stays as it is.
        """
        query = (
            sa.select(edits.c.delivery_id)
            .join(deliveries, deliveries.c.id == edits.c.delivery_id)
            .outerjoin(posts, posts.c.id == deliveries.c.post_id)
            .where(
                sa.or_(
                    deliveries.c.state.not_in([DeliveryState.PLANNED, DeliveryState.POSTED]),
                    posts.c.id.is_(None),
                    posts.c.kind == PostKind.DIGEST,
                    sa.and_(posts.c.state == PostState.POSTED, posts.c.message_id.is_(None)),
                    posts.c.payload == EMPTY,
                )
            )
        )
        async with self._db.read() as connection:
            needless = list((await connection.execute(query)).scalars())
        if needless:
            async with self._db.write() as connection:
                await connection.execute(sa.delete(edits).where(edits.c.delivery_id.in_(needless)))


def _ids(revision: Revision) -> Sequence[int]:
    return [change.delivery.id for change in revision.changes]


async def _revision(connection: AsyncConnection, post: sa.RowMapping) -> Revision:
    # The order in which they were planned is that of their embeds.
    members = await connection.execute(
        sa.select(deliveries.c.id, deliveries.c.corrections)
        .where(deliveries.c.post_id == post["id"])
        .order_by(deliveries.c.order_at, deliveries.c.order_position, deliveries.c.id)
    )
    listed = members.all()
    places = {row.id: place for place, row in enumerate(listed)}
    open_to_correction = {row.id for row in listed if row.corrections < MAX_CORRECTIONS}
    asked = await connection.execute(sa.select(edits).where(edits.c.delivery_id.in_(places)))
    requests = {row["delivery_id"]: row for row in asked.mappings()}
    also = await duplicates.also_in(connection, list(requests))
    changes = tuple(
        Change(
            place=places[delivery.id],
            delivery=replace(delivery, also=also.get(delivery.id, ())),
            stamp=requests[delivery.id]["stamp"],
            corrected=requests[delivery.id]["corrected"] and delivery.id in open_to_correction,
        )
        for delivery in await _deliveries(connection, list(requests))
    )
    return Revision(
        post_id=post["id"],
        channel_id=post["channel_id"],
        guild_id=post["guild_id"],
        message_id=post["message_id"],
        payload=MessagePayload.from_json(post["payload"]),
        size=len(places),
        changes=changes,
        attempts=max(row["attempts"] for row in requests.values()),
        requested_at=min(row["created_at"] for row in requests.values()),
    )


async def _deliveries(connection: AsyncConnection, ids: Sequence[int]) -> list[Delivery]:
    article = sa.select(*row_mapping.ARTICLE_COLUMNS).join(feeds, feeds.c.id == entries.c.feed_id).subquery("article")
    query = (
        sa.select(
            deliveries.c.id.label("delivery_id"),
            article,
            source_name_columns.given(topics.c.guild_id, article.c.feed_id).label(row_mapping.GIVEN_NAME),
            *(column.label(f"topic_{column.key}") for column in row_mapping.TOPIC_COLUMNS),
        )
        .join(topics, topics.c.id == deliveries.c.topic_id)
        .join(article, article.c.entry_id == deliveries.c.entry_id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.id)
    )
    found: list[Any] = list((await connection.execute(query)).mappings())
    return [
        Delivery(
            id=row["delivery_id"],
            topic=row_mapping.topic({column.key: row[f"topic_{column.key}"] for column in row_mapping.TOPIC_COLUMNS}),
            article=row_mapping.article(row),
        )
        for row in found
    ]
