"""What polls change: entries, feed state and deliveries of a batch of outcomes, each step one statement for all of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Entry, FeedOutcome, Judge, PollKind
from bot.store import fanout, outcomes, rows
from bot.store.arrays import among, array
from bot.store.handover import HandedOver, follow_move, join_what_both_list
from bot.store.moves import Merged
from bot.store.requests import request_corrections
from bot.store.schema import entries, feeds

ROWS_AT_ONCE = 200
"""Entries inserted by one statement. Making it holds the event loop, by 30 us a row."""

Uid = tuple[int, str]
"""A feed's id and an entry's uid in it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one outcome came to in the database."""

    stored: int
    queued: int


async def apply(
    connection: AsyncConnection, batch: Sequence[FeedOutcome], *, backfill: int, judge: Judge
) -> list[Applied]:
    """Store outcomes of different feeds; those of feeds that are no more come to nothing.

    Args:
        batch: no two of one feed. An outcome whose feed moves stands alone in it, since it may meet any other.
        backfill: sample articles where a topic does not say.
        judge: what the filters say of new articles.
    """
    asked = await _of_feeds_that_are(connection, batch)
    current = list(asked)
    merged: dict[int, Merged] = {}
    handed_over: dict[int, HandedOver] = {}
    for place, outcome in enumerate(asked):
        if outcome.moved_to:
            moved = await follow_move(connection, outcome)
            current[place] = moved.outcome
            if moved.merged is not None:
                merged[moved.outcome.feed_id] = moved.merged
            if moved.handed_over is not None:
                handed_over[outcome.feed_id] = moved.handed_over
    ids, current = await _store_entries(connection, current)
    await outcomes.record(connection, current, ids)
    queued = Counter(await fanout.fan_out(connection, current, ids, merged, backfill=backfill, judge=judge))
    for feed_id, to in handed_over.items():
        queued[feed_id] += await fanout.catch_up(connection, to, now=batch[0].polled_at, judge=judge)
    for each in current:
        if each.formers:
            theirs = {item.uid: ids[each.feed_id, item.uid] for item in each.listed if (each.feed_id, item.uid) in ids}
            await join_what_both_list(connection, each, theirs)
    results = {
        before.feed_id: Applied(len(each.new) if each.kind is PollKind.ENTRIES else 0, queued[each.feed_id])
        for before, each in zip(asked, current, strict=True)
    }
    return [results.get(each.feed_id, Applied(0, 0)) for each in batch]


async def _of_feeds_that_are(connection: AsyncConnection, batch: Sequence[FeedOutcome]) -> list[FeedOutcome]:
    """Without the outcomes of feeds that were joined to others meanwhile; a mere update does no harm there."""
    asked = [each.feed_id for each in batch if each.new or each.moved_to]
    if not asked:
        return list(batch)
    found = await connection.execute(_THERE, {"b_ids": array(asked)})
    there = set(found.scalars())
    return [each for each in batch if each.feed_id in there or not (each.new or each.moved_to)]


async def _store_entries(
    connection: AsyncConnection, batch: Sequence[FeedOutcome]
) -> tuple[dict[Uid, int], list[FeedOutcome]]:
    """Insert what is new, correct what changed; the ids of everything listed.

    Returns:
        Beside the ids, the outcomes without what another poll or command stored since they were decided: it is not new.
    """
    await _correct(connection, batch)
    ids = {
        (each.feed_id, item.uid): item.known_id for each in batch for item in each.listed if item.known_id is not None
    }
    # From the bottom up, so that among entries of one second the upper one has the higher id.
    new = [
        rows.new_entry_values(item, feed_id=each.feed_id, seen_at=each.polled_at)
        for each in batch
        for item in reversed(each.new)
    ]
    if not new:
        return ids, list(batch)
    for start in range(0, len(new), ROWS_AT_ONCE):
        stored = await connection.execute(_INSERT, new[start : start + ROWS_AT_ONCE])
        ids |= {(feed_id, uid): entry_id for feed_id, uid, entry_id in stored.all()}
    missing = {uid for values in new if (uid := (values["feed_id"], values["uid"])) not in ids}
    if not missing:
        return ids, list(batch)
    known = await _known_since(connection, missing)
    return ids | known, [_without(each, known) for each in batch]


async def _correct(connection: AsyncConnection, batch: Sequence[FeedOutcome]) -> None:
    changed = {
        item.known_id: rows.entry_values(item.entry)
        for each in batch
        for item in each.listed
        if item.changed and item.known_id is not None and isinstance(item.entry, Entry)
    }
    if not changed:
        return
    shown = {entry_id: (values["title"], values["summary_html"]) for entry_id, values in changed.items()}
    await request_corrections(connection, shown, now=max(each.polled_at for each in batch))
    await connection.execute(
        _CORRECT,
        [
            {f"b_{name}": value for name, value in values.items()} | {"b_id": entry_id}
            for entry_id, values in changed.items()
        ],
    )


async def _known_since(connection: AsyncConnection, missing: set[Uid]) -> dict[Uid, int]:
    found = await connection.execute(
        sa.select(entries.c.feed_id, entries.c.uid, entries.c.id).where(
            entries.c.feed_id.in_({feed_id for feed_id, _ in missing}), entries.c.uid.in_({uid for _, uid in missing})
        )
    )
    return {(row.feed_id, row.uid): row.id for row in found.all() if (row.feed_id, row.uid) in missing}


def _without(outcome: FeedOutcome, known: dict[Uid, int]) -> FeedOutcome:
    listed = (
        replace(item, known_id=known.get((outcome.feed_id, item.uid))) if item.known_id is None else item
        for item in outcome.listed
    )
    return replace(outcome, listed=tuple(listed))


_THERE = sa.select(feeds.c.id).where(among(feeds.c.id, "b_ids"))
# With RETURNING, SQLAlchemy sends one statement for many rows. The search's index is written out once a statement, by its
# trigger: row by row, that cost more than all the rest of storing a feed.
_INSERT = insert(entries).on_conflict_do_nothing().returning(entries.c.feed_id, entries.c.uid, entries.c.id)
_CORRECT = (
    sa.update(entries)
    .where(entries.c.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(f"b_{name}", type_=entries.c[name].type) for name in rows.ENTRY_COLUMNS})
)
