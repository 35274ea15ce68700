"""The full-text archive: what some feeds brought that has these words, in the order of time.

The rows of `entries_search` are numbered by the day of an article and then by its id, so that FTS5 itself walks through
them newest first and stops after a page, however common the words are. The number of the feed is a word of the index
too: where a guild follows little of all that is stored, that word leads straight to its articles; where it follows much,
others are passed over one by one, which is cheaper than to join the lists of hundreds of feeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Article, Scope
from bot.store.engine.database import Database
from bot.store.engine.json_params import array
from bot.store.reading.search_query import Query
from bot.store.reading.timeline import articles_in_order, feeds_of
from bot.store.reading.timeline_index import TimelineIndex

DAY = 86_400_000
ID_BITS = 32
"""Of a row's number; the others are the day."""
ID_MASK = (1 << ID_BITS) - 1
FEED_MARK = "\ue000"
FEW_FEEDS = 100
SMALL_PART = 0.15
"""Of all that is stored."""

_BEYOND = 2**62
# 4294967295 is the ID_MASK. The plus keeps SQLite from seeking each of the feeds in turn.
_FROM = "SELECT s.rowid FROM entries_search AS s"
_OWNERS = "CROSS JOIN entries AS e INDEXED BY entries_feed_of ON e.id = s.rowid & 4294967295"
_WHERE = (
    "WHERE s.entries_search MATCH :match AND s.rowid >= :first_day AND s.rowid < :below "
    "AND (s.rowid >= :whole_days OR (SELECT x.sort_at FROM entries AS x WHERE x.id = s.rowid & 4294967295) >= :since)"
)
_OWN = "AND +e.feed_id IN (SELECT value FROM json_each(:feeds))"
_NEWEST = "ORDER BY s.rowid DESC LIMIT :most"
_OF_ALL = sa.text(f"{_FROM} {_OWNERS} {_WHERE} {_OWN} {_NEWEST}")
_OF_THESE = sa.text(f"{_FROM} {_WHERE} {_NEWEST}")


@dataclass(frozen=True, slots=True)
class _Hunt:
    """What is looked for, in the form that costs least."""

    match: str
    feeds: str | None
    """Where hits of other feeds have to be passed over."""
    since: int
    """In milliseconds; 0 for no limit."""

    async def places(self, connection: AsyncConnection, most: int, *, below: int | None = None) -> list[int]:
        first_day = self.since // DAY << ID_BITS
        parameters = {
            "match": self.match,
            "since": self.since,
            "first_day": first_day,
            # Of the first day only what is late enough; of all others everything.
            "whole_days": first_day + (1 << ID_BITS) if self.since else 0,
            "below": _BEYOND if below is None else below,
            "most": most,
        }
        if self.feeds is None:
            return list((await connection.execute(_OF_THESE, parameters)).scalars())
        return list((await connection.execute(_OF_ALL, parameters | {"feeds": self.feeds})).scalars())


class SearchStore:
    """Searching. Every method takes what `query.parse` made, and finds nothing where nothing is wanted.

    Looking for words is bounded in time, and has connections of its own: see `Database.search`.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    async def places(
        self, scope: Scope, query: Query, *, since: datetime | None, most: int, below: int | None = None
    ) -> list[int]:
        """Where the newest hits are, newest first, or those that follow the place `below`."""
        async with self._db.search() as connection:
            hunt = await _hunt(connection, scope, query, since)
            return [] if hunt is None else await hunt.places(connection, most, below=below)

    async def candidates(
        self, scope: Scope, query: Query, *, since: datetime | None, most: int, letters: int
    ) -> list[tuple[int, str, str]]:
        """What may be best: id, title and the beginning of the text of the newest hits, those in the title first."""
        async with self._db.search() as connection:
            found: list[int] = []
            for columns in ("title", ""):
                hunt = await _hunt(connection, scope, query, since, columns=columns)
                if hunt is not None:
                    found += [place & ID_MASK for place in await hunt.places(connection, most)]
            asked = {"ids": array(dict.fromkeys(found)), "letters": letters}
            return [tuple(row) for row in (await connection.execute(_BEGINNINGS, asked)).all()]

    async def at(self, places: Sequence[int]) -> tuple[Article, ...]:
        """The articles at these places, in this order; those that are gone are left out."""
        return await self.articles([place & ID_MASK for place in places])

    async def articles(self, ids: Sequence[int]) -> tuple[Article, ...]:
        """The articles with these ids, in this order; those that are gone are left out."""
        async with self._db.read() as connection:
            return await articles_in_order(connection, ids)


_BEGINNINGS = sa.text(
    "SELECT e.id, e.title, substr(e.text, 1, :letters) FROM json_each(:ids) AS j CROSS JOIN entries AS e ON e.id = j.value"
)
_STORED = sa.text("SELECT max(id) FROM entries")


async def _hunt(
    connection: AsyncConnection, scope: Scope, query: Query, since: datetime | None, *, columns: str = ""
) -> _Hunt | None:
    feeds = await feeds_of(connection, scope)
    if not query.expression or not feeds:
        return None
    match = f"{columns} : {query.expression}" if columns else query.expression
    moment = max(0, int(since.timestamp() * 1000)) if since else 0
    if len(feeds) <= FEW_FEEDS:
        own = (await TimelineIndex.of(connection, array(feeds))).total
        if own <= SMALL_PART * (await connection.scalar(_STORED) or 0):
            words = " OR ".join(f'"{FEED_MARK}{feed_id}"' for feed_id in feeds)
            return _Hunt(f"{match} AND ({words})", None, moment)
    return _Hunt(match, array(feeds), moment)
