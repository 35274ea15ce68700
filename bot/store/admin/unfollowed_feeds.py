"""Which guild was the last to give a feed up: what it left counts towards how much is kept for it, see `bot.store.admin.retention`."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema.tables import feeds, former_feeds, subscriptions


async def leave(connection: AsyncConnection, guild_id: int, topic_id: int, feed_id: int | None = None) -> None:
    """Before a topic of a guild stops to follow a feed, or with None all of its feeds, each with what it was before it moved."""
    followed = sa.select(subscriptions.c.feed_id).where(subscriptions.c.topic_id == topic_id)
    before = sa.select(former_feeds.c.former_id).where(former_feeds.c.topic_id == topic_id)
    if feed_id is not None:
        followed = followed.where(subscriptions.c.feed_id == feed_id)
        before = before.where(former_feeds.c.feed_id == feed_id)
    await connection.execute(
        sa.update(feeds).where(feeds.c.id.in_(sa.union(followed, before))).values(left_by=guild_id)
    )
