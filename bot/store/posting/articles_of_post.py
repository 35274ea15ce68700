"""The articles in a message: deliveries of a topic, or of a person. What becomes of a message becomes of them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, PostKind
from bot.store.schema.personal_tables import follows, people, personal_deliveries, personal_matches
from bot.store.schema.tables import deliveries


def members_of(post_id: int, kind: str) -> sa.Select[Any]:
    """The id and the entry of each, in the order in which the message shows them."""
    table = _table(kind)
    return (
        sa.select(table.c.id, table.c.entry_id)
        .where(table.c.post_id == post_id)
        .order_by(table.c.order_at, table.c.order_position, table.c.id)
    )


async def members_are(connection: AsyncConnection, post_id: int, kind: str | None, **values: Any) -> None:
    """They have this state now."""
    table = _table(kind)
    await connection.execute(sa.update(table).where(table.c.post_id == post_id).values(values))


async def members_wait(connection: AsyncConnection, post_id: int, kind: str | None, *, singly: bool) -> None:
    """Nothing was made of their message: they wait again, each for one of its own if `singly`."""
    table = _table(kind)
    values = {"state": DeliveryState.WAITING, "post_id": None, "alone": sa.or_(table.c.alone, sa.literal(singly))}
    if kind == PostKind.PERSONAL:
        # A digest that was refused as a whole is not made again tomorrow: its articles come one by one.
        mine = sa.select(personal_deliveries.c.user_id).where(personal_deliveries.c.post_id == post_id)
        await connection.execute(sa.update(people).where(people.c.user_id.in_(mine)).values(pending=True))
        values["at_once"] = sa.true()
    await connection.execute(sa.update(table).where(table.c.post_id == post_id).values(values))


async def merge_follows(connection: AsyncConnection, *, source: int, target: int) -> None:
    """Who followed `source` follows `target` now, once, for the same reasons."""
    same = follows.alias("same")
    other_follow = (
        sa.select(same.c.id)
        .where(same.c.user_id == follows.c.user_id, same.c.guild_id == follows.c.guild_id, same.c.feed_id == target)
        .scalar_subquery()
    )
    doubled = sa.select(follows.c.id, other_follow.label("other")).where(follows.c.feed_id == source)
    for follow_id, kept in (await connection.execute(doubled)).all():
        if kept is None:
            await connection.execute(sa.update(follows).where(follows.c.id == follow_id).values(feed_id=target))
        else:
            await connection.execute(
                sa.update(personal_matches)
                .prefix_with("OR IGNORE")
                .where(personal_matches.c.follow_id == follow_id)
                .values(follow_id=kept)
            )


def _table(kind: str | None) -> sa.Table:
    return personal_deliveries if kind == PostKind.PERSONAL else deliveries
