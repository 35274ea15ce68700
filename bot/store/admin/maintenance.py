"""What keeps the bot well: heartbeats of its loops, guilds that leave and come back, bodies past their time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DIRECT, EXCERPT
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array
from bot.store.intake.daily_volume import forget_amounts, has_old_amounts
from bot.store.schema.personal_tables import follows
from bot.store.schema.tables import channels, entries, guilds, heartbeats, imports, source_names, topics, troubles

CHUNK = 500
_WITH_GUILDS = (guilds, topics, channels, follows, imports, source_names, troubles)
"""Whatever else a guild has, it has one of these."""


class MaintenanceStore:
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

    async def guilds_with_topics(self) -> frozenset[int]:
        """Every guild that has a topic here."""
        async with self._db.read() as connection:
            return frozenset((await connection.execute(sa.select(topics.c.guild_id).distinct())).scalars())

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
        present = {DIRECT, *guild_ids}  # private channels belong to no guild, and none can be left
        known = sa.union(*(sa.select(table.c.guild_id) for table in _WITH_GUILDS))
        async with self._db.read() as connection:
            with_topics = set((await connection.execute(sa.select(topics.c.guild_id).distinct())).scalars())
            with_anything = set((await connection.execute(known)).scalars())
            removed = set(
                (
                    await connection.execute(sa.select(guilds.c.guild_id).where(guilds.c.removed_at.is_not(None)))
                ).scalars()
            )
        missing, back = sorted(with_anything - present - removed), sorted(removed & present)
        if missing or back:
            async with self._db.write() as connection:
                await _left(connection, missing, now)
                await connection.execute(_back(back))
        return tuple(guild_id for guild_id in missing if guild_id in with_topics)

    async def prune(self, *, now: datetime, keep: timedelta) -> int:
        """Cut the bodies of one chunk of old entries to an excerpt.

        Keys, title and link stay as long as their feed: they recognise an entry that comes back, and they are the archive.

        Returns:
            How many entries were cut; as long as it is not 0 there may be more.
        """
        old = sa.select(entries.c.id).where(entries.c.seen_at < now - keep, entries.c.trimmed.is_(False)).limit(CHUNK)
        async with self._db.read() as connection:
            ids = list((await connection.execute(old)).scalars())
            outdated = await has_old_amounts(connection, now=now)
        if not ids and not outdated:
            return 0
        async with self._db.write() as connection:
            cut = await connection.execute(
                sa.update(entries)
                .where(among(entries.c.id, "b_ids"))
                .values(
                    summary_html=sa.func.substr(entries.c.text, 1, EXCERPT),
                    text=sa.func.substr(entries.c.text, 1, EXCERPT),
                    trimmed=True,
                ),
                {"b_ids": array(ids)},
            )
            await forget_amounts(connection, now=now)
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
