"""Whether a guild has room for another source and subscription, asked in the transaction that adds them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NoRoom
from bot.store.schema.tables import subscriptions, topics


async def ensure_room(
    connection: AsyncConnection,
    guild_id: int,
    feed_id: int,
    topic_ids: Sequence[int],
    limit: int,
    subscription_limit: int | None = None,
) -> None:
    """Raises `NoRoom` where the guild may not follow this feed in these topics too. Declared subscriptions do not count.

    A feed that it follows already counts once as a source, and a topic that follows it needs no other subscription.
    """
    query = (
        sa.select(subscriptions.c.feed_id, subscriptions.c.topic_id, subscriptions.c.declared)
        .join(topics, topics.c.id == subscriptions.c.topic_id)
        .where(topics.c.guild_id == guild_id)
    )
    followed = (await connection.execute(query)).all()
    there = [row for row in followed if not row.declared]
    sources = {row.feed_id for row in there}
    missing = set(topic_ids) - {row.topic_id for row in followed if row.feed_id == feed_id}
    if not missing:
        return
    if feed_id not in sources and len(sources) >= limit:
        raise NoRoom(len(sources), "sources")
    if subscription_limit is not None and len(there) + len(missing) > subscription_limit:
        raise NoRoom(len(there), "subscriptions")
