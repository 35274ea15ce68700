"""Deliveries that are skipped for another's sake, or for as long as a source is paused, and how they come to wait again."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState
from bot.store.schema.tables import deliveries, entries, former_feeds, same_stories, subscriptions

SAME_STORY = "same story"
SOURCE_PAUSED = "its source is paused"
"""Why an article is skipped for now; taken back when the source is resumed."""
OTHER_TOPIC = "another topic of its channel posts it"
"""Why an article is skipped; `same_stories` says for which delivery, unless that is gone."""


async def bring_back(
    connection: AsyncConnection, gone: sa.Select[tuple[int]], parameters: Mapping[str, str] | None = None
) -> None:
    """These deliveries will not be posted: whose story they were to tell waits again, to be compared anew.

    Where its source is paused meanwhile, it waits for the end of the pause.

    Args:
        parameters: of `gone`.
    """
    untold = sa.select(same_stories.c.delivery_id).where(same_stories.c.told_by.in_(gone))
    await connection.execute(_waiting_again(untold), parameters)
    await connection.execute(sa.delete(same_stories).where(same_stories.c.told_by.in_(gone)), parameters)


async def bring_back_elsewhere(
    connection: AsyncConnection, gone: sa.Select[tuple[int]], *, only_of: int | None = None
) -> None:
    """These deliveries are not posted now: what they were to tell for other topics of the channel waits again.

    Args:
        only_of: bring back only what is of this topic.
    """
    teller = deliveries.alias("teller")
    untold = (
        sa.select(same_stories.c.delivery_id)
        .join(deliveries, deliveries.c.id == same_stories.c.delivery_id)
        .join(teller, teller.c.id == same_stories.c.told_by)
        .where(same_stories.c.told_by.in_(gone), teller.c.topic_id != deliveries.c.topic_id)
    )
    if only_of is not None:
        untold = untold.where(deliveries.c.topic_id == only_of)
    ids = list((await connection.execute(untold)).scalars())
    if ids:
        await connection.execute(_waiting_again(ids))
        await connection.execute(sa.delete(same_stories).where(same_stories.c.delivery_id.in_(ids)))


def _waiting_again(these: "sa.Select[tuple[int]] | list[int]") -> sa.Update:
    """Deliveries that were skipped for another wait; where their source is paused, for the end of the pause."""
    came = sa.exists().where(
        former_feeds.c.topic_id == deliveries.c.topic_id,
        former_feeds.c.former_id == entries.c.feed_id,
        former_feeds.c.feed_id == subscriptions.c.feed_id,
    )
    rests = sa.exists().where(
        entries.c.id == deliveries.c.entry_id,
        sa.or_(subscriptions.c.feed_id == entries.c.feed_id, came),
        subscriptions.c.topic_id == deliveries.c.topic_id,
        subscriptions.c.paused.is_(True),
    )
    return (
        sa.update(deliveries)
        .where(deliveries.c.id.in_(these), deliveries.c.state == DeliveryState.SKIPPED)
        .values(
            state=sa.case((rests, DeliveryState.SKIPPED), else_=DeliveryState.WAITING),
            reason=sa.case((rests, SOURCE_PAUSED), else_=None),
            compared=False,
        )
    )


def waits_or_rests(of: Any = deliveries) -> sa.ColumnElement[bool]:
    """For a delivery: it waits, if need be for the end of its source's pause."""
    resting = sa.and_(of.c.state == DeliveryState.SKIPPED, of.c.reason == SOURCE_PAUSED)
    return sa.or_(of.c.state == DeliveryState.WAITING, resting)


def may_still_come() -> sa.ColumnElement[bool]:
    """For a delivery: it waits or rests, or comes if another that is to tell its story does not."""
    teller = deliveries.alias("teller")
    not_told_yet = (
        sa.exists()
        .where(same_stories.c.delivery_id == deliveries.c.id, teller.c.id == same_stories.c.told_by)
        .where(teller.c.state.in_((DeliveryState.WAITING, DeliveryState.PLANNED)))
    )
    return sa.or_(waits_or_rests(), sa.and_(deliveries.c.state == DeliveryState.SKIPPED, not_told_yet))
