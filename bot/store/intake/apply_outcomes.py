"""What polls change: entries, feed state and deliveries of a batch of outcomes, each step one statement for all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Entry, FeedOutcome, PollKind
from bot.store.engine.json_params import among, array
from bot.store.intake import fan_out, feed_state
from bot.store.intake.daily_volume import Amount, charge, size_of
from bot.store.intake.pending_outcomes import Rules, UnjudgedError, Work
from bot.store.moves.feed_moves import Merged
from bot.store.moves.subscription_handover import HandedOver, follow_move, join_what_both_list
from bot.store.posting.edit_requests import request_corrections
from bot.store.schema import row_mapping
from bot.store.schema.tables import entries, feeds

ROWS_AT_ONCE = 200
"""Entries inserted by one statement. Making it holds the event loop, by 30 us a row."""

Uid = tuple[int, str]
"""A feed's id and an entry's uid in it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one outcome came to in the database."""

    stored: int
    queued: int
    ids: Mapping[str, int] = field(default_factory=dict)
    """Of the entries of a part, by uid."""


_NOTHING = Applied(0, 0)


async def apply(connection: AsyncConnection, batch: Sequence[Work], rules: Rules) -> list[Applied | Exception]:
    """Store outcomes of different feeds; those of feeds that are no more come to nothing.

    Args:
        batch: no two of one feed. An outcome whose feed moves stands alone in it, since it may meet any other.

    Returns:
        For each of them what it came to, or `UnjudgedError` where its filters have to be asked first.

    Raises:
        UnjudgedError: the same for an outcome whose feed moves.
    """
    if await _are_quiet(connection, batch):
        await feed_state.record(connection, [work.outcome for work in batch], {})
        return [_NOTHING] * len(batch)
    return await _apply_all(connection, batch, rules)


async def _apply_all(connection: AsyncConnection, batch: Sequence[Work], rules: Rules) -> list[Applied | Exception]:
    asked = await _of_feeds_that_are(connection, batch)
    works = list(asked)
    merged: dict[int, Merged] = {}
    handed_over: dict[int, HandedOver] = {}
    for place, work in enumerate(asked):
        if work.outcome.moved_to:
            moved = await follow_move(connection, work.outcome)
            works[place] = replace(work, outcome=moved.outcome)
            if moved.merged is not None:
                merged[moved.outcome.feed_id] = moved.merged
            if moved.handed_over is not None:
                handed_over[moved.outcome.feed_id] = moved.handed_over
    followers = await fan_out.followers_of(connection, works, merged, rules)
    if any(
        work.outcome.feed_id in followers.unjudged
        for work, before in zip(works, asked, strict=True)
        if before.outcome.moved_to
    ):
        raise UnjudgedError
    results: dict[int, Applied | Exception] = {
        before.outcome.feed_id: UnjudgedError()
        for work, before in zip(works, asked, strict=True)
        if work.outcome.feed_id in followers.unjudged
    }
    former_ids = {work.outcome.feed_id: before.outcome.feed_id for work, before in zip(works, asked, strict=True)}
    works = [work for work in works if work.outcome.feed_id not in followers.unjudged]
    ids, works, amounts = await _store_entries(connection, works)
    await feed_state.record(connection, [work.outcome for work in works if not work.part], ids)
    queued = Counter(await fan_out.fan_out(connection, works, ids, merged, followers, rules))
    for work in works:
        outcome = work.outcome
        if (to := handed_over.get(outcome.feed_id)) is not None:
            queued[outcome.feed_id] += await fan_out.catch_up(connection, to, work, rules)
        if outcome.formers and not work.part:
            theirs = {
                item.uid: ids[outcome.feed_id, item.uid]
                for item in outcome.listed
                if (outcome.feed_id, item.uid) in ids
            }
            await join_what_both_list(connection, outcome, theirs)
    await _charge(connection, works, amounts, followers, rules)
    for work in works:
        outcome = work.outcome
        results[former_ids[outcome.feed_id]] = Applied(
            len(outcome.new) if outcome.kind is PollKind.ENTRIES else 0,
            queued[outcome.feed_id],
            {item.uid: ids[outcome.feed_id, item.uid] for item in outcome.listed} if work.part else {},
        )
    return [results.get(work.outcome.feed_id, Applied(0, 0)) for work in batch]


async def _are_quiet(connection: AsyncConnection, batch: Sequence[Work]) -> bool:
    """Whether of all of them nothing is stored but the times of polls, as of nearly all polls, and nobody waits for a sample."""
    if not all(work.is_quiet for work in batch):
        return False
    return not await fan_out.new_to_some(connection, [work.outcome.feed_id for work in batch])


async def _charge(
    connection: AsyncConnection,
    works: Sequence[Work],
    stored: Mapping[int, Amount],
    followers: fan_out.Followers,
    rules: Rules,
) -> None:
    """Count what was stored. What a feed lists when it is first read is no sign of how much it brings a day."""
    if not stored:
        return
    counted = {
        feed_id: amount if followers.is_known(feed_id) else replace(amount, articles=0)
        for feed_id, amount in stored.items()
    }
    guilds = {feed_id: followers.guilds(feed_id) for feed_id in stored}
    now = max(work.outcome.polled_at for work in works)
    await charge(connection, counted, guilds, rules.limits, now=now)


async def _of_feeds_that_are(connection: AsyncConnection, batch: Sequence[Work]) -> list[Work]:
    """Without the outcomes of feeds that were joined to others, or moved, meanwhile; a mere update does no harm there."""
    asked = [work.outcome.feed_id for work in batch if work.outcome.new or work.outcome.moved_to]
    if not asked:
        return list(batch)
    found = await connection.execute(_THERE, {"b_ids": array(asked)})
    there = set(found.scalars())
    return [work for work in batch if work.outcome.feed_id in there or not (work.outcome.new or work.outcome.moved_to)]


async def _store_entries(
    connection: AsyncConnection, works: Sequence[Work]
) -> tuple[dict[Uid, int], list[Work], dict[int, Amount]]:
    """Insert what is new, correct what changed; the ids of everything listed, and by feed how much was stored.

    Returns:
        Beside the ids, the outcomes without what another poll or command stored since they were decided: it is not new.
    """
    batch = [work.outcome for work in works]
    sizes = await _correct(connection, batch)
    ids = {
        (each.feed_id, item.uid): item.known_id for each in batch for item in each.listed if item.known_id is not None
    }
    # From the bottom up, so that among entries of one second the upper one has the higher id.
    new = [(each, item) for each in batch for item in reversed(each.new)]
    counts = Counter(each.feed_id for each, _item in new)
    for start in range(0, len(new), ROWS_AT_ONCE):
        values = [
            row_mapping.new_entry_values(item, feed_id=each.feed_id, seen_at=each.polled_at)
            for each, item in new[start : start + ROWS_AT_ONCE]
        ]
        for row in values:
            sizes[row["feed_id"]] += size_of(row)
        stored = await connection.execute(_INSERT, values)
        ids |= {(feed_id, uid): entry_id for feed_id, uid, entry_id in stored.all()}
    amounts = {feed_id: Amount(counts[feed_id], size) for feed_id, size in sizes.items()}
    missing = {uid for each, item in new if (uid := (each.feed_id, item.uid)) not in ids}
    if not missing:
        return ids, list(works), amounts
    known = await _known_since(connection, missing)
    return ids | known, [replace(work, outcome=_without(work.outcome, known)) for work in works], amounts


async def _correct(connection: AsyncConnection, batch: Sequence[FeedOutcome]) -> Counter[int]:
    """By feed, the bytes that were written anew."""
    changed: dict[int, dict[str, Any]] = {}
    sizes = Counter[int]()
    for each in batch:
        for item in each.listed:
            if item.changed and item.known_id is not None and isinstance(item.entry, Entry):
                changed[item.known_id] = values = row_mapping.entry_values(item.entry)
                sizes[each.feed_id] += size_of(values)
    if not changed:
        return sizes
    shown = {entry_id: (values["title"], values["summary_html"]) for entry_id, values in changed.items()}
    await request_corrections(connection, shown, now=max(each.polled_at for each in batch))
    await connection.execute(
        _CORRECT,
        [
            {f"b_{name}": value for name, value in values.items()} | {"b_id": entry_id}
            for entry_id, values in changed.items()
        ],
    )
    return sizes


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


_THERE = sa.select(feeds.c.id).where(among(feeds.c.id, "b_ids"), sa.func.instr(feeds.c.url, row_mapping.MOVED) == 0)
# With RETURNING, SQLAlchemy sends one statement for many rows. The search's index is written out once a statement, by its
# trigger: row by row, that cost more than all the rest of storing a feed.
_INSERT = insert(entries).on_conflict_do_nothing().returning(entries.c.feed_id, entries.c.uid, entries.c.id)
_CORRECT = (
    sa.update(entries)
    .where(entries.c.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(f"b_{name}", type_=entries.c[name].type) for name in row_mapping.ENTRY_COLUMNS})
)
