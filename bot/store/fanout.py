"""From what is new in feeds to deliveries for every topic that follows them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, Entry, FeedOutcome, Filters, Identified, Judge, PollKind, TroubleKind
from bot.store import rows
from bot.store.arrays import among, array
from bot.store.filtering import Texts
from bot.store.moves import Merged
from bot.store.schema import deliveries, entries, subscriptions, topics
from bot.store.stories import SOURCE_PAUSED
from bot.store.troubles import note_archive

SAMPLE_AMONG = 50
"""Of so many of the newest articles, the first that a filter wants are a sample."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Ids = Mapping[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class _Queued:
    feed_id: int
    topic_id: int
    entry_id: int
    reason: str | None
    """Why it is skipped; None where it waits."""
    at: datetime
    filters: Filters
    """That it must pass; no filter is asked of what is skipped for what it is."""


async def fan_out(
    connection: AsyncConnection,
    batch: Sequence[FeedOutcome],
    ids: Ids,
    merged: Mapping[int, Merged],
    *,
    backfill: int,
    judge: Judge,
) -> Mapping[int, int]:
    """Queue what each subscription is to post: its sample where the baseline is pending, else what is new.

    Returns:
        By feed, how many deliveries wait now that did not before.
    """
    answered = {each.feed_id: each for each in batch if each.kind in {PollKind.ENTRIES, PollKind.UNCHANGED}}
    concerned = {feed_id for feed_id, each in answered.items() if each.new or feed_id in merged}
    concerned |= await _pending(connection, answered)
    if not concerned:
        return {}
    followers = await connection.execute(_FOLLOWERS, {"b_feeds": array(concerned)})
    texts = Texts(answered, ids)
    queue: list[_Queued] = []
    begun: list[dict[str, Any]] = []
    for follower in followers.all():
        outcome = answered[follower.feed_id]
        filters = Filters(follower.topic_filters, follower.filters)
        if follower.since is not None:
            joined = merged.get(outcome.feed_id)
            new = joined.new_for(follower.topic_id, outcome) if joined else outcome.new
            resting = SOURCE_PAUSED if follower.paused else None
            chosen = [(ids[outcome.feed_id, item.uid], item.skip_reason or resting) for item in new]
            if archived := sum(1 for item in new if item.skip_reason == TroubleKind.ARCHIVE):
                await note_archive(
                    connection, follower.guild_id, outcome.feed_id, articles=archived, now=outcome.polled_at
                )
        else:
            count = backfill if follower.backfill is None else follower.backfill
            found = await _sample(connection, outcome, ids, SAMPLE_AMONG if filters and count else count)
            if filters:
                found = await texts.wanted(connection, found, filters, judge)
            chosen = [(entry_id, None) for entry_id in found[:count]]
            begun.append({"b_id": follower.id, "b_since": outcome.polled_at})
        queue += [
            _Queued(outcome.feed_id, follower.topic_id, entry_id, reason, outcome.polled_at, filters)
            for entry_id, reason in chosen
        ]
    if begun:
        await connection.execute(_BEGIN, begun)
    queue = await _filtered(connection, queue, texts, judge)
    await _store(connection, queue, _orders(answered.values(), ids))
    return Counter(each.feed_id for each in queue if each.reason is None)


async def _filtered(connection: AsyncConnection, queue: Sequence[_Queued], texts: Texts, judge: Judge) -> list[_Queued]:
    """With the reasons of those that a filter does not want. Resting is no reason of the article's own."""
    asked = [(each.entry_id, each.filters) for each in queue if each.filters and each.reason in {None, SOURCE_PAUSED}]
    if not asked:
        return list(queue)
    left_out = await texts.left_out(connection, asked, judge)
    return [
        replace(each, reason=out.reason) if (out := left_out.get((each.entry_id, each.filters))) else each
        for each in queue
    ]


def newest(listed: Iterable[Identified], count: int) -> list[Identified]:
    """The newest of a document: by date where it has one, else as listed from the top."""
    ordered = sorted(listed, key=lambda item: item.entry.position)
    if all(item.entry.published_at for item in ordered):
        ordered.sort(key=lambda item: item.entry.published_at or LONG_AGO, reverse=True)
    return ordered[:count]


async def _pending(connection: AsyncConnection, feed_ids: Iterable[int]) -> set[int]:
    """Those of the feeds that somebody follows for whom they were not read yet."""
    found = await connection.execute(_PENDING, {"b_feeds": array(feed_ids)})
    return set(found.scalars())


async def _sample(connection: AsyncConnection, outcome: FeedOutcome, ids: Ids, count: int) -> list[int]:
    """The sample's entries; from the stored ones where the poll brought no document."""
    if outcome.listed or count == 0:
        return [ids[outcome.feed_id, item.uid] for item in newest(outcome.listed, count)]
    stored = await connection.execute(
        sa.select(entries.c.id)
        .where(entries.c.feed_id == outcome.feed_id)
        .order_by(entries.c.sort_at.desc(), entries.c.position, entries.c.id.desc())
        .limit(count)
    )
    return list(stored.scalars())


def _orders(batch: Iterable[FeedOutcome], ids: Ids) -> dict[int, tuple[datetime, int]]:
    """Where entries that were stored just now stand in their channels' order: moment and place."""
    return {
        ids[each.feed_id, item.uid]: (rows.sort_at(item.entry.published_at, each.polled_at), item.entry.position)
        for each in batch
        for item in each.new
        if isinstance(item.entry, Entry)
    }


async def _store(
    connection: AsyncConnection, queue: Sequence[_Queued], orders: dict[int, tuple[datetime, int]]
) -> None:
    """Those that exist already stay as they are."""
    if not queue:
        return
    if stored_before := {each.entry_id for each in queue} - orders.keys():
        found = await connection.execute(
            sa.select(entries.c.id, entries.c.sort_at, entries.c.position).where(entries.c.id.in_(stored_before))
        )
        orders |= {row.id: (row.sort_at, row.position) for row in found.all()}
    values = [
        {
            "topic_id": each.topic_id,
            "entry_id": each.entry_id,
            "state": DeliveryState.SKIPPED if each.reason else DeliveryState.WAITING,
            "reason": each.reason,
            "order_at": orders[each.entry_id][0],
            "order_position": -orders[each.entry_id][1],
            "created_at": each.at,
        }
        for each in queue
    ]
    await connection.execute(_QUEUE, values)


_PENDING = sa.select(subscriptions.c.feed_id).where(
    subscriptions.c.since.is_(None), among(subscriptions.c.feed_id, "b_feeds")
)
_FOLLOWERS = (
    sa.select(
        subscriptions.c.id,
        subscriptions.c.feed_id,
        subscriptions.c.topic_id,
        subscriptions.c.since,
        subscriptions.c.paused,
        subscriptions.c.filters,
        topics.c.guild_id,
        sa.func.coalesce(subscriptions.c.sample, topics.c.backfill).label("backfill"),
        topics.c.filters.label("topic_filters"),
    )
    .join(topics, topics.c.id == subscriptions.c.topic_id)
    .where(among(subscriptions.c.feed_id, "b_feeds"))
)
_QUEUE = insert(deliveries).on_conflict_do_nothing()
_BEGIN = (
    sa.update(subscriptions)
    .where(subscriptions.c.id == sa.bindparam("b_id"))
    .values(since=sa.bindparam("b_since", type_=subscriptions.c.since.type))
)
