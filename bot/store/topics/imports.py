"""Lists of feeds that are imported: what is still to be looked at, and what became of the rest. They outlast a restart."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    FORGOTTEN,
    ClaimedFeed,
    FailedItem,
    FeedState,
    FetchAddress,
    ImportItem,
    ImportReport,
    ItemState,
    NewItem,
    Tally,
)
from bot.store.admin.stored_secrets import settled
from bot.store.engine.database import Database
from bot.store.feeds.feeds import ensure
from bot.store.moves.former_feeds import followed_before
from bot.store.schema.tables import feed_aliases, feeds, import_items, imports, subscriptions, topics
from bot.store.topics.guild_capacity import ensure_room
from bot.store.topics.topics import subscribe

SAMPLE = 0
"""Articles that an imported feed posts of what it lists: hundreds of feeds would flood a channel."""
WELL_WITHIN = timedelta(days=1)
"""A feed that answered well so lately need not be asked again to be followed by somebody else."""
LOOKED_AT = timedelta(minutes=5)
"""What is being taken in is not polled meanwhile; should the process end in between, it is soon after."""


class ImportStore:
    """The tables `imports` and `import_items`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def begin(
        self,
        *,
        guild_id: int,
        channel_id: int,
        added_by: int | None,
        language: str | None,
        items: Sequence[NewItem],
        now: datetime,
    ) -> int | None:
        """Store a list; it takes the place of the guild's last one. None, and nothing changed, while that goes on."""
        async with self._db.write(urgent=True) as connection:
            of_guild = imports.c.guild_id == guild_id
            if await connection.scalar(sa.select(imports.c.id).where(of_guild, imports.c.finished_at.is_(None))):
                return None
            await connection.execute(sa.delete(imports).where(of_guild))
            values = {
                "guild_id": guild_id,
                "channel_id": channel_id,
                "added_by": added_by,
                "language": language,
                "created_at": now,
            }
            made = await connection.execute(sa.insert(imports).values(values).returning(imports.c.id))
            import_id: int = made.scalar_one()
            await connection.execute(
                sa.insert(import_items),
                [
                    {
                        "import_id": import_id,
                        "topics": list(item.topics),
                        "state": ItemState.FAILED if item.problem else ItemState.OPEN,
                        **(
                            settled(item.url.reveal(), item.title, item.problem)
                            if item.problem
                            else {"url": item.url.reveal(), "title": item.title, "problem": None}
                        ),
                    }
                    for item in items
                ],
            )
            return import_id

    async def goes_on(self, guild_id: int) -> bool:
        """Whether an import of the guild is not over."""
        query = sa.select(imports.c.id).where(imports.c.guild_id == guild_id, imports.c.finished_at.is_(None))
        async with self._db.read() as connection:
            return await connection.scalar(query.limit(1)) is not None

    async def open_items(self) -> tuple[ImportItem, ...]:
        """All that is still to be looked at, of every list, in its order."""
        query = (
            sa.select(import_items, imports.c.guild_id, imports.c.channel_id, imports.c.added_by)
            .join(imports, imports.c.id == import_items.c.import_id)
            .where(imports.c.finished_at.is_(None), import_items.c.state == ItemState.OPEN)
            .order_by(import_items.c.id)
        )
        async with self._db.read() as connection:
            return tuple(
                ImportItem(
                    id=row.id,
                    import_id=row.import_id,
                    guild_id=row.guild_id,
                    channel_id=row.channel_id,
                    added_by=row.added_by,
                    url=FetchAddress(row.url),
                    title=row.title,
                    topics=tuple(row.topics),
                )
                for row in (await connection.execute(query)).all()
            )

    async def followed(self, guild_id: int) -> tuple[tuple[FetchAddress, str], ...]:
        """What the guild follows: addresses of feeds, former ones too, each with the key of a topic's name."""
        of_guild = sa.and_(topics.c.guild_id == guild_id, topics.c.id == subscriptions.c.topic_id)
        now = sa.select(feeds.c.url, topics.c.name_key).join(
            subscriptions, sa.and_(subscriptions.c.feed_id == feeds.c.id)
        )
        former = sa.select(feed_aliases.c.url, topics.c.name_key).join(
            subscriptions, subscriptions.c.feed_id == feed_aliases.c.feed_id
        )
        query = now.join(topics, of_guild).union(former.join(topics, of_guild), followed_before(guild_id))
        async with self._db.read() as connection:
            return tuple((FetchAddress(row.url), row.name_key) for row in (await connection.execute(query)).all())

    async def is_well(self, address: FetchAddress, *, now: datetime) -> bool:
        """Whether the feed at this address, now or formerly, is polled for somebody and answered well lately."""
        url = address.reveal()
        alias = sa.select(feed_aliases.c.feed_id).where(feed_aliases.c.url == url)
        query = sa.select(feeds.c.id).where(
            sa.or_(feeds.c.url == url, feeds.c.id.in_(alias)),
            feeds.c.state == FeedState.ACTIVE,
            feeds.c.failures == 0,
            feeds.c.last_success_at > now - WELL_WITHIN,
            sa.exists().where(subscriptions.c.feed_id == feeds.c.id, subscriptions.c.paused.is_(False)),
        )
        async with self._db.read() as connection:
            return await connection.scalar(query.limit(1)) is not None

    async def follow(
        self,
        item: ImportItem,
        url: FetchAddress,
        topic_ids: Sequence[int],
        *,
        limit: int,
        subscription_limit: int | None = None,
        looked_at: bool,
        note: str | None = None,
        now: datetime,
    ) -> ClaimedFeed:
        """Follow the feed in these topics and settle the item, in one transaction.

        Args:
            limit: how many sources the guild may have.
            subscription_limit: how many subscriptions, topic by source.
            looked_at: its document is there and is taken in next.

        Raises:
            NoRoom: it has as many; nothing changed.
        """
        async with self._db.write(urgent=True) as connection:
            feed = await ensure(connection, url.reveal(), now=now)
            await ensure_room(connection, item.guild_id, feed.id, topic_ids, limit, subscription_limit)
            # Not as the item says, which was read before: the person may have asked to be forgotten meanwhile.
            giver = await connection.scalar(sa.select(imports.c.added_by).where(imports.c.id == item.import_id))
            results = [
                await subscribe(connection, topic_id, feed.id, added_by=giver or None, now=now, sample=SAMPLE)
                for topic_id in topic_ids
            ]
            added = any(results)
            if added:
                due = now + LOOKED_AT if looked_at and not feed.has_entries else now
                await connection.execute(sa.update(feeds).where(feeds.c.id == feed.id).values(next_poll_at=due))
            state = ItemState.FOLLOWED if added else ItemState.ALREADY
            await _settle(connection, item.id, state, note if added else None)
            return feed

    async def settle(self, item_id: int, state: ItemState, problem: str | None = None) -> None:
        """What became of a feed that is not followed by this."""
        async with self._db.write(urgent=True) as connection:
            await _settle(connection, item_id, state, problem)

    async def tally(self, import_id: int) -> Tally | None:
        """How far an import is; None if there is none of this number any more."""
        async with self._db.read() as connection:
            return await _tally(connection, import_id)

    async def last(self, guild_id: int) -> int | None:
        """The guild's last import, whether it is over or not."""
        query = sa.select(sa.func.max(imports.c.id)).where(imports.c.guild_id == guild_id)
        async with self._db.read() as connection:
            found: int | None = await connection.scalar(query)
            return found

    async def report(self, import_id: int) -> ImportReport | None:
        """What came of it so far; addresses as they were given."""
        async with self._db.read() as connection:
            row = (await connection.execute(sa.select(imports).where(imports.c.id == import_id))).one_or_none()
            tally = await _tally(connection, import_id)
            if row is None or tally is None:
                return None
            query = sa.select(import_items).where(import_items.c.import_id == import_id).order_by(import_items.c.id)
            items = (await connection.execute(query)).all()
        taken = [item for item in items if item.state == ItemState.FOLLOWED]
        return ImportReport(
            id=row.id,
            guild_id=row.guild_id,
            added_by=row.added_by or None,
            language=row.language,
            created_at=row.created_at,
            finished_at=row.finished_at,
            tally=tally,
            topics=tuple(dict.fromkeys(name for item in taken for name in item.topics)),
            failed=tuple(_failed(item) for item in items if item.state == ItemState.FAILED),
            unchecked=sum(1 for item in taken if item.problem),
        )

    async def finish(self, *, now: datetime) -> tuple[int, ...]:
        """Close the imports of which nothing is left to do. Their numbers."""
        left = sa.exists().where(import_items.c.import_id == imports.c.id, import_items.c.state == ItemState.OPEN)
        over = sa.and_(imports.c.finished_at.is_(None), ~left)
        async with self._db.read() as connection:
            if not (await connection.execute(sa.select(imports.c.id).where(over))).all():
                return ()
        async with self._db.write(urgent=True) as connection:
            closed = await connection.execute(
                sa.update(imports).where(over).values(finished_at=now).returning(imports.c.id)
            )
            return tuple(closed.scalars())

    async def untold(self, *, before: datetime) -> tuple[int, ...]:
        """Imports that ended before then and of whose end nobody was told."""
        query = sa.select(imports.c.id).where(imports.c.finished_at <= before, imports.c.told.is_(False))
        async with self._db.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def count_of(self, user_id: int) -> int:
        """How many lists this person gave."""
        query = sa.select(sa.func.count()).select_from(imports).where(imports.c.added_by == user_id)
        async with self._db.read() as connection:
            return await connection.scalar(query) or 0

    async def forget(self, user_id: int) -> None:
        """Take the person off the lists that they gave.

        What such a list still has open fails: nobody is left whose rights could be checked. That tells nobody.
        """
        goes_on = imports.c.finished_at.is_(None)
        gone = (
            sa.update(imports)
            .where(imports.c.added_by == user_id)
            .values(added_by=sa.case((goes_on, FORGOTTEN), else_=sa.null()), language=None)
        )
        async with self._db.write(urgent=True) as connection:
            await connection.execute(gone)

    async def giver(self, import_id: int) -> int | None:
        """Who gave the list, as is known now: `FORGOTTEN` where they asked to be, None where nobody's rights count."""
        query = sa.select(imports.c.added_by).where(imports.c.id == import_id)
        async with self._db.read() as connection:
            row = (await connection.execute(query)).one_or_none()
            return FORGOTTEN if row is None else row.added_by

    async def told(self, import_id: int) -> None:
        """Who gave the list knows what came of it, or cannot be reached."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(imports).where(imports.c.id == import_id).values(told=True))


async def _settle(connection: AsyncConnection, item_id: int, state: ItemState, problem: str | None) -> None:
    item = (await connection.execute(sa.select(import_items).where(import_items.c.id == item_id))).one_or_none()
    if item is not None:
        values = settled(item.url, item.title, problem) | {"state": state}
        await connection.execute(sa.update(import_items).where(import_items.c.id == item_id).values(values))


async def _tally(connection: AsyncConnection, import_id: int) -> Tally | None:
    query = (
        sa.select(import_items.c.state, sa.func.count())
        .where(import_items.c.import_id == import_id)
        .group_by(import_items.c.state)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in (await connection.execute(query)).all()}
    if not counts:
        return None
    return Tally(
        total=sum(counts.values()),
        followed=counts.get(ItemState.FOLLOWED, 0),
        already=counts.get(ItemState.ALREADY, 0),
        failed=counts.get(ItemState.FAILED, 0),
    )


def _failed(item: Any) -> FailedItem:
    """As anybody may read it. What stands for an address and is none may be a command with a password in it."""
    kept = settled(item.url, item.title, item.problem)
    return FailedItem(kept["url"] or "", kept["title"], tuple(item.topics), kept["problem"] or "")
