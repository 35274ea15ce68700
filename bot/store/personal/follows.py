"""What single persons follow and how they want it; all that is stored about one, and forgetting it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NoRoom
from bot.model import DeliveryState, Follow, FollowKind, Person, PostKind, PostState, Stored, Wish
from bot.store.engine.database import Database
from bot.store.schema.personal_tables import follows, people, personal_deliveries, personal_matches
from bot.store.schema.source_name_columns import called
from bot.store.schema.tables import channels, feeds, posts, subscriptions, topics

UNSENT = (DeliveryState.WAITING, DeliveryState.PLANNED)


class FollowStore:
    """The tables `people` and `follows`. Everything asked for one person holds nothing of another."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def person(self, user_id: int) -> Person | None:
        """How somebody wants messages; None for who never followed anything."""
        unsent = (
            sa.select(sa.func.count())
            .where(personal_deliveries.c.user_id == user_id, personal_deliveries.c.state.in_(UNSENT))
            .scalar_subquery()
        )
        query = (
            sa.select(people, channels.c.held_since, unsent.label("unsent"))
            .outerjoin(channels, channels.c.channel_id == people.c.dm_channel_id)
            .where(people.c.user_id == user_id)
        )
        async with self._db.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else person(row, waiting=row.unsent)

    async def add(
        self, user_id: int, guild_id: int, wish: Wish, *, now: datetime, limit: int | None = None
    ) -> tuple[Follow, bool]:
        """Follow something. False beside it where the person did so before: then only `daily` is taken over.

        Args:
            limit: how much a person may follow.

        Raises:
            NoRoom: the person follows as much, and this is none of it.
        """
        same = sa.and_(
            follows.c.user_id == user_id,
            follows.c.guild_id == guild_id,
            follows.c.kind == wish.kind,
            follows.c.words.is_(wish.words),
            follows.c.feed_id.is_(wish.feed_id),
            follows.c.topic_id.is_(wish.topic_id),
        )
        async with self._db.write(urgent=True) as connection:
            await _ensure(connection, user_id, now)
            known = await connection.scalar(sa.select(follows.c.id).where(same))
            if known is not None:
                await _set_daily(connection, user_id, known, daily=wish.daily)
                return (await _read(connection, follows.c.id == known))[0], False
            if limit is not None:
                count = sa.select(sa.func.count()).select_from(follows).where(follows.c.user_id == user_id)
                if (there := await connection.scalar(count) or 0) >= limit:
                    raise NoRoom(there, "follows")
            made = await connection.execute(
                sa.insert(follows)
                .values(
                    user_id=user_id,
                    guild_id=guild_id,
                    kind=wish.kind,
                    words=wish.words,
                    feed_id=wish.feed_id,
                    topic_id=wish.topic_id,
                    daily=wish.daily,
                    member_at=now,
                    created_at=now,
                )
                .returning(follows.c.id)
            )
            return (await _read(connection, follows.c.id == made.scalar_one()))[0], True

    async def of(self, user_id: int) -> tuple[Follow, ...]:
        """What somebody follows, in all guilds, the oldest first."""
        async with self._db.read() as connection:
            return await _read(connection, follows.c.user_id == user_id)

    async def stop(self, user_id: int, follow_id: int) -> bool:
        """Follow it no longer; what waits only for its sake does not come. False: it was not followed."""
        async with self._db.write(urgent=True) as connection:
            gone = await connection.execute(
                sa.delete(follows).where(follows.c.id == follow_id, follows.c.user_id == user_id)
            )
            await drop_unwanted(connection, user_id)
            return gone.rowcount > 0

    async def change(self, user_id: int, follow_id: int, *, daily: bool) -> bool:
        """In the digest, or at once; what waits already too. False: it is not followed."""
        async with self._db.write(urgent=True) as connection:
            return await _set_daily(connection, user_id, follow_id, daily=daily)

    async def choose(self, user_id: int, *, now: datetime, **values: Any) -> None:
        """Remember `zone`, `hour`, `locale`, `digest_at` or `told_at` of somebody."""
        async with self._db.write(urgent=True) as connection:
            await _ensure(connection, user_id, now)
            await connection.execute(sa.update(people).where(people.c.user_id == user_id).values(values))

    async def untold(self, user_id: int) -> bool:
        """Whether private messages do not arrive and that was not said to the person since it began."""
        query = sa.select(
            sa.exists()
            .where(people.c.user_id == user_id, channels.c.channel_id == people.c.dm_channel_id)
            .where(
                channels.c.held_since.is_not(None),
                sa.or_(people.c.told_at.is_(None), people.c.told_at < channels.c.held_since),
            )
        )
        async with self._db.read() as connection:
            return bool(await connection.scalar(query))

    async def stored(self, user_id: int) -> Stored:
        """What there is about somebody."""
        row = people.c.user_id == user_id

        def count(table: sa.Table, column: sa.Column[Any]) -> sa.ScalarSelect[int]:
            return sa.select(sa.func.count()).select_from(table).where(column == user_id).scalar_subquery()

        query = sa.select(
            count(follows, follows.c.user_id).label("follows"),
            count(personal_deliveries, personal_deliveries.c.user_id).label("articles"),
            count(subscriptions, subscriptions.c.added_by).label("sources_added"),
            count(topics, topics.c.created_by).label("topics_made"),
            sa.exists().where(row).label("known"),
            sa.select(people.c.zone).where(row).scalar_subquery().label("zone"),
            sa.select(people.c.hour).where(row).scalar_subquery().label("hour"),
        )
        async with self._db.read() as connection:
            return Stored(**(await connection.execute(query)).mappings().one())

    async def forget(self, user_id: int) -> None:
        """Delete all of it, with the messages that are on their way, and take the person's name off what others use."""
        async with self._db.write(urgent=True) as connection:
            channel = await connection.scalar(sa.select(people.c.dm_channel_id).where(people.c.user_id == user_id))
            await connection.execute(sa.delete(people).where(people.c.user_id == user_id))
            if channel is not None:
                theirs = sa.and_(posts.c.channel_id == channel, posts.c.kind == PostKind.PERSONAL)
                # Nothing of the person stays in what is on its way, but the row does: SQLite would give its id to the
                # next message, which then would be taken for sent.
                await connection.execute(
                    sa.update(posts)
                    .where(theirs, posts.c.state == PostState.PLANNED)
                    .values(state=PostState.DISSOLVED, channel_id=0, payload="{}", last_error=None)
                )
                await connection.execute(sa.delete(posts).where(theirs))
                await connection.execute(sa.delete(channels).where(channels.c.channel_id == channel))
            await connection.execute(
                sa.update(subscriptions).where(subscriptions.c.added_by == user_id).values(added_by=None)
            )
            await connection.execute(sa.update(topics).where(topics.c.created_by == user_id).values(created_by=None))


def person(row: Any, *, waiting: int = 0) -> Person:
    """From the columns of `people` and `held_since`."""
    return Person(
        user_id=row.user_id,
        zone=row.zone,
        hour=row.hour,
        locale=row.locale,
        channel_id=row.dm_channel_id,
        held_since=row.held_since,
        waiting=waiting,
        dropped=row.dropped,
        digest_at=row.digest_at,
    )


def columns() -> tuple[Any, ...]:
    """Of `follows`, with the names that `follow` wants."""
    return (
        follows,
        feeds.c.title.label("source_title"),
        feeds.c.url.label("source_url"),
        topics.c.name.label("topic_name"),
    )


def joined() -> Any:
    """The tables behind `columns`."""
    return follows.outerjoin(feeds, feeds.c.id == follows.c.feed_id).outerjoin(
        topics, topics.c.id == follows.c.topic_id
    )


def follow(row: Any) -> Follow:
    """From `columns`."""
    source = called(row.source_title, row.source_url)
    return Follow(
        id=row.id,
        user_id=row.user_id,
        guild_id=row.guild_id,
        kind=FollowKind(row.kind),
        daily=row.daily,
        created_at=row.created_at,
        name=row.words or row.topic_name or source,
        feed_id=row.feed_id,
        topic_id=row.topic_id,
    )


async def drop_unwanted(connection: AsyncConnection, user_id: int) -> None:
    """What waits for somebody without a reason any more is not sent; the rest comes when the follows that are left say."""
    await _when(connection, user_id)
    reasons = sa.exists().where(personal_matches.c.delivery_id == personal_deliveries.c.id)
    await connection.execute(
        sa.delete(personal_deliveries).where(
            personal_deliveries.c.user_id == user_id,
            personal_deliveries.c.state == DeliveryState.WAITING,
            ~reasons,
        )
    )


async def _ensure(connection: AsyncConnection, user_id: int, now: datetime) -> None:
    await connection.execute(insert(people).values(user_id=user_id, created_at=now).on_conflict_do_nothing())


async def _set_daily(connection: AsyncConnection, user_id: int, follow_id: int, *, daily: bool) -> bool:
    changed = await connection.execute(
        sa.update(follows).where(follows.c.id == follow_id, follows.c.user_id == user_id).values(daily=daily)
    )
    await _when(connection, user_id)
    return changed.rowcount > 0


async def _when(connection: AsyncConnection, user_id: int) -> None:
    """Let what waits come as the follows say now."""
    at_once = sa.exists().where(
        personal_matches.c.delivery_id == personal_deliveries.c.id,
        follows.c.id == personal_matches.c.follow_id,
        follows.c.daily.is_(False),
    )
    await connection.execute(
        sa.update(personal_deliveries)
        .where(personal_deliveries.c.user_id == user_id, personal_deliveries.c.state == DeliveryState.WAITING)
        .values(at_once=sa.or_(personal_deliveries.c.alone, at_once))
    )
    await connection.execute(sa.update(people).where(people.c.user_id == user_id).values(pending=True))


async def _read(connection: AsyncConnection, wanted: sa.ColumnElement[bool]) -> tuple[Follow, ...]:
    query: sa.Select[Any] = sa.select(*columns()).select_from(joined()).where(wanted).order_by(follows.c.id)
    return tuple(follow(row) for row in (await connection.execute(query)).all())


async def follows_of(
    connection: AsyncConnection, guild_ids: Iterable[int], feed_ids: Iterable[int], topic_ids: Iterable[int]
) -> tuple[Follow, ...]:
    """Whatever anybody follows in these guilds that articles of these feeds and topics may match."""
    might = sa.or_(
        follows.c.words.is_not(None), follows.c.feed_id.in_(list(feed_ids)), follows.c.topic_id.in_(list(topic_ids))
    )
    return await _read(connection, sa.and_(follows.c.guild_id.in_(list(guild_ids)), might))
