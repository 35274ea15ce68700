"""Moving a source from one topic to another: what waits goes along, what was posted is not posted again."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config.settings import LimitsSettings
from bot.model import DeliveryState, Filters, Judge, PostState, ProblemKind
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array
from bot.store.intake.topic_backlog import bound_waiting
from bot.store.moves import former_feeds
from bot.store.posting.digest_times import due_again
from bot.store.posting.once_per_channel import skip_told
from bot.store.posting.skipped_deliveries import (
    SOURCE_PAUSED,
    bring_back,
    bring_back_elsewhere,
    may_still_come,
)
from bot.store.schema.tables import deliveries, entries, feeds, posts, subscriptions, topics
from bot.store.topics.filterable_text import TEXT_COLUMNS, text_of
from bot.store.topics.guild_capacity import ensure_room
from bot.store.topics.topics import remember_removal

_THESE = among(deliveries.c.id, "b_ids")
_TEXTS = (
    sa.select(deliveries.c.id.label("delivery_id"), *TEXT_COLUMNS)
    .join(entries, entries.c.id == deliveries.c.entry_id)
    .where(_THESE)
)
_LEAVE_OUT = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("b_id"))
    .values(state=DeliveryState.SKIPPED, reason=sa.bindparam("b_reason", type_=sa.Text()))
)
TEXTS_AT_ONCE = 100
MAX_TRIES = 3
_STILL_WAITING = sa.select(sa.func.count()).where(_THESE, deliveries.c.state == DeliveryState.WAITING)


@dataclass(frozen=True, slots=True)
class MovedSource:
    """What moving a source did."""

    waiting: int
    """Articles that wait in the new topic now instead of the old one."""
    joined: bool
    """The new topic followed the source already."""


class SourceMoveStore:
    """One transaction over subscriptions, deliveries and posts."""

    def __init__(self, database: Database, *, judge: Judge, limits: LimitsSettings) -> None:
        self._db = database
        self._judge = judge
        self._most_waiting = limits.waiting_per_topic

    async def move(
        self,
        feed_id: int,
        *,
        old_topic_id: int,
        new_topic_id: int,
        limit: int | None = None,
        subscription_limit: int | None = None,
        now: datetime,
    ) -> MovedSource | None:
        """Follow a feed in another topic from now on. None, and nothing changed, where the old one does not follow it.

        The baseline goes along, so the new topic gets neither a sample nor a gap. A message whose sending had begun is
        finished, or looked for, in the old topic. The new topic's filters are asked about what goes along.

        Args:
            limit: how many sources the guild may have: a declared one counts once a person moved it.
            subscription_limit: how many subscriptions, likewise.

        Raises:
            NoRoom: it has as many; nothing changed.
        """
        for left in reversed(range(MAX_TRIES)):
            verdicts: _Judged | None = await self._judged(feed_id, old_topic_id, new_topic_id)
            try:
                async with self._db.write(urgent=True) as connection:
                    old = await _subscription(connection, old_topic_id, feed_id)
                    if old is None:
                        return None
                    if old.declared and limit is not None:
                        await ensure_room(connection, old.guild_id, feed_id, [new_topic_id], limit, subscription_limit)
                    if not left:
                        verdicts = None
                    return await self._move(connection, old, feed_id, new_topic_id, verdicts, now)
            except _FiltersChangedError:
                continue
        raise AssertionError("the last try asks the filters itself")

    async def _move(
        self,
        connection: AsyncConnection,
        old: Any,
        feed_id: int,
        new_topic_id: int,
        verdicts: "_Judged | None",
        now: datetime,
    ) -> MovedSource:
        old_topic_id = old.topic_id
        new = await _subscription(connection, new_topic_id, feed_id)
        if old.declared:
            for url in (old.url, *await former_feeds.urls_of(connection, old_topic_id, feed_id)):
                await remember_removal(connection, old.guild_id, old.name_key, url)
        feed_ids = await former_feeds.ids_of(connection, feed_id, [old_topic_id])
        await _dissolve_untried(connection, old_topic_id, feed_ids)
        await _keep_newest(connection, feed_ids, old_topic_id, self._most_waiting)
        # Before the rows change hands: what the new topic has its own delivery for is that one's.
        await _drop_doubles(connection, feed_ids, old_topic_id, new_topic_id)
        handed_over = await _hand_over(connection, feed_ids, old_topic_id, new_topic_id)
        await former_feeds.go_along(connection, feed_id, old_topic_id, new_topic_id)
        at_old = subscriptions.c.id == old.id
        if new is None:
            await connection.execute(
                sa.update(subscriptions).where(at_old).values(topic_id=new_topic_id, declared=False, added_at=now)
            )
        else:
            await connection.execute(sa.delete(subscriptions).where(at_old))
            since = sa.func.coalesce(subscriptions.c.since, sa.literal(old.since, subscriptions.c.since.type))
            await connection.execute(sa.update(subscriptions).where(subscriptions.c.id == new.id).values(since=since))
        await self._filter(connection, handed_over, feed_id, new_topic_id, verdicts)
        if new is not None and not new.paused:
            await _wake(connection, feed_ids, new_topic_id)
        await skip_told(connection, new_topic_id)
        await bound_waiting(connection, [new_topic_id], limit=self._most_waiting, now=now)
        return MovedSource(await _waiting(connection, handed_over), joined=new is not None)

    async def _judged(self, feed_id: int, old_topic_id: int, new_topic_id: int) -> "_Judged":
        """What the filters that will hold say of what goes along, asked before the transaction: there may be much."""
        async with self._db.read() as connection:
            filters = await _filters(connection, feed_id, new_topic_id, old_topic_id)
            feed_ids = await former_feeds.ids_of(connection, feed_id, [old_topic_id])
        judged = _Judged(filters, {})
        if not filters:
            return judged
        last: int | None = None
        while len(judged.reasons) < self._most_waiting:
            query = (
                sa.select(deliveries.c.id.label("delivery_id"), *TEXT_COLUMNS)
                .join(entries, entries.c.id == deliveries.c.entry_id)
                .where(_of(old_topic_id, feed_ids), may_still_come())
                .order_by(deliveries.c.id.desc())
                .limit(TEXTS_AT_ONCE)
            )
            if last is not None:
                query = query.where(deliveries.c.id < last)
            async with self._db.read() as connection:
                found = (await connection.execute(query)).mappings().all()
            for text in found:
                [out] = self._judge(text_of(text), (filters,))
                judged.reasons[text["delivery_id"]] = out.reason if out is not None else None
                await asyncio.sleep(0)
            if len(found) < TEXTS_AT_ONCE:
                break
            last = found[-1]["delivery_id"]
        return judged

    async def _filter(
        self,
        connection: AsyncConnection,
        ids: Sequence[int],
        feed_id: int,
        topic_id: int,
        judged: "_Judged | None",
    ) -> None:
        """Skip those of these deliveries that the filters of the topic, or of the source in it, do not want.

        Raises:
            _FiltersChangedError: other filters hold than were asked, and there is much to ask about.
        """
        filters = await _filters(connection, feed_id, topic_id, None)
        if not filters:
            return
        if judged is not None and judged.filters != filters:
            raise _FiltersChangedError
        reasons = dict(judged.reasons) if judged is not None else {}
        if missing := [each for each in ids if each not in reasons]:
            texts = await connection.execute(_TEXTS, {"b_ids": array(missing)})
            for text in texts.mappings().all():
                [out] = self._judge(text_of(text), (filters,))
                reasons[text["delivery_id"]] = out.reason if out is not None else None
        left_out = [{"b_id": each, "b_reason": reason} for each in ids if (reason := reasons.get(each)) is not None]
        if left_out:
            await connection.execute(_LEAVE_OUT, left_out)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What some filters say of deliveries."""

    filters: Filters
    reasons: dict[int, str | None]


class _FiltersChangedError(Exception):
    """Nothing was stored."""


async def _filters(connection: AsyncConnection, feed_id: int, topic_id: int, old_topic_id: int | None) -> Filters:
    """Those of the topic and of the source in it; where it does not follow the source yet, that of the one it comes from."""
    of_source = sa.select(subscriptions.c.filters, subscriptions.c.topic_id).where(
        subscriptions.c.feed_id == feed_id, subscriptions.c.topic_id.in_((topic_id, old_topic_id))
    )
    found = {row.topic_id: row.filters for row in (await connection.execute(of_source)).all()}
    of_topic = await connection.scalar(sa.select(topics.c.filters).where(topics.c.id == topic_id))
    return Filters(of_topic, found[topic_id] if topic_id in found else found.get(old_topic_id))


async def _keep_newest(connection: AsyncConnection, feed_ids: Collection[int], topic_id: int, most: int) -> None:
    """Of very much that waits or rests, only the newest goes along."""
    kept = sa.and_(_of(topic_id, feed_ids), _kept())
    older = (
        sa.select(deliveries.c.id)
        .where(kept)
        .order_by(deliveries.c.order_at.desc(), deliveries.c.order_position.desc(), deliveries.c.id.desc())
        .limit(-1)
        .offset(most)
    )
    ids = {"b_ids": array((await connection.execute(older)).scalars())}
    if ids["b_ids"] == "[]":
        return
    crowded = sa.update(deliveries).where(_THESE)
    await connection.execute(crowded.values(state=DeliveryState.SKIPPED, reason=ProblemKind.CROWDED), ids)
    await bring_back(connection, sa.select(deliveries.c.id).where(_THESE), ids)


async def _subscription(connection: AsyncConnection, topic_id: int, feed_id: int) -> Any:
    """The row with what moving needs to know, or None."""
    found = await connection.execute(
        sa.select(
            subscriptions.c.id,
            subscriptions.c.topic_id,
            subscriptions.c.declared,
            subscriptions.c.since,
            subscriptions.c.paused,
            topics.c.guild_id,
            topics.c.name_key,
            feeds.c.url,
        )
        .join(topics, topics.c.id == subscriptions.c.topic_id)
        .join(feeds, feeds.c.id == subscriptions.c.feed_id)
        .where(subscriptions.c.topic_id == topic_id, subscriptions.c.feed_id == feed_id)
    )
    return found.one_or_none()


def _of(topic_id: int, feed_ids: Collection[int]) -> sa.ColumnElement[bool]:
    of_feed = former_feeds.entries_of(feed_ids)
    return sa.and_(deliveries.c.topic_id == topic_id, deliveries.c.entry_id.in_(of_feed))


def _kept() -> sa.ColumnElement[bool]:
    """Not posted yet, and to be posted: also what a pause of the source holds."""
    resting = sa.and_(deliveries.c.state == DeliveryState.SKIPPED, deliveries.c.reason == SOURCE_PAUSED)
    return sa.or_(deliveries.c.state == DeliveryState.WAITING, resting)


async def _dissolve_untried(connection: AsyncConnection, topic_id: int, feed_ids: Collection[int]) -> None:
    """Messages that are planned with articles of the feed and of which none can have arrived: all in them waits again."""
    with_it = sa.select(deliveries.c.post_id).where(
        _of(topic_id, feed_ids), deliveries.c.state == DeliveryState.PLANNED
    )
    untried = list(
        (
            await connection.execute(
                sa.select(posts.c.id).where(
                    posts.c.id.in_(with_it), posts.c.state == PostState.PLANNED, posts.c.unsure.is_(False)
                )
            )
        ).scalars()
    )
    await due_again(connection, sa.select(posts.c.id).where(posts.c.id.in_(untried)))
    await bring_back_elsewhere(connection, sa.select(deliveries.c.id).where(deliveries.c.post_id.in_(untried)))
    await connection.execute(
        sa.update(deliveries).where(deliveries.c.post_id.in_(untried)).values(state=DeliveryState.WAITING, post_id=None)
    )
    await connection.execute(
        sa.update(posts)
        .where(posts.c.id.in_(untried))
        .values(state=PostState.DISSOLVED, last_error="one of its sources moved to another topic")
    )


async def _drop_doubles(
    connection: AsyncConnection, feed_ids: Collection[int], old_topic_id: int, new_topic_id: int
) -> None:
    there = deliveries.alias("there")
    double = sa.and_(
        _of(old_topic_id, feed_ids),
        _kept(),
        sa.exists().where(there.c.topic_id == new_topic_id, there.c.entry_id == deliveries.c.entry_id),
    )
    await bring_back(connection, sa.select(deliveries.c.id).where(double))
    await connection.execute(sa.delete(deliveries).where(double))


async def _hand_over(
    connection: AsyncConnection, feed_ids: Collection[int], old_topic_id: int, new_topic_id: int
) -> Sequence[int]:
    """Whose stories they were to tell in the old topic tell them there themselves. Which deliveries go along."""
    kept = sa.and_(_of(old_topic_id, feed_ids), _kept())
    await bring_back(connection, sa.select(deliveries.c.id).where(kept))
    moved = await connection.execute(
        sa.update(deliveries).where(kept).values(topic_id=new_topic_id, compared=False).returning(deliveries.c.id)
    )
    return tuple(moved.scalars())


async def _waiting(connection: AsyncConnection, ids: Sequence[int]) -> int:
    return await connection.scalar(_STILL_WAITING, {"b_ids": array(ids)}) or 0


async def _wake(connection: AsyncConnection, feed_ids: Collection[int], topic_id: int) -> None:
    """The new topic's own subscription does not rest, so what rested in the old one goes on."""
    await connection.execute(
        sa.update(deliveries)
        .where(_of(topic_id, feed_ids), deliveries.c.state == DeliveryState.SKIPPED)
        .where(deliveries.c.reason == SOURCE_PAUSED)
        .values(state=DeliveryState.WAITING, reason=None)
    )
