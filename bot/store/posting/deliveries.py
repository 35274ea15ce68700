"""What waits, by channel: claiming channels, reading their queue, holding and releasing them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.model import BlockReason, ChannelLease, Delivery, DeliveryState, ReadyChannel
from bot.store.engine.database import Database
from bot.store.engine.json_params import one_of
from bot.store.posting.digest_times import is_open, may_go, was_announced, was_held
from bot.store.posting.ready_channels import ready_channels
from bot.store.posting.skipped_deliveries import bring_back
from bot.store.schema import row_mapping, source_name_columns
from bot.store.schema.tables import channels, deliveries, entries, feeds, topics

LEASE = timedelta(seconds=60)


_FREE: dict[str, Any] = {"held_kind": None, "held_reason": None, "held_since": None, "probe_at": None, "probes": 0}


class DeliveryStore:
    """The tables `deliveries` and `channels`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def ready_channels(
        self, *, now: datetime, limit: int, busy: Mapping[int, int] | None = None, lately: Sequence[int] = ()
    ) -> tuple[ReadyChannel, ...]:
        """Channels that have something to send now, or whose hold is to be tried. See `store.posting.ready_channels`."""
        return await ready_channels(self._db, now=now, limit=limit, busy=busy or {}, lately=lately)

    async def claim_channels(
        self, channel_ids: Collection[int] | None = None, *, now: datetime, limit: int = 0
    ) -> tuple[ChannelLease, ...]:
        """Lease these channels, in this order. None: the first `limit` that are ready."""
        if channel_ids is None:
            channel_ids = [each.channel_id for each in await self.ready_channels(now=now, limit=limit)]
        if not channel_ids:
            return ()
        lease_is_free = sa.or_(channels.c.lease_until.is_(None), channels.c.lease_until <= now)
        async with self._db.write() as connection:
            claimed = await connection.execute(
                sa.update(channels)
                .where(one_of(channels.c.channel_id, channel_ids), lease_is_free)
                .values(lease_until=now + LEASE, served_at=now)
                .returning(channels)
            )
            leases = {row.channel_id: _lease(row) for row in claimed.all()}
        return tuple(leases[channel_id] for channel_id in channel_ids if channel_id in leases)

    async def release(self, channel_id: int) -> None:
        """Give a channel back."""
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(channels).where(channels.c.channel_id == channel_id).values(lease_until=None)
            )

    async def void_leases(self, *, now: datetime) -> None:
        """At start: nobody else sends, and every held channel may have been mended meanwhile."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(channels).values(lease_until=None))
            # A person who takes no messages is not asked again because the bot was started again.
            await connection.execute(
                sa.update(channels)
                .where(channels.c.held_reason.is_not(None), channels.c.held_kind != BlockReason.CLOSED)
                .values(probe_at=now)
            )

    async def waiting(
        self, channel_id: int, *, limit: int, now: datetime | None = None, topic_id: int | None = None
    ) -> tuple[tuple[Delivery, bool], ...]:
        """The oldest that wait for a channel, each with whether it must be posted alone.

        Args:
            now: leaves out what quiet hours hold now, or a digest that is still to come.
            topic_id: only of this topic.
        """
        article = (
            sa.select(*row_mapping.ARTICLE_COLUMNS).join(feeds, feeds.c.id == entries.c.feed_id).subquery("article")
        )
        query = (
            sa.select(
                deliveries.c.id.label("delivery_id"),
                deliveries.c.alone,
                was_held().label("held"),
                was_announced().label("announced"),
                article,
                source_name_columns.given(topics.c.guild_id, article.c.feed_id).label(row_mapping.GIVEN_NAME),
                *(column.label(f"topic_{column.key}") for column in row_mapping.TOPIC_COLUMNS),
            )
            .join(topics, topics.c.id == deliveries.c.topic_id)
            .join(article, article.c.entry_id == deliveries.c.entry_id)
            .where(topics.c.channel_id == channel_id, topics.c.paused.is_(False))
            .where(deliveries.c.state == DeliveryState.WAITING)
            .order_by(deliveries.c.order_at, deliveries.c.order_position, deliveries.c.id)
            .limit(limit)
        )
        if now is not None:
            query = query.where(is_open(now), may_go())
        if topic_id is not None:
            query = query.where(topics.c.id == topic_id)
        async with self._db.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        return tuple(
            (
                Delivery(
                    id=row["delivery_id"],
                    topic=row_mapping.topic(
                        {column.key: row[f"topic_{column.key}"] for column in row_mapping.TOPIC_COLUMNS}
                    ),
                    article=row_mapping.article(row),
                    held=bool(row["held"]),
                    announced=bool(row["announced"]),
                ),
                bool(row["alone"]),
            )
            for row in found
        )

    async def fail(self, delivery_ids: Iterable[int], reason: str) -> None:
        """These can never be posted as they are; they stay, with the reason, and can be replayed."""
        ids = list(delivery_ids)
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(deliveries).where(deliveries.c.id.in_(ids)).values(state=DeliveryState.FAILED, reason=reason)
            )
            await bring_back(connection, sa.select(deliveries.c.id).where(deliveries.c.id.in_(ids)))

    async def hold(
        self, channel_id: int, reason: str, *, kind: BlockReason = BlockReason.ACCESS, now: datetime, probe_at: datetime
    ) -> bool:
        """Stop sending to a channel until a probe goes well. True if it was not held before."""
        async with self._db.write() as connection:
            before = await connection.scalar(
                sa.select(channels.c.held_reason).where(channels.c.channel_id == channel_id)
            )
            values = {
                "held_kind": kind,
                "held_reason": reason,
                "probe_at": probe_at,
                "probes": channels.c.probes + 1,
            }
            if before is None:
                values |= {"held_since": now, "probes": 1}
            await connection.execute(sa.update(channels).where(channels.c.channel_id == channel_id).values(values))
            return before is None

    async def resume(self, channel_id: int) -> None:
        """A probe went well."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(channels).where(channels.c.channel_id == channel_id).values(_FREE))

    async def probe_soon(self, guild_id: int, *, now: datetime, channel_id: int | None = None) -> int:
        """Something changed in the guild: try its held channels, or one of them, at once. How many there are."""
        held = sa.and_(channels.c.guild_id == guild_id, channels.c.held_reason.is_not(None))
        if channel_id is not None:
            held = sa.and_(held, channels.c.channel_id == channel_id)
        # Most events of a guild concern nothing that is held: they shall not cost a write each.
        async with self._db.read() as connection:
            if await connection.scalar(sa.select(sa.func.count()).select_from(channels).where(held)) == 0:
                return 0
        async with self._db.write(urgent=True) as connection:
            changed = await connection.execute(sa.update(channels).where(held).values(probe_at=now))
            return changed.rowcount


def _lease(row: Any) -> ChannelLease:
    return ChannelLease(
        channel_id=row.channel_id,
        guild_id=row.guild_id,
        lease_until=row.lease_until,
        held_reason=row.held_reason,
        probes=row.probes,
        last_message_id=row.last_message_id,
    )
