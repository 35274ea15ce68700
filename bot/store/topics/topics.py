"""Topics and subscriptions: who follows what, into which channel."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NoRoom
from bot.model import DeliveryState, FeedState, FetchAddress, RestReason, SourceStatus, Topic, TopicPlace, TopicSummary
from bot.store.admin.unfollowed_feeds import leave
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array, one_of
from bot.store.feeds.feeds import ensure
from bot.store.feeds.replacement_addresses import SUGGESTED_URL
from bot.store.moves import former_feeds
from bot.store.moves.feed_moves import addresses, still_there
from bot.store.posting.once_per_channel import leave_channel
from bot.store.posting.skipped_deliveries import bring_back, may_still_come
from bot.store.schema import row_mapping, source_name_columns
from bot.store.schema.personal_tables import follows, personal_deliveries, personal_matches
from bot.store.schema.tables import deliveries, entries, feeds, removed_declarations, subscriptions, topics
from bot.store.topics.guild_capacity import ensure_room
from bot.store.topics.topic_changes import ensure_channel, moved

PACE_DAYS = 28


class TopicStore:
    """The tables `topics` and `subscriptions`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def create(
        self,
        *,
        guild_id: int,
        name: str,
        channel_id: int,
        colour: int | None = None,
        backfill: int | None = None,
        declared: bool = False,
        created_by: int | None = None,
        limit: int | None = None,
        now: datetime,
    ) -> Topic | None:
        """A new topic, or None where the guild has one of that name, whatever its case.

        Args:
            limit: how many topics the guild may have, declared ones not counted.

        Raises:
            NoRoom: it has as many.
        """
        async with self._db.write(urgent=True) as connection:
            if limit is not None and (there := await connection.scalar(_made_by(guild_id)) or 0) >= limit:
                raise NoRoom(there)
            values = {
                "guild_id": guild_id,
                "name": name,
                "name_key": name.casefold(),
                "channel_id": channel_id,
                "colour": colour,
                "backfill": backfill,
                "options": {},
                "declared": declared,
                "created_by": created_by,
                "created_at": now,
            }
            made = await connection.execute(
                insert(topics).values(values).on_conflict_do_nothing().returning(*row_mapping.TOPIC_COLUMNS)
            )
            row = made.mappings().one_or_none()
            if row is None:
                return None
            await ensure_channel(connection, guild_id, channel_id)
            await connection.execute(
                sa.delete(removed_declarations).where(
                    removed_declarations.c.guild_id == guild_id,
                    removed_declarations.c.name_key == name.casefold(),
                )
            )
            return row_mapping.topic(row)

    async def get(self, guild_id: int, name: str) -> Topic | None:
        query = sa.select(*row_mapping.TOPIC_COLUMNS).where(
            topics.c.guild_id == guild_id, topics.c.name_key == name.strip().casefold()
        )
        async with self._db.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return row_mapping.topic(row) if row else None

    async def places(self, guild_id: int) -> tuple[TopicPlace, ...]:
        """Where each of a guild's topics posts, and whether it is open to all."""
        query = sa.select(*row_mapping.TOPIC_COLUMNS, topics.c.created_by).where(topics.c.guild_id == guild_id)
        async with self._db.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        return tuple(
            TopicPlace(row["id"], row["channel_id"], row_mapping.options(row["options"]).open_to_all, row["created_by"])
            for row in found
        )

    async def all(self, guild_id: int, *, visible: Collection[int] | None = None) -> tuple[TopicSummary, ...]:
        """The topics of a guild, by name; of `visible` only, which a person may see, or all for what the bot does itself."""
        sources = sa.select(sa.func.count()).where(subscriptions.c.topic_id == topics.c.id).scalar_subquery()
        posted = (
            sa.select(sa.func.count())
            .where(deliveries.c.topic_id == topics.c.id, deliveries.c.state == DeliveryState.POSTED)
            .scalar_subquery()
        )
        query = (
            sa.select(*row_mapping.TOPIC_COLUMNS, sources.label("sources"), posted.label("posted"))
            .where(topics.c.guild_id == guild_id)
            .order_by(topics.c.name_key)
        )
        if visible is not None:
            query = query.where(one_of(topics.c.id, visible))
        async with self._db.read() as connection:
            found = await connection.execute(query)
            return tuple(
                TopicSummary(row_mapping.topic(row), row["sources"], row["posted"]) for row in found.mappings()
            )

    async def delete(self, topic_id: int, *, now: datetime) -> None:  # noqa: ARG002 - part of the interface for later use
        """Forget a topic with its subscriptions and deliveries, also to persons who follow it. The file does not bring a declared one back."""
        async with self._db.write(urgent=True) as connection:
            row = (await connection.execute(sa.select(topics).where(topics.c.id == topic_id))).one_or_none()
            if row is None:
                return
            if row.declared:
                await remember_removal(connection, row.guild_id, row.name_key, "")
            followers = await connection.execute(sa.select(follows.c.user_id).where(follows.c.topic_id == topic_id))
            users = array(followers.scalars())
            await leave(connection, row.guild_id, topic_id)
            await leave_channel(connection, topic_id, row.channel_id)
            await connection.execute(sa.delete(topics).where(topics.c.id == topic_id))
            await connection.execute(_WITHOUT_REASON, {"b_users": users})

    async def subscribe(
        self,
        topic_id: int,
        feed_id: int,
        *,
        added_by: int | None,
        now: datetime,
        declared: bool = False,
        limit: int | None = None,
        subscription_limit: int | None = None,
    ) -> bool:
        """Follow a feed in a topic; its baseline is set when the feed is next read. False: it was followed already.

        Args:
            limit: how many sources the guild may have, declared ones not counted.
            subscription_limit: how many subscriptions, topic by source, likewise.

        Raises:
            NoRoom: it has as many, and this is none of them.
        """
        async with self._db.write(urgent=True) as connection:
            if limit is not None:
                of_topic = sa.select(topics.c.guild_id).where(topics.c.id == topic_id)
                guild_id = await connection.scalar(of_topic) or 0
                await ensure_room(connection, guild_id, feed_id, [topic_id], limit, subscription_limit)
            return await subscribe(connection, topic_id, feed_id, added_by=added_by, now=now, declared=declared)

    async def unsubscribe(self, topic_id: int, feed_id: int, *, now: datetime) -> bool:  # noqa: ARG002 - as above
        """Stop following; articles that wait, for whatever, are dropped. False: it was not followed."""
        async with self._db.write(urgent=True) as connection:
            found = await connection.execute(
                sa.select(
                    subscriptions.c.id, subscriptions.c.declared, topics.c.guild_id, topics.c.name_key, feeds.c.url
                )
                .join(topics, topics.c.id == subscriptions.c.topic_id)
                .join(feeds, feeds.c.id == subscriptions.c.feed_id)
                .where(subscriptions.c.topic_id == topic_id, subscriptions.c.feed_id == feed_id)
            )
            row = found.one_or_none()
            if row is None:
                return False
            if row.declared:
                for url in (row.url, *await former_feeds.urls_of(connection, topic_id, feed_id)):
                    await remember_removal(connection, row.guild_id, row.name_key, url)
            await leave(connection, row.guild_id, topic_id, feed_id)
            await connection.execute(sa.delete(subscriptions).where(subscriptions.c.id == row.id))
            of_feed = former_feeds.entries_of(await former_feeds.ids_of(connection, feed_id, [topic_id]))
            dropped = sa.and_(deliveries.c.topic_id == topic_id, deliveries.c.entry_id.in_(of_feed), may_still_come())
            await bring_back(connection, sa.select(deliveries.c.id).where(dropped))
            await connection.execute(sa.delete(deliveries).where(dropped))
            await former_feeds.forget(connection, topic_id, feed_id)
            return True

    async def counts(self, guild_id: int) -> tuple[int, int]:
        """Topics and sources of a guild towards its limits; declared ones do not count."""
        followed = (
            sa.select(sa.func.count(subscriptions.c.feed_id.distinct()))
            .join(topics, topics.c.id == subscriptions.c.topic_id)
            .where(topics.c.guild_id == guild_id, subscriptions.c.declared.is_(False))
        )
        async with self._db.read() as connection:
            return (await connection.scalar(_made_by(guild_id)) or 0, await connection.scalar(followed) or 0)

    async def sources(
        self, guild_id: int, topic_id: int | None = None, *, now: datetime, visible: Collection[int] | None = None
    ) -> tuple[SourceStatus, ...]:
        """What a guild follows, by topic and title.

        Args:
            visible: only in these topics, which is what a person may see; None for what the bot does by itself.
        """
        latest = sa.select(sa.func.max(entries.c.sort_at)).where(entries.c.feed_id == feeds.c.id).scalar_subquery()
        oldest = sa.select(sa.func.min(entries.c.sort_at)).where(entries.c.feed_id == feeds.c.id).scalar_subquery()
        recent = (
            sa.select(sa.func.count())
            .where(entries.c.feed_id == feeds.c.id, entries.c.sort_at > now - timedelta(days=PACE_DAYS))
            .scalar_subquery()
        )
        query = (
            sa.select(
                feeds,
                SUGGESTED_URL,
                topics.c.name.label("topic"),
                topics.c.id.label("topic_id"),
                subscriptions.c.paused.label("paused_here"),
                latest.label("latest"),
                recent.label("recent"),
                oldest.label("oldest"),
                source_name_columns.shown(guild_id).label("shown"),
            )
            .join(subscriptions, subscriptions.c.feed_id == feeds.c.id)
            .join(topics, topics.c.id == subscriptions.c.topic_id)
            .where(topics.c.guild_id == guild_id)
            .order_by(
                topics.c.name_key, sa.func.lower(sa.func.coalesce(source_name_columns.shown(guild_id), feeds.c.url))
            )
        )
        if topic_id is not None:
            query = query.where(topics.c.id == topic_id)
        if visible is not None:
            query = query.where(one_of(topics.c.id, visible))
        async with self._db.read() as connection:
            return tuple(
                SourceStatus(
                    feed_id=row["id"],
                    url=FetchAddress(row["url"]),
                    title=row["shown"],
                    site_url=row["site_url"],
                    topic=row["topic"],
                    state=FeedState.PAUSED if row["paused_here"] else FeedState(row["state"]),
                    failures=row["failures"],
                    last_error=row["last_error"],
                    last_success_at=row["last_success_at"],
                    next_poll_at=row["next_poll_at"],
                    last_article_at=row["latest"],
                    articles_last_28_days=row["recent"],
                    known_for=min(timedelta(days=PACE_DAYS), now - row["oldest"]) if row["oldest"] else timedelta(0),
                    suggested_url=row["suggestion"],
                    own_title=row["title"],
                    failing_since=row["failing_since"],
                    interval_seconds=row["interval_seconds"],
                    busy_seconds=row["busy_seconds"],
                    topic_id=row["topic_id"],
                    rests_until=row["rests_until"] if row["rests_until"] and row["rests_until"] > now else None,
                    rest_reason=RestReason(row["rest_reason"]) if row["rest_reason"] else None,
                )
                for row in (await connection.execute(query)).mappings()
            )

    async def declare(
        self,
        *,
        guild_id: int,
        name: str,
        channel_id: int,
        feed_urls: Sequence[str],
        backfill: int | None,
        now: datetime,
    ) -> None:
        """Add or update what the file declares; never delete, and never bring back what a person removed."""
        async with self._db.write() as connection:
            removed = await connection.execute(
                sa.select(removed_declarations.c.feed_url).where(
                    removed_declarations.c.guild_id == guild_id,
                    removed_declarations.c.name_key == name.casefold(),
                )
            )
            gone = set(removed.scalars())
            if "" in gone:
                return
            before = await connection.scalar(
                sa.select(topics.c.channel_id).where(
                    topics.c.guild_id == guild_id, topics.c.name_key == name.casefold()
                )
            )
            values = {
                "guild_id": guild_id,
                "name": name,
                "name_key": name.casefold(),
                "channel_id": channel_id,
                "backfill": backfill,
                "options": {},
                "declared": True,
                "created_at": now,
            }
            made = await connection.execute(
                insert(topics)
                .values(values)
                .on_conflict_do_update(
                    index_elements=["guild_id", "name_key"],
                    set_={"channel_id": channel_id, "backfill": backfill, "declared": True},
                )
                .returning(topics.c.id)
            )
            topic_id = made.scalar_one()
            await ensure_channel(connection, guild_id, channel_id)
            if before is not None and before != channel_id:
                await moved(connection, topic_id, old_channel_id=before, now=now)
            for url in feed_urls:
                # The feed may have moved since the file was written, or since a person removed it.
                if gone.isdisjoint(await addresses(connection, url)):
                    feed_id = await former_feeds.successor(connection, topic_id, url)
                    if feed_id is None:
                        feed_id = (await ensure(connection, url, now=now)).id
                    await subscribe(connection, topic_id, feed_id, added_by=None, now=now, declared=True)


def _made_by(guild_id: int) -> sa.Select[int]:
    return sa.select(sa.func.count()).where(topics.c.guild_id == guild_id, topics.c.declared.is_(False))


async def subscribe(
    connection: AsyncConnection,
    topic_id: int,
    feed_id: int,
    *,
    added_by: int | None,
    now: datetime,
    declared: bool = False,
    sample: int | None = None,
) -> bool:
    """`TopicStore.subscribe` inside a transaction of the caller.

    Args:
        sample: how many articles are posted when the feed is first read for it; None means as its topic has it.
    """
    feed_id = await still_there(connection, feed_id, now)
    values = {
        "topic_id": topic_id,
        "feed_id": feed_id,
        "added_by": added_by,
        "added_at": now,
        "declared": declared,
        "sample": sample,
    }
    made = await connection.execute(
        insert(subscriptions).values(values).on_conflict_do_nothing().returning(subscriptions.c.id)
    )
    if made.scalar_one_or_none() is None:
        return False
    # A feed that nobody followed for a while may be asked again at once, and one whose followers have no room left too:
    # who follows it now may have some.
    rests = feeds.c.rest_reason == RestReason.SERVER
    await connection.execute(
        sa.update(feeds)
        .where(feeds.c.id == feed_id)
        .values(
            state=sa.case((feeds.c.state == FeedState.GONE, FeedState.ACTIVE), else_=feeds.c.state),
            unfollowed_since=None,
            left_by=None,
            next_poll_at=sa.case(
                (rests, sa.func.min(feeds.c.next_poll_at, sa.literal(now, feeds.c.next_poll_at.type))),
                else_=feeds.c.next_poll_at,
            ),
            rests_until=sa.case((rests, None), else_=feeds.c.rests_until),
            rest_reason=sa.case((rests, None), else_=feeds.c.rest_reason),
        )
    )
    return True


_WITHOUT_REASON = sa.delete(personal_deliveries).where(
    among(personal_deliveries.c.user_id, "b_users"),
    personal_deliveries.c.state == DeliveryState.WAITING,
    ~sa.exists().where(personal_matches.c.delivery_id == personal_deliveries.c.id),
)


async def remember_removal(connection: AsyncConnection, guild_id: int, name_key: str, feed_url: str) -> None:
    """The configuration file is not to bring this back; an empty address means the topic itself."""
    values = {"guild_id": guild_id, "name_key": name_key, "feed_url": feed_url}
    await connection.execute(insert(removed_declarations).values(values).on_conflict_do_nothing())
