"""What is wrong in each guild: troubles are noticed from the state of channels and feeds, and end with it.

Nothing has to report a trouble, so none is lost by a crash: `refresh` compares what is so with what is remembered.
Only what was not posted or stored as usual is an event, noted in the transaction that did it, see `store.notices.problem_events`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import EVENTS, OF_TOPICS, BlockReason, FeedState, PostState, ProblemKind, Resolution
from bot.store.engine.database import Database
from bot.store.schema.tables import channels, feeds, guilds, posts, subscriptions, topics, troubles

HELD_FOR, HELD_WITH = timedelta(seconds=60), timedelta(seconds=10)
"""A channel that is held for so long is told of: an admin who is just changing rights is not disturbed. Others of its
guild that are held by then are told of with it: a wrong role holds many, one after the other."""
FAILING_FOR, FAILING_WITH = timedelta(days=1), timedelta(hours=22)
"""The same for feeds: those of a host that is down fail at different polls."""
EVENT_LASTS = timedelta(hours=30)
"""What happens every day lasts, and is told of once."""
TOLD_HOLDS = (
    BlockReason.ACCESS,
    BlockReason.GONE,
    BlockReason.LOCKED,
    BlockReason.FULL,
    BlockReason.TIMED_OUT,
)
"""What a guild's admins can mend."""

Key = tuple[int, ProblemKind, int]
"""Guild, kind and subject."""

GUILD_LEFT = sa.exists().where(guilds.c.guild_id == troubles.c.guild_id, guilds.c.removed_at.is_not(None))


class ProblemStore:
    """The table `troubles`: what begins and what ends."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def refresh(self, *, now: datetime) -> int:
        """Compare the remembered troubles with how things are. How many began or ended."""
        async with self._db.read() as connection:
            known = await connection.execute(
                sa.select(troubles.c.guild_id, troubles.c.kind, troubles.c.subject).where(troubles.c.ended.is_(None))
            )
            open_keys = {(row.guild_id, ProblemKind(row.kind), row.subject) for row in known.all()}
            found = await _troubled(connection, now)
            begun = _to_be_told({key: since for key, since in found.items() if key not in open_keys}, now)
            ended = await _ended(connection) | await _ended_events(connection, now)
        if not begun and not ended:
            return 0
        async with self._db.write() as connection:
            for (guild_id, kind, subject), since in begun.items():
                await _begin(connection, guild_id, kind, subject, since=since, now=now)
            for how in Resolution:
                await _end(connection, [number for number, end in ended.items() if end is how], how)
        return len(begun) + len(ended)


def _to_be_told(found: Mapping[Key, datetime], now: datetime) -> dict[Key, datetime]:
    """Of what began, all of a guild and kind whose oldest has lasted long enough."""
    long_enough = {ProblemKind.CHANNEL: HELD_FOR, ProblemKind.FEED: FAILING_FOR}
    due = {
        (guild_id, kind)
        for (guild_id, kind, _), since in found.items()
        if since <= now - long_enough.get(kind, timedelta(0))
    }
    return {key: since for key, since in found.items() if key[:2] in due}


async def _troubled(connection: AsyncConnection, now: datetime) -> dict[Key, datetime]:
    """All that is wrong at the moment and has been for a while, with its beginning."""
    left = sa.select(guilds.c.guild_id).where(guilds.c.removed_at.is_not(None))
    held = (
        sa.select(channels.c.guild_id, channels.c.channel_id, channels.c.held_since)
        .where(channels.c.held_kind.in_(TOLD_HOLDS), channels.c.held_since <= now - HELD_WITH)
        .where(channels.c.guild_id.not_in(left), sa.exists().where(topics.c.channel_id == channels.c.channel_id))
    )
    followed = (
        sa.select(topics.c.guild_id, feeds.c.id, feeds.c.failing_since, feeds.c.last_error_at, feeds.c.state)
        .join(subscriptions, subscriptions.c.topic_id == topics.c.id)
        .join(feeds, feeds.c.id == subscriptions.c.feed_id)
        .where(subscriptions.c.paused.is_(False), topics.c.guild_id.not_in(left))
        .where(
            sa.or_(
                feeds.c.state == FeedState.GONE,
                sa.and_(feeds.c.state == FeedState.ACTIVE, feeds.c.failing_since <= now - FAILING_WITH),
            )
        )
        .distinct()
    )
    found: dict[Key, datetime] = {
        (row.guild_id, ProblemKind.CHANNEL, row.channel_id): row.held_since
        for row in (await connection.execute(held)).all()
    }
    for row in (await connection.execute(followed)).all():
        kind = ProblemKind.GONE if row.state == FeedState.GONE else ProblemKind.FEED
        since = row.last_error_at if kind is ProblemKind.GONE else row.failing_since
        found[row.guild_id, kind, row.id] = since or now
    return found


async def _ended(connection: AsyncConnection) -> dict[int, Resolution]:
    """The remembered troubles that are over, and how."""
    of_channels = (
        sa.select(
            troubles.c.id,
            channels.c.held_reason,
            sa.exists().where(topics.c.channel_id == troubles.c.subject).label("used"),
        )
        .outerjoin(channels, channels.c.channel_id == troubles.c.subject)
        .where(troubles.c.kind == ProblemKind.CHANNEL, troubles.c.ended.is_(None), ~GUILD_LEFT)
    )
    here = sa.and_(topics.c.guild_id == troubles.c.guild_id, subscriptions.c.feed_id == troubles.c.subject)
    follows = sa.exists().where(topics.c.id == subscriptions.c.topic_id, here)
    of_feeds = (
        sa.select(
            troubles.c.id,
            troubles.c.kind,
            troubles.c.since,
            feeds.c.state,
            feeds.c.failing_since,
            feeds.c.last_success_at,
            follows.label("followed"),
            follows.where(subscriptions.c.paused.is_(False)).label("asked"),
        )
        .outerjoin(feeds, feeds.c.id == troubles.c.subject)
        .where(troubles.c.kind.in_((ProblemKind.FEED, ProblemKind.GONE)), troubles.c.ended.is_(None), ~GUILD_LEFT)
    )
    over: dict[int, Resolution] = {}
    for row in (await connection.execute(of_channels)).all():
        if not row.used:
            over[row.id] = Resolution.DROPPED
        elif row.held_reason is None:
            over[row.id] = Resolution.WELL
    for row in (await connection.execute(of_feeds)).all():
        how = _how_a_feed_ended(row)
        if how is not None:
            over[row.id] = how
    return over


async def _ended_events(connection: AsyncConnection, now: datetime) -> dict[int, Resolution]:
    """The remembered events that nothing was added to for a while, or whose subject is no more."""
    here = sa.and_(topics.c.guild_id == troubles.c.guild_id, subscriptions.c.feed_id == troubles.c.subject)
    follows = sa.exists().where(topics.c.id == subscriptions.c.topic_id, here)
    there = sa.exists().where(topics.c.id == troubles.c.subject)
    exists = sa.case(
        (troubles.c.kind.in_(OF_TOPICS), there),
        (troubles.c.kind == ProblemKind.STORAGE, sa.true()),
        else_=follows,
    )
    query = sa.select(troubles.c.id, troubles.c.last_at, exists.label("exists")).where(
        troubles.c.kind.in_(EVENTS), troubles.c.ended.is_(None), ~GUILD_LEFT
    )
    over: dict[int, Resolution] = {}
    for row in (await connection.execute(query)).all():
        if not row.exists:
            over[row.id] = Resolution.DROPPED
        elif row.last_at is None or row.last_at <= now - EVENT_LASTS:
            over[row.id] = Resolution.WELL
    return over


def _how_a_feed_ended(row: Any) -> Resolution | None:
    if not row.followed:
        return Resolution.DROPPED
    if not row.asked:
        return Resolution.PAUSED
    if row.kind == ProblemKind.GONE:
        # Asking again does not end it, only an answer does.
        return Resolution.WELL if row.last_success_at is not None and row.last_success_at > row.since else None
    if row.state == FeedState.GONE:
        return Resolution.GONE
    return Resolution.WELL if row.failing_since is None else None


async def _begin(
    connection: AsyncConnection,
    guild_id: int,
    kind: ProblemKind,
    subject: int,
    *,
    since: datetime,
    now: datetime,
) -> None:
    values = {
        "guild_id": guild_id,
        "kind": kind,
        "subject": subject,
        "since": since,
        "articles": 0,
        "refused": [],
        "next_at": now,
    }
    # One that ended, but whose end is not told yet, begins anew: with a notice of its own.
    again = values | {"ended": None, "post_id": None, "changed": False}
    await connection.execute(
        insert(troubles)
        .values(values)
        .on_conflict_do_update(index_elements=["guild_id", "kind", "subject"], set_=again)
    )


async def _end(connection: AsyncConnection, ids: Iterable[int], how: Resolution) -> None:
    numbers = list(ids)
    if not numbers:
        return
    await connection.execute(sa.update(troubles).where(troubles.c.id.in_(numbers)).values(ended=how, changed=True))
    removed = sa.select(posts.c.id).where(posts.c.state == PostState.POSTED, posts.c.message_id.is_(None))
    nothing_to_rewrite = sa.or_(troubles.c.post_id.is_(None), troubles.c.post_id.in_(removed))
    await connection.execute(sa.delete(troubles).where(troubles.c.id.in_(numbers), nothing_to_rewrite))
    # A notice that never left and of which all is over need not leave.
    last = sa.select(troubles.c.post_id).where(troubles.c.ended.is_(None), troubles.c.post_id.is_not(None))
    unsent = (
        sa.select(posts.c.id)
        .where(posts.c.id.in_(sa.select(troubles.c.post_id).where(troubles.c.id.in_(numbers))))
        .where(posts.c.state == PostState.PLANNED, posts.c.attempts == 0, posts.c.id.not_in(last))
    )
    numbers_unsent = list((await connection.execute(unsent)).scalars())
    await connection.execute(sa.delete(troubles).where(troubles.c.post_id.in_(numbers_unsent)))
    await connection.execute(
        sa.update(posts)
        .where(posts.c.id.in_(numbers_unsent))
        .values(state=PostState.DISSOLVED, last_error="it was well again before it was told")
    )
