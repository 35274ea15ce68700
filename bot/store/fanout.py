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
from bot.store import formers, rows
from bot.store.arrays import among, array
from bot.store.filtering import Texts
from bot.store.handover import HandedOver
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
    followers = (await connection.execute(_FOLLOWERS, {"b_feeds": array(concerned)})).all()
    told = await _Told.of(connection, answered, followers)
    texts = Texts(answered, ids)
    queue: list[_Queued] = []
    begun: list[dict[str, Any]] = []
    for follower in followers:
        outcome = answered[follower.feed_id]
        filters = Filters(follower.topic_filters, follower.filters)
        if follower.since is not None:
            joined = merged.get(outcome.feed_id)
            new = joined.new_for(follower.topic_id, outcome) if joined else outcome.new
            if follower.formers:
                new = told.still_new(follower, outcome, new)
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


async def catch_up(connection: AsyncConnection, moved: HandedOver, *, now: datetime, judge: Judge) -> int:
    """Queue what a feed had before topics came to it by a move, and what they came from had not listed. How many wait."""
    ids = [item.known_id for item in moved.missing if item.known_id is not None]
    if not ids:
        return 0
    found = (await connection.execute(_FOLLOWERS, {"b_feeds": array([moved.feed_id])})).all()
    came = [each for each in found if each.topic_id in moved.topic_ids and each.since is not None]
    reasons = {item.known_id: item.skip_reason for item in moved.missing}
    queue = [
        _Queued(
            moved.feed_id,
            each.topic_id,
            entry_id,
            reasons[entry_id] or (SOURCE_PAUSED if each.paused else None),
            now,
            Filters(each.topic_filters, each.filters),
        )
        for each in came
        for entry_id in ids
    ]
    queue = await _filtered(connection, queue, Texts({}, {}), judge)
    await _store(connection, queue, {})
    return sum(each.reason is None for each in queue)


class _Told:
    """What topics were told under former addresses of their sources."""

    def __init__(
        self, views: Mapping[tuple[int, int], Mapping[int, Identified]], by_uid: set[tuple[int, int, str]]
    ) -> None:
        self._views = views
        self._by_uid = by_uid

    @classmethod
    async def of(
        cls, connection: AsyncConnection, answered: Mapping[int, FeedOutcome], followers: Iterable[Any]
    ) -> "_Told":
        """What cannot be told from the outcomes, since a feed moved here while they were made, is asked of the database."""
        views = {
            (feed_id, former.feed_id): {item.entry.position: item for item in former.listed}
            for feed_id, outcome in answered.items()
            for former in outcome.formers
        }
        unknown = {
            each.feed_id for each in followers if any((each.feed_id, former) not in views for former in each.formers)
        }
        new = {(feed_id, item.uid) for feed_id in unknown for item in answered[feed_id].new}
        return cls(views, await formers.told_before(connection, new) if new else set())

    def still_new(self, follower: Any, outcome: FeedOutcome, new: Iterable[Identified]) -> list[Identified]:
        """Those of what is new that none of the follower's former feeds had, each skipped where one of them would."""
        found = []
        for item in new:
            seen = [
                view
                for former in follower.formers
                if (view := self._views.get((outcome.feed_id, former), {}).get(item.entry.position)) is not None
            ]
            if any(view.known_id is not None for view in seen) or any(
                (follower.topic_id, former, item.uid) in self._by_uid for former in follower.formers
            ):
                continue
            reasons = [view.skip_reason for view in seen if view.skip_reason]
            found.append(replace(item, skip_reason=reasons[0]) if reasons else item)
        return found


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
        formers.OF_FOLLOWER.label("formers"),
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
