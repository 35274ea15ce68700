"""What keeps the bot well: heartbeats of its loops, guilds that left, bodies past their time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import EXCERPT, PostState
from bot.store.database import Database
from bot.store.people_schema import follows
from bot.store.schema import channels, entries, guilds, heartbeats, imports, posts, source_names, topics, troubles

GUILD_KEPT = timedelta(days=30)
CHUNK = 500


class UpkeepStore:
    """Heartbeats, guild removals, pruning."""

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
        """The bot was removed from a guild; what it follows is kept for 30 days."""
        async with self._db.write() as connection:
            await _left(connection, [guild_id], now)

    async def guild_joined(self, guild_id: int) -> None:
        """The bot is in a guild, perhaps again."""
        async with self._db.write() as connection:
            await connection.execute(_back([guild_id]))

    async def guilds_are(self, guild_ids: Iterable[int], *, now: datetime) -> tuple[int, ...]:
        """The bot is in these guilds and in no others: some may have removed it, or invited it again, unseen.

        Returns:
            The guilds that have topics here and removed the bot unseen.
        """
        present = set(guild_ids)
        async with self._db.read() as connection:
            with_topics = set((await connection.execute(sa.select(topics.c.guild_id).distinct())).scalars())
            removed = set(
                (
                    await connection.execute(sa.select(guilds.c.guild_id).where(guilds.c.removed_at.is_not(None)))
                ).scalars()
            )
        missing, back = sorted(with_topics - present - removed), sorted(removed & present)
        if missing or back:
            async with self._db.write() as connection:
                await _left(connection, missing, now)
                await connection.execute(_back(back))
        return tuple(missing)

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
            await connection.execute(
                sa.update(posts)
                .where(posts.c.guild_id.in_(gone), posts.c.state == PostState.PLANNED)
                .values(state=PostState.DISSOLVED, last_error="its server removed the bot long ago")
            )
            for table in (troubles, topics, channels, follows, imports, source_names):
                await connection.execute(sa.delete(table).where(table.c.guild_id.in_(gone)))
            await connection.execute(sa.delete(guilds).where(guilds.c.removed_at < now - GUILD_KEPT))
            return cut.rowcount


async def _left(connection: AsyncConnection, guild_ids: Iterable[int], now: datetime) -> None:
    for guild_id in guild_ids:
        statement = insert(guilds).values(guild_id=guild_id, removed_at=now)
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["guild_id"],
                set_={"removed_at": sa.func.coalesce(guilds.c.removed_at, statement.excluded.removed_at)},
            )
        )


def _back(guild_ids: Iterable[int]) -> sa.Update:
    return sa.update(guilds).where(guilds.c.guild_id.in_(list(guild_ids))).values(removed_at=None)
