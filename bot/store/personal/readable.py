"""What of a person's follows, and of what is on its way to that person, may be read: asked before each private message."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, Follow, FollowKind, PersonalPlan, Viewer
from bot.store.engine.database import Database
from bot.store.engine.json_params import one_of
from bot.store.personal.follows import columns, drop_unwanted, follow, joined
from bot.store.personal.private_messages import insert_post
from bot.store.schema.personal_tables import follows, personal_deliveries, personal_matches
from bot.store.schema.tables import deliveries, entries, guilds, subscriptions, topics


class ReadableStore:
    """The tables `follows` and `personal_matches`, as a viewer may see them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def guilds(self, user_id: int) -> tuple[tuple[int, bool], ...]:
        """The guilds in which somebody follows something, each with whether the bot is still there."""
        left = sa.exists().where(guilds.c.guild_id == follows.c.guild_id, guilds.c.removed_at.is_not(None))
        query = sa.select(follows.c.guild_id, left.label("left")).where(follows.c.user_id == user_id).distinct()
        async with self._db.read() as connection:
            return tuple((row.guild_id, not row.left) for row in (await connection.execute(query)).all())

    async def of_post(self, post_id: int) -> tuple[int, tuple[int, ...]] | None:
        """Whom a planned message is for, and the guilds that its articles come from; None where it has no article."""
        query = (
            sa.select(personal_deliveries.c.user_id, follows.c.guild_id)
            .outerjoin(personal_matches, personal_matches.c.delivery_id == personal_deliveries.c.id)
            .outerjoin(follows, follows.c.id == personal_matches.c.follow_id)
            .where(personal_deliveries.c.post_id == post_id)
            .distinct()
        )
        async with self._db.read() as connection:
            found = (await connection.execute(query)).all()
        if not found:
            return None
        return found[0].user_id, tuple(row.guild_id for row in found if row.guild_id is not None)

    async def shows_hidden(self, viewer: Viewer, post_id: int) -> bool:
        """Whether a planned message has something that its person may not read, or names it as a reason."""
        query = _hidden_matches(viewer).where(personal_deliveries.c.post_id == post_id).limit(1)
        async with self._db.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def hidden_follows(self, viewer: Viewer) -> tuple[Follow, ...]:
        """What somebody follows in a guild and may not read any more."""
        of_guild = sa.select(subscriptions.c.feed_id).join(topics, topics.c.id == subscriptions.c.topic_id)
        of_guild = of_guild.where(topics.c.guild_id == viewer.guild_id)
        hidden_source = sa.and_(
            follows.c.kind == FollowKind.SOURCE,
            follows.c.feed_id.in_(of_guild),
            follows.c.feed_id.not_in(_feeds(viewer.topics)),
        )
        hidden_topic = sa.and_(follows.c.kind == FollowKind.TOPIC, ~one_of(follows.c.topic_id, viewer.topics))
        hidden = sa.or_(hidden_source, hidden_topic) if viewer.is_member else sa.true()
        query: sa.Select[Any] = (
            sa.select(*columns()).select_from(joined()).where(_mine(viewer), hidden).order_by(follows.c.id)
        )
        async with self._db.read() as connection:
            return tuple(follow(row) for row in (await connection.execute(query)).all())

    async def withhold(
        self, viewer: Viewer, ended: Sequence[Follow], notice: PersonalPlan | None, *, now: datetime
    ) -> None:
        """End these follows, plan the message that says so, and drop what waits that the person may not read."""
        hidden = _hidden_matches(viewer).where(personal_deliveries.c.state == DeliveryState.WAITING)
        async with self._db.read() as connection:
            matches = [tuple(row) for row in (await connection.execute(hidden)).all()]
        if not matches and not ended:
            return
        async with self._db.write() as connection:
            await _drop(connection, matches)
            gone = sa.delete(follows).where(_mine(viewer), one_of(follows.c.id, [each.id for each in ended]))
            await connection.execute(gone)
            await drop_unwanted(connection, viewer.user_id)
            if notice is not None:
                await insert_post(connection, notice, now)


async def _drop(connection: AsyncConnection, matches: Sequence[tuple[int, int]]) -> None:
    if not matches:
        return
    statement = sa.delete(personal_matches).where(
        personal_matches.c.delivery_id == sa.bindparam("b_delivery"),
        personal_matches.c.follow_id == sa.bindparam("b_follow"),
    )
    await connection.execute(statement, [{"b_delivery": one, "b_follow": other} for one, other in matches])


def _mine(viewer: Viewer) -> sa.ColumnElement[bool]:
    return sa.and_(follows.c.user_id == viewer.user_id, follows.c.guild_id == viewer.guild_id)


def _feeds(topic_ids: Collection[int]) -> sa.Select[tuple[int]]:
    return sa.select(subscriptions.c.feed_id).where(one_of(subscriptions.c.topic_id, topic_ids))


def _hidden_matches(viewer: Viewer) -> sa.Select[Any]:
    """Reasons, by delivery and follow, of a guild's that the viewer may not read, or whose article is in no visible topic."""
    seen_in = sa.exists().where(
        deliveries.c.entry_id == personal_deliveries.c.entry_id, one_of(deliveries.c.topic_id, viewer.topics)
    )
    readable = sa.or_(entries.c.feed_id.in_(_feeds(viewer.topics)), seen_in)
    hidden_topic = sa.and_(follows.c.kind == FollowKind.TOPIC, ~one_of(follows.c.topic_id, viewer.topics))
    return (
        sa.select(personal_matches.c.delivery_id, personal_matches.c.follow_id)
        .join(follows, follows.c.id == personal_matches.c.follow_id)
        .join(personal_deliveries, personal_deliveries.c.id == personal_matches.c.delivery_id)
        .join(entries, entries.c.id == personal_deliveries.c.entry_id)
        .where(_mine(viewer), sa.or_(sa.not_(readable), hidden_topic))
    )
