"""What is still to be done with posted messages, and how often a channel published lately."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FollowUp, FollowUpKind, MessagePayload
from bot.store.engine.database import Database
from bot.store.engine.json_params import one_of
from bot.store.schema.tables import channels, followups

MAX_PUBLISHED = 10
PUBLISHED_WITHIN = timedelta(hours=1, seconds=10)
"""Discord's limit of a channel, and a little, since clocks differ. It is in no document of Discord's, but in every
report: discord.js#4956, pycord#2316."""
KEPT = timedelta(days=1)


class FollowUpStore:
    """The table `followups`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def next(
        self, *, now: datetime, discord_now: datetime | None = None, besides: Collection[int] = ()
    ) -> FollowUp | None:
        """The oldest that is due, none of a held channel, and none to publish where the hour's number is used up.

        Args:
            discord_now: Discord's time, by which attempts are stored and counted, where it may be another.
            besides: servers that are left out.
        """
        lately = followups.alias("lately")
        published = (
            sa.select(sa.func.count())
            .select_from(lately)
            .where(lately.c.channel_id == followups.c.channel_id, lately.c.kind == FollowUpKind.PUBLISH)
            .where(lately.c.last_attempt_at > (discord_now or now) - PUBLISHED_WITHIN)
            .scalar_subquery()
        )
        may = sa.or_(followups.c.kind != FollowUpKind.PUBLISH, published < MAX_PUBLISHED)
        query = (
            sa.select(followups)
            .outerjoin(channels, channels.c.channel_id == followups.c.channel_id)
            .where(followups.c.done.is_(False), followups.c.due_at <= now, channels.c.held_reason.is_(None), may)
            .where(sa.not_(one_of(followups.c.guild_id, besides)))
            .order_by(followups.c.message_id, followups.c.id)
            .limit(1)
        )
        async with self._db.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return FollowUp(
            id=row.id,
            kind=FollowUpKind(row.kind),
            channel_id=row.channel_id,
            guild_id=row.guild_id,
            message_id=row.message_id,
            name=row.name or "",
            attempts=row.attempts,
            requested_at=row.created_at,
        )

    async def attempt(self, follow_up: FollowUp, *, now: datetime) -> None:
        """Remember that a request is about to leave, by Discord's time. It counts towards the hour, whatever comes of it."""
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(followups)
                .where(followups.c.id == follow_up.id)
                .values(attempts=followups.c.attempts + 1, last_attempt_at=now)
            )

    async def done(self, follow_up: FollowUp, *, now: datetime) -> None:
        """It is done, or can never be. What was done a day ago is forgotten with it."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(followups).where(followups.c.id == follow_up.id).values(done=True))
            # By its attempt, not by when it was due: what stood in the queue for a day counts towards the hour too.
            last = sa.func.coalesce(followups.c.last_attempt_at, followups.c.due_at)
            await connection.execute(sa.delete(followups).where(followups.c.done.is_(True), last < now - KEPT))

    async def later(self, follow_up: FollowUp, *, due_at: datetime, error: str, whole_channel: bool = False) -> None:
        """Try again at `due_at`; with `whole_channel`, nothing of this kind in the channel is tried before."""
        which = followups.c.id == follow_up.id
        if whole_channel:
            which = sa.and_(followups.c.channel_id == follow_up.channel_id, followups.c.kind == follow_up.kind)
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(followups).where(which, followups.c.done.is_(False)).values(due_at=due_at, last_error=error)
            )


async def request_follow_ups(connection: AsyncConnection, post: Any, message_id: int, *, now: datetime) -> None:
    """In the transaction in which a message is recorded as posted: what its payload asks for besides.

    Args:
        post: its row, with `id`, `channel_id`, `guild_id` and `payload`.
    """
    payload = MessagePayload.from_json(post.payload)
    asked: list[tuple[FollowUpKind, str | None]] = []
    if payload.publish:
        asked.append((FollowUpKind.PUBLISH, None))
    if payload.thread is not None:
        asked.append((FollowUpKind.THREAD, payload.thread.name))
    if not asked:
        return
    values = [
        {
            "post_id": post.id,
            "kind": kind,
            "channel_id": post.channel_id,
            "guild_id": post.guild_id,
            "message_id": message_id,
            "name": name,
            "due_at": now,
            "created_at": now,
        }
        for kind, name in asked
    ]
    await connection.execute(insert(followups).on_conflict_do_nothing(), values)
