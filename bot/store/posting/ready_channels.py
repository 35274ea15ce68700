"""Which channels have something to send, in the order in which servers take turns."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.model import DIRECT, DeliveryState, PostKind, PostState, ReadyChannel
from bot.store.engine.database import Database
from bot.store.engine.json_params import array, table
from bot.store.posting.digest_times import is_open, may_go
from bot.store.schema.personal_tables import follows, personal_deliveries, personal_matches
from bot.store.schema.tables import channels, deliveries, guilds, posts, topics

_GUILD_LEFT = sa.exists().where(guilds.c.guild_id == channels.c.guild_id, guilds.c.removed_at.is_not(None))
_IN_USE = sa.exists().where(topics.c.channel_id == channels.c.channel_id)
_UNFINISHED = sa.and_(
    posts.c.channel_id == channels.c.channel_id, posts.c.state == PostState.PLANNED, posts.c.kind != PostKind.NOTICE
)
_NOW = sa.bindparam("b_now", type_=channels.c.lease_until.type)
_TURNS = table("b_turns", {"server": sa.BigInteger(), "busy": sa.Integer(), "turn": sa.Integer()})
"""Of each server that was served lately: how many of its channels are served now, and when it had its last turn."""


def _first_due() -> sa.ScalarSelect[datetime]:
    """When the first unfinished message of a channel is to be sent; nothing overtakes it."""
    return (
        sa.select(posts.c.due_at).where(_UNFINISHED).order_by(posts.c.id).limit(1).correlate(channels).scalar_subquery()
    )


def _has_work() -> sa.ColumnElement[bool]:
    # One inside of the other: without statistics, SQLite would begin a join at all that waits, once for every channel.
    may_be_sent = (
        sa.exists()
        .where(deliveries.c.topic_id == topics.c.id, deliveries.c.state == DeliveryState.WAITING, may_go())
        .correlate(topics)
    )
    waiting = (
        sa.exists()
        .where(topics.c.channel_id == channels.c.channel_id, topics.c.paused.is_(False), is_open(_NOW), may_be_sent)
        .correlate(channels)
    )
    first_due = _first_due()
    return sa.or_(first_due <= _NOW, sa.and_(first_due.is_(None), waiting))


def _server() -> sa.ColumnElement[int]:
    """For which server a channel is served: its own; of a private one, that of what is told there.

    Of several it is the one that has least, so that nobody's messages wait for what else a person follows.
    """
    first = sa.select(posts.c.id).where(_UNFINISHED).order_by(posts.c.id).limit(1).correlate(channels).scalar_subquery()
    told = (
        sa.select(follows.c.guild_id)
        .join(personal_matches, personal_matches.c.follow_id == follows.c.id)
        .join(personal_deliveries, personal_deliveries.c.id == personal_matches.c.delivery_id)
        .outerjoin(_TURNS, _TURNS.c.server == follows.c.guild_id)
        .where(personal_deliveries.c.post_id == first)
        .order_by(_TURNS.c.busy.asc().nulls_first(), _TURNS.c.turn.asc().nulls_first(), follows.c.guild_id)
        .limit(1)
        .correlate(channels)
        .scalar_subquery()
    )
    return sa.case((channels.c.guild_id != DIRECT, channels.c.guild_id), else_=sa.func.coalesce(told, DIRECT))


def _ready() -> sa.Select[tuple[int, int]]:
    """The statement, which is built once."""
    lease_is_free = sa.or_(channels.c.lease_until.is_(None), channels.c.lease_until <= _NOW)
    probe_is_due = sa.and_(channels.c.held_reason.is_not(None), channels.c.probe_at <= _NOW)
    ready = (
        sa.select(channels.c.channel_id, channels.c.served_at, _server().label("server"))
        .where(lease_is_free, ~_GUILD_LEFT)
        .where(
            sa.or_(
                sa.and_(channels.c.held_reason.is_(None), _has_work()),
                sa.and_(probe_is_due, sa.or_(_IN_USE, _first_due().is_not(None))),
            )
        )
        .subquery("ready")
    )
    longest_unserved = (ready.c.served_at.asc().nulls_first(), ready.c.channel_id)
    place = sa.func.row_number().over(partition_by=ready.c.server, order_by=longest_unserved)
    return (
        sa.select(ready.c.channel_id, ready.c.server)
        .outerjoin(_TURNS, _TURNS.c.server == ready.c.server)
        .order_by(place + sa.func.coalesce(_TURNS.c.busy, 0), _TURNS.c.turn.asc().nulls_first(), *longest_unserved)
        .limit(sa.bindparam("b_limit", type_=sa.Integer()))
    )


_READY = _ready()


async def ready_channels(
    database: Database, *, now: datetime, limit: int, busy: Mapping[int, int], lately: Sequence[int]
) -> tuple[ReadyChannel, ...]:
    """Channels that have something to send now, or whose hold is to be tried, and that nobody leases.

    Next is the server that has the fewest channels served; among equals the one whose turn was longest ago. In a server
    it is the channel that was not served for longest. So however many channels one server fills, another's are not
    behind them.

    A post that waits for its retry keeps everything behind it in its channel waiting, so that order holds. Channels of
    a guild that removed the bot are left alone: nobody can mend them but by inviting it again.

    Args:
        busy: how many channels of which server are served now.
        lately: servers that had a turn, longest ago first; all others had none for longer.
    """
    turns = array(
        (server, busy.get(server, 0), turn) for turn, server in enumerate([*(busy.keys() - set(lately)), *lately])
    )
    parameters = {"b_now": now, "b_limit": limit, "b_turns": turns}
    async with database.read() as connection:
        found = await connection.execute(_READY, parameters)
        return tuple(ReadyChannel(row.channel_id, row.server) for row in found)
