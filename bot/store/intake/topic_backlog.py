"""A bound on what waits in one topic: of more, the oldest articles are skipped, counted and told of."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, ProblemKind
from bot.store.engine.json_params import among, array
from bot.store.notices.problem_events import Event, note_events
from bot.store.posting.skipped_deliveries import bring_back
from bot.store.schema.tables import deliveries, topics

_COUNT = sa.func.count()
_CROWDED = (
    sa.select(topics.c.id, topics.c.guild_id, _COUNT.label("waiting"))
    .join(deliveries, deliveries.c.topic_id == topics.c.id)
    .where(deliveries.c.state == DeliveryState.WAITING, among(deliveries.c.topic_id, "b_topics"))
    .group_by(topics.c.id, topics.c.guild_id)
    .having(sa.bindparam("b_limit", type_=sa.Integer()) < _COUNT)
)
_OLDEST = (
    sa.select(deliveries.c.id)
    .where(deliveries.c.state == DeliveryState.WAITING, deliveries.c.topic_id == sa.bindparam("b_topic"))
    .order_by(deliveries.c.order_at, deliveries.c.order_position, deliveries.c.id)
    .limit(sa.bindparam("b_over", type_=sa.Integer()))
)
_THESE = among(deliveries.c.id, "b_ids")


async def bound_waiting(connection: AsyncConnection, topic_ids: Collection[int], *, limit: int, now: datetime) -> int:
    """Skip the oldest of what waits in these topics beyond `limit`. How many.

    Whose story they were to tell waits again, and may be skipped in turn.
    """
    if not topic_ids:
        return 0
    skipped: dict[tuple[int, int], int] = {}
    while found := (await connection.execute(_CROWDED, {"b_topics": array(topic_ids), "b_limit": limit})).all():
        for row in found:
            oldest = await connection.execute(_OLDEST, {"b_topic": row.id, "b_over": row.waiting - limit})
            ids = {"b_ids": array(oldest.scalars())}
            await connection.execute(_SKIP, ids)
            await bring_back(connection, sa.select(deliveries.c.id).where(_THESE), ids)
            key = (row.guild_id, row.id)
            skipped[key] = skipped.get(key, 0) + row.waiting - limit
    events = [
        Event(guild_id, ProblemKind.CROWDED, topic_id, articles=count)
        for (guild_id, topic_id), count in skipped.items()
    ]
    await note_events(connection, events, now=now)
    return sum(skipped.values())


_SKIP = sa.update(deliveries).where(_THESE).values(state=DeliveryState.SKIPPED, reason=ProblemKind.CROWDED)
