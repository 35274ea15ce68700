"""Feeds that change their address.

What a feed's host says counts for those who follow that address, and for nobody else. So only a feed that moves within its
owner's domain takes its rows along: an alias keeps the old address, and two feeds that meet there become one. Any
other move takes only the subscriptions along, see `bot.store.moves.subscription_handover`.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.addresses.registrable_domain import have_one_owner, is_as_private
from bot.model import DeliveryState, FeedOutcome, MatchedEntry, PollKind
from bot.store.feeds.feeds import ensure_at, host_of
from bot.store.moves import entry_merge
from bot.store.moves import former_feeds as formers
from bot.store.posting.articles_of_post import merge_follows
from bot.store.posting.skipped_deliveries import SOURCE_PAUSED
from bot.store.schema import row_mapping
from bot.store.schema.tables import deliveries, entries, feed_aliases, feeds, former_feeds, source_names, subscriptions

MAX_ALIASES = 20
"""A host that sends a feed to yet another address each time means none of them to be kept."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Two feeds became one: what is new to whom. Each topic is told of what the feeds that it followed had not listed yet."""

    new_here: frozenset[str]
    """The uids of what was new to the feed that stays."""
    new_there: frozenset[str]
    """The uids of what was new to the feed that moved."""
    followed_there: frozenset[int]
    """The topics that followed only the feed that moved."""
    followed_both: frozenset[int]

    def new_for(self, topic_id: int, outcome: FeedOutcome) -> list[MatchedEntry]:
        wanted = self.new_here
        if topic_id in self.followed_there:
            wanted = self.new_there
        elif topic_id in self.followed_both:
            wanted = self.new_here & self.new_there
        return [item for item in outcome.listed if item.uid in wanted]


def may_join(old: str, new: str) -> bool:
    """Whether a feed at `new` may have what came from `old`: one owner, and nothing that only some could read."""
    return have_one_owner(old, new) and is_as_private(old, new)


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


async def still_there(connection: AsyncConnection, feed_id: int, now: datetime) -> int:
    """The feed, or a new one at its address where it moved in this very moment."""
    url = await connection.scalar(sa.select(feeds.c.url).where(feeds.c.id == feed_id)) or ""
    return await ensure_at(connection, formers.address_of(url), now=now) if row_mapping.MOVED in url else feed_id


async def move(connection: AsyncConnection, outcome: FeedOutcome, url: str) -> tuple[FeedOutcome, Merged | None]:
    """Give the outcome's feed its new address; the old one stays as an alias. Two feeds that meet become one.

    The caller has asked `may_join`.

    Returns:
        The outcome in terms of the feed and the entries that there are now.
    """
    feed_id = outcome.feed_id
    old = await connection.scalar(sa.select(feeds.c.url).where(feeds.c.id == feed_id))
    if await _moves_all_the_time(connection, feed_id):
        return outcome, None
    merged = None
    other = await connection.scalar(sa.select(feeds.c.id).where(feeds.c.url == url))
    await connection.execute(sa.delete(feed_aliases).where(feed_aliases.c.url == url))
    if other is None:
        await connection.execute(sa.update(feeds).where(feeds.c.id == feed_id).values(url=url, host=host_of(url)))
    else:
        if outcome.kind is PollKind.UNCHANGED:
            # Who followed the other feed may not know all of this one yet: only the document says, so read it next time.
            return replace(outcome, etag=None, last_modified=None, validators_url=None, unread=True), None
        if outcome.meeting is None or outcome.meeting.feed_id != other:
            return outcome, None  # the other one appeared just now; the next poll knows it
        outcome, merged = await _merge(connection, outcome, target=other)
        feed_id = other
    await connection.execute(insert(feed_aliases).values(url=old, feed_id=feed_id).on_conflict_do_nothing())
    return outcome, merged


async def _moves_all_the_time(connection: AsyncConnection, feed_id: int) -> bool:
    count = sa.select(sa.func.count()).where(feed_aliases.c.feed_id == feed_id)
    return (await connection.scalar(count) or 0) >= MAX_ALIASES


async def _merge(connection: AsyncConnection, outcome: FeedOutcome, *, target: int) -> tuple[FeedOutcome, Merged]:
    """Everything of the outcome's feed becomes the target's; what both have is kept as the target has it."""
    assert outcome.meeting is not None
    source = outcome.feed_id
    moved = {item.entry.position: item for item in outcome.listed}
    pairs = [(item, moved[item.entry.position]) for item in outcome.meeting.listed if item.entry.position in moved]
    for here, there in pairs:
        if here.known_id is not None and there.known_id is not None and here.uid != there.uid:
            await _give_uid(connection, source, there.known_id, here.uid)
    here_topics, there_topics = await topics_of(connection, target), await topics_of(connection, source)
    await merge_subscriptions(connection, source=source, target=target)
    await entry_merge.join(connection, entry_merge.with_one_uid(source=source, target=target))
    await merge_follows(connection, source=source, target=target)
    kept = sa.select(entries.c.uid).where(entries.c.feed_id == target)
    await connection.execute(
        sa.update(entries).where(entries.c.feed_id == source, entries.c.uid.not_in(kept)).values(feed_id=target)
    )
    await wake(connection, target, here_topics | there_topics)
    await connection.execute(sa.update(feed_aliases).where(feed_aliases.c.feed_id == source).values(feed_id=target))
    named = sa.select(source_names.c.guild_id).where(source_names.c.feed_id == target)
    await connection.execute(
        sa.update(source_names)
        .where(source_names.c.feed_id == source, source_names.c.guild_id.not_in(named))
        .values(feed_id=target)
    )
    await _pass_on_formers(connection, source=source, target=target)
    await connection.execute(sa.delete(feeds).where(feeds.c.id == source))
    listed = await _in_terms_of_one(connection, target, pairs)
    merged = Merged(
        new_here=frozenset(item.uid for item, (here, _) in zip(listed, pairs, strict=True) if here.known_id is None),
        new_there=frozenset(item.uid for item, (_, there) in zip(listed, pairs, strict=True) if there.known_id is None),
        followed_there=there_topics - here_topics,
        followed_both=there_topics & here_topics,
    )
    return replace(outcome, feed_id=target, listed=tuple(listed)), merged


async def _pass_on_formers(connection: AsyncConnection, *, source: int, target: int) -> None:
    """What led to the feed that moved leads to the other now; what it was a former feed of, the other is."""
    topic_ids = await connection.execute(
        sa.select(former_feeds.c.topic_id).distinct().where(former_feeds.c.feed_id == source)
    )
    await formers.pass_on(connection, list(topic_ids.scalars()), source=source, target=target)
    was = sa.and_(former_feeds.c.former_id == source, former_feeds.c.feed_id != target)
    await connection.execute(sa.update(former_feeds).prefix_with("OR IGNORE").where(was).values(former_id=target))


async def _in_terms_of_one(
    connection: AsyncConnection, target: int, pairs: list[tuple[MatchedEntry, MatchedEntry]]
) -> list[MatchedEntry]:
    """What only the feed that moved knew is known by its row, which lies with the other feed now."""
    wanted = [there.uid for here, there in pairs if here.known_id is None and there.known_id is not None]
    found = await connection.execute(
        sa.select(entries.c.uid, entries.c.id).where(entries.c.feed_id == target, entries.c.uid.in_(wanted))
    )
    ids = {row.uid: row.id for row in found.all()}
    listed = []
    for here, there in pairs:
        if here.known_id is not None:
            listed.append(here)
        elif there.known_id is not None and there.uid in ids:
            listed.append(replace(there, known_id=ids[there.uid], skip_reason=None))
        else:
            listed.append(replace(here, skip_reason=there.skip_reason))
    return listed


async def _give_uid(connection: AsyncConnection, feed_id: int, entry_id: int, uid: str) -> None:
    """So that equal entries have equal uids in both feeds."""
    taken = entries.alias("taken")
    free = ~sa.exists().where(taken.c.feed_id == feed_id, taken.c.uid == uid)
    await connection.execute(sa.update(entries).where(entries.c.id == entry_id, free).values(uid=uid))


async def topics_of(connection: AsyncConnection, feed_id: int, *, told: bool = False) -> frozenset[int]:
    """The topics that follow a feed; `told` leaves out those for which it was not read yet."""
    query = sa.select(subscriptions.c.topic_id).where(subscriptions.c.feed_id == feed_id)
    if told:
        query = query.where(subscriptions.c.since.is_not(None))
    return frozenset((await connection.execute(query)).scalars())


async def merge_subscriptions(connection: AsyncConnection, *, source: int, target: int) -> None:
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


async def wake(connection: AsyncConnection, target: int, topic_ids: Collection[int]) -> None:
    """What rested with one of two feeds goes on in those of these topics where the one that stays does not rest."""
    formerly = sa.exists().where(
        former_feeds.c.feed_id == target,
        former_feeds.c.topic_id == deliveries.c.topic_id,
        former_feeds.c.former_id == entries.c.feed_id,
    )
    of_feed = sa.exists().where(entries.c.id == deliveries.c.entry_id, sa.or_(entries.c.feed_id == target, formerly))
    awake = sa.select(subscriptions.c.topic_id).where(
        subscriptions.c.feed_id == target,
        subscriptions.c.paused.is_(False),
        subscriptions.c.topic_id.in_(topic_ids),
    )
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.topic_id.in_(awake), of_feed)
        .where(deliveries.c.state == DeliveryState.SKIPPED, deliveries.c.reason == SOURCE_PAUSED)
        .values(state=DeliveryState.WAITING, reason=None)
    )
