"""Digests and quiet hours in the database: whose hours have come, and what may go out now."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, Hours, PostKind, Topic
from bot.store.engine.database import Database
from bot.store.schema import row_mapping
from bot.store.schema.tables import deliveries, posts, topics

HOURS = (topics.c.digest_at, topics.c.quiet_from, topics.c.quiet_until)


class DigestTimeStore:
    """The columns of `topics` that say when."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def turn(self, plan: Callable[[Topic, Hours], Hours], *, now: datetime) -> int:
        """Let `plan` set what comes next for each topic with a digest that is due, or quiet hours that are over.

        A digest for which something waits stays due until that is planned; only a later one, due as well, takes its
        place. How many topics changed.

        Args:
            plan: from a topic and its hours until now to those that follow.
        """
        due = sa.or_(topics.c.digest_at <= now, topics.c.quiet_until <= now)
        query = sa.select(*row_mapping.TOPIC_COLUMNS, *HOURS, _is_awaited().label("awaited")).where(due)
        async with self._db.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        changes = [(row, change) for row in found if (change := _change(row, plan, now))]
        if not changes:
            return 0
        async with self._db.write() as connection:
            for row, change in changes:
                same = sa.and_(*(column.is_not_distinct_from(row[column.key]) for column in HOURS))
                await connection.execute(sa.update(topics).where(topics.c.id == row["id"], same).values(change))
        return len(changes)


def is_quiet(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """For a topic: its quiet hours are now. Null for none."""
    return sa.and_(topics.c.quiet_from <= now, topics.c.quiet_until > now)


def is_open(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """For a topic: it has no quiet hours now, and no digest that is still to come."""
    loud = sa.func.coalesce(is_quiet(now), sa.false()).is_(False)
    return sa.and_(loud, sa.or_(topics.c.digest_at.is_(None), topics.c.digest_at <= now))


def may_go() -> sa.ColumnElement[bool]:
    """For a delivery of a topic that is open: its turn has come, as far as a digest is concerned."""
    return sa.or_(topics.c.digest_at.is_(None), deliveries.c.created_at <= topics.c.digest_at)


def was_held() -> sa.ColumnElement[bool]:
    """For a delivery: the last quiet hours held it."""
    return sa.and_(topics.c.released_at.is_not(None), deliveries.c.created_at < topics.c.released_at)


def was_announced() -> sa.ColumnElement[bool]:
    """For a topic: a message of it was planned since the last quiet hours."""
    since = sa.exists().where(posts.c.topic_id == topics.c.id, posts.c.created_at >= topics.c.released_at)
    return sa.and_(topics.c.released_at.is_not(None), since.where(posts.c.kind != PostKind.NOTICE))


async def due_again(connection: AsyncConnection, dissolved: sa.Select[tuple[int]]) -> None:
    """These messages came to nothing: what was in a digest is not to wait for the next one."""
    digests = sa.and_(posts.c.id.in_(dissolved), posts.c.kind == PostKind.DIGEST, posts.c.topic_id == topics.c.id)
    planned = sa.select(sa.func.min(posts.c.created_at)).where(digests).scalar_subquery()
    await connection.execute(
        sa.update(topics)
        .where(sa.exists().where(digests), topics.c.digest_at.is_not(None))
        .values(digest_at=sa.func.min(topics.c.digest_at, planned))
    )


def _is_awaited() -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(deliveries.c.topic_id == topics.c.id, deliveries.c.state == DeliveryState.WAITING)
        .where(deliveries.c.created_at <= topics.c.digest_at)
    )


def _change(row: Any, plan: Callable[[Topic, Hours], Hours], now: datetime) -> dict[str, datetime | None]:
    before = Hours(*(row[column.key] for column in HOURS))
    after = plan(row_mapping.topic(row), before)
    digest_at = after.digest_at
    if row["awaited"] and digest_at is not None and digest_at > now:
        digest_at = before.digest_at
    change = {"digest_at": digest_at, "quiet_from": after.quiet_from, "quiet_until": after.quiet_until}
    if all(row[name] == value for name, value in change.items()):
        return {}
    if before.quiet_until is not None and before.quiet_until <= now:
        change["released_at"] = before.quiet_until
    return change


def values(hours: Hours | None) -> dict[str, Any]:
    """The columns for a topic whose options changed; nothing where they did not change in time."""
    if hours is None:
        return {}
    return {"digest_at": hours.digest_at, "quiet_from": hours.quiet_from, "quiet_until": hours.quiet_until}
