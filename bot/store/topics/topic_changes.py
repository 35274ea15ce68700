"""Topics and sources that change after they were made: edited, paused, resumed. What waits is kept in every case."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config.settings import LimitsSettings
from bot.model import DeliveryState, FeedState, Hours, PostState, Topic
from bot.store.engine.database import Database
from bot.store.engine.json_params import one_of
from bot.store.intake.topic_backlog import bound_waiting
from bot.store.moves import former_feeds
from bot.store.posting import digest_times as clocks
from bot.store.posting.once_per_channel import leave_channel, skip_told, wait_for_itself
from bot.store.posting.skipped_deliveries import SOURCE_PAUSED, bring_back
from bot.store.schema import row_mapping
from bot.store.schema.tables import channels, deliveries, feeds, posts, subscriptions, topics


class ChangeStore:
    """Edits and pauses. All of them are a person's, and go before batches."""

    def __init__(self, database: Database, limits: LimitsSettings) -> None:
        self._db = database
        self._most_waiting = limits.waiting_per_topic

    async def edit_topic(
        self,
        topic_id: int,
        *,
        name: str | None,
        channel_id: int | None,
        colour: int | None,
        standard_colour: bool = False,
        options: Mapping[str, object] | None = None,
        hours: Hours | None = None,
        now: datetime,
    ) -> Topic | None:
        """Change what is given. None, and nothing changed, where the guild has another topic of that name.

        What waits goes to the new channel; a message of which nobody knows whether it arrived is settled in the
        old one first.

        Args:
            hours: what comes next by the new options; None where they say nothing new about it.
        """
        values: dict[str, Any] = clocks.values(hours)
        if name is not None:
            values |= {"name": name, "name_key": name.casefold()}
        if channel_id is not None:
            values["channel_id"] = channel_id
        if colour is not None or standard_colour:
            values["colour"] = colour
        async with self._db.write(urgent=True) as connection:
            before = (await connection.execute(sa.select(topics).where(topics.c.id == topic_id))).one_or_none()
            if before is None or (name is not None and await _name_is_taken(connection, before, name)):
                return None
            if options:
                values["options"] = {**before.options, **options}
            if values:
                await connection.execute(sa.update(topics).where(topics.c.id == topic_id).values(values))
            if channel_id is not None and channel_id != before.channel_id:
                await ensure_channel(connection, before.guild_id, channel_id)
                await moved(connection, topic_id, old_channel_id=before.channel_id, now=now)
            found = await connection.execute(sa.select(*row_mapping.TOPIC_COLUMNS).where(topics.c.id == topic_id))
            return row_mapping.topic(found.mappings().one())

    async def pause_topic(self, topic_id: int, *, paused: bool) -> bool:
        """Hold a topic's articles, or let them go on. False: it was so already."""
        async with self._db.write(urgent=True) as connection:
            changed = await connection.execute(
                sa.update(topics)
                .where(topics.c.id == topic_id, topics.c.paused.is_not(sa.literal(paused)))
                .values(paused=paused)
            )
            return changed.rowcount > 0

    async def pause_source(
        self, guild_id: int, feed_id: int, *, paused: bool, now: datetime, visible: Collection[int] | None = None
    ) -> tuple[str, ...]:
        """Pause or resume a source in all topics of a guild; other guilds notice nothing.

        What comes meanwhile is kept, and posted after the pause.

        Args:
            visible: only in these topics, which is what a person may see.

        Returns:
            The names of the topics in which it changed.
        """
        async with self._db.write(urgent=True) as connection:
            found = await connection.execute(
                sa.select(topics.c.id, topics.c.name)
                .join(subscriptions, subscriptions.c.topic_id == topics.c.id)
                .where(topics.c.guild_id == guild_id, subscriptions.c.feed_id == feed_id)
                .where(subscriptions.c.paused.is_not(sa.literal(paused)))
                .where(sa.true() if visible is None else one_of(topics.c.id, visible))
                .order_by(topics.c.name_key)
            )
            names = {row.id: row.name for row in found.all()}
            await connection.execute(
                sa.update(subscriptions)
                .where(subscriptions.c.feed_id == feed_id, subscriptions.c.topic_id.in_(names))
                .values(paused=paused)
            )
            of_feed = former_feeds.entries_of(await former_feeds.ids_of(connection, feed_id, names))
            here = sa.and_(deliveries.c.topic_id.in_(names), deliveries.c.entry_id.in_(of_feed))
            if paused:
                waiting = sa.and_(here, deliveries.c.state == DeliveryState.WAITING)
                await bring_back(connection, sa.select(deliveries.c.id).where(waiting))
                await connection.execute(
                    sa.update(deliveries)
                    .where(waiting)
                    # Another source may tell their stories meanwhile, so they are compared again.
                    .values(state=DeliveryState.SKIPPED, reason=SOURCE_PAUSED, compared=False)
                )
            else:
                await connection.execute(
                    sa.update(deliveries)
                    .where(here, deliveries.c.state == DeliveryState.SKIPPED, deliveries.c.reason == SOURCE_PAUSED)
                    .values(state=DeliveryState.WAITING, reason=None)
                )
                await bound_waiting(connection, names, limit=self._most_waiting, now=now)
                await _ask_soon(connection, [feed_id], now)
            return tuple(names.values())

    async def retry_sources(self, feed_ids: Iterable[int], *, now: datetime) -> None:
        """Ask feeds as soon as their hosts allow, also those that said they were gone. One transaction for all."""
        ids = list(feed_ids)
        if not ids:
            return
        async with self._db.write(urgent=True) as connection:
            await _ask_soon(connection, ids, now)


async def ensure_channel(connection: AsyncConnection, guild_id: int, channel_id: int) -> None:
    """Know the channel from now on."""
    await connection.execute(insert(channels).values(channel_id=channel_id, guild_id=guild_id).on_conflict_do_nothing())


async def moved(connection: AsyncConnection, topic_id: int, *, old_channel_id: int, now: datetime) -> None:
    """After a topic got another channel: what was planned for the old one waits again, unless it may have arrived.

    What may have arrived is looked for there at once, even if the channel is held.
    """
    untried = (
        sa.select(posts.c.id)
        .where(posts.c.topic_id == topic_id, posts.c.channel_id == old_channel_id)
        .where(posts.c.state == PostState.PLANNED, posts.c.unsure.is_(False))
    )
    await leave_channel(connection, topic_id, old_channel_id)
    await clocks.due_again(connection, untried)
    await connection.execute(
        sa.update(deliveries).where(deliveries.c.post_id.in_(untried)).values(state=DeliveryState.WAITING, post_id=None)
    )
    await connection.execute(
        sa.update(posts)
        .where(posts.c.id.in_(untried))
        .values(state=PostState.DISSOLVED, last_error="its topic has another channel now")
    )
    await connection.execute(
        sa.update(posts)
        .where(posts.c.topic_id == topic_id, posts.c.state == PostState.PLANNED, posts.c.due_at > now)
        .values(due_at=sa.func.coalesce(posts.c.not_before, sa.literal(now, posts.c.due_at.type)))
    )
    await wait_for_itself(connection, topic_id)
    await skip_told(connection, topic_id)
    held_there = sa.and_(channels.c.channel_id == old_channel_id, channels.c.held_reason.is_not(None))
    await connection.execute(sa.update(channels).where(held_there).values(probe_at=now))


async def _name_is_taken(connection: AsyncConnection, topic: Any, name: str) -> bool:
    query = sa.select(topics.c.id).where(
        topics.c.guild_id == topic.guild_id, topics.c.name_key == name.casefold(), topics.c.id != topic.id
    )
    return await connection.scalar(query) is not None


async def _ask_soon(connection: AsyncConnection, feed_ids: Sequence[int], now: datetime) -> None:
    await connection.execute(
        sa.update(feeds)
        .where(feeds.c.id.in_(feed_ids))
        .values(
            # A source that brought too much today is not asked before tomorrow.
            next_poll_at=sa.func.max(
                sa.literal(now, feeds.c.next_poll_at.type), sa.func.coalesce(feeds.c.rests_until, 0)
            ),
            state=sa.case((feeds.c.state == FeedState.GONE, FeedState.ACTIVE), else_=feeds.c.state),
        )
    )
