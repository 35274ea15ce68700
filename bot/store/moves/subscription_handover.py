"""A feed that moved to somebody else's address: its subscriptions go to the feed there, and nothing else does.

The feed there keeps its id, its rows, its texts and its deliveries, and whoever followed it notices nothing. The feed that
moved stays as it was, for ever: those who followed it go on reading what it brought (`former_feeds`), what waits of it is
posted, and what it had listed is not posted to them again. Whoever follows its address later begins with a new feed, so
that nothing which is said there afterwards comes to those who have moved on.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FeedOutcome, FeedState, MatchedEntry, Meeting, PollKind
from bot.store.feeds.feeds import ensure_at
from bot.store.moves import entry_merge, former_feeds
from bot.store.moves.feed_moves import Merged, may_join, merge_subscriptions, move, topics_of, wake
from bot.store.posting.articles_of_post import merge_follows
from bot.store.schema.personal_tables import follows
from bot.store.schema.tables import entries, feeds, source_names, subscriptions

MAX_MOVES = 20
"""A host that sends its followers on more often, each time to another's address, means none of the addresses to be kept."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The topics that came to a feed by a move, and what of it they have not been told yet."""

    feed_id: int
    topic_ids: frozenset[int]
    missing: tuple[MatchedEntry, ...]
    """What the feed has, in its own terms, and the one that moved had not listed; with the reason where it is not posted."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of an outcome whose feed moves."""

    outcome: FeedOutcome
    merged: Merged | None = None
    handed_over: HandedOver | None = None


async def follow_move(connection: AsyncConnection, outcome: FeedOutcome) -> Moved:
    """Let the outcome's feed move, as far as its old address has a say at the new one."""
    url = outcome.moved_to.reveal() if outcome.moved_to is not None else None
    old = await connection.scalar(sa.select(feeds.c.url).where(feeds.c.id == outcome.feed_id))
    if url is None or old is None or old == url:
        return Moved(outcome)
    if may_join(old, url):
        return Moved(*await move(connection, outcome, url))
    return await _hand_over(connection, outcome, url)


async def _hand_over(connection: AsyncConnection, outcome: FeedOutcome, url: str) -> Moved:
    source = outcome.feed_id
    if await former_feeds.most_formers(connection, source) >= MAX_MOVES:
        return Moved(outcome)
    there = await _at(connection, url)
    if there is not None and there.state != FeedState.ACTIVE:
        if there.followed:
            return Moved(outcome)  # those who follow it would notice if it were asked again
        await connection.execute(sa.update(feeds).where(feeds.c.id == there.id).values(state=FeedState.ACTIVE))
    if there is not None and there.newest_id:
        if outcome.kind is not PollKind.ENTRIES:
            # Who followed this feed may not know all of the other one: only the document says, so read it next time.
            unread = replace(outcome, etag=None, last_modified=None, validators_url=None, unread=True, moved_to=None)
            return Moved(unread)
        meeting = await _up_to_date(connection, outcome.meeting, there.id)
        if meeting is None:
            return Moved(_unread(outcome))  # something else came there just now; the next poll knows it
        outcome = replace(outcome, meeting=meeting)
    target = there.id if there is not None else await ensure_at(connection, url, now=outcome.polled_at)
    here_topics, moving = await topics_of(connection, target, told=True), await topics_of(connection, source)
    await former_feeds.remember(connection, moving, source=source, target=target)
    await merge_subscriptions(connection, source=source, target=target)
    await connection.execute(sa.delete(subscriptions).where(subscriptions.c.feed_id == source))
    await merge_follows(connection, source=source, target=target)
    await connection.execute(sa.delete(follows).where(follows.c.feed_id == source))
    await _copy_names(connection, source=source, target=target)
    await former_feeds.retire(connection, source, declared=await _declared(connection, target, moving))
    await wake(connection, target, moving)
    missing: tuple[MatchedEntry, ...] = ()
    if outcome.meeting is not None and outcome.kind is PollKind.ENTRIES:
        missing = await _compare(connection, outcome, outcome.meeting)
    return Moved(_unread(outcome), handed_over=HandedOver(target, moving - here_topics, missing))


async def join_what_both_list(connection: AsyncConnection, outcome: FeedOutcome, ids: dict[str, int]) -> None:
    """Let a feed's document join the rows of former feeds that are the same articles with the same content.

    Args:
        ids: of what the document lists, by uid.
    """
    here = {item.entry.position: ids.get(item.uid) for item in outcome.listed}
    for former in outcome.formers:
        if await former_feeds.only_there(connection, former.feed_id, outcome.feed_id):
            pairs = [(item.known_id, here.get(item.entry.position)) for item in former.listed if is_unchanged(item)]
            await _join(connection, former.feed_id, pairs)


def is_unchanged(item: MatchedEntry) -> bool:
    """Whether the stored entry says what the document says."""
    return item.known_id is not None and not item.reworded


async def _compare(connection: AsyncConnection, outcome: FeedOutcome, meeting: Meeting) -> tuple[MatchedEntry, ...]:
    """Join what both feeds have with one content; what only the feed there has, in the document's order."""
    moved = {item.entry.position: item for item in outcome.listed}
    both = [(moved[item.entry.position], item) for item in meeting.listed if item.entry.position in moved]
    if await former_feeds.only_there(connection, outcome.feed_id, meeting.feed_id):
        same = [
            (ours.known_id, theirs.known_id) for ours, theirs in both if is_unchanged(ours) and is_unchanged(theirs)
        ]
        await _join(connection, outcome.feed_id, same)
    return tuple(
        replace(theirs, skip_reason=ours.skip_reason)
        for ours, theirs in both
        if ours.known_id is None and theirs.known_id is not None
    )


async def _join(connection: AsyncConnection, former_id: int, pairs: list[tuple[int | None, int | None]]) -> None:
    """Join these where the first still is an entry of the former feed."""
    wanted = {one: other for one, other in pairs if one is not None and other is not None}
    if not wanted:
        return
    found = await connection.execute(
        sa.select(entries.c.id).where(entries.c.feed_id == former_id, entries.c.id.in_(wanted))
    )
    await entry_merge.join_pairs(connection, [(one, wanted[one]) for one in found.scalars().all()])


async def _up_to_date(connection: AsyncConnection, meeting: Meeting | None, feed_id: int) -> Meeting | None:
    """The meeting with what the feed there stored since it was prepared; None where that is not all in the document."""
    if meeting is None or meeting.feed_id != feed_id:
        return None
    newer = sa.select(entries.c.uid, entries.c.id).where(entries.c.feed_id == feed_id, entries.c.id > meeting.newest_id)
    since = {row.uid: row.id for row in (await connection.execute(newer)).all()}
    if not since:
        return meeting
    unknown = {item.uid for item in meeting.listed if item.known_id is None}
    if not since.keys() <= unknown:
        return None
    return replace(
        meeting,
        listed=tuple(
            item if item.known_id is not None else replace(item, known_id=since.get(item.uid))
            for item in meeting.listed
        ),
    )


def _unread(outcome: FeedOutcome) -> FeedOutcome:
    """The poll found the host well; the document is somebody else's, so nothing of it is this feed's."""
    return replace(
        outcome,
        kind=PollKind.UNCHANGED,
        only_times=False,
        listed=(),
        etag=None,
        last_modified=None,
        validators_url=None,
        moved_to=None,
        meeting=None,
        unread=True,
    )


async def _at(connection: AsyncConnection, url: str) -> "sa.Row[tuple[int, str, bool, int]] | None":
    newest = sa.select(sa.func.coalesce(sa.func.max(entries.c.id), 0)).where(entries.c.feed_id == feeds.c.id)
    followed = sa.exists().where(subscriptions.c.feed_id == feeds.c.id)
    query = sa.select(
        feeds.c.id, feeds.c.state, followed.label("followed"), newest.scalar_subquery().label("newest_id")
    ).where(feeds.c.url == url)
    return (await connection.execute(query)).one_or_none()


async def _declared(connection: AsyncConnection, feed_id: int, topic_ids: Collection[int]) -> bool:
    """Whether one of these topics follows the feed because the configuration file says so."""
    query = sa.exists().where(
        subscriptions.c.feed_id == feed_id,
        subscriptions.c.topic_id.in_(topic_ids),
        subscriptions.c.declared.is_(True),
    )
    return bool(await connection.scalar(sa.select(query)))


async def _copy_names(connection: AsyncConnection, *, source: int, target: int) -> None:
    """What guilds call the feed that moved they call the feed there, unless they named it already."""
    names = sa.select(source_names.c.guild_id, sa.literal(target), source_names.c.name).where(
        source_names.c.feed_id == source
    )
    columns = ["guild_id", "feed_id", "name"]
    await connection.execute(insert(source_names).from_select(columns, names).on_conflict_do_nothing())
