"""Large outcomes of polls: decided outside of transactions, and stored in parts of which each takes some tenths of a second.

Each part has some articles with all their deliveries, the oldest articles first. What the poll says of its feed, its
validators above all, is stored with the last part: after a crash in between, the next poll finds the rest new. As the
newest articles come last, it then chooses the same ones that are posted.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from bot.model import FeedOutcome, Filters, MatchedEntry, PollKind
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array, gathered
from bot.store.intake import fan_out
from bot.store.intake.apply_outcomes import Applied
from bot.store.intake.fan_out import SAMPLE_AMONG
from bot.store.intake.filter_verdicts import Verdicts, judgeable, newest_first
from bot.store.intake.pending_outcomes import Plan, Rules, Work
from bot.store.schema.tables import entries, subscriptions, topics

PART_ARTICLES = 200
"""Articles that are new or changed in one transaction."""
PART_DELIVERIES = 5_000


@dataclass(slots=True)
class Audience:
    """Who follows a feed, as far as it matters beforehand."""

    filters: set[Filters] = field(default_factory=set)
    """Of topics that were told of the feed's articles before."""
    pending: set[Filters] = field(default_factory=set)
    """Of topics for which the feed was not read yet."""
    size: int = 0


async def audiences(database: Database, feed_ids: Collection[int]) -> dict[int, Audience]:
    """Who follows the feeds."""
    found = {feed_id: Audience() for feed_id in feed_ids}
    async with database.read() as connection:
        rows = (await connection.execute(_AUDIENCES, {"b_feeds": array(feed_ids)})).scalar_one()
    for feed_id, of_topic, of_source, is_pending, count in rows:
        audience = found[feed_id]
        audience.size += count
        if of_topic or of_source:
            (audience.pending if is_pending else audience.filters).add(Filters(of_topic, of_source))
    return found


async def plan(database: Database, outcome: FeedOutcome, audience: Audience, rules: Rules) -> Plan:
    """Ask all filters that concern an outcome, newest article first."""
    verdicts, ordered = Verdicts(), tuple(newest_first(outcome.new))
    if outcome.meeting is not None:
        # What the feed there has may be new to who comes to it.
        outcome = replace(outcome, listed=(*outcome.listed, *outcome.meeting.listed))
    limit = rules.limits.articles_per_poll
    if audience.filters:
        asked = judgeable(ordered if outcome.moved_to is None else newest_first(outcome.listed))
        await _ask(database, outcome, [item.uid for item in asked], audience.filters, verdicts, rules, limit)
    if audience.pending:
        if outcome.listed:
            uids = [item.uid for item in newest_first(outcome.listed)[:SAMPLE_AMONG]]
        else:
            async with database.read() as connection:
                uids = list((await connection.execute(_NEWEST, {"b_feed": outcome.feed_id})).scalars())
        await _ask(database, outcome, uids, audience.pending, verdicts, rules, limit=len(uids))
    return Plan(verdicts, ordered)


async def _ask(
    database: Database,
    outcome: FeedOutcome,
    uids: Sequence[str],
    filters: Collection[Filters],
    verdicts: Verdicts,
    rules: Rules,
    limit: int,
) -> None:
    async with database.read() as connection:
        texts = await fan_out.texts_of(connection, outcome, uids)
    articles = [(uid, texts[uid]) for uid in uids if uid in texts]
    await verdicts.ask_all(rules.judge, articles, tuple(filters), limit=limit)


def in_parts(outcome: FeedOutcome, audience: Audience) -> Sequence[Sequence[MatchedEntry]]:
    """What an outcome brings, in pieces for one transaction each, the oldest first; one piece where that is enough."""
    brought = [item for item in outcome.listed if item.known_id is None or item.changed]
    size = max(1, min(PART_ARTICLES, PART_DELIVERIES // max(1, audience.size)))
    # A feed that moves is stored at once: what is new to whom is told by the whole document.
    if len(brought) <= size or outcome.moved_to is not None or outcome.kind is not PollKind.ENTRIES:
        return (brought,)
    ordered = newest_first(brought)[::-1]
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


async def store(work: Work, audience: Audience, submit: Callable[[Work], Awaitable[Applied]]) -> Applied:
    """Store an outcome part by part, each by `submit`. What all of them came to."""
    outcome = work.outcome
    parts = in_parts(outcome, audience)
    known: dict[str, int] = {}
    stored = queued = 0
    for part in parts[:-1]:
        # Of one second, the upper one is stored last.
        piece = replace(outcome, listed=tuple(reversed(part)), meeting=None)
        applied = await submit(replace(work, outcome=piece, part=True))
        known |= applied.ids
        stored += applied.stored
        queued += applied.queued
        if len(applied.ids) < len(part):
            break  # the feed is no more
    if known:
        outcome = replace(outcome, listed=tuple(_stored(item, known) for item in outcome.listed))
    last = await submit(replace(work, outcome=outcome))
    return replace(last, stored=last.stored + stored, queued=last.queued + queued)


def _stored(item: MatchedEntry, known: Mapping[str, int]) -> MatchedEntry:
    if item.uid not in known:
        return item
    return replace(item, known_id=known[item.uid], changed=False)


_AUDIENCES = gathered(
    sa.select(
        subscriptions.c.feed_id,
        topics.c.filters.label("of_topic"),
        subscriptions.c.filters.label("of_source"),
        subscriptions.c.since.is_(None).label("pending"),
        sa.func.count().label("count"),
    )
    .join(topics, topics.c.id == subscriptions.c.topic_id)
    .where(among(subscriptions.c.feed_id, "b_feeds"))
    .group_by(subscriptions.c.feed_id, topics.c.filters, subscriptions.c.filters, subscriptions.c.since.is_(None))
)
_NEWEST = (
    sa.select(entries.c.uid)
    .where(entries.c.feed_id == sa.bindparam("b_feed"))
    .order_by(entries.c.sort_at.desc(), entries.c.position, entries.c.id.desc())
    .limit(SAMPLE_AMONG)
)
