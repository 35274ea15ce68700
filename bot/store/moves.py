"""Feeds that change their address: aliases of the old one, and two feeds that turn out to be one."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, FeedOutcome, Identified, PollKind
from bot.store.members import merge_personal
from bot.store.schema import deliveries, entries, feed_aliases, feeds, source_names, subscriptions
from bot.store.stories import SOURCE_PAUSED, bring_back

MOST_ALIASES = 20
"""A host that sends a feed to yet another address each time means none of them to be kept."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Two feeds became one: what is new to whom. Each topic is told of what the feeds that it followed had not listed yet."""

    new_here: frozenset[str]
    """The uids of what was new to the feed that stays."""
    new_there: frozenset[str]
    """The uids of what was new to the feed that went."""
    followed_there: frozenset[int]
    """The topics that followed only the feed that went."""
    followed_both: frozenset[int]

    def new_for(self, topic_id: int, outcome: FeedOutcome) -> list[Identified]:
        wanted = self.new_here
        if topic_id in self.followed_there:
            wanted = self.new_there
        elif topic_id in self.followed_both:
            wanted = self.new_here & self.new_there
        return [item for item in outcome.listed if item.uid in wanted]


def host_of(url: str) -> str:
    parts = urlsplit(url)
    return (parts.netloc.rpartition("@")[2] or url).lower()


async def addresses(connection: AsyncConnection, url: str) -> set[str]:
    """Every address under which the feed at `url` is known, former ones included; `url` alone if there is none."""
    alias = sa.select(feed_aliases.c.feed_id).where(feed_aliases.c.url == url)
    feed_id = await connection.scalar(sa.select(feeds.c.id).where(sa.or_(feeds.c.url == url, feeds.c.id.in_(alias))))
    if feed_id is None:
        return {url}
    found = await connection.execute(
        sa.select(feeds.c.url)
        .where(feeds.c.id == feed_id)
        .union(sa.select(feed_aliases.c.url).where(feed_aliases.c.feed_id == feed_id))
    )
    return {url, *found.scalars()}


async def follow_move(connection: AsyncConnection, outcome: FeedOutcome) -> tuple[FeedOutcome, Merged | None]:
    """Give the outcome's feed its new address; the old one stays as an alias. Two feeds that meet become one.

    Returns:
        The outcome in terms of the entries that there are now.
    """
    url, feed_id = outcome.moved_to, outcome.feed_id
    old = await connection.scalar(sa.select(feeds.c.url).where(feeds.c.id == feed_id))
    if url is None or old is None or old == url or await _moves_all_the_time(connection, feed_id):
        return outcome, None
    merged = None
    other = await connection.scalar(sa.select(feeds.c.id).where(feeds.c.url == url))
    if other is not None:
        if outcome.kind is PollKind.UNCHANGED:
            # Who followed the other feed may not know all of this one yet: only the document says, so read it next time.
            return replace(outcome, etag=None, last_modified=None, validators_url=None, unread=True), None
        if outcome.meeting is None or outcome.meeting.feed_id != other:
            return outcome, None  # the other one appeared just now; the next poll knows it
        outcome, merged = await _merge(connection, outcome, source=other)
    await connection.execute(sa.delete(feed_aliases).where(feed_aliases.c.url == url))
    await connection.execute(sa.update(feeds).where(feeds.c.id == feed_id).values(url=url, host=host_of(url)))
    await connection.execute(insert(feed_aliases).values(url=old, feed_id=feed_id).on_conflict_do_nothing())
    return outcome, merged


async def _moves_all_the_time(connection: AsyncConnection, feed_id: int) -> bool:
    count = sa.select(sa.func.count()).where(feed_aliases.c.feed_id == feed_id)
    return (await connection.scalar(count) or 0) >= MOST_ALIASES


async def _merge(connection: AsyncConnection, outcome: FeedOutcome, *, source: int) -> tuple[FeedOutcome, Merged]:
    """Everything of `source` becomes the outcome's feed's; what both have is kept once, with its deliveries."""
    assert outcome.meeting is not None
    target = outcome.feed_id
    there = {item.entry.position: item for item in outcome.meeting.listed}
    pairs = [(item, there.get(item.entry.position, item)) for item in outcome.listed]
    for here, other in pairs:
        if here.known_id is not None and other.known_id is not None and here.uid != other.uid:
            await _give_uid(connection, source, other.known_id, here.uid)
    here_topics, there_topics = await _topics(connection, target), await _topics(connection, source)
    await _merge_subscriptions(connection, source=source, target=target)
    await _merge_deliveries(connection, source=source, target=target)
    await merge_personal(connection, source=source, target=target)
    kept = sa.select(entries.c.uid).where(entries.c.feed_id == target)
    await connection.execute(
        sa.update(entries).where(entries.c.feed_id == source, entries.c.uid.not_in(kept)).values(feed_id=target)
    )
    await _wake(connection, target)
    await connection.execute(sa.update(feed_aliases).where(feed_aliases.c.feed_id == source).values(feed_id=target))
    named = sa.select(source_names.c.guild_id).where(source_names.c.feed_id == target)
    await connection.execute(
        sa.update(source_names)
        .where(source_names.c.feed_id == source, source_names.c.guild_id.not_in(named))
        .values(feed_id=target)
    )
    await connection.execute(sa.delete(feeds).where(feeds.c.id == source))
    listed = await _in_terms_of_one(connection, target, pairs)
    merged = Merged(
        new_here=frozenset(item.uid for item, (here, _) in zip(listed, pairs, strict=True) if here.known_id is None),
        new_there=frozenset(item.uid for item, (_, other) in zip(listed, pairs, strict=True) if other.known_id is None),
        followed_there=there_topics - here_topics,
        followed_both=there_topics & here_topics,
    )
    return replace(outcome, listed=tuple(listed)), merged


async def _in_terms_of_one(
    connection: AsyncConnection, target: int, pairs: list[tuple[Identified, Identified]]
) -> list[Identified]:
    """What only the feed that went knew is known by its row, which lies with the other feed now."""
    wanted = [other.uid for here, other in pairs if here.known_id is None and other.known_id is not None]
    found = await connection.execute(
        sa.select(entries.c.uid, entries.c.id).where(entries.c.feed_id == target, entries.c.uid.in_(wanted))
    )
    ids = {row.uid: row.id for row in found.all()}
    return [
        replace(other, known_id=ids[other.uid], skip_reason=None)
        if here.known_id is None and other.known_id is not None
        else here
        for here, other in pairs
    ]


async def _give_uid(connection: AsyncConnection, feed_id: int, entry_id: int, uid: str) -> None:
    """So that equal entries have equal uids in both feeds."""
    taken = entries.alias("taken")
    free = ~sa.exists().where(taken.c.feed_id == feed_id, taken.c.uid == uid)
    await connection.execute(sa.update(entries).where(entries.c.id == entry_id, free).values(uid=uid))


async def _topics(connection: AsyncConnection, feed_id: int) -> frozenset[int]:
    found = await connection.execute(sa.select(subscriptions.c.topic_id).where(subscriptions.c.feed_id == feed_id))
    return frozenset(found.scalars())


async def _merge_subscriptions(connection: AsyncConnection, *, source: int, target: int) -> None:
    """A topic that followed both keeps one, with the baseline that either has: it gets no sample again.

    What either of their filters lets through comes, and it rests only if both did.
    """
    twin = subscriptions.alias("twin")
    both = sa.and_(twin.c.topic_id == subscriptions.c.topic_id, twin.c.feed_id == source)
    since = sa.select(twin.c.since).where(both).scalar_subquery()
    declared = sa.select(twin.c.declared).where(both).scalar_subquery()
    rests = sa.select(twin.c.paused).where(both).scalar_subquery()
    theirs, ours = sa.select(twin.c.filters).where(both).scalar_subquery(), subscriptions.c.filters
    either = sa.case(
        (sa.or_(ours.is_(None), theirs.is_(None)), None),
        (ours == theirs, ours),
        else_=sa.literal("(") + ours + ") OR (" + theirs + ")",
    )
    await connection.execute(
        sa.update(subscriptions)
        .where(subscriptions.c.feed_id == target, sa.exists().where(both))
        .values(
            since=sa.func.coalesce(subscriptions.c.since, since),
            declared=sa.or_(subscriptions.c.declared, declared),
            paused=sa.and_(subscriptions.c.paused, rests),
            filters=either,
        )
    )
    kept = sa.select(twin.c.topic_id).where(twin.c.feed_id == target)
    await connection.execute(
        sa.update(subscriptions)
        .where(subscriptions.c.feed_id == source, subscriptions.c.topic_id.not_in(kept))
        .values(feed_id=target)
    )


def _progress(table: Any) -> sa.Case[int]:
    """How far a delivery came: of two of one article, the one that came further says what became of it."""
    state = table.c.state
    return sa.case(
        (state == DeliveryState.POSTED, 5),
        (state == DeliveryState.PLANNED, 4),
        (state == DeliveryState.FAILED, 3),
        (state == DeliveryState.WAITING, 2),
        (table.c.reason == SOURCE_PAUSED, 1),
        else_=0,
    )


async def _wake(connection: AsyncConnection, target: int) -> None:
    """What rested with one of two feeds goes on in topics where the one that stays does not rest."""
    of_feed = sa.select(entries.c.id).where(entries.c.feed_id == target)
    awake = sa.select(subscriptions.c.topic_id).where(
        subscriptions.c.feed_id == target, subscriptions.c.paused.is_(False)
    )
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.topic_id.in_(awake), deliveries.c.entry_id.in_(of_feed))
        .where(deliveries.c.state == DeliveryState.SKIPPED, deliveries.c.reason == SOURCE_PAUSED)
        .values(state=DeliveryState.WAITING, reason=None)
    )


async def _merge_deliveries(connection: AsyncConnection, *, source: int, target: int) -> None:
    """Deliveries of an entry that both feeds have become those of the one that stays; per topic the further one is kept."""
    there, here, other = entries.alias("there"), entries.alias("here"), deliveries.alias("other")
    twins = (
        sa.select(there.c.id.label("source_id"), here.c.id.label("target_id"))
        .join(here, sa.and_(here.c.uid == there.c.uid, here.c.feed_id == target))
        .where(there.c.feed_id == source)
        .subquery("twins")
    )
    outdone = sa.and_(
        deliveries.c.state.not_in((DeliveryState.PLANNED, DeliveryState.POSTED)),
        sa.exists()
        .where(twins.c.target_id == deliveries.c.entry_id, other.c.entry_id == twins.c.source_id)
        .where(other.c.topic_id == deliveries.c.topic_id, _progress(other) > _progress(deliveries)),
    )
    await bring_back(connection, sa.select(deliveries.c.id).where(outdone))
    await connection.execute(sa.delete(deliveries).where(outdone))
    has_its_own = (
        sa.exists()
        .where(twins.c.source_id == deliveries.c.entry_id, other.c.entry_id == twins.c.target_id)
        .where(other.c.topic_id == deliveries.c.topic_id)
    )
    twin = sa.select(twins.c.target_id).where(twins.c.source_id == deliveries.c.entry_id).scalar_subquery()
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.entry_id.in_(sa.select(twins.c.source_id)), ~has_its_own)
        .values(entry_id=twin)
    )
    # What is left there goes with the feed; if it waited to tell others' stories, they wait for themselves again.
    left = sa.and_(deliveries.c.state == DeliveryState.WAITING, deliveries.c.entry_id.in_(sa.select(twins.c.source_id)))
    await bring_back(connection, sa.select(deliveries.c.id).where(left))
