"""What keeps the bot well: heartbeats of its loops, guilds that left, bodies past their time, figures for operators."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.model import DeliveryState, FeedState
from bot.store.database import Database
from bot.store.schema import channels, deliveries, entries, feeds, guilds, heartbeats, subscriptions, topics

GUILD_KEPT = timedelta(days=30)
CHUNK = 500
EXCERPT = 500
"""Characters of an old article's text that stay."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Where the bot stands, in numbers."""

    feeds: int
    failing: int
    topics: int
    waiting: int
    failed: int
    held_channels: int
    oldest_waiting: datetime | None


class UpkeepStore:
    """Heartbeats, guild removals, pruning, figures."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def beat(self, loops: Iterable[str], *, now: datetime) -> None:
        """These loops ran a good round just now."""
        values = [{"loop": loop, "beat_at": now} for loop in loops]
        if not values:
            return
        statement = insert(heartbeats)
        statement = statement.on_conflict_do_update(
            index_elements=["loop"], set_={"beat_at": statement.excluded.beat_at}
        )
        async with self._db.write() as connection:
            await connection.execute(statement, values)

    async def guild_left(self, guild_id: int, *, now: datetime) -> None:
        """The bot was removed from a guild."""
        statement = insert(guilds).values(guild_id=guild_id, removed_at=now)
        async with self._db.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["guild_id"], set_={"removed_at": now})
            )

    async def guild_joined(self, guild_id: int) -> None:
        """The bot is in a guild, perhaps again."""
        async with self._db.write() as connection:
            await connection.execute(sa.delete(guilds).where(guilds.c.guild_id == guild_id))

    async def prune(self, *, now: datetime, keep: timedelta) -> int:
        """Cut the bodies of one chunk of old entries to an excerpt, and forget guilds that left long ago.

        Keys, title and link stay for ever: they recognise an entry that comes back, and they are the archive.

        Returns:
            How many entries were cut; as long as it is not 0 there may be more.
        """
        old = sa.select(entries.c.id).where(entries.c.seen_at < now - keep, entries.c.trimmed.is_(False)).limit(CHUNK)
        gone = sa.select(guilds.c.guild_id).where(guilds.c.removed_at < now - GUILD_KEPT)
        async with self._db.write() as connection:
            cut = await connection.execute(
                sa.update(entries)
                .where(entries.c.id.in_(old))
                .values(
                    summary_html=sa.func.substr(entries.c.text, 1, EXCERPT),
                    text=sa.func.substr(entries.c.text, 1, EXCERPT),
                    trimmed=True,
                )
            )
            for table in (topics, channels):
                await connection.execute(sa.delete(table).where(table.c.guild_id.in_(gone)))
            await connection.execute(sa.delete(guilds).where(guilds.c.removed_at < now - GUILD_KEPT))
            return cut.rowcount

    async def figures(self) -> Figures:
        followed = sa.exists().where(subscriptions.c.feed_id == feeds.c.id)
        active = sa.select(sa.func.count()).select_from(feeds).where(followed)
        waits = deliveries.c.state.in_([DeliveryState.WAITING, DeliveryState.PLANNED])
        async with self._db.read() as connection:
            return Figures(
                feeds=await connection.scalar(active) or 0,
                failing=await connection.scalar(
                    active.where(sa.or_(feeds.c.failures > 0, feeds.c.state == FeedState.GONE))
                )
                or 0,
                topics=await connection.scalar(sa.select(sa.func.count()).select_from(topics)) or 0,
                waiting=await connection.scalar(sa.select(sa.func.count()).select_from(deliveries).where(waits)) or 0,
                failed=await connection.scalar(
                    sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.state == DeliveryState.FAILED)
                )
                or 0,
                held_channels=await connection.scalar(
                    sa.select(sa.func.count()).select_from(channels).where(channels.c.held_reason.is_not(None))
                )
                or 0,
                oldest_waiting=await connection.scalar(sa.select(sa.func.min(deliveries.c.created_at)).where(waits)),
            )
