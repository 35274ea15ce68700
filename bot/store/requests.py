"""Asking, inside another transaction, for a posted message to be written anew; `bot.store.edits` is who answers."""

from datetime import datetime

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import edits


async def request_edit(connection: AsyncConnection, delivery_id: int, *, now: datetime) -> None:
    """Have the message of this delivery written anew, once it is posted. Asking again replaces what was asked."""
    values = {"delivery_id": delivery_id, "stamp": 1, "due_at": now, "created_at": now}
    await connection.execute(
        insert(edits)
        .values(values)
        .on_conflict_do_update(index_elements=["delivery_id"], set_={"stamp": edits.c.stamp + 1})
    )
