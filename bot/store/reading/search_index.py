"""The search index made anew while the bot works: after an upgrade that changed how texts are folded and cut.

`search_index` has the rules by which the words of the index were made, and the id from which on articles are in it. The
triggers of `entries` keep what is there. The rest comes piece by piece, the newest first, so that searches find what is
read most almost at once. Each piece is one transaction with its progress, so a restart goes on where it was.
"""

import sqlalchemy as sa

from bot.store.engine.database import Database
from bot.store.schema.tables import search_index
from bot.words.folding import VERSION

ROWS = 200
"""Articles of a piece: some 0.05 s."""
PIECES_AT_ONCE = 10
"""At the start."""

_EMPTY = sa.text("INSERT INTO entries_search(entries_search) VALUES ('delete-all')")
_END = sa.text("SELECT coalesce(max(id), 0) + 1 FROM entries")
_FROM = sa.select(search_index.c.indexed_from)
_NEXT = sa.text("SELECT min(id) FROM (SELECT id FROM entries WHERE id < :below ORDER BY id DESC LIMIT :rows)")
# As the triggers do. In the order of the index, or each row would be a segment of its own.
_FILL = sa.text(
    """
    INSERT INTO entries_search(rowid, title, text, names, feed)
    SELECT ((max(sort_at, 0) / 86400000) << 32) | id AS place, search_words(title), search_words(text),
        search_names(author, categories), char(57344) || feed_id
    FROM entries WHERE id >= :begin AND id < :below ORDER BY place
    """
)


class SearchIndexStore:
    """What is in the index, and making it anew."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def bring_up_to_date(self) -> None:
        """Empty an index whose words were made by other rules, before anything is stored.

        The newest articles are put into it again at once, which is all of them in a small archive; the others by `fill`.
        """
        async with self._db.write() as connection:
            if await connection.scalar(sa.select(search_index.c.version)) == VERSION:
                return
            await connection.execute(_EMPTY)
            end = await connection.scalar(_END) or 1
            await connection.execute(
                sa.update(search_index).values(version=VERSION, indexed_from=end if end > 1 else 0)
            )
        for _ in range(PIECES_AT_ONCE):
            if not await self.fill():
                break

    async def fill(self) -> int:
        """Put the next articles into the index.

        Returns:
            How many it were; 0 once the index is whole.
        """
        async with self._db.write() as connection:
            below = await connection.scalar(_FROM) or 0
            if not below:
                return 0
            begin = await connection.scalar(_NEXT, {"below": below, "rows": ROWS})
            if begin is None:
                await connection.execute(sa.update(search_index).values(indexed_from=0))
                return 0
            # Before the articles: a trigger that fires meanwhile would find them there.
            await connection.execute(sa.update(search_index).values(indexed_from=begin))
            added = await connection.execute(_FILL, {"begin": begin, "below": below})
            return added.rowcount

    async def is_whole(self) -> bool:
        """Whether every article is in the index."""
        async with self._db.read() as connection:
            return not await connection.scalar(_FROM)
