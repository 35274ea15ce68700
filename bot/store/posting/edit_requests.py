"""Asking, inside another transaction, for a posted message to be written anew; `bot.store.posting.edits` is who answers."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState
from bot.store.schema.tables import deliveries, edits, entries, posts

CORRECTED_WITHIN = timedelta(hours=48)
"""After it was posted; what changes later is history."""
MAX_CORRECTIONS = 3
"""Of one article in one topic: some sites touch their articles all day."""
MAX_VARIABLES = 10_000
"""In one statement; SQLite allows 32,766."""


async def request_edit(
    connection: AsyncConnection, delivery_id: int, *, now: datetime, corrected: bool = False
) -> None:
    """Have the message of this delivery written anew, once it is posted. Asking again replaces what was asked.

    Args:
        corrected: its title or text changed, not only the sources that are named with it.
    """
    statement = insert(edits).values(delivery_id=delivery_id, stamp=1, due_at=now, created_at=now, corrected=corrected)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["delivery_id"],
            set_={
                "stamp": edits.c.stamp + 1,
                "corrected": sa.or_(edits.c.corrected, statement.excluded.corrected),
            },
        )
    )


async def request_corrections(
    connection: AsyncConnection, changed: Mapping[int, tuple[str, str]], *, now: datetime
) -> None:
    """Before these entries get another title and text: ask for their messages, if young, to be corrected.

    Args:
        changed: by entry, its title and HTML as they will be stored. Most polls change only dates and bytes; those
            ask for nothing. Whether a reader would see the change is known only once it is rendered.
    """
    ids = list(changed)
    for start in range(0, len(ids), MAX_VARIABLES):
        query = (
            sa.select(deliveries.c.id, deliveries.c.entry_id, entries.c.title, entries.c.summary_html)
            .join(entries, entries.c.id == deliveries.c.entry_id)
            .join(posts, posts.c.id == deliveries.c.post_id)
            .where(deliveries.c.entry_id.in_(ids[start : start + MAX_VARIABLES]))
            .where(deliveries.c.state.in_([DeliveryState.PLANNED, DeliveryState.POSTED]))
            .where(deliveries.c.corrections < MAX_CORRECTIONS)
            .where(sa.or_(posts.c.posted_at.is_(None), posts.c.posted_at > now - CORRECTED_WITHIN))
        )
        for row in (await connection.execute(query)).all():
            if (row.title, row.summary_html) != changed[row.entry_id]:
                await request_edit(connection, row.id, now=now, corrected=True)
