"""What is new for single persons: found behind a cursor, and queued for each of them before it moves.

What is new in a topic is a row of `deliveries`, so looking at those behind the cursor costs polls nothing, and shows
nobody anything but what the guild follows in which it was asked for.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, DeliveryStatusKind, Follow, Match, NewArticle, ProblemKind
from bot.store.engine.database import Database
from bot.store.personal.follows import follows_of
from bot.store.posting.skipped_deliveries import SOURCE_PAUSED
from bot.store.schema import row_mapping
from bot.store.schema.personal_tables import cursors, follows, people, personal_deliveries, personal_matches
from bot.store.schema.tables import deliveries, entries, feeds, former_feeds, guilds, subscriptions, topics

CURSOR = "personal"
MAX_CONCURRENT = 100
"""New articles that are looked at together."""
MAX_MATCHES = 500
"""Stored in one transaction: some 0.1 s."""

_WAITING = personal_deliveries.c.state == DeliveryState.WAITING


@dataclass(frozen=True, slots=True)
class Cursor:
    """A step of the cursor: it stands behind `at` and goes behind `to`."""

    at: int
    to: int


class FollowMatchStore:
    """The cursor over `deliveries`, and what comes of it in `personal_deliveries` and `personal_matches`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def new(self) -> tuple[Cursor, tuple[NewArticle, ...], tuple[Follow, ...]]:
        """The next articles behind the cursor of which anybody could follow something, with all such follows.

        Returns:
            First the step of the cursor; it goes nowhere where nothing is new.
        """
        async with self._db.read() as connection:
            at = (await connection.execute(sa.select(cursors.c.value).where(cursors.c.name == CURSOR))).scalar_one()
            last = await connection.scalar(sa.select(sa.func.max(deliveries.c.id))) or 0
            if last <= at:
                return Cursor(at, at), (), ()
            found = (await connection.execute(_NEW, {"b_from": at, "b_to": last})).mappings().all()
            to = found[-1]["delivery_id"] if len(found) == MAX_CONCURRENT else last
            articles = tuple(_new_article(row) for row in found)
            if not articles:
                return Cursor(at, to), (), ()
            found_follows = await follows_of(
                connection,
                {each.guild_id for each in articles},
                {each.article.feed_id for each in articles},
                {each.topic_id for each in articles},
            )
            return Cursor(at, to), articles, found_follows

    async def take(self, matches: Sequence[Match], cursor: Cursor, *, now: datetime) -> bool:
        """Queue what was matched, once per person and article, and then move the cursor.

        Very many go in several transactions, so that polls need not wait for them: what is queued twice counts once, so
        that a crash between two of them does no harm.

        Returns:
            False if the cursor stands elsewhere meanwhile.
        """
        for start in range(0, len(matches), MAX_MATCHES):
            async with self._db.write() as connection:
                await _queue(connection, await _still_there(connection, matches[start : start + MAX_MATCHES]), now)
        async with self._db.write() as connection:
            moved = await connection.execute(
                sa.update(cursors).where(cursors.c.name == CURSOR, cursors.c.value == cursor.at).values(value=cursor.to)
            )
            return moved.rowcount > 0


_FOLLOWED = sa.exists().where(follows.c.guild_id == topics.c.guild_id)
_GUILD_LEFT = sa.exists().where(guilds.c.guild_id == topics.c.guild_id, guilds.c.removed_at.is_not(None))
_NEW = (
    sa.select(
        deliveries.c.id.label("delivery_id"),
        deliveries.c.topic_id,
        deliveries.c.state,
        deliveries.c.reason,
        deliveries.c.order_at,
        deliveries.c.order_position,
        topics.c.guild_id,
        subscriptions.c.feed_id.label("followed_id"),
        *row_mapping.ARTICLE_COLUMNS,
    )
    .join(topics, topics.c.id == deliveries.c.topic_id)
    .join(entries, entries.c.id == deliveries.c.entry_id)
    .join(feeds, feeds.c.id == entries.c.feed_id)
    # What came just before its source moved is of the source as it is followed now.
    .outerjoin(former_feeds, sa.and_(former_feeds.c.topic_id == topics.c.id, former_feeds.c.former_id == feeds.c.id))
    .join(
        subscriptions,
        sa.and_(
            subscriptions.c.topic_id == topics.c.id,
            subscriptions.c.feed_id.in_([feeds.c.id, former_feeds.c.feed_id]),
        ),
    )
    .where(deliveries.c.id > sa.bindparam("b_from"), deliveries.c.id <= sa.bindparam("b_to"))
    # What a new subscription shows as a sample, what a site put in from its archive, a flood and a copy are not new.
    .where(deliveries.c.created_at > subscriptions.c.since)
    .where(
        sa.func.coalesce(deliveries.c.reason, "").not_in(
            [ProblemKind.ARCHIVE, ProblemKind.FLOOD, DeliveryStatusKind.COPY]
        )
    )
    .where(_FOLLOWED, ~_GUILD_LEFT)
    .order_by(deliveries.c.id)
    .limit(MAX_CONCURRENT)
)


def _new_article(row: Any) -> NewArticle:
    return NewArticle(
        delivery_id=row["delivery_id"],
        guild_id=row["guild_id"],
        topic_id=row["topic_id"],
        article=replace(row_mapping.article(row), feed_id=row["followed_id"]),
        order_at=row["order_at"],
        order_position=row["order_position"],
        # A source that rests is no reason of the article's own: whoever follows it need not wait.
        in_topic=row["state"] != DeliveryState.SKIPPED or row["reason"] == SOURCE_PAUSED,
    )


async def _still_there(connection: AsyncConnection, matches: Iterable[Match]) -> list[Match]:
    """Without those whose follow or article was deleted while they were found."""
    listed = list(matches)
    wanted = sa.select(follows.c.id).where(follows.c.id.in_({each.follow.id for each in listed}))
    stored = sa.select(entries.c.id).where(entries.c.id.in_({each.new.article.entry_id for each in listed}))
    follow_ids = set((await connection.execute(wanted)).scalars())
    entry_ids = set((await connection.execute(stored)).scalars())
    return [each for each in listed if each.follow.id in follow_ids and each.new.article.entry_id in entry_ids]


async def _queue(connection: AsyncConnection, matches: Sequence[Match], now: datetime) -> None:
    if not matches:
        return
    by_target: dict[tuple[int, int], list[Match]] = defaultdict(list)
    for each in matches:
        by_target[each.follow.user_id, each.new.article.entry_id].append(each)
    await connection.execute(
        insert(personal_deliveries).on_conflict_do_nothing(),
        [
            {
                "user_id": user_id,
                "entry_id": entry_id,
                "state": DeliveryState.WAITING,
                "at_once": False,
                "order_at": group[0].new.order_at,
                "order_position": group[0].new.order_position,
                "created_at": now,
            }
            for (user_id, entry_id), group in by_target.items()
        ],
    )
    users = {user_id for user_id, _ in by_target}
    known = await connection.execute(
        sa.select(personal_deliveries.c.id, personal_deliveries.c.user_id, personal_deliveries.c.entry_id).where(
            _WAITING,
            personal_deliveries.c.user_id.in_(users),
            personal_deliveries.c.entry_id.in_({entry_id for _, entry_id in by_target}),
        )
    )
    ids = {(row.user_id, row.entry_id): row.id for row in known.all()}
    reasons = [
        {"delivery_id": ids[target], "follow_id": each.follow.id}
        for target, group in by_target.items()
        for each in group
        if target in ids
    ]
    if not reasons:
        return
    await connection.execute(insert(personal_matches).on_conflict_do_nothing(), reasons)
    at_once = [
        ids[target] for target, group in by_target.items() if target in ids and not all(m.follow.daily for m in group)
    ]
    await connection.execute(
        sa.update(personal_deliveries).where(personal_deliveries.c.id.in_(at_once)).values(at_once=True)
    )
    await connection.execute(sa.update(people).where(people.c.user_id.in_(users)).values(pending=True))
