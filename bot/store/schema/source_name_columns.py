"""What guilds call their sources: a name of a guild's own goes before the feed's title."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.addresses import site_of
from bot.store.engine.database import Database
from bot.store.schema.tables import feeds, source_names


class NameStore:
    """The table `source_names`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def give(self, guild_id: int, feed_id: int, name: str | None) -> None:
        """Call a source so in this guild from now on; None takes the name away."""
        async with self._db.write(urgent=True) as connection:
            if name is None:
                await connection.execute(
                    sa.delete(source_names).where(
                        source_names.c.guild_id == guild_id, source_names.c.feed_id == feed_id
                    )
                )
                return
            statement = insert(source_names).values(guild_id=guild_id, feed_id=feed_id, name=name)
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["guild_id", "feed_id"], set_={"name": name})
            )

    async def of(self, guild_id: int) -> dict[int, str]:
        """The names that a guild gave, by feed."""
        query = sa.select(source_names.c.feed_id, source_names.c.name).where(source_names.c.guild_id == guild_id)
        async with self._db.read() as connection:
            return {row.feed_id: row.name for row in (await connection.execute(query)).all()}


def given(guild_id: Any, feed_id: Any) -> sa.ScalarSelect[str]:
    """The name that a guild gave a feed, or null, for a query that has both."""
    return (
        sa.select(source_names.c.name)
        .where(source_names.c.guild_id == guild_id, source_names.c.feed_id == feed_id)
        .scalar_subquery()
    )


def shown(guild_id: Any) -> sa.ColumnElement[str]:
    """What a source is called in a guild, null where neither guild nor feed says, for a query with `feeds`."""
    return sa.func.coalesce(given(guild_id, feeds.c.id), feeds.c.title)


def called(title: str | None, address: str | None) -> str:
    """What a source is called: its title, else the name of its host. Its address may hold secrets, and is no name."""
    return title or (site_of(address) if address else "")
