"""What people saved to read later, each for themselves; and which articles a message of ours shows."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.model import Article, Saved, SavedPage
from bot.store.engine.database import Database
from bot.store.reading.timeline import articles_in_order
from bot.store.schema.personal_tables import personal_deliveries
from bot.store.schema.tables import deliveries, posts, saved


class SavedStore:
    """The table `saved`. Nothing of one person is ever found by another's id."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def save(self, user_id: int, article: Article, *, source: str, now: datetime, most: int) -> bool | None:
        """True if it is saved now, False if it was already, None if there is no room: `most` are kept.

        Args:
            source: the name under which people know its source.
        """
        own = sa.select(sa.func.count()).select_from(saved).where(saved.c.user_id == user_id)
        async with self._db.write(urgent=True) as connection:
            there = sa.select(saved.c.id).where(saved.c.user_id == user_id, saved.c.entry_id == article.entry_id)
            if await connection.scalar(there) is not None:
                return False
            if (await connection.scalar(own) or 0) >= most:
                return None
            await connection.execute(
                insert(saved).values(
                    user_id=user_id,
                    entry_id=article.entry_id,
                    title=article.title,
                    link=article.link,
                    source=source,
                    published_at=article.published_at or article.seen_at,
                    saved_at=now,
                )
            )
            return True

    async def page(self, user_id: int, *, done: bool | None, number: int, size: int) -> SavedPage:
        """`done`: only what was read, or only what was not; None for both. Too high a number gives the last page."""
        own = saved.c.user_id == user_id
        if done is not None:
            own &= saved.c.done_at.is_not(None) if done else saved.c.done_at.is_(None)
        async with self._db.read() as connection:
            total = await connection.scalar(sa.select(sa.func.count()).select_from(saved).where(own)) or 0
            pages = max(1, -(-total // size))
            number = min(max(1, number), pages)
            found = await connection.execute(
                sa.select(saved)
                .where(own)
                .order_by(saved.c.saved_at.desc(), saved.c.id.desc())
                .limit(size)
                .offset((number - 1) * size)
            )
            items = tuple(Saved(**{name: row[name] for name in Saved.__dataclass_fields__}) for row in found.mappings())
        return SavedPage(items, number, pages, total)

    async def mark(self, user_id: int, saved_id: int, *, done_at: datetime | None) -> bool:
        """Whether there is such an article of this person."""
        async with self._db.write(urgent=True) as connection:
            changed = await connection.execute(
                sa.update(saved).where(saved.c.user_id == user_id, saved.c.id == saved_id).values(done_at=done_at)
            )
            return changed.rowcount > 0

    async def remove(self, user_id: int, saved_id: int) -> bool:
        """Whether there was such an article of this person."""
        async with self._db.write(urgent=True) as connection:
            gone = await connection.execute(sa.delete(saved).where(saved.c.user_id == user_id, saved.c.id == saved_id))
            return gone.rowcount > 0

    async def count(self, user_id: int) -> int:
        """How many articles this person saved."""
        query = sa.select(sa.func.count()).select_from(saved).where(saved.c.user_id == user_id)
        async with self._db.read() as connection:
            return await connection.scalar(query) or 0

    async def forget(self, user_id: int) -> int:
        """Delete all that this person saved; how many articles that were."""
        async with self._db.write(urgent=True) as connection:
            return (await connection.execute(sa.delete(saved).where(saved.c.user_id == user_id))).rowcount

    async def shown_in(self, guild_id: int, message_id: int) -> tuple[Article, ...]:
        """The articles of one of our messages in this guild, as they stand in it; none if it is no such message."""
        query = (
            sa.select(deliveries.c.entry_id)
            .join(posts, posts.c.id == deliveries.c.post_id)
            .where(posts.c.message_id == message_id, posts.c.guild_id == guild_id)
            .order_by(deliveries.c.order_at, deliveries.c.order_position, deliveries.c.entry_id)
        )
        async with self._db.read() as connection:
            return await articles_in_order(connection, list((await connection.execute(query)).scalars()))

    async def sent_to(self, user_id: int, message_id: int) -> tuple[Article, ...]:
        """The articles of one of our private messages to this person, as they stand in it; none if it is no such message."""
        query = (
            sa.select(personal_deliveries.c.entry_id)
            .join(posts, posts.c.id == personal_deliveries.c.post_id)
            .where(posts.c.message_id == message_id, personal_deliveries.c.user_id == user_id)
            .order_by(
                personal_deliveries.c.order_at, personal_deliveries.c.order_position, personal_deliveries.c.entry_id
            )
        )
        async with self._db.read() as connection:
            return await articles_in_order(connection, list((await connection.execute(query)).scalars()))
