"""Notices: what is to be told where, what was told, and what no longer is as it was told.

A notice is a row of `posts` like an article's message, with bytes and nonce of its own, and is sent and looked up
in the same way; but it never leases a channel and never stands in an article's way.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    OF_FEEDS,
    OF_TOPICS,
    BlockReason,
    DeliveryState,
    MessagePayload,
    Notice,
    Post,
    PostKind,
    PostState,
    Problem,
    ProblemKind,
    Resolution,
)
from bot.store.engine.database import Database
from bot.store.notices.problems import GUILD_LEFT
from bot.store.schema import row_mapping
from bot.store.schema.source_name_columns import called, shown
from bot.store.schema.tables import channels, deliveries, feeds, guilds, posts, subscriptions, topics, troubles


class NoticeStore:
    """Where troubles meet the messages that tell of them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def untold(self, *, now: datetime) -> tuple[Problem, ...]:
        """What is wrong and was told nobody yet, in the order in which it began."""
        wanted = sa.and_(troubles.c.post_id.is_(None), troubles.c.ended.is_(None), troubles.c.next_at <= now)
        async with self._db.read() as connection:
            return await _read(connection, wanted)

    async def events_of(self, guild_id: int, feed_id: int, topic_ids: Iterable[int]) -> tuple[Problem, ...]:
        """What of a source, and of some topics, was not posted or stored as usual in a guild lately."""
        of_feed = sa.and_(troubles.c.kind.in_((ProblemKind.FLOOD, ProblemKind.RESTING)), troubles.c.subject == feed_id)
        of_topics = sa.and_(troubles.c.kind == ProblemKind.CROWDED, troubles.c.subject.in_(list(topic_ids)))
        wanted = sa.and_(troubles.c.guild_id == guild_id, troubles.c.ended.is_(None), sa.or_(of_feed, of_topics))
        async with self._db.read() as connection:
            return await _read(connection, wanted)

    async def place(self, guild_id: int) -> int | None:
        """The channel that a guild's admins chose for notices."""
        async with self._db.read() as connection:
            found: int | None = await connection.scalar(
                sa.select(guilds.c.notice_channel_id).where(guilds.c.guild_id == guild_id)
            )
            return found

    async def is_notice(self, guild_id: int, message_id: int) -> bool:
        """Whether this message is a notice to this guild, in a channel or to one of its people."""
        query = sa.select(posts.c.id).where(
            posts.c.kind == PostKind.NOTICE, posts.c.guild_id == guild_id, posts.c.message_id == message_id
        )
        async with self._db.read() as connection:
            return await connection.scalar(query.limit(1)) is not None

    async def choose_place(self, guild_id: int, channel_id: int | None) -> None:
        """Remember the channel for notices; None goes back to the system channel."""
        statement = insert(guilds).values(guild_id=guild_id, notice_channel_id=channel_id)
        async with self._db.write(urgent=True) as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["guild_id"], set_={"notice_channel_id": channel_id})
            )

    async def people(self, told: Sequence[Problem]) -> tuple[int, ...]:
        """Who followed the sources or made the topics that these troubles concern, the latest first."""
        by_feed = [each.subject for each in told if each.kind in OF_FEEDS]
        by_topic = [each.subject for each in told if each.kind in OF_TOPICS]
        of_all = any(each.kind is ProblemKind.STORAGE for each in told)
        by_channel = [each.subject for each in told if each.kind is ProblemKind.CHANNEL]
        followed = (
            sa.select(subscriptions.c.added_by.label("person"), subscriptions.c.added_at.label("at"))
            .join(topics, topics.c.id == subscriptions.c.topic_id)
            .where(topics.c.guild_id == told[0].guild_id, subscriptions.c.feed_id.in_(by_feed))
        )
        made = sa.select(topics.c.created_by, topics.c.created_at).where(
            topics.c.guild_id == told[0].guild_id,
            sa.or_(topics.c.channel_id.in_(by_channel), topics.c.id.in_(by_topic), sa.literal(of_all)),
        )
        async with self._db.read() as connection:
            found = (await connection.execute(sa.union_all(followed, made))).all()
        latest = sorted(found, key=lambda row: row.at, reverse=True)
        return tuple(dict.fromkeys(row.person for row in latest if row.person is not None))

    async def plan(
        self,
        told: Iterable[Problem],
        *,
        guild_id: int,
        channel_id: int,
        nonce: str,
        payload: MessagePayload,
        now: datetime,
    ) -> None:
        """Store the notice of these troubles before it is sent."""
        async with self._db.write() as connection:
            made = await connection.execute(
                sa.insert(posts)
                .values(
                    channel_id=channel_id,
                    guild_id=guild_id,
                    kind=PostKind.NOTICE,
                    nonce=nonce,
                    payload=payload.to_json(),
                    state=PostState.PLANNED,
                    due_at=now,
                    created_at=now,
                )
                .returning(posts.c.id)
            )
            await connection.execute(
                sa.update(troubles)
                .where(troubles.c.id.in_([each.id for each in told]))
                .values(post_id=made.scalar_one(), changed=False)
            )

    async def nowhere(self, told: Iterable[Problem], *, next_at: datetime) -> None:
        """Nobody could be told: look again at `next_at`, in every place."""
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(troubles)
                .where(troubles.c.id.in_([each.id for each in told]))
                .values(refused=[], next_at=next_at)
            )

    async def due(self, *, now: datetime, limit: int) -> tuple[Post, ...]:
        """Notices that are planned and not yet recorded as sent."""
        query = (
            sa.select(posts)
            .where(posts.c.kind == PostKind.NOTICE, posts.c.state == PostState.PLANNED, posts.c.due_at <= now)
            .order_by(posts.c.id)
            .limit(limit)
        )
        async with self._db.read() as connection:
            return tuple(row_mapping.post(row) for row in (await connection.execute(query)).mappings())

    async def attempt(self, post_id: int, *, now: datetime) -> None:
        """Remember that a request is about to leave."""
        values: dict[str, Any] = {
            "attempts": posts.c.attempts + 1,
            "unsure": True,
            "last_attempt_at": now,
            "first_attempt_at": sa.func.coalesce(posts.c.first_attempt_at, sa.literal(now, posts.c.due_at.type)),
        }
        async with self._db.write() as connection:
            await connection.execute(sa.update(posts).where(posts.c.id == post_id).values(values))

    async def posted(self, post_id: int, *, message_id: int | None, now: datetime) -> None:
        """It was told; `message_id` is None where a person removed the message since. What has no end is forgotten."""
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(posts)
                .where(posts.c.id == post_id)
                .values(state=PostState.POSTED, unsure=False, message_id=message_id, posted_at=now, last_error=None)
            )
            of_post = sa.and_(troubles.c.post_id == post_id, troubles.c.kind == ProblemKind.ARCHIVE)
            await connection.execute(sa.delete(troubles).where(of_post))

    async def of_post(self, post_id: int) -> tuple[Problem, ...]:
        """What a notice tells."""
        async with self._db.read() as connection:
            return await _read(connection, troubles.c.post_id == post_id)

    async def anew(self, post: Post, reason: str, *, now: datetime) -> None:
        """It was never made, and is planned again, for whoever is to be told now."""
        await self._dissolve(post, reason, [], now=now)

    async def elsewhere(self, post: Post, reason: str, *, now: datetime) -> None:
        """It cannot be told there (nothing was made): the next place is tried."""
        await self._dissolve(post, reason, [post.channel_id], now=now)

    async def _dissolve(self, post: Post, reason: str, refused: Sequence[int], *, now: datetime) -> None:
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(posts)
                .where(posts.c.id == post.id)
                .values(state=PostState.DISSOLVED, unsure=False, last_error=reason)
            )
            members = await connection.execute(
                sa.select(troubles.c.id, troubles.c.refused, troubles.c.ended).where(troubles.c.post_id == post.id)
            )
            for row in members.all():
                if row.ended is not None:
                    await connection.execute(sa.delete(troubles).where(troubles.c.id == row.id))
                    continue
                await connection.execute(
                    sa.update(troubles)
                    .where(troubles.c.id == row.id)
                    .values(post_id=None, refused=[*row.refused, *refused], next_at=now)
                )

    async def changed(self, *, now: datetime, limit: int) -> tuple[Notice, ...]:
        """Posted notices that no longer say how things are."""
        query = (
            sa.select(posts)
            .where(posts.c.kind == PostKind.NOTICE, posts.c.state == PostState.POSTED, posts.c.due_at <= now)
            .where(posts.c.message_id.is_not(None))
            .where(posts.c.id.in_(sa.select(troubles.c.post_id).where(troubles.c.changed, ~GUILD_LEFT)))
            .order_by(posts.c.id)
            .limit(limit)
        )
        async with self._db.read() as connection:
            found = (await connection.execute(query)).all()
            return tuple(
                [
                    Notice(
                        post_id=row.id,
                        channel_id=row.channel_id,
                        guild_id=row.guild_id,
                        message_id=row.message_id,
                        nonce=row.nonce,
                        payload=MessagePayload.from_json(row.payload or ""),
                        troubles=await _read(connection, troubles.c.post_id == row.id),
                    )
                    for row in found
                ]
            )

    async def rewritten(self, notice: Notice) -> None:
        """The message says how things were in `notice`. What changed since is written another time."""
        async with self._db.write() as connection:
            for each in notice.troubles:
                await connection.execute(
                    sa.update(troubles)
                    .where(troubles.c.id == each.id, troubles.c.ended.is_(each.ended))
                    .values(changed=False)
                )
            of_post = troubles.c.post_id == notice.post_id
            left = sa.select(sa.func.count()).where(of_post, sa.or_(troubles.c.ended.is_(None), troubles.c.changed))
            if await connection.scalar(left) == 0:
                await connection.execute(sa.delete(troubles).where(of_post))


async def _read(connection: AsyncConnection, wanted: sa.ColumnElement[bool]) -> tuple[Problem, ...]:
    found = await connection.execute(
        sa.select(troubles, channels.c.held_kind, channels.c.held_reason, feeds.c.url)
        .add_columns(shown(troubles.c.guild_id).label("title"), feeds.c.last_error, feeds.c.last_success_at)
        .outerjoin(
            channels, sa.and_(troubles.c.kind == ProblemKind.CHANNEL, channels.c.channel_id == troubles.c.subject)
        )
        .outerjoin(feeds, sa.and_(troubles.c.kind.in_(OF_FEEDS), feeds.c.id == troubles.c.subject))
        .where(wanted, ~GUILD_LEFT)
        .order_by(troubles.c.since, troubles.c.id)
    )
    return tuple([await _trouble(connection, row) for row in found.all()])


async def _trouble(connection: AsyncConnection, row: Any) -> Problem:
    kind = ProblemKind(row.kind)
    names = (
        sa.select(topics.c.name, topics.c.channel_id)
        .where(topics.c.guild_id == row.guild_id)
        .order_by(topics.c.name_key)
    )
    articles = row.articles
    if kind is ProblemKind.CHANNEL:
        names = names.where(topics.c.channel_id == row.subject)
        articles = await connection.scalar(
            sa.select(sa.func.count())
            .select_from(deliveries)
            .join(topics, topics.c.id == deliveries.c.topic_id)
            .where(topics.c.channel_id == row.subject)
            .where(deliveries.c.state.in_((DeliveryState.WAITING, DeliveryState.PLANNED)))
        )
    elif kind in OF_TOPICS:
        names = names.where(topics.c.id == row.subject)
    elif kind is ProblemKind.STORAGE:
        names = names.limit(0)
    else:
        names = names.join(subscriptions, subscriptions.c.topic_id == topics.c.id).where(
            subscriptions.c.feed_id == row.subject
        )
    of_topics = (await connection.execute(names)).all()
    return Problem(
        id=row.id,
        guild_id=row.guild_id,
        kind=kind,
        subject=row.subject,
        since=row.since,
        ended=Resolution(row.ended) if row.ended else None,
        articles=articles or 0,
        reason=row.held_reason or row.last_error or "",
        name=called(row.title, row.url),
        topics=tuple(each.name for each in of_topics),
        channels=tuple(each.channel_id for each in of_topics),
        hold=BlockReason(row.held_kind) if row.held_kind else None,
        last_good_at=row.last_success_at,
        last_at=row.last_at,
        refused=tuple(row.refused),
    )
