"""Which topics of a server are on the web, and under which addresses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import Publication, WebAccess
from bot.store.engine.database import Database
from bot.store.schema.tables import guilds, topics
from bot.store.schema.web_tables import web_addresses

_LISTED = (WebAccess.PUBLIC, WebAccess.INDEXED)
_FOUND = (
    sa.select(
        web_addresses.c.guild_id,
        web_addresses.c.name,
        web_addresses.c.topic_id,
        web_addresses.c.access,
        web_addresses.c.ended_at,
        topics.c.name.label("topic"),
        topics.c.channel_id,
        guilds.c.removed_at,
    )
    .outerjoin(topics, sa.and_(topics.c.id == web_addresses.c.topic_id, topics.c.guild_id == web_addresses.c.guild_id))
    .outerjoin(guilds, guilds.c.guild_id == web_addresses.c.guild_id)
)
_BY_NAME = _FOUND.where(
    web_addresses.c.guild_id == sa.bindparam("b_guild"), web_addresses.c.name == sa.bindparam("b_name")
)
_OF_GUILD = _FOUND.where(web_addresses.c.guild_id == sa.bindparam("b_guild"), web_addresses.c.ended_at.is_(None))
_OF_TOPIC = _FOUND.where(web_addresses.c.topic_id == sa.bindparam("b_topic"), web_addresses.c.ended_at.is_(None))


class PublicationStore:
    """The table `web_addresses`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def named(self, guild_id: int, name: str) -> Publication | None:
        """What this address leads to, or led to; None where it never was one."""
        found = await self._read(_BY_NAME, {"b_guild": guild_id, "b_name": name})
        return found[0] if found else None

    async def listed(self, guild_id: int) -> tuple[Publication, ...]:
        """What everybody finds, by the topics' names."""
        found = await self._read(_OF_GUILD, {"b_guild": guild_id})
        shown = [each for each in found if each.access in _LISTED and not each.ended]
        return tuple(sorted(shown, key=lambda each: each.topic.casefold()))

    async def of_topic(self, topic_id: int) -> Publication | None:
        """Where a topic is on the web now."""
        found = await self._read(_OF_TOPIC, {"b_topic": topic_id})
        return found[0] if found else None

    async def ever_published(self, guild_id: int) -> bool:
        """Whether the guild has or had pages."""
        query = sa.select(sa.exists().where(web_addresses.c.guild_id == guild_id))
        async with self._db.read() as connection:
            return bool(await connection.scalar(query))

    async def publish(
        self, guild_id: int, topic_id: int, access: WebAccess, names: Sequence[str], *, by: int | None, now: datetime
    ) -> str:
        """Let a topic have the first of these names that no other topic of the guild has or had; its other address ends.

        Raises:
            ValueError: other topics have or had all of them.
        """
        async with self._db.write(urgent=True) as connection:
            query = sa.select(web_addresses.c.name, web_addresses.c.topic_id).where(
                web_addresses.c.guild_id == guild_id, web_addresses.c.name.in_(names)
            )
            owners = {row.name: row.topic_id for row in (await connection.execute(query)).all()}
            name = next((each for each in names if owners.get(each, topic_id) == topic_id), None)
            if name is None:
                raise ValueError("no name is left")
            await connection.execute(
                sa.update(web_addresses)
                .where(web_addresses.c.topic_id == topic_id, web_addresses.c.ended_at.is_(None))
                .where(web_addresses.c.name != name)
                .values(ended_at=now)
            )
            values: dict[str, object] = {"access": access, "published_by": by, "published_at": now, "ended_at": None}
            if name in owners:
                own = sa.and_(web_addresses.c.guild_id == guild_id, web_addresses.c.name == name)
                await connection.execute(sa.update(web_addresses).where(own).values(values))
            else:
                values |= {"guild_id": guild_id, "name": name, "topic_id": topic_id}
                await connection.execute(sa.insert(web_addresses).values(values))
            return name

    async def end(self, topic_id: int, *, now: datetime) -> bool:
        """Take a topic's pages back. Whether there were any."""
        async with self._db.write(urgent=True) as connection:
            ended = await connection.execute(
                sa.update(web_addresses)
                .where(web_addresses.c.topic_id == topic_id, web_addresses.c.ended_at.is_(None))
                .values(ended_at=now)
            )
            return ended.rowcount > 0

    async def _read(self, query: sa.Select[Any], values: dict[str, Any]) -> list[Publication]:
        async with self._db.read() as connection:
            rows = (await connection.execute(query, values)).all()
        return [
            Publication(
                guild_id=row.guild_id,
                name=row.name,
                topic_id=row.topic_id,
                access=WebAccess(row.access),
                topic=row.topic or "",
                channel_id=row.channel_id or 0,
                ended=row.ended_at is not None or row.topic is None or row.removed_at is not None,
            )
            for row in rows
        ]
