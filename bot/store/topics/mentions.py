"""Roles that topics mention, and what becomes of them when a server deletes the role."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import MessagePayload, PostState, ProblemKind
from bot.store.engine.database import Database
from bot.store.notices.problem_events import Event, note_events
from bot.store.schema.tables import posts, topics

_ROLE = topics.c.options["mention_role"].as_integer()


class MentionStore:
    """The option `mention_role` of topics."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def roles(self, guild_id: int | None = None) -> tuple[tuple[int, int], ...]:
        """Every guild, or this one, with each role that its topics mention."""
        query = sa.select(topics.c.guild_id, _ROLE.label("role")).where(_ROLE.is_not(None)).distinct()
        if guild_id is not None:
            query = query.where(topics.c.guild_id == guild_id)
        async with self._db.read() as connection:
            return tuple((row.guild_id, row.role) for row in (await connection.execute(query)).all())

    async def forget(self, guild_id: int, role_id: int, *, now: datetime) -> tuple[int, ...]:
        """Topics of the guild mention this role no more, nor does what is planned; it is told. The topics' ids."""
        theirs = sa.and_(topics.c.guild_id == guild_id, role_id == _ROLE)
        # Most roles that are deleted are mentioned by no topic: that shall not cost a write.
        async with self._db.read() as connection:
            if await connection.scalar(sa.select(sa.func.count()).select_from(topics).where(theirs)) == 0:
                return ()
        async with self._db.write() as connection:
            found = (await connection.execute(sa.select(topics.c.id, topics.c.options).where(theirs))).all()
            for row in found:
                changed = {**row.options, "mention_role": None}
                await connection.execute(sa.update(topics).where(topics.c.id == row.id).values(options=changed))
            await _forget_in_planned(connection, guild_id, role_id)
            events = [Event(guild_id, ProblemKind.MENTION, row.id) for row in found]
            await note_events(connection, events, now=now)
        return tuple(row.id for row in found)


async def _forget_in_planned(connection: AsyncConnection, guild_id: int, role_id: int) -> None:
    """What was planned with the mention goes without it; its embeds, by which it is looked for, stay."""
    planned = sa.select(posts.c.id, posts.c.payload).where(
        posts.c.guild_id == guild_id,
        posts.c.state == PostState.PLANNED,
        posts.c.payload.contains(str(role_id)),
    )
    for row in (await connection.execute(planned)).all():
        payload = MessagePayload.from_json(row.payload)
        if payload.mention == role_id:
            silent = replace(payload, mention=None, content=None).to_json()
            await connection.execute(sa.update(posts).where(posts.c.id == row.id).values(payload=silent))
