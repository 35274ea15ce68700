"""What is kept, for how long, and how it is deleted: in small pieces, so that nobody who writes waits for long.

`KEPT` says it for every table; docs/running.md says it to people.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.addresses import has_secret
from bot.model import DeliveryState, PostState
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array
from bot.store.schema.personal_tables import follows, personal_deliveries, personal_matches
from bot.store.schema.tables import (
    deliveries,
    edits,
    entries,
    feed_aliases,
    feeds,
    former_feeds,
    guilds,
    metadata,
    posts,
    river_counts,
    subscriptions,
    topics,
    troubles,
)

KEPT = {
    "feeds": "until store.unfollowed_days after the last follower left; at once where an address of it holds a secret",
    "feed_aliases": "with their feed",
    "former_feeds": "with their topic, or when the topic follows neither feed any more",
    "entries": "with their feed; after store.keep_days only title, link and the beginning of the text",
    "river_counts": "with their feed",
    "search_index": "one row",
    "stored_amounts": "two days, also of feeds that are gone; with their server",
    "topics": "until deleted, or 30 days after the bot left the server",
    "subscriptions": "with their topic",
    "source_names": "with their feed, or 30 days after the bot left the server",
    "imports": "a server's last one; until 30 days after the bot left the server",
    "import_items": "with their import",
    "removed_declarations": "until 30 days after the bot left the server",
    "posts": "the content until nothing can change the message any more, 4 days; the row for store.keep_days, 30 days where "
    "no article belongs to it, or until 30 days after the bot left the server",
    "deliveries": "with their article or topic",
    "same_stories": "with their article or topic",
    "posted_before": "with their article, or with their channel",
    "edits": "until done; with their article or topic",
    "followups": "a day after they were done; with their message",
    "channels": "until 30 days after the bot left the server; a private one with its person",
    "guilds": "until 30 days after the bot left the server",
    "troubles": "until they ended and that was told; 30 days after the bot left the server",
    "saved": "until the person removes it, or asks to be forgotten; the bot's copy of title, link and source is theirs",
    "web_addresses": "until 30 days after the bot left the server, also those of topics that were deleted",
    "poll_prices": "one row",
    "heartbeats": "one row for each loop",
    "people": "until the person asks to be forgotten",
    "follows": "until the person ends them; with their topic or source, or 30 days after the bot left the server",
    "personal_deliveries": "30 days; with their article",
    "personal_matches": "with what they belong to",
    "cursors": "one row for each loop",
}
"""By table, how long its rows stay. A table that refers to a server, a person, a feed or an article has to be here."""

GUILD_KEPT = timedelta(days=30)
"""After the bot was removed from a guild."""
PAYLOAD_KEPT = timedelta(days=4)
"""Articles may be corrected for 48 hours, and other sources be named for three days, see `store.posting.edit_requests` and `duplicates.same_story`."""
LOOSE_KEPT = timedelta(days=30)
"""For messages that no article belongs to: notices, private messages, and those that came to nothing."""
SETTLE = timedelta(seconds=3)
"""Between finding that nobody follows a feed and deleting it: who subscribes makes the feed and the subscription one after the other."""
ROWS = 500
ENTRIES = 50
"""In one transaction. Each is taken out of the search index, which reads its text for it."""
MERGED_PAGES = 64
"""Of the search index, rewritten in one transaction."""

EMPTY = ""
"""The payload of a message that nothing will change any more."""


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    feeds: int = 0
    entries: int = 0
    guilds: int = 0
    payloads: int = 0
    posts: int = 0
    more: bool = False
    """There is more to do at once."""

    def counts(self) -> dict[str, int]:
        """What is worth a line in the log."""
        return {name: count for name in ("feeds", "guilds", "posts", "payloads") if (count := getattr(self, name))}


class RetentionStore:
    """Deletes what is kept no longer. Each step is a transaction of some milliseconds.

    Args:
        unfollowed: how long a feed stays that nobody follows.
        keep: how long rows of posted messages stay.
        most_left: feeds that one guild left and nobody follows; of more, the first that were left go at once. Else
            subscribing and unsubscribing in turn would pass the limit of sources.
    """

    def __init__(
        self,
        database: Database,
        *,
        unfollowed: timedelta,
        keep: timedelta,
        most_left: int,
    ) -> None:
        self._db = database
        self._unfollowed = unfollowed
        self._keep = keep
        self._most_left = most_left
        self._merging = False
        """The search index still has the words of what was deleted, in places that nobody can find."""

    async def sweep(self, *, now: datetime) -> Swept:
        """One piece of each: guilds that left, feeds that nobody follows."""
        done = Swept()
        await self._forget_guild(done, now)
        await self._mark_followed(now)
        await self._delete_feed(done, now)
        self._merging = self._merging or bool(done.entries)
        return done

    async def sweep_posts(self, *, after: int, now: datetime) -> tuple[int | None, Swept]:
        """The next posts in the order of their ids: empty payloads, delete rows. The id to go on after; None at the end."""
        done = Swept()
        window = sa.select(posts.c.id).where(posts.c.id > after).order_by(posts.c.id).limit(ROWS)
        async with self._db.read() as connection:
            ids = list((await connection.execute(window)).scalars())
            if not ids:
                return None, done
            full = list((await connection.execute(_FULL, _window(ids, now - PAYLOAD_KEPT))).scalars())
            old = list((await connection.execute(_OLD, _window(ids, now - self._keep))).scalars())
            old += (await connection.execute(_LOOSE, _window(ids, now - LOOSE_KEPT))).scalars()
        if full or old:
            async with self._erasing() as connection:
                await connection.execute(
                    sa.update(posts).where(_THESE_POSTS).values(payload=EMPTY), {"b_ids": array(full)}
                )
                await connection.execute(sa.delete(posts).where(_THESE_POSTS), {"b_ids": array(old)})
        done.payloads, done.posts = len(full), len(old)
        return ids[-1], done

    async def merge_index(self) -> bool:
        """Rewrite a piece of the search index without what was deleted. Whether there is more to rewrite."""
        if not self._merging:
            return False
        async with self._erasing() as connection:
            before = await connection.scalar(_CHANGES)
            await connection.execute(_MERGE, {"pages": MERGED_PAGES})
            self._merging = bool((await connection.scalar(_CHANGES)) - before >= 2)
        return self._merging

    async def begin_merging(self) -> bool:
        """Have `merge_index` join all segments into one: only so nothing is left of deleted words. False: there are none."""
        if self._merging:
            async with self._db.write() as connection:
                await connection.execute(_MERGE, {"pages": -MERGED_PAGES})
        return self._merging

    # --- guilds that left -------------------------------------------------------------------------------

    async def _forget_guild(self, done: Swept, now: datetime) -> None:
        """A piece of one guild that removed the bot long ago; its own rows go last."""
        gone = sa.select(guilds).where(guilds.c.removed_at <= now - GUILD_KEPT).order_by(guilds.c.removed_at).limit(1)
        async with self._db.read() as connection:
            guild = (await connection.execute(gone)).one_or_none()
            if guild is None:
                return
            pieces = [
                (table, list((await connection.execute(query, {"b_guild": guild.guild_id})).scalars()))
                for table, query in _PIECES
            ]
        done.more = True
        table, ids = next(((table, ids) for table, ids in pieces if ids), (None, []))
        async with self._erasing() as connection:
            if table is not None:
                await connection.execute(sa.delete(table).where(among(table.c.id, "b_ids")), {"b_ids": array(ids)})
                return
            await _forget(connection, guild.guild_id, guild.removed_at)
        done.guilds = 1

    # --- feeds that nobody follows ------------------------------------------------------------------------

    async def _mark_followed(self, now: datetime) -> None:
        """Remember since when nobody follows a feed, as long as that is so."""
        async with self._db.read() as connection:
            left = list((await connection.execute(_NEWLY_LEFT)).scalars())
            back = list((await connection.execute(_FOLLOWED_AGAIN)).scalars())
        if not left and not back:
            return
        async with self._db.write() as connection:
            # Asked again inside the transaction: somebody may have subscribed meanwhile.
            marked = sa.update(feeds).where(among(feeds.c.id, "b_ids"), ~_IS_FOLLOWED)
            await connection.execute(marked.values(unfollowed_since=now), {"b_ids": array(left)})
            await connection.execute(
                sa.update(feeds).where(among(feeds.c.id, "b_ids")).values(unfollowed_since=None, left_by=None),
                {"b_ids": array(back)},
            )

    async def _delete_feed(self, done: Swept, now: datetime) -> None:
        """A piece of one feed whose time is over; its own row goes last."""
        async with self._db.read() as connection:
            feed_id = await self._next_to_delete(connection, now)
            if feed_id is None:
                return
            some = sa.select(entries.c.id).where(entries.c.feed_id == feed_id).limit(ENTRIES)
            ids = list((await connection.execute(some)).scalars())
        done.more = True
        async with self._erasing() as connection:
            still = sa.select(feeds.c.id).where(
                feeds.c.id == feed_id, feeds.c.unfollowed_since.is_not(None), ~_IS_FOLLOWED
            )
            if await connection.scalar(still) is None:
                return
            if ids:
                await connection.execute(sa.delete(entries).where(among(entries.c.id, "b_ids")), {"b_ids": array(ids)})
                done.entries = len(ids)
                return
            await connection.execute(sa.delete(river_counts).where(river_counts.c.feed_id == feed_id))
            await connection.execute(
                sa.delete(troubles).where(troubles.c.kind != "channel", troubles.c.subject == feed_id)
            )
            await connection.execute(sa.delete(feeds).where(feeds.c.id == feed_id))
        done.feeds = 1

    async def _next_to_delete(self, connection: AsyncConnection, now: datetime) -> int | None:
        settled = sa.and_(
            feeds.c.unfollowed_since <= now - SETTLE,
            ~_IS_FOLLOWED,
            sa.or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now),  # a poll under way is stored first
        )
        due = sa.select(feeds.c.id).where(settled, feeds.c.unfollowed_since <= now - max(SETTLE, self._unfollowed))
        found: int | None = await connection.scalar(due.order_by(feeds.c.unfollowed_since).limit(1))
        if found is not None:
            return found
        place = sa.func.row_number().over(partition_by=feeds.c.left_by, order_by=feeds.c.unfollowed_since.desc())
        waiting = sa.select(feeds.c.id, place.label("place")).where(settled, feeds.c.left_by.is_not(None)).subquery()
        too_many = await connection.scalar(sa.select(waiting.c.id).where(waiting.c.place > self._most_left).limit(1))
        if too_many is not None:
            return int(too_many)
        addresses = sa.union_all(
            sa.select(feeds.c.id, feeds.c.url).where(settled),
            sa.select(feeds.c.id, feed_aliases.c.url)
            .join(feed_aliases, feed_aliases.c.feed_id == feeds.c.id)
            .where(settled),
            sa.select(feeds.c.id, feeds.c.validators_url).where(settled, feeds.c.validators_url.is_not(None)),
        )
        for row in (await connection.execute(addresses)).all():
            if has_secret(row.url):
                return int(row.id)
        return None

    @contextlib.asynccontextmanager
    async def _erasing(self) -> AsyncIterator[AsyncConnection]:
        """A write after which nothing of what was deleted is left in the file: SQLite overwrites it."""
        async with self._db.write() as connection:
            await connection.exec_driver_sql("PRAGMA secure_delete = ON")
            try:
                yield connection
            finally:
                await connection.exec_driver_sql("PRAGMA secure_delete = FAST")


_IS_FOLLOWED = sa.or_(
    sa.exists().where(subscriptions.c.feed_id == feeds.c.id),
    sa.exists().where(former_feeds.c.former_id == feeds.c.id),
    sa.exists().where(follows.c.feed_id == feeds.c.id),
)
_FOLLOWED_NOW = sa.union_all(
    sa.select(subscriptions.c.feed_id),
    sa.select(former_feeds.c.former_id),
    sa.select(follows.c.feed_id).where(follows.c.feed_id.is_not(None)),
)
_NEWLY_LEFT = sa.select(feeds.c.id).where(feeds.c.unfollowed_since.is_(None), feeds.c.id.not_in(_FOLLOWED_NOW))
_FOLLOWED_AGAIN = sa.select(feeds.c.id).where(feeds.c.unfollowed_since.is_not(None), _IS_FOLLOWED)

_THESE_POSTS = among(posts.c.id, "b_ids")
_BEFORE = sa.bindparam("b_before", type_=posts.c.created_at.type)
_DONE = sa.and_(
    posts.c.id.between(sa.bindparam("b_first"), sa.bindparam("b_last")),
    posts.c.state != PostState.PLANNED,
    sa.func.coalesce(posts.c.posted_at, posts.c.last_attempt_at, posts.c.created_at) < _BEFORE,
)
_MEMBER = sa.exists().where(deliveries.c.post_id == posts.c.id)
_PERSONAL_MEMBER = sa.exists().where(personal_deliveries.c.post_id == posts.c.id)
_FULL = sa.select(posts.c.id).where(
    _DONE,
    posts.c.payload != EMPTY,
    ~sa.exists().where(deliveries.c.post_id == posts.c.id, edits.c.delivery_id == deliveries.c.id),
)
_TOLD = sa.exists().where(troubles.c.post_id == posts.c.id)
_OLD = sa.select(posts.c.id).where(_DONE, _MEMBER)
_LOOSE = sa.select(posts.c.id).where(_DONE, ~_MEMBER, ~_PERSONAL_MEMBER, ~_TOLD)


def _window(ids: Sequence[int], before: datetime) -> dict[str, Any]:
    return {"b_first": ids[0], "b_last": ids[-1], "b_before": before}


_OF_GUILD = sa.select(topics.c.id).where(topics.c.guild_id == sa.bindparam("b_guild"))
_PIECES: tuple[tuple[sa.Table, sa.Select[int]], ...] = (
    (deliveries, sa.select(deliveries.c.id).where(deliveries.c.topic_id.in_(_OF_GUILD)).limit(ROWS)),
    (posts, sa.select(posts.c.id).where(posts.c.guild_id == sa.bindparam("b_guild")).limit(ROWS)),
)
"""What a guild has much of, by id."""

_CHANGES = sa.text("SELECT total_changes()")
_MERGE = sa.text("INSERT INTO entries_search(entries_search, rank) VALUES ('merge', :pages)")


async def _forget(connection: AsyncConnection, guild_id: int, removed_at: datetime) -> None:
    """All that is left of a guild. What only it followed counts as left when the bot was removed."""
    of_guild = sa.select(topics.c.id).where(topics.c.guild_id == guild_id)
    followed = sa.union(
        sa.select(subscriptions.c.feed_id).where(subscriptions.c.topic_id.in_(of_guild)),
        sa.select(former_feeds.c.former_id).where(former_feeds.c.topic_id.in_(of_guild)),
        sa.select(follows.c.feed_id).where(follows.c.guild_id == guild_id, follows.c.feed_id.is_not(None)),
    )
    feed_ids = array((await connection.execute(followed)).scalars())
    users = array(
        (await connection.execute(sa.select(follows.c.user_id).where(follows.c.guild_id == guild_id))).scalars()
    )
    # Not a list of tables: what is added later goes too. The rest goes with these.
    for table in metadata.tables.values():
        if "guild_id" in table.c:
            await connection.execute(sa.delete(table).where(table.c.guild_id == guild_id))
    await connection.execute(
        sa.delete(personal_deliveries).where(
            among(personal_deliveries.c.user_id, "b_users"),
            personal_deliveries.c.state == DeliveryState.WAITING,
            ~sa.exists().where(personal_matches.c.delivery_id == personal_deliveries.c.id),
        ),
        {"b_users": users},
    )
    await connection.execute(
        sa.update(feeds).where(among(feeds.c.id, "b_ids"), ~_IS_FOLLOWED).values(unfollowed_since=removed_at),
        {"b_ids": feed_ids},
    )
    await connection.execute(sa.update(feeds).where(feeds.c.left_by == guild_id).values(left_by=None))
