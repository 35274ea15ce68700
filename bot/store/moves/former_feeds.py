"""What topics followed under former addresses of their sources: it stays readable, and known, for them and nobody else."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.addresses import shown
from bot.store.engine.json_params import array, table
from bot.store.schema import row_mapping
from bot.store.schema.tables import entries, feed_aliases, feeds, former_feeds, subscriptions, topics

HAS_FORMERS = sa.exists().where(former_feeds.c.feed_id == feeds.c.id).label("has_formers")
"""For a query on `feeds`."""

OF_FOLLOWER = (
    sa.select(sa.func.json_group_array(former_feeds.c.former_id, type_=sa.JSON()))
    .where(former_feeds.c.topic_id == subscriptions.c.topic_id, former_feeds.c.feed_id == subscriptions.c.feed_id)
    .scalar_subquery()
)
"""For a query on `subscriptions`: the ids of the feeds from which each came."""

_NEW = table("b_new", {"feed_id": feeds.c.id.type, "uid": sa.Text()})
_TOLD_BEFORE = (
    sa.select(former_feeds.c.topic_id, former_feeds.c.former_id, entries.c.uid)
    .join(_NEW, _NEW.c.feed_id == former_feeds.c.feed_id)
    .join(entries, sa.and_(entries.c.feed_id == former_feeds.c.former_id, entries.c.uid == _NEW.c.uid))
)


async def ids_of(connection: AsyncConnection, feed_id: int, topic_ids: Iterable[int]) -> list[int]:
    """The feed itself, and what these topics followed before it moved."""
    query = (
        sa.select(former_feeds.c.former_id)
        .distinct()
        .where(former_feeds.c.feed_id == feed_id, former_feeds.c.topic_id.in_(list(topic_ids)))
    )
    return [feed_id, *(await connection.execute(query)).scalars()]


def entries_of(feed_ids: Collection[int]) -> sa.Select[tuple[int]]:
    """The ids of all stored entries of these feeds."""
    return sa.select(entries.c.id).where(entries.c.feed_id.in_(feed_ids))


async def urls_of(connection: AsyncConnection, topic_id: int, feed_id: int) -> list[str]:
    """The former addresses under which a topic followed this feed."""
    query = (
        sa.select(feeds.c.url)
        .join(former_feeds, former_feeds.c.former_id == feeds.c.id)
        .where(former_feeds.c.topic_id == topic_id, former_feeds.c.feed_id == feed_id)
    )
    return [address_of(url) for url in (await connection.execute(query)).scalars()]


def address_of(url: str) -> str:
    """The address as it was before the feed moved."""
    return url.partition(row_mapping.MOVED)[0]


async def retire(connection: AsyncConnection, feed_id: int, *, declared: bool) -> None:
    """Nobody follows the feed any more, and nothing is stored of it again. Its address is free.

    What is secret in the address goes at once, unless the configuration file holds it and must find it again.
    """
    url: str = (await connection.execute(sa.select(feeds.c.url).where(feeds.c.id == feed_id))).scalar_one()
    kept = url if declared else shown(url)
    await connection.execute(
        sa.update(feeds)
        .where(feeds.c.id == feed_id)
        .values(url=f"{kept}{row_mapping.MOVED}{feed_id}", validators_url=None)
    )
    await connection.execute(sa.delete(feed_aliases).where(feed_aliases.c.feed_id == feed_id))


async def successor(connection: AsyncConnection, topic_id: int, url: str) -> int | None:
    """What a topic follows now that it followed at this address before, or None."""
    found: int | None = await connection.scalar(
        sa.select(former_feeds.c.feed_id)
        .join(feeds, feeds.c.id == former_feeds.c.former_id)
        .where(former_feeds.c.topic_id == topic_id, _address() == url)
        .order_by(former_feeds.c.former_id.desc())
        .limit(1)
    )
    return found


def _address() -> sa.ColumnElement[str]:
    """For a query on `feeds` that moved."""
    return sa.func.substr(feeds.c.url, 1, sa.func.instr(feeds.c.url, row_mapping.MOVED) - 1)


def followed_before(guild_id: int) -> sa.Select[tuple[str, str]]:
    """Former addresses of what a guild follows, each with the key of a topic's name."""
    return (
        sa.select(_address(), topics.c.name_key)
        .join(former_feeds, former_feeds.c.former_id == feeds.c.id)
        .join(topics, topics.c.id == former_feeds.c.topic_id)
        .where(topics.c.guild_id == guild_id)
    )


async def told_before(connection: AsyncConnection, new: Iterable[tuple[int, str]]) -> set[tuple[int, int, str]]:
    """Of new entries, by feed and uid: which topic had each from which former feed, told by the uid alone."""
    found = await connection.execute(_TOLD_BEFORE, {"b_new": array(new)})
    return {(row.topic_id, row.former_id, row.uid) for row in found.all()}


async def most_formers(connection: AsyncConnection, feed_id: int) -> int:
    """How many moves the topic that saw most of them went along with to get to this feed."""
    each = (
        sa.select(sa.func.count().label("moves"))
        .where(former_feeds.c.feed_id == feed_id)
        .group_by(former_feeds.c.topic_id)
        .subquery()
    )
    return await connection.scalar(sa.select(sa.func.max(each.c.moves))) or 0


async def pass_on(connection: AsyncConnection, topic_ids: Collection[int], *, source: int, target: int) -> None:
    """These topics follow `target` now instead of `source`: what they came from goes along."""
    theirs = sa.and_(former_feeds.c.feed_id == source, former_feeds.c.topic_id.in_(topic_ids))
    before = sa.select(former_feeds.c.topic_id, sa.literal(target), former_feeds.c.former_id).where(
        theirs, former_feeds.c.former_id != target
    )
    names = ["topic_id", "feed_id", "former_id"]
    await connection.execute(insert(former_feeds).from_select(names, before).on_conflict_do_nothing())
    await connection.execute(sa.delete(former_feeds).where(theirs))


async def remember(connection: AsyncConnection, topic_ids: Collection[int], *, source: int, target: int) -> None:
    """These topics came from `source` to `target`."""
    if not topic_ids:
        return
    await pass_on(connection, topic_ids, source=source, target=target)
    came = [{"topic_id": topic_id, "feed_id": target, "former_id": source} for topic_id in topic_ids]
    await connection.execute(insert(former_feeds).on_conflict_do_nothing(), came)


async def forget(connection: AsyncConnection, topic_id: int, feed_id: int) -> None:
    """The topic follows the feed no longer."""
    await connection.execute(
        sa.delete(former_feeds).where(former_feeds.c.topic_id == topic_id, former_feeds.c.feed_id == feed_id)
    )


async def only_there(connection: AsyncConnection, former_id: int, feed_id: int) -> bool:
    """Whether nobody reads a former feed but who follows `feed_id` now."""
    elsewhere = sa.exists().where(former_feeds.c.former_id == former_id, former_feeds.c.feed_id != feed_id)
    followed = sa.exists().where(subscriptions.c.feed_id == former_id)
    return not await connection.scalar(sa.select(sa.or_(elsewhere, followed)))


async def go_along(connection: AsyncConnection, feed_id: int, old_topic_id: int, new_topic_id: int) -> None:
    """The new topic follows the feed instead of the old one, and reads what came before the feed moved."""
    theirs = sa.and_(former_feeds.c.topic_id == old_topic_id, former_feeds.c.feed_id == feed_id)
    before = sa.select(sa.literal(new_topic_id), former_feeds.c.feed_id, former_feeds.c.former_id).where(theirs)
    names = ["topic_id", "feed_id", "former_id"]
    await connection.execute(insert(former_feeds).from_select(names, before).on_conflict_do_nothing())
    await connection.execute(sa.delete(former_feeds).where(theirs))
