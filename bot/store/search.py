"""The full-text archive: what some feeds brought that has these words, in the order of time.

The rows of `entries_search` are numbered by the day of an article and then by its id, so that FTS5 itself walks through
them newest first and stops after a page, however common the words are. The number of the feed is a word of the index
too: where a guild follows little of all that is stored, that word leads straight to its articles; where it follows much,
others are passed over one by one, which is cheaper than to join the lists of hundreds of feeds.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Article, Hits, Scope
from bot.store.arrays import array
from bot.store.database import Database
from bot.store.query import Query
from bot.store.ranks import Ranks
from bot.store.river import articles_in_order, feeds_of

DAY = 86_400_000
ID_BITS = 32
"""Of a row's number; the others are the day."""
FEED_MARK = "\ue000"
FEW_FEEDS = 100
SMALL_PART = 0.15
"""Of all that is stored."""

_OLDEST_OF_ALL, _NEWEST_OF_ALL = 0, 2**62
# 4294967295 are the ID_BITS.
_FROM = "SELECT s.rowid FROM entries_search AS s"
_OWNERS = "CROSS JOIN entries AS e INDEXED BY entries_feed_of ON e.id = s.rowid & 4294967295"
_WHERE = (
    "WHERE s.entries_search MATCH :match AND s.rowid > :above AND s.rowid < :below "
    "AND (s.rowid >= :whole_day OR (SELECT x.sort_at FROM entries AS x WHERE x.id = s.rowid & 4294967295) >= :since)"
)
# The plus keeps SQLite from seeking each of the feeds in turn.
_OWN = "AND +e.feed_id IN (SELECT value FROM json_each(:feeds))"
_LIMIT = "LIMIT :size OFFSET :skip"


@dataclass(frozen=True, slots=True)
class _Hunt:
    """What is looked for, in the form that costs least."""

    match: str
    feeds: str | None
    """Where hits of other feeds have to be passed over."""
    since: int

    def sql(self, order: str) -> str:
        parts = [_FROM, _WHERE] if self.feeds is None else [_FROM, _OWNERS, _WHERE, _OWN]
        return " ".join([*parts, "ORDER BY s.rowid", order, _LIMIT])

    def parameters(self, **window: int) -> dict[str, Any]:
        first_day = max(0, self.since) // DAY
        bounds = {"above": (first_day << ID_BITS) - 1, "below": _NEWEST_OF_ALL, "skip": 0}
        # Of the first day only what is late enough; of all others everything.
        asked = {"match": self.match, "feeds": self.feeds, "since": self.since, "whole_day": (first_day + 1) << ID_BITS}
        if self.since <= 0:
            asked["whole_day"] = 0
        above = max(bounds["above"], window.pop("above", _OLDEST_OF_ALL - 1))
        return asked | bounds | window | {"above": above}


class SearchStore:
    """Searching. Every method takes what `query.parse` made, and finds nothing where nothing is wanted."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def older(
        self, scope: Scope, query: Query, *, since: datetime | None, size: int, below: int | None = None, skip: int = 0
    ) -> Hits:
        """The newest hits, or those that follow the place `below`; `skip` more of them are passed over."""
        async with self._db.read() as connection:
            hunt = await _hunt(connection, scope, query, since)
            if hunt is None:
                return Hits(())
            place = _NEWEST_OF_ALL if below is None else below
            found = await connection.execute(
                sa.text(hunt.sql("DESC")), hunt.parameters(below=place, size=size + 1, skip=skip)
            )
            return await _hits(connection, list(found.scalars()), size)

    async def newer(self, scope: Scope, query: Query, *, since: datetime | None, size: int, above: int) -> Hits:
        """The hits just before the place `above`."""
        async with self._db.read() as connection:
            hunt = await _hunt(connection, scope, query, since)
            if hunt is None:
                return Hits(())
            found = await connection.execute(sa.text(hunt.sql("ASC")), hunt.parameters(above=above, size=size))
            hits = await _hits(connection, list(found.scalars())[::-1], size)
            return Hits(hits.articles, hits.first, hits.last, older=True)

    async def count(self, scope: Scope, query: Query, *, since: datetime | None, most: int) -> int:
        """How many hits there are; more than `most` are not counted further, and give `most` + 1."""
        async with self._db.read() as connection:
            hunt = await _hunt(connection, scope, query, since)
            if hunt is None:
                return 0
            counted = sa.text(" ".join(["SELECT count(*) FROM (", hunt.sql("DESC"), ")"]))
            return await connection.scalar(counted, hunt.parameters(size=most + 1)) or 0

    async def candidates(
        self, scope: Scope, query: Query, *, since: datetime | None, most: int, letters: int
    ) -> list[tuple[int, str, str]]:
        """What may be best: id, title and the beginning of the text of the newest hits, those in the title first."""
        async with self._db.read() as connection:
            found: list[int] = []
            for columns in ("title", ""):
                hunt = await _hunt(connection, scope, query, since, columns=columns)
                if hunt is not None:
                    rows = await connection.execute(sa.text(hunt.sql("DESC")), hunt.parameters(size=most))
                    found += [place & (2**ID_BITS - 1) for place in rows.scalars()]
            asked = {"ids": array(dict.fromkeys(found)), "letters": letters}
            return [tuple(row) for row in (await connection.execute(_BEGINNINGS, asked)).all()]

    async def articles(self, ids: list[int]) -> tuple[Article, ...]:
        """The articles with these ids, in this order."""
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
    moment = int(since.timestamp() * 1000) if since else 0
    if len(feeds) <= FEW_FEEDS:
        own = (await Ranks.of(connection, array(feeds))).total
        if own <= SMALL_PART * (await connection.scalar(_STORED) or 0):
            words = " OR ".join(f'"{FEED_MARK}{feed_id}"' for feed_id in feeds)
            return _Hunt(f"{match} AND ({words})", None, moment)
    return _Hunt(match, array(feeds), moment)


async def _hits(connection: AsyncConnection, places: list[int], size: int) -> Hits:
    shown = places[:size]
    if not shown:
        return Hits(())
    articles = await articles_in_order(connection, [place & (2**ID_BITS - 1) for place in shown])
    return Hits(articles, shown[0], shown[-1], older=len(places) > size)
