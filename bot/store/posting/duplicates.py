"""One story once, in the database: what a delivery is compared with, which one tells its story, and its coming back."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.model import DeliveryState, Story
from bot.store.engine.batcher import Batcher
from bot.store.engine.database import Database
from bot.store.posting.edit_requests import request_edit
from bot.store.posting.once_per_channel import repeats
from bot.store.posting.skipped_deliveries import SAME_STORY
from bot.store.schema.source_name_columns import shown
from bot.store.schema.tables import deliveries, entries, feeds, former_feeds, posts, same_stories, subscriptions, topics

TEXT = 4000
"""Characters that are compared."""
TITLES_BACK = timedelta(days=60)
MAX_TITLES = 1000

Step = Callable[[AsyncConnection], Awaitable[Any]]

_TOLD = (DeliveryState.WAITING, DeliveryState.PLANNED, DeliveryState.POSTED)
_COLUMNS = (
    deliveries.c.id.label("delivery_id"),
    deliveries.c.topic_id,
    (deliveries.c.state == DeliveryState.WAITING).label("waiting"),
    repeats(topics).label("apart"),
    deliveries.c.order_at.label("at"),
    entries.c.id.label("entry_id"),
    entries.c.feed_id,
    entries.c.title,
    entries.c.link,
    entries.c.link_key,
    sa.func.coalesce(feeds.c.title, "").label("source"),
)


class DuplicateStore:
    """The table `same_stories`, and what is compared.

    Everything runs in tasks of its own, shared with other channels: a delivery that is cancelled in the middle, when the
    bot stops, cuts off no statement.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._reads: Batcher[Step, Any] = Batcher(self._read_all)
        self._writes: Batcher[Step, Any] = Batcher(self._write_all)

    async def drain(self) -> None:
        """Wait for what was begun."""
        await self._reads.drain()
        await self._writes.drain()

    async def open_questions(self, delivery_ids: Sequence[int]) -> tuple[tuple[Story, ...], dict[int, tuple[str, ...]]]:
        """What to compare before these waiting deliveries are posted, in the order in which they will be.

        Where the topics of a channel have one source only there is nothing to compare.

        Returns:
            Beside it, by delivery, the other sources that told its story.
        """
        near = topics.alias("near")
        others = (
            sa.exists()
            .where(near.c.channel_id == topics.c.channel_id)
            .where(subscriptions.c.topic_id == near.c.id, subscriptions.c.feed_id != entries.c.feed_id)
        )
        query = (
            _stories()
            .where(deliveries.c.id.in_(delivery_ids), deliveries.c.compared.is_(False), others)
            .where(deliveries.c.state == DeliveryState.WAITING)
            .order_by(deliveries.c.order_at, deliveries.c.order_position, deliveries.c.id)
        )

        async def step(connection: AsyncConnection) -> tuple[tuple[Story, ...], dict[int, tuple[str, ...]]]:
            asking = tuple(_story(row) for row in (await connection.execute(query)).mappings())
            return asking, await also_in(connection, delivery_ids)

        found: tuple[tuple[Story, ...], dict[int, tuple[str, ...]]] = await self._reads.submit(step)
        return found

    async def told(
        self, topic_id: int, asking: Sequence[Story], *, within: timedelta, link_within: timedelta
    ) -> tuple[Story, ...]:
        """What the topics of a topic's channel have told or are about to, near in time to any that asks, or under the same link.

        Without texts.
        """
        first, last = min(story.at for story in asking), max(story.at for story in asking)
        # One that waits and was not compared yet is told only once its own turn has come.
        settled = sa.or_(deliveries.c.compared.is_(True), deliveries.c.state != DeliveryState.WAITING)
        # What stands in a channel that its topic has left, or was removed there, tells its readers nothing.
        in_sight = sa.exists().where(
            posts.c.id == deliveries.c.post_id,
            posts.c.message_id.is_not(None),
            posts.c.channel_id == topics.c.channel_id,
        )
        told = sa.or_(deliveries.c.state != DeliveryState.POSTED, in_sight)
        mine, others = topics.alias("mine"), topics.alias("others")
        topic_ids = (
            sa.select(others.c.id).join(mine, mine.c.channel_id == others.c.channel_id).where(mine.c.id == topic_id)
        )
        here = _stories().where(deliveries.c.topic_id.in_(topic_ids), deliveries.c.state.in_(_TOLD), settled, told)
        near = here.where(deliveries.c.order_at.between(first - within, last + within))
        followed = (
            sa.select(subscriptions.c.feed_id)
            .where(subscriptions.c.topic_id.in_(topic_ids))
            .union(sa.select(former_feeds.c.former_id).where(former_feeds.c.topic_id.in_(topic_ids)))
        )
        linked = here.where(
            entries.c.feed_id.in_(followed),
            entries.c.link_key.in_({story.link_key for story in asking if story.link_key}),
            deliveries.c.order_at.between(first - link_within, last + link_within),
        )

        async def step(connection: AsyncConnection) -> tuple[Story, ...]:
            found: dict[int, Story] = {}
            for query in (near, linked):
                for row in (await connection.execute(query)).mappings():
                    found[row["delivery_id"]] = _story(row)
            return await _with_sources(connection, tuple(found.values()))

        found: tuple[Story, ...] = await self._reads.submit(step)
        return found

    async def in_full(self, compared: Sequence[Story]) -> tuple[tuple[Story, ...], Mapping[int, tuple[str, ...]]]:
        """These with their texts and whether their links are shared, and by source the titles it used lately."""
        feed_ids = {story.feed_id for story in compared}
        texts = sa.select(entries.c.id, sa.func.substr(entries.c.text, 1, TEXT).label("text")).where(
            entries.c.id.in_({story.entry_id for story in compared})
        )
        shared = (
            sa.select(entries.c.feed_id, entries.c.link_key)
            .where(entries.c.feed_id.in_(feed_ids))
            .where(entries.c.link_key.in_({story.link_key for story in compared if story.link_key}))
            .group_by(entries.c.feed_id, entries.c.link_key)
            .having(sa.func.count() > 1)
        )

        async def step(connection: AsyncConnection) -> tuple[dict[int, str], set[Any], dict[int, tuple[str, ...]]]:
            text_of = {row.id: row.text for row in (await connection.execute(texts)).all()}
            links = {(row.feed_id, row.link_key) for row in (await connection.execute(shared)).all()}
            until = max(each.at for each in compared)
            return text_of, links, {feed_id: await _titles(connection, feed_id, until) for feed_id in feed_ids}

        text_of, links, titles = await self._reads.submit(step)
        filled = tuple(
            replace(
                story,
                text=text_of.get(story.entry_id, ""),
                link_is_shared=(story.feed_id, story.link_key) in links,
            )
            for story in compared
        )
        return filled, titles

    async def settle(
        self,
        compared: Iterable[int],
        merged: Mapping[int, int],
        *,
        again: Iterable[int] = (),
        now: datetime,
        edit_within: timedelta,
    ) -> int:
        """Remember that these were compared, and which of them another delivery tells: those are skipped.

        A merge is left out where either has changed its state since; the message that tells the story is written
        anew if it is not older than `edit_within`. All in one transaction.

        Args:
            again: what was compared before, and is to be once more when its turn has come.

        Returns:
            How many were skipped.
        """
        ids, reopened = list(compared), list(again)

        async def step(connection: AsyncConnection) -> int:
            await connection.execute(sa.update(deliveries).where(deliveries.c.id.in_(ids)).values(compared=True))
            if reopened:
                await connection.execute(
                    sa.update(deliveries).where(deliveries.c.id.in_(reopened)).values(compared=False)
                )
            return sum(
                [
                    await _merge(connection, delivery_id, told_by, now=now, edit_within=edit_within)
                    for delivery_id, told_by in merged.items()
                ]
            )

        skipped: int = await self._writes.submit(step)
        return skipped

    async def _read_all(self, steps: Sequence[Step]) -> list[Any]:
        async with self._db.read() as connection:
            return [await _alone(connection, step) for step in steps]

    async def _write_all(self, steps: Sequence[Step]) -> list[Any]:
        async with self._db.write() as connection:
            return [await _alone(connection, step) for step in steps]


async def _alone(connection: AsyncConnection, step: Step) -> Any:
    """One step behind a savepoint, so that a defect in it costs only itself."""
    try:
        async with connection.begin_nested():
            return await step(connection)
    except (sa.exc.OperationalError, StoreError):
        raise  # the database itself
    except Exception as error:  # noqa: BLE001 - handed to whoever waits for this step
        return error


async def also_in(connection: AsyncConnection, delivery_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """By delivery: the other sources that told its story, in the order in which that was noticed."""
    teller, told = deliveries.alias("teller"), entries.alias("told")
    query = (
        sa.select(
            same_stories.c.told_by,
            sa.func.coalesce(shown(topics.c.guild_id), feeds.c.host).label("name"),
        )
        .join(deliveries, deliveries.c.id == same_stories.c.delivery_id)
        .join(topics, topics.c.id == deliveries.c.topic_id)
        .join(entries, entries.c.id == deliveries.c.entry_id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .join(teller, teller.c.id == same_stories.c.told_by)
        .join(told, told.c.id == teller.c.entry_id)
        # Another topic of the channel may have the same source.
        .where(same_stories.c.told_by.in_(delivery_ids), told.c.feed_id != entries.c.feed_id)
        .order_by(same_stories.c.delivery_id)
    )
    named: dict[int, tuple[str, ...]] = {}
    for row in (await connection.execute(query)).all():
        before = named.get(row.told_by, ())
        if row.name not in before:
            named[row.told_by] = (*before, row.name)
    return named


async def _merge(
    connection: AsyncConnection, delivery_id: int, told_by: int, *, now: datetime, edit_within: timedelta
) -> bool:
    query = (
        sa.select(
            deliveries.c.id,
            deliveries.c.state,
            deliveries.c.topic_id,
            topics.c.channel_id,
            posts.c.channel_id.label("posted_in"),
            posts.c.posted_at,
        )
        .join(topics, topics.c.id == deliveries.c.topic_id)
        .outerjoin(posts, posts.c.id == deliveries.c.post_id)
        .where(deliveries.c.id.in_([delivery_id, told_by]))
    )
    found = {row.id: row for row in (await connection.execute(query)).all()}
    ours, theirs = found.get(delivery_id), found.get(told_by)
    if ours is None or ours.state != DeliveryState.WAITING:
        return False
    if theirs is None or not _tells(theirs, ours):
        # Changed since it was read: ours is compared anew.
        await connection.execute(sa.update(deliveries).where(deliveries.c.id == delivery_id).values(compared=False))
        return False
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(state=DeliveryState.SKIPPED, reason=SAME_STORY)
    )
    # What it was to tell itself, for other sources, is told by that too.
    await connection.execute(
        sa.update(same_stories).where(same_stories.c.told_by == delivery_id).values(told_by=told_by)
    )
    await connection.execute(sa.insert(same_stories).values(delivery_id=delivery_id, told_by=told_by))
    if theirs.state != DeliveryState.WAITING and (theirs.posted_at is None or theirs.posted_at > now - edit_within):
        await request_edit(connection, told_by, now=now)
    return True


def _tells(theirs: Any, ours: Any) -> bool:
    """Whether a delivery tells the story of another one: what waits in another topic may still come to nothing there."""
    if theirs.topic_id == ours.topic_id:
        return theirs.state in _TOLD
    return theirs.state in _TOLD and theirs.state != DeliveryState.WAITING and theirs.posted_in == ours.channel_id


def _stories() -> sa.Select[Any]:
    return (
        sa.select(*_COLUMNS)
        .join(topics, topics.c.id == deliveries.c.topic_id)
        .join(entries, entries.c.id == deliveries.c.entry_id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
    )


def _story(row: sa.RowMapping) -> Story:
    return Story(**{column.key: row[column.key] for column in _COLUMNS})


async def _with_sources(connection: AsyncConnection, told: tuple[Story, ...]) -> tuple[Story, ...]:
    query = (
        sa.select(same_stories.c.told_by, entries.c.feed_id)
        .join(deliveries, deliveries.c.id == same_stories.c.delivery_id)
        .join(entries, entries.c.id == deliveries.c.entry_id)
        .where(same_stories.c.told_by.in_([story.delivery_id for story in told]))
    )
    sources: dict[int, set[int]] = {}
    for row in (await connection.execute(query)).all():
        sources.setdefault(row.told_by, set()).add(row.feed_id)
    return tuple(replace(story, sources=frozenset(sources.get(story.delivery_id, ()))) for story in told)


async def _titles(connection: AsyncConnection, feed_id: int, until: datetime) -> tuple[str, ...]:
    query = (
        sa.select(entries.c.title)
        .where(entries.c.feed_id == feed_id, entries.c.sort_at > until - TITLES_BACK)
        .order_by(entries.c.sort_at.desc())
        .limit(MAX_TITLES)
    )
    return tuple((await connection.execute(query)).scalars())
