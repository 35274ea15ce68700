"""Feeds that bring very much, and what became of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.config.settings import LimitsSettings
from bot.model import ClaimedFeed, MatchedEntry, Topic
from bot.store import Store
from bot.store.schema.tables import deliveries, entries, troubles
from tests.builders import START, at, new, read_outcome
from tests.opening import open_store

SMALL = LimitsSettings(articles_per_poll=5, waiting_per_topic=8)


@asynccontextmanager
async def opened(path: Path, limits: LimitsSettings | None = None) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite:///{path}/a.db", default_backfill=0, limits=limits or LimitsSettings())
    try:
        yield store
    finally:
        await store.close()


async def followed(
    store: Store, *names: str, guild: int = 1, url: str = "https://blog.example/feed"
) -> tuple[ClaimedFeed, list[Topic]]:
    """A feed that topics follow for which it was read: what comes is new."""
    feed = await store.feeds.ensure(url, now=START)
    made: list[Topic] = []
    for name in names:
        topic = await store.topics.create(guild_id=guild, name=name, channel_id=10 * guild + len(made), now=START)
        assert topic is not None
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        made.append(topic)
    await store.entries.apply(read_outcome(feed))
    return feed, made


def dated(first: int, count: int, *, start: int = 0) -> list[MatchedEntry]:
    """Articles of which each is a minute newer than the one before; listed newest first."""
    return [new(first + n, published=at(start + n), position=count - n) for n in range(count)]


async def fates(store: Store, topic: Topic) -> dict[str, str]:
    """By number of the article: its state, or why it is skipped."""
    query = (
        sa.select(entries.c.title, deliveries.c.state, deliveries.c.reason)
        .join(entries, entries.c.id == deliveries.c.entry_id)
        .where(deliveries.c.topic_id == topic.id)
    )
    async with store._database.read() as connection:
        found = (await connection.execute(query)).all()
    return {row.title.removeprefix("Article "): row.reason or row.state for row in found}


async def events(store: Store, guild: int = 1) -> dict[tuple[str, int], int]:
    query = sa.select(troubles.c.kind, troubles.c.subject, troubles.c.articles).where(troubles.c.guild_id == guild)
    async with store._database.read() as connection:
        return {(row.kind, row.subject): row.articles for row in (await connection.execute(query)).all()}


def replace_limits(**changes: float) -> LimitsSettings:
    return LimitsSettings(**(SMALL.model_dump() | changes))
