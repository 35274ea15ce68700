"""Articles on their way to single persons: gathered into private messages, dropped when they grow too old."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    DIRECT,
    DeliveryState,
    Follow,
    Person,
    PersonalDelivery,
    PersonalPlan,
    PostKind,
    PostState,
)
from bot.store.engine.database import Database
from bot.store.personal.follows import columns, follow, joined, person
from bot.store.schema import row_mapping
from bot.store.schema.personal_tables import follows, people, personal_deliveries, personal_matches
from bot.store.schema.tables import channels, entries, feeds, posts

MAX_WAITING = 500
"""Articles that wait for one person; the oldest of more are dropped."""

_WAITING = personal_deliveries.c.state == DeliveryState.WAITING


class PrivateMessageStore:
    """From what waits to the message that is planned. What `jobs.posting.delivery_loop` does with that is recorded in `store.posting.posts`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def due(self, *, now: datetime, limit: int) -> tuple[Person, ...]:
        """Persons for whom a message may be made now: none of theirs is on its way."""
        # One list for all: asked for each person, SQLite would go through all planned messages each time.
        under_way = sa.select(posts.c.channel_id).where(
            posts.c.kind == PostKind.PERSONAL, posts.c.state == PostState.PLANNED
        )
        free = sa.or_(people.c.dm_channel_id.is_(None), people.c.dm_channel_id.not_in(under_way))
        query = (
            sa.select(people, channels.c.held_since)
            .outerjoin(channels, channels.c.channel_id == people.c.dm_channel_id)
            .where(sa.or_(people.c.pending.is_(True), people.c.digest_at <= now), free)
            .where(sa.or_(people.c.later.is_(None), people.c.later <= now))
            .order_by(people.c.later.asc().nulls_first(), people.c.user_id)
            .limit(limit)
        )
        async with self._db.read() as connection:
            return tuple(person(row) for row in (await connection.execute(query)).all())

    async def waiting(
        self, user_id: int, *, at_once: bool, limit: int, newest: bool = False
    ) -> tuple[tuple[PersonalDelivery, ...], tuple[int, ...]]:
        """What waits for somebody: the first of it, oldest or newest first, with its reasons; and the ids of all."""
        mine = sa.and_(personal_deliveries.c.user_id == user_id, _WAITING, personal_deliveries.c.at_once.is_(at_once))
        order = [personal_deliveries.c.order_at, personal_deliveries.c.order_position, personal_deliveries.c.id]
        if newest:
            order = [column.desc() for column in order]  # type: ignore[misc]
        query = (
            sa.select(
                personal_deliveries.c.id.label("delivery_id"), personal_deliveries.c.alone, *row_mapping.ARTICLE_COLUMNS
            )
            .join(entries, entries.c.id == personal_deliveries.c.entry_id)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(mine)
            .order_by(*order)
            .limit(limit)
        )
        async with self._db.read() as connection:
            every = (await connection.execute(sa.select(personal_deliveries.c.id).where(mine))).scalars().all()
            found = (await connection.execute(query)).mappings().all()
            why = await _reasons(connection, [row["delivery_id"] for row in found])
        return tuple(
            PersonalDelivery(row["delivery_id"], row_mapping.article(row), why[row["delivery_id"]], bool(row["alone"]))
            for row in found
        ), tuple(every)

    async def plan(self, plan: PersonalPlan, *, now: datetime) -> bool:
        """Store a message before it is sent. False, and nothing stored, if one of its articles no longer waits."""
        ids = list(plan.delivery_ids)
        of_plan = sa.and_(personal_deliveries.c.id.in_(ids), personal_deliveries.c.user_id == plan.user_id, _WAITING)
        async with self._db.write() as connection:
            still = await connection.scalar(sa.select(sa.func.count()).where(of_plan))
            if still != len(ids):
                return False
            post_id = await insert_post(connection, plan, now)
            await connection.execute(
                sa.update(personal_deliveries).where(of_plan).values(state=DeliveryState.PLANNED, post_id=post_id)
            )
            told: dict[str, Any] = {"dropped": people.c.dropped - plan.dropped, "pending": True}
            if plan.digest:
                told["digest_at"] = None
            await connection.execute(sa.update(people).where(people.c.user_id == plan.user_id).values(told))
            return True

    async def fail(self, delivery_id: int, reason: str) -> None:
        """It can never be sent as it is."""
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(personal_deliveries)
                .where(personal_deliveries.c.id == delivery_id)
                .values(state=DeliveryState.FAILED, reason=reason)
            )

    async def rest(self, user_id: int, *, digest_at: datetime) -> None:
        """Nothing is to be sent to somebody now: look again when something comes, or when the digest is due."""

        def waits(*, at_once: bool) -> sa.ColumnElement[bool]:
            mine = sa.and_(personal_deliveries.c.user_id == user_id, _WAITING)
            return sa.exists().where(mine, personal_deliveries.c.at_once.is_(at_once))

        moment = sa.literal(digest_at, people.c.digest_at.type)
        values = {
            "pending": waits(at_once=True),
            "digest_at": sa.case((waits(at_once=False), sa.func.coalesce(people.c.digest_at, moment)), else_=None),
        }
        async with self._db.write() as connection:
            await connection.execute(sa.update(people).where(people.c.user_id == user_id).values(values))

    async def opened(self, user_id: int, channel_id: int) -> None:
        """The private channel with somebody; it stays the same for good."""
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(people).where(people.c.user_id == user_id).values(dm_channel_id=channel_id, later=None)
            )

    async def later(self, user_id: int, at: datetime) -> None:
        """No private channel can be opened with somebody before then."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(people).where(people.c.user_id == user_id).values(later=at))

    async def drop(self, *, before: datetime) -> int:
        """Drop what has waited since before then, and all but the newest of very many. How many articles."""
        async with self._db.write() as connection:
            old = sa.delete(personal_deliveries).where(_WAITING, personal_deliveries.c.created_at < before)
            dropped = list((await connection.execute(old.returning(personal_deliveries.c.user_id))).scalars())
            crowded = sa.select(personal_deliveries.c.user_id).where(_WAITING).group_by(personal_deliveries.c.user_id)
            crowded = crowded.having(sa.func.count() > MAX_WAITING)
            for user_id in (await connection.execute(crowded)).scalars().all():
                mine = sa.and_(_WAITING, personal_deliveries.c.user_id == user_id)
                kept = (
                    sa.select(personal_deliveries.c.id)
                    .where(mine)
                    .order_by(personal_deliveries.c.order_at.desc(), personal_deliveries.c.id.desc())
                    .limit(MAX_WAITING)
                )
                over = sa.delete(personal_deliveries).where(mine, personal_deliveries.c.id.not_in(kept))
                dropped += [user_id] * (await connection.execute(over)).rowcount
            for user_id in set(dropped):
                more = people.c.dropped + dropped.count(user_id)
                await connection.execute(sa.update(people).where(people.c.user_id == user_id).values(dropped=more))
            return len(dropped)

    async def prune(self, *, before: datetime) -> int:
        """Forget which articles were sent to whom before then, and the messages. How many articles."""
        async with self._db.write() as connection:
            done = sa.and_(
                personal_deliveries.c.state.in_((DeliveryState.POSTED, DeliveryState.FAILED)),
                personal_deliveries.c.created_at < before,
            )
            gone = await connection.execute(sa.delete(personal_deliveries).where(done))
            left = sa.exists().where(personal_deliveries.c.post_id == posts.c.id)
            await connection.execute(
                sa.delete(posts).where(
                    posts.c.kind == PostKind.PERSONAL,
                    posts.c.state != PostState.PLANNED,
                    posts.c.created_at < before,
                    ~left,
                )
            )
            return gone.rowcount


async def insert_post(connection: AsyncConnection, plan: PersonalPlan, now: datetime) -> int:
    """A message to a person that is planned. Its id."""
    made = await connection.execute(
        sa.insert(posts)
        .values(
            channel_id=plan.channel_id,
            guild_id=DIRECT,
            kind=PostKind.PERSONAL,
            nonce=plan.nonce,
            payload=plan.payload.to_json(),
            state=PostState.PLANNED,
            due_at=now,
            created_at=now,
        )
        .returning(posts.c.id)
    )
    post_id: int = made.scalar_one()
    await connection.execute(
        insert(channels).values(channel_id=plan.channel_id, guild_id=DIRECT).on_conflict_do_nothing()
    )
    return post_id


async def _reasons(connection: AsyncConnection, delivery_ids: Sequence[int]) -> dict[int, tuple[Follow, ...]]:
    query = (
        sa.select(personal_matches.c.delivery_id, *columns())
        .select_from(joined().join(personal_matches, personal_matches.c.follow_id == follows.c.id))
        .where(personal_matches.c.delivery_id.in_(delivery_ids))
        .order_by(follows.c.id)
    )
    why: dict[int, tuple[Follow, ...]] = defaultdict(tuple)
    for row in (await connection.execute(query)).all():
        why[row.delivery_id] += (follow(row),)
    return why
