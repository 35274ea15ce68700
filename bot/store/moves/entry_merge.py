"""Two stored entries that are one article: the row that is given up hands on what refers to it, and is deleted."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState
from bot.store.engine.json_params import array
from bot.store.posting.skipped_deliveries import SOURCE_PAUSED, bring_back
from bot.store.schema.personal_tables import personal_deliveries
from bot.store.schema.posting_tables import posted_before
from bot.store.schema.tables import deliveries, entries, saved

AT_ONCE = 100
"""Pairs joined by one statement: its cost grows with the square of their number."""


def with_one_uid(*, source: int, target: int) -> sa.Subquery:
    """The entries of two feeds that have the same uid in both."""
    there, here = entries.alias("there"), entries.alias("here")
    return (
        sa.select(there.c.id.label("source_id"), here.c.id.label("target_id"))
        .join(here, sa.and_(here.c.uid == there.c.uid, here.c.feed_id == target))
        .where(there.c.feed_id == source)
        .subquery("twins")
    )


async def join_pairs(connection: AsyncConnection, pairs: Sequence[tuple[int, int]]) -> None:
    """Join the entries with these ids, each the one that is given up and the one that stays."""
    for start in range(0, len(pairs), AT_ONCE):
        row = sa.func.json_each(sa.literal(array(pairs[start : start + AT_ONCE]))).table_valued("value")
        twins = sa.select(
            sa.func.json_extract(row.c.value, "$[0]", type_=sa.Integer()).label("source_id"),
            sa.func.json_extract(row.c.value, "$[1]", type_=sa.Integer()).label("target_id"),
        ).subquery("twins")
        await join(connection, twins)
        gone = [source for source, _ in pairs[start : start + AT_ONCE]]
        await connection.execute(sa.delete(entries).where(entries.c.id.in_(gone)))


async def join(connection: AsyncConnection, twins: sa.Subquery) -> None:
    """Deliveries, personal ones and saved articles of each `source_id` become those of its `target_id`; the rows stay."""
    await _join_deliveries(connection, twins)
    await connection.execute(
        sa.update(posted_before)
        .prefix_with("OR IGNORE")
        .where(posted_before.c.entry_id.in_(sa.select(twins.c.source_id)))
        .values(entry_id=_twin(twins, posted_before.c.entry_id))
    )
    await _join_personal(connection, twins)
    other = saved.alias("other")
    has_its_own = (
        sa.exists()
        .where(twins.c.source_id == saved.c.entry_id, other.c.entry_id == twins.c.target_id)
        .where(other.c.user_id == saved.c.user_id)
    )
    doubled = sa.and_(saved.c.entry_id.in_(sa.select(twins.c.source_id)), has_its_own)
    await connection.execute(sa.delete(saved).where(doubled))
    await connection.execute(
        sa.update(saved)
        .where(saved.c.entry_id.in_(sa.select(twins.c.source_id)))
        .values(entry_id=_twin(twins, saved.c.entry_id))
    )


def _twin(twins: sa.Subquery, entry_id: sa.ColumnElement[int]) -> sa.ScalarSelect[Any]:
    return sa.select(twins.c.target_id).where(twins.c.source_id == entry_id).scalar_subquery()


def _progress(table: Any) -> sa.Case[int]:
    """How far a delivery came: of two of one article, the one that came further says what became of it."""
    state = table.c.state
    return sa.case(
        (state == DeliveryState.POSTED, 5),
        (state == DeliveryState.PLANNED, 4),
        (state == DeliveryState.FAILED, 3),
        (state == DeliveryState.WAITING, 2),
        (table.c.reason == SOURCE_PAUSED, 1),
        else_=0,
    )


async def _join_deliveries(connection: AsyncConnection, twins: sa.Subquery) -> None:
    """Per topic the delivery that came further is kept."""
    other = deliveries.alias("other")
    outdone = sa.and_(
        deliveries.c.state.not_in((DeliveryState.PLANNED, DeliveryState.POSTED)),
        sa.exists()
        .where(twins.c.target_id == deliveries.c.entry_id, other.c.entry_id == twins.c.source_id)
        .where(other.c.topic_id == deliveries.c.topic_id, _progress(other) > _progress(deliveries)),
        deliveries.c.entry_id.in_(sa.select(twins.c.target_id)),
    )
    await bring_back(connection, sa.select(deliveries.c.id).where(outdone))
    await connection.execute(sa.delete(deliveries).where(outdone))
    has_its_own = (
        sa.exists()
        .where(twins.c.source_id == deliveries.c.entry_id, other.c.entry_id == twins.c.target_id)
        .where(other.c.topic_id == deliveries.c.topic_id)
    )
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.entry_id.in_(sa.select(twins.c.source_id)), ~has_its_own)
        .values(entry_id=_twin(twins, deliveries.c.entry_id))
    )
    # What is left there goes with its row; if it waited to tell others' stories, they wait for themselves again.
    left = sa.and_(deliveries.c.state == DeliveryState.WAITING, deliveries.c.entry_id.in_(sa.select(twins.c.source_id)))
    await bring_back(connection, sa.select(deliveries.c.id).where(left))


async def _join_personal(connection: AsyncConnection, twins: sa.Subquery) -> None:
    """What came to somebody as the one entry does not come as the other."""
    other = personal_deliveries.alias("other")
    has_its_own = (
        sa.exists()
        .where(twins.c.source_id == personal_deliveries.c.entry_id, other.c.entry_id == twins.c.target_id)
        .where(other.c.user_id == personal_deliveries.c.user_id)
    )
    told_there = (
        sa.exists()
        .where(twins.c.target_id == personal_deliveries.c.entry_id, other.c.entry_id == twins.c.source_id)
        .where(other.c.user_id == personal_deliveries.c.user_id, other.c.state != DeliveryState.WAITING)
    )
    targets = personal_deliveries.c.entry_id.in_(sa.select(twins.c.target_id))
    await connection.execute(
        sa.delete(personal_deliveries).where(personal_deliveries.c.state == DeliveryState.WAITING, targets, told_there)
    )
    await connection.execute(
        sa.update(personal_deliveries)
        .where(personal_deliveries.c.entry_id.in_(sa.select(twins.c.source_id)), ~has_its_own)
        .values(entry_id=_twin(twins, personal_deliveries.c.entry_id))
    )
