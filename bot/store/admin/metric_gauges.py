"""How the work stands at this moment: what waits, for how long, and how late articles came. Cheap enough to be asked each 15 s."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.model import DeliveryState, FeedState, PostState
from bot.store.engine.database import Database
from bot.store.schema.tables import channels, deliveries, entries, feeds, moment, posts

SAMPLE = 200
"""The articles posted last, whose delays are told."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """Seconds are 0 where nothing waits."""

    active_feeds: int
    failing_feeds: int
    overdue_poll_seconds: float
    """How long the feed that should have been asked first is due."""
    waiting_deliveries: int
    """Articles in topics that did not go out yet, those of pauses and quiet hours included."""
    late_post_seconds: float
    """How long the message is due that should have gone first, of channels that are not held."""
    held_channels: int
    delays_seconds: tuple[float, ...]
    """From publication, else from discovery, to the post; of the articles posted last."""


class GaugeStore:
    """Reads the gauges."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def read(self, *, now: datetime) -> Gauges:
        """Raises `StoreError` where the database does not answer."""
        held = sa.select(channels.c.channel_id).where(channels.c.held_reason.is_not(None))
        active = feeds.c.state == FeedState.ACTIVE
        numbers = sa.select(
            sa.select(sa.func.count()).select_from(feeds).where(active).scalar_subquery(),
            sa.select(sa.func.count()).select_from(feeds).where(feeds.c.failing_since.is_not(None)).scalar_subquery(),
            sa.select(sa.func.min(feeds.c.next_poll_at)).where(active, feeds.c.lease_until.is_(None)).scalar_subquery(),
            sa.select(sa.func.count())
            .select_from(deliveries)
            .where(deliveries.c.state == DeliveryState.WAITING)
            .scalar_subquery(),
            sa.select(sa.func.min(posts.c.due_at))
            .where(posts.c.state == PostState.PLANNED, posts.c.channel_id.not_in(held))
            .scalar_subquery(),
            sa.select(sa.func.count()).select_from(held.subquery()).scalar_subquery(),
        )
        last = (
            sa.select(posts.c.id, posts.c.posted_at)
            .where(posts.c.posted_at.is_not(None))
            .order_by(posts.c.posted_at.desc())
            .limit(SAMPLE)
            .subquery()
        )
        delays = (
            sa.select(last.c.posted_at, sa.func.coalesce(entries.c.published_at, entries.c.seen_at))
            .join(deliveries, deliveries.c.post_id == last.c.id)
            .join(entries, entries.c.id == deliveries.c.entry_id)
            .limit(SAMPLE)
        )
        async with self._db.read() as connection:
            row = (await connection.execute(numbers)).one()
            posted = (await connection.execute(delays)).all()
        return Gauges(
            active_feeds=row[0],
            failing_feeds=row[1],
            overdue_poll_seconds=_since(row[2], now),
            waiting_deliveries=row[3],
            late_post_seconds=_since(row[4], now),
            held_channels=row[5],
            delays_seconds=tuple(max(0.0, (_aware(each[0]) - _aware(each[1])).total_seconds()) for each in posted),
        )


def _aware(stored: datetime | int) -> datetime:
    return stored if isinstance(stored, datetime) else moment(stored)


def _since(stored: datetime | int | None, now: datetime) -> float:
    return 0.0 if stored is None else max(0.0, (now - _aware(stored)).total_seconds())
