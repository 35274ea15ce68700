"""Troubles that are events: nothing in the state of channels and feeds tells of them, so they are noted as they happen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ProblemKind
from bot.store.engine.json_params import array, table
from bot.store.schema.tables import milliseconds, troubles


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was not done as usual in a guild, to be told once while it goes on."""

    guild_id: int
    kind: ProblemKind
    subject: int
    """A feed, a topic, or 0 for the guild."""
    articles: int = 0


async def note_events(connection: AsyncConnection, events: Sequence[Event], *, now: datetime) -> None:
    """Remember them in the transaction in which they happen. One that lasts goes on, with more articles."""
    if not events:
        return
    values = [(each.guild_id, each.kind.value, each.subject, each.articles, milliseconds(now)) for each in events]
    await connection.execute(_NOTE, {"b_events": array(values)})


_EVENTS = table(
    "b_events",
    {
        "guild_id": sa.BigInteger(),
        "kind": sa.Text(),
        "subject": sa.BigInteger(),
        "articles": sa.Integer(),
        "at": sa.BigInteger(),
    },
)
_INSERT = insert(troubles).from_select(
    ["guild_id", "kind", "subject", "articles", "since", "last_at", "next_at", "refused"],
    sa.select(
        _EVENTS.c.guild_id,
        _EVENTS.c.kind,
        _EVENTS.c.subject,
        _EVENTS.c.articles,
        _EVENTS.c.at,
        _EVENTS.c.at,
        _EVENTS.c.at,
        sa.literal([], troubles.c.refused.type),
    ).where(sa.literal_column("1") == 1),  # else SQLite takes the conflict clause for a join's
)
_new, _lasts = _INSERT.excluded, troubles.c.ended.is_(None)
# One that ended, but whose end is not told yet, begins anew: with a notice of its own.
_NOTE = _INSERT.on_conflict_do_update(
    index_elements=["guild_id", "kind", "subject"],
    set_={
        "articles": sa.case((_lasts, troubles.c.articles + _new.articles), else_=_new.articles),
        "since": sa.case((_lasts, troubles.c.since), else_=_new.since),
        "last_at": _new.last_at,
        "next_at": sa.case((_lasts, troubles.c.next_at), else_=_new.next_at),
        "post_id": sa.case((_lasts, troubles.c.post_id), else_=None),
        "refused": sa.case((_lasts, troubles.c.refused), else_=_new.refused),
        "changed": sa.case((_lasts, troubles.c.changed), else_=sa.false()),
        "ended": None,
    },
)
