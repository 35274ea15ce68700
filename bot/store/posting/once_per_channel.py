"""One article once per channel: what another topic posts there, or posted before it left, is not posted again.

Decided in the transaction that plans a message. A delivery that is left out for another topic's refers to it in `same_stories`,
and waits again if that one comes to nothing. Topics with the option `repeats` stand apart: they post everything, and what
they post counts for no other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, PostState
from bot.store.engine.json_params import among, array
from bot.store.posting.skipped_deliveries import OTHER_TOPIC, bring_back_elsewhere, waits_or_rests
from bot.store.schema.posting_tables import posted_before
from bot.store.schema.tables import deliveries, posts, same_stories, topics

MOST_REMEMBERED = 10_000
"""Of the articles that a topic leaves behind in a channel, the newest."""

_ON_ITS_WAY = (DeliveryState.PLANNED, DeliveryState.POSTED)
_CHANNEL = sa.bindparam("b_channel", type_=sa.BigInteger())
_TOPIC = sa.bindparam("b_topic", type_=sa.Integer())

mine, others, other = topics.alias("mine"), topics.alias("others"), deliveries.alias("other")
"""The topic of a delivery; the other topics of the channel; and their deliveries."""


def repeats(of: Any) -> sa.ColumnElement[bool]:
    """For a topic: it posts what others of its channel have posted, too."""
    return sa.func.coalesce(of.c.options["repeats"].as_boolean(), sa.false())


def _is_elsewhere() -> sa.ColumnElement[bool]:
    """For a delivery: `other` is of the same article, in one of the `others` of the channel `b_channel` that count.

    The channel's few topics are looked at first: an article may have thousands of deliveries. That is what the sum is for.
    """
    return sa.and_(
        others.c.channel_id == _CHANNEL,
        others.c.id != deliveries.c.topic_id,
        ~repeats(others),
        other.c.topic_id == others.c.id + 0,
        other.c.entry_id == deliveries.c.entry_id,
    )


def _waits() -> sa.ColumnElement[bool]:
    """For a delivery that is known by its id: it waits. The index of all that waits is of no use for it."""
    return deliveries.c.state.concat("") == DeliveryState.WAITING


def _in_channel() -> sa.ColumnElement[bool]:
    """For a message, or none where it is not remembered any more: it is of the channel `b_channel`."""
    return sa.func.coalesce(posts.c.channel_id, _CHANNEL) == _CHANNEL


_POSTED_ELSEWHERE = (
    sa.select(other.c.id)
    .select_from(others, sa.outerjoin(other, posts, posts.c.id == other.c.post_id))
    .where(_is_elsewhere(), other.c.state.in_(_ON_ITS_WAY), _in_channel())
    .limit(1)
    .correlate(deliveries)
    .scalar_subquery()
)
_LEFT_BEHIND = (
    sa.exists()
    .where(posted_before.c.channel_id == _CHANNEL, posted_before.c.entry_id == deliveries.c.entry_id)
    # While nobody knows what became of its message, nothing else is planned in the channel.
    .where(
        ~sa.exists().where(posts.c.id == posted_before.c.post_id, posts.c.state != PostState.POSTED),
    )
    .correlate(deliveries)
)
_HAS_RIVALS = sa.exists().where(_is_elsewhere(), waits_or_rests(other)).correlate(deliveries)
_THESE = among(deliveries.c.id, "b_ids")
_STILL_WAITING = (
    sa.select(
        deliveries.c.id,
        sa.case((repeats(mine), None), else_=_POSTED_ELSEWHERE).label("teller"),
        sa.case((repeats(mine), sa.false()), else_=_LEFT_BEHIND).label("left_behind"),
        sa.and_(~repeats(mine), _HAS_RIVALS).label("has_rivals"),
    )
    .join(mine, mine.c.id == deliveries.c.topic_id)
    .where(_THESE, _waits())
)
_RIVALS = (
    sa.select(other.c.id, deliveries.c.id.label("teller"))
    .where(_THESE, mine.c.id == deliveries.c.topic_id, ~repeats(mine))
    .where(_is_elsewhere(), waits_or_rests(other))
)
_TOLD_THERE = (
    sa.select(deliveries.c.id, _POSTED_ELSEWHERE.label("teller"), _LEFT_BEHIND.label("left_behind"))
    .join(mine, mine.c.id == deliveries.c.topic_id)
    .where(deliveries.c.topic_id == _TOPIC, ~repeats(mine), waits_or_rests())
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether deliveries may be posted in a channel now."""

    free: bool
    has_rivals: bool
    """The same articles wait in other topics of the channel: once these are planned, `settle_rivals` is to be called."""


async def take_turn(connection: AsyncConnection, channel_id: int, delivery_ids: Sequence[int]) -> Turn:
    """Whether these all still wait, and none stands in the channel or is about to. Those that do are skipped here."""
    parameters = {"b_ids": array(delivery_ids), "b_channel": channel_id}
    found = (await connection.execute(_STILL_WAITING, parameters)).all()
    told = [row for row in found if row.teller is not None or row.left_behind]
    await _skip(connection, told)
    free = not told and len(found) == len(delivery_ids)
    return Turn(free, has_rivals=free and any(row.has_rivals for row in found))


async def settle_rivals(connection: AsyncConnection, channel_id: int, delivery_ids: Sequence[int]) -> None:
    """After these were planned: the same articles in other topics of the channel wait no longer."""
    found = await connection.execute(_RIVALS, {"b_ids": array(delivery_ids), "b_channel": channel_id})
    await _skip(connection, found.all())


async def skip_told(connection: AsyncConnection, topic_id: int) -> int:
    """Leave out what waits in a topic, or rests, and stands in its present channel already. How much."""
    channel_id = await connection.scalar(sa.select(topics.c.channel_id).where(topics.c.id == topic_id))
    found = (await connection.execute(_TOLD_THERE, {"b_topic": topic_id, "b_channel": channel_id})).all()
    told = [row for row in found if row.teller is not None or row.left_behind]
    await _skip(connection, told)
    return len(told)


async def leave_channel(connection: AsyncConnection, topic_id: int, channel_id: int) -> None:
    """Before a topic gets another channel, or is deleted: what it posted stands in this one.

    What waited for it to be posted there waits for itself again; what may have arrived is remembered with its message,
    behind which everything else in the channel waits until that is known.
    """
    parameters = {"b_topic": topic_id, "b_channel": channel_id}
    await connection.execute(_REMEMBER, parameters)
    await bring_back_elsewhere(
        connection,
        sa.select(deliveries.c.id).where(deliveries.c.topic_id == topic_id, deliveries.c.state != DeliveryState.POSTED),
    )


async def wait_for_itself(connection: AsyncConnection, topic_id: int) -> None:
    """A topic has left a channel: what another topic there was about to post, and has not, waits in this one again."""
    unposted = (
        sa.select(same_stories.c.told_by)
        .join(deliveries, deliveries.c.id == same_stories.c.delivery_id)
        .join(other, other.c.id == same_stories.c.told_by)
        .where(deliveries.c.topic_id == topic_id, other.c.topic_id != topic_id, other.c.state != DeliveryState.POSTED)
    )
    await bring_back_elsewhere(connection, unposted, only_of=topic_id)


async def _skip(connection: AsyncConnection, told: Collection[Any]) -> None:
    """Leave these out, each for what is posted instead; whose story they were to tell is told by that too."""
    if not told:
        return
    parameters = {"b_ids": array(row.id for row in told)}
    await connection.execute(_LEAVE_OUT, parameters)
    pairs = [{"b_told": row.id, "b_teller": row.teller} for row in told if row.teller is not None]
    if pairs:
        if await connection.scalar(_TELL, parameters):
            await connection.execute(_HAND_ON, pairs)
        await connection.execute(_REFER, pairs)


_REMEMBER = (
    insert(posted_before)
    .prefix_with("OR REPLACE")
    .from_select(
        ["channel_id", "entry_id", "post_id"],
        sa.select(_CHANNEL, deliveries.c.entry_id, deliveries.c.post_id)
        .join(mine, mine.c.id == deliveries.c.topic_id)
        .outerjoin(posts, posts.c.id == deliveries.c.post_id)
        .where(deliveries.c.topic_id == _TOPIC, ~repeats(mine), _in_channel())
        .where(
            sa.or_(
                deliveries.c.state == DeliveryState.POSTED,
                sa.and_(deliveries.c.state == DeliveryState.PLANNED, posts.c.unsure.is_(True)),
            )
        )
        .order_by(deliveries.c.order_at.desc())
        .limit(MOST_REMEMBERED),
    )
)
_LEAVE_OUT = sa.update(deliveries).where(_THESE).values(state=DeliveryState.SKIPPED, reason=OTHER_TOPIC)
_TELL = sa.select(sa.exists().where(among(same_stories.c.told_by, "b_ids")))
_HAND_ON = (
    sa.update(same_stories)
    .where(same_stories.c.told_by == sa.bindparam("b_told"))
    .values(told_by=sa.bindparam("b_teller"))
)
_REFER = insert(same_stories).values(delivery_id=sa.bindparam("b_told"), told_by=sa.bindparam("b_teller"))
_REFER = _REFER.on_conflict_do_update(
    index_elements=[same_stories.c.delivery_id], set_={"told_by": _REFER.excluded.told_by}
)
