"""Places in a river: which article is the so many-th of what some feeds brought, and the reverse, without walking there.

`river_counts` holds how many articles each feed has in each stretch of time, in stretches of about 400, 25 and 1.5 days;
triggers keep it. To find a place, whole stretches are passed over, the longest first, until one is left that is short
enough to be walked through in the index. The cost is that of the feeds and stretches, whatever the depth.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

LEVELS = (35, 31, 27)
"""A stretch is 2 to the power of this many milliseconds long."""
FEW = 2_000
"""So many articles are walked through rather than parted further."""

Key = tuple[int, int]
"""An article's place: its `sort_at` in milliseconds, and its id among those of one moment. The newest has the highest."""

_SUMS = sa.text(
    "SELECT bucket, sum(articles) FROM river_counts WHERE level = :level AND bucket BETWEEN :low AND :high "
    "AND feed_id IN (SELECT value FROM json_each(:feeds)) GROUP BY bucket ORDER BY bucket DESC"
)
_ALL = sa.text(
    "SELECT bucket, sum(articles) FROM river_counts WHERE level = :level "
    "AND feed_id IN (SELECT value FROM json_each(:feeds)) GROUP BY bucket ORDER BY bucket DESC"
)
_KEYS = sa.text(
    "SELECT sort_at, id FROM entries INDEXED BY entries_feed_river "
    "WHERE feed_id IN (SELECT value FROM json_each(:feeds)) AND sort_at >= :low AND sort_at < :high "
    "ORDER BY sort_at DESC, id DESC LIMIT :size OFFSET :skip"
)
_NEWER = sa.text(
    "SELECT count(*) FROM entries INDEXED BY entries_feed_river "
    "WHERE feed_id IN (SELECT value FROM json_each(:feeds)) AND sort_at >= :moment AND sort_at < :high "
    "AND (sort_at > :moment OR id > :id)"
)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some time, how many articles are newer than it, and how many it holds."""

    low: int
    high: int
    newer: int
    articles: int


class TimelineIndex:
    """The river of some feeds as one read of the database sees it. Made by `TimelineIndex.of`."""

    def __init__(self, connection: AsyncConnection, feeds: str, longest: Sequence[_Stretch]) -> None:
        self._connection = connection
        self._feeds = feeds
        self._longest = longest
        self.total = sum(each.articles for each in longest)

    @classmethod
    async def of(cls, connection: AsyncConnection, feeds: str) -> "TimelineIndex":
        """`feeds` is made by `arrays.array`."""
        found = await connection.execute(_ALL, {"level": LEVELS[0], "feeds": feeds})
        return cls(connection, feeds, _stretches(found.all(), LEVELS[0], 0))

    async def keys(self, rank: int, size: int) -> list[Key]:
        """The keys from this place on, newest first; 0 is the place of the newest."""
        found: list[Key] = []
        while len(found) < size and rank + len(found) < self.total:
            stretch = await self._narrowed(_holding(rank + len(found)))
            parameters = {"low": stretch.low, "high": stretch.high, "feeds": self._feeds}
            window = {"size": size - len(found), "skip": rank + len(found) - stretch.newer}
            rows = (await self._connection.execute(_KEYS, parameters | window)).all()
            if not rows:
                break  # the counts promise more than there is; better a short page than none
            found += [(row[0], row[1]) for row in rows]
        return found

    async def rank(self, key: Key) -> int:
        """How many articles are newer than this key, whether or not it is in the river itself."""
        moment, entry_id = key
        stretch = await self._narrowed(lambda each: each.low <= moment)
        if moment >= stretch.high:
            return stretch.newer
        if moment < stretch.low:
            return stretch.newer + stretch.articles
        parameters = {"moment": moment, "id": entry_id, "high": stretch.high, "feeds": self._feeds}
        return stretch.newer + (await self._connection.scalar(_NEWER, parameters) or 0)

    async def _narrowed(self, is_it: Callable[[_Stretch], bool]) -> _Stretch:
        """The newest stretch for which that holds, parted until it is short; the oldest of all if it holds for none."""
        stretch = _first(self._longest, is_it)
        for level in LEVELS[1:]:
            if stretch.articles <= FEW or not is_it(stretch):
                break
            bounds = {"low": stretch.low >> level, "high": (stretch.high - 1) >> level}
            found = await self._connection.execute(_SUMS, {"level": level, "feeds": self._feeds} | bounds)
            stretch = _first(_stretches(found.all(), level, stretch.newer), is_it)
        return stretch


def _holding(rank: int) -> Callable[[_Stretch], bool]:
    return lambda each: each.newer + each.articles > rank


def _stretches(rows: Sequence[Any], level: int, newer: int) -> list[_Stretch]:
    made = []
    for bucket, articles in rows:
        made.append(_Stretch(bucket << level, (bucket + 1) << level, newer, articles))
        newer += articles
    return made


def _first(stretches: Sequence[_Stretch], is_it: Callable[[_Stretch], bool]) -> _Stretch:
    return next((each for each in stretches if is_it(each)), stretches[-1] if stretches else _Stretch(0, 0, 0, 0))
