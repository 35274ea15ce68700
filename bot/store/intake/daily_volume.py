"""How much the sources of each server bring in a day, and those that rest because it was too much.

What a source brings is stored once, whoever follows it, and counts for one server: the one that stored least that day.
So nobody's budget is smaller because of others, and all of them together bound what the disk gets. A source rests until
the next day (UTC) if it brought too much itself, or if every server that follows it is over its budget: a source that
anybody else follows goes on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config.settings import LimitsSettings
from bot.model import ProblemKind, RestReason
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array, table
from bot.store.notices.problem_events import Event, note_events
from bot.store.schema.tables import Key, feeds, metadata, milliseconds, moment, subscriptions, topics

MEGABYTE = 1_000_000
ROW_BYTES = 400
"""Of an article's row, keys and indexes beside its texts, about."""
MAX_SHARING = 50
"""A source that more servers follow counts for none of them."""
NOBODY = 0
KEPT_DAYS = 2
SPREAD_SECONDS = 3_600
"""Over which sources that rested come back."""
_MILLISECONDS_A_DAY = 86_400_000


# What sources brought in a day, each counted for one of the servers that follow it.
stored_amounts = sa.Table(
    "stored_amounts",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),  # 0: for none of them
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # since 1970, UTC
    sa.Column("feed_id", Key, primary_key=True, autoincrement=False),  # which may be deleted since: its amount stays
    sa.Column("articles", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Index("stored_amounts_feed", "feed_id", "day"),
)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a poll stored."""

    articles: int
    bytes: int


def day_of(now: datetime) -> int:
    """The day in UTC, as a number."""
    return int(now.timestamp()) // 86_400


def day_after(now: datetime) -> datetime:
    """When the next day begins."""
    return moment((day_of(now) + 1) * _MILLISECONDS_A_DAY)


def size_of(values: Mapping[str, Any]) -> int:
    """The bytes that an entry takes, from the columns of its row, about."""
    texts = (values[name] for name in ("guid", "link", "title", "author", "image_url", "text", "summary_html"))
    length = sum(len(text.encode("utf-8", "replace")) for text in texts if text)
    # The search's index holds the words of the text once more.
    return ROW_BYTES + length + len(values["text"]) + sum(map(len, values["categories"]))


class AmountStore:
    """The table `stored_amounts`."""

    def __init__(self, database: Database, limits: LimitsSettings) -> None:
        self._db = database
        self._budget = int(limits.stored_megabytes_per_day * MEGABYTE)

    async def is_over(self, guild_id: int, *, now: datetime) -> bool:
        """Whether the sources of a guild brought as much today as they may."""
        async with self._db.read() as connection:
            found = await _of_guilds(connection, [guild_id], day_of(now))
        return found.get(guild_id, 0) >= self._budget


async def charge(
    connection: AsyncConnection,
    stored: Mapping[int, Amount],
    followers: Mapping[int, set[int]],
    limits: LimitsSettings,
    *,
    now: datetime,
) -> None:
    """Count what polls stored, in their transaction, and let what brought too much rest.

    Args:
        stored: by feed.
        followers: by feed, the guilds that follow it.
    """
    stored = {feed_id: amount for feed_id, amount in stored.items() if amount.bytes and followers.get(feed_id)}
    if not stored:
        return
    day, budget = day_of(now), int(limits.stored_megabytes_per_day * MEGABYTE)
    sharing = {feed_id: followers[feed_id] for feed_id in stored if len(followers[feed_id]) <= MAX_SHARING}
    used = await _of_guilds(connection, {each for guilds in sharing.values() for each in guilds}, day)
    rows = []
    for feed_id, amount in stored.items():
        payer = min(sharing.get(feed_id, {NOBODY}), key=lambda guild: (used.get(guild, 0), guild))
        used[payer] = used.get(payer, 0) + amount.bytes
        rows.append((payer, feed_id, day, amount.articles, amount.bytes))
    await connection.execute(_CHARGE, {"b_rows": array(rows)})
    found = await connection.execute(_OF_FEEDS, {"b_feeds": array(stored), "b_day": day})
    most_bytes = limits.megabytes_per_source_per_day * MEGABYTE
    too_much = [
        row.feed_id
        for row in found.all()
        if row.articles >= limits.articles_per_source_per_day or row.bytes >= most_bytes
    ]
    await _rest(connection, too_much, RestReason.SOURCE, now)
    events = [Event(guild, ProblemKind.RESTING, feed_id) for feed_id in too_much for guild in followers[feed_id]]
    over = [guild for guild in {row[0] for row in rows} - {NOBODY} if used[guild] >= budget]
    if over:
        parameters = {"b_guilds": array(over), "b_day": day, "b_budget": budget}
        resting = list((await connection.execute(_OF_OVER, parameters)).scalars())
        await _rest(connection, resting, RestReason.SERVER, now)
        events += [Event(guild, ProblemKind.STORAGE, 0) for guild in over]
    await note_events(connection, events, now=now)


async def _of_guilds(connection: AsyncConnection, guild_ids: Iterable[int], day: int) -> dict[int, int]:
    found = await connection.execute(_OF_GUILDS, {"b_guilds": array(guild_ids), "b_day": day})
    return {row.guild_id: row.bytes for row in found.all()}


async def _rest(connection: AsyncConnection, feed_ids: Iterable[int], reason: RestReason, now: datetime) -> None:
    ids = array(feed_ids)
    if ids != "[]":
        until = milliseconds(day_after(now))
        await connection.execute(_REST, {"b_ids": ids, "b_until": until, "b_reason": reason.value})


async def has_old_amounts(connection: AsyncConnection, *, now: datetime) -> bool:
    """Whether `forget_amounts` has anything to do."""
    old = sa.select(stored_amounts.c.day).where(stored_amounts.c.day < day_of(now) - KEPT_DAYS)
    return await connection.scalar(old.limit(1)) is not None


async def forget_amounts(connection: AsyncConnection, *, now: datetime) -> None:
    """Amounts of days that no bound asks for any more."""
    await connection.execute(sa.delete(stored_amounts).where(stored_amounts.c.day < day_of(now) - KEPT_DAYS))


_DAY = sa.bindparam("b_day", type_=sa.Integer())
_OF_GUILDS = (
    sa.select(stored_amounts.c.guild_id, sa.func.sum(stored_amounts.c.bytes).label("bytes"))
    .where(among(stored_amounts.c.guild_id, "b_guilds"), stored_amounts.c.day == _DAY)
    .group_by(stored_amounts.c.guild_id)
)
_OF_FEEDS = (
    sa.select(
        stored_amounts.c.feed_id,
        sa.func.sum(stored_amounts.c.articles).label("articles"),
        sa.func.sum(stored_amounts.c.bytes).label("bytes"),
    )
    .where(among(stored_amounts.c.feed_id, "b_feeds"), stored_amounts.c.day == _DAY)
    .group_by(stored_amounts.c.feed_id)
)
_COLUMNS = ("guild_id", "feed_id", "day", "articles", "bytes")
_ROWS = table("b_rows", {name: stored_amounts.c[name].type for name in _COLUMNS})
_INSERT = insert(stored_amounts).from_select(
    _COLUMNS, sa.select(*(_ROWS.c[name] for name in _COLUMNS)).where(sa.literal_column("1") == 1)
)
_CHARGE = _INSERT.on_conflict_do_update(
    index_elements=["guild_id", "day", "feed_id"],
    set_={name: stored_amounts.c[name] + _INSERT.excluded[name] for name in ("articles", "bytes")},
)
_USED = (
    sa.select(sa.func.coalesce(sa.func.sum(stored_amounts.c.bytes), 0))
    .where(stored_amounts.c.guild_id == topics.c.guild_id, stored_amounts.c.day == _DAY)
    .correlate(topics)
    .scalar_subquery()
)
_mine, _theirs = subscriptions.alias("mine"), topics.alias("theirs")
_OF_OVER = (
    sa.select(feeds.c.id)
    .where(
        feeds.c.id.in_(
            sa.select(_mine.c.feed_id)
            .join(_theirs, _theirs.c.id == _mine.c.topic_id)
            .where(among(_theirs.c.guild_id, "b_guilds"))
        )
    )
    # Somebody else follows it who has room left.
    .where(
        ~sa.exists().where(
            subscriptions.c.feed_id == feeds.c.id,
            topics.c.id == subscriptions.c.topic_id,
            sa.bindparam("b_budget", type_=sa.Integer()) > _USED,
        )
    )
)
_UNTIL = sa.bindparam("b_until", type_=sa.BigInteger())
_REST = (
    sa.update(feeds)
    .where(among(feeds.c.id, "b_ids"))
    .values(
        rests_until=_UNTIL,
        rest_reason=sa.bindparam("b_reason", type_=sa.Text()),
        next_poll_at=sa.func.max(feeds.c.next_poll_at, _UNTIL + feeds.c.id * 7_919 % SPREAD_SECONDS * 1_000),
    )
)
