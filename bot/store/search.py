"""The river and the search: pages of what a guild follows, newest first."""

import re

import sqlalchemy as sa

from bot.model import Page
from bot.store import rows
from bot.store.database import Database
from bot.store.schema import entries, feeds, subscriptions, topics

WORD = re.compile(r"\w+", re.UNICODE)
MOST_WORDS = 12


def words_of(query: str) -> str:
    """What a person typed as an FTS5 expression: every word must occur, the last may be unfinished.

    Empty if there is no word in it. Quoting each word keeps FTS5's own operators out.
    """
    found = WORD.findall(query)[:MOST_WORDS]
    if not found:
        return ""
    return " ".join(f'"{word}"' for word in found) + "*"


class SearchStore:
    """Reading across the entries of the feeds that a guild, or one topic of it, follows."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def river(self, guild_id: int, topic_id: int | None = None, *, page: int, size: int) -> Page:
        """All articles, newest first. `page` counts from 1; too high a number gives the last page."""
        return await self._page(_followed(guild_id, topic_id), page=page, size=size)

    async def find(self, guild_id: int, topic_id: int | None, query: str, *, page: int, size: int) -> Page:
        """Articles with every word of the query in title or text, newest first."""
        expression = words_of(query)
        if not expression:
            return Page((), 1, 1, 0)
        hits = sa.text("entries.id IN (SELECT rowid FROM entries_search WHERE entries_search MATCH :words)")
        where = sa.and_(_followed(guild_id, topic_id), hits.bindparams(words=expression))
        return await self._page(where, page=page, size=size)

    async def _page(self, where: sa.ColumnElement[bool], *, page: int, size: int) -> Page:
        async with self._db.read() as connection:
            total = await connection.scalar(sa.select(sa.func.count()).select_from(entries).where(where)) or 0
            pages = max(1, -(-total // size))
            number = min(max(1, page), pages)
            found = await connection.execute(
                sa.select(*rows.ARTICLE_COLUMNS)
                .join(feeds, feeds.c.id == entries.c.feed_id)
                .where(where)
                .order_by(entries.c.sort_at.desc(), entries.c.id.desc())
                .limit(size)
                .offset((number - 1) * size)
            )
            return Page(tuple(rows.article(row) for row in found.mappings()), number, pages, total)


def _followed(guild_id: int, topic_id: int | None) -> sa.ColumnElement[bool]:
    query = (
        sa.select(subscriptions.c.feed_id)
        .join(topics, topics.c.id == subscriptions.c.topic_id)
        .where(topics.c.guild_id == guild_id)
    )
    if topic_id is not None:
        query = query.where(topics.c.id == topic_id)
    return entries.c.feed_id.in_(query)
