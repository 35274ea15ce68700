"""What is remembered of a guild as such: its language, and that it was welcomed."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.model import MessagePayload, PostKind, PostState
from bot.store.engine.database import Database
from bot.store.schema.tables import guilds, posts, topics


class GuildStore:
    """The table `guilds`, but for what concerns its end (`MaintenanceStore`) and its notices (`NoticeStore`)."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def language(self, guild_id: int) -> str | None:
        """The language that its admins chose for what stands in its channels."""
        async with self._db.read() as connection:
            found: str | None = await connection.scalar(
                sa.select(guilds.c.language).where(guilds.c.guild_id == guild_id)
            )
            return found

    async def choose_language(self, guild_id: int, language: str | None) -> None:
        """Remember it; None goes back to what Discord says of the guild."""
        statement = insert(guilds).values(guild_id=guild_id, language=language)
        async with self._db.write(urgent=True) as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["guild_id"], set_={"language": language})
            )

    async def welcome(
        self, guild_id: int, *, channel_id: int, nonce: str, payload: MessagePayload, now: datetime
    ) -> bool:
        """Plan the message that welcomes a guild, and remember that it was: both, or, where it was before, neither.

        A guild that has topics needs no welcome.
        """
        used = sa.select(topics.c.id).where(topics.c.guild_id == guild_id).limit(1)
        statement = insert(guilds).values(guild_id=guild_id, welcomed_at=now)
        async with self._db.write() as connection:
            if await connection.scalar(used) is not None:
                return False
            first = await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["guild_id"],
                    set_={"welcomed_at": statement.excluded.welcomed_at},
                    where=guilds.c.welcomed_at.is_(None),
                )
            )
            if first.rowcount == 0:
                return False
            await connection.execute(
                sa.insert(posts).values(
                    channel_id=channel_id,
                    guild_id=guild_id,
                    kind=PostKind.NOTICE,
                    nonce=nonce,
                    payload=payload.to_json(),
                    state=PostState.PLANNED,
                    due_at=now,
                    created_at=now,
                )
            )
            return True
