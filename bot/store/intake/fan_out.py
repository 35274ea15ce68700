"""From what is new in feeds to deliveries for every topic that follows them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    DeliveryState,
    Entry,
    FeedOutcome,
    Filters,
    MatchedEntry,
    PollKind,
    ProblemKind,
    Readable,
)
from bot.store.engine.json_params import among, array, table
from bot.store.intake.filter_verdicts import (
    MICROSECONDS_IN_TRANSACTION,
    Reasons,
    Verdicts,
    judgeable,
    microseconds,
    newest_first,
)
from bot.store.intake.pending_outcomes import Plan, Rules, Work
from bot.store.intake.topic_backlog import bound_waiting
from bot.store.moves import former_feeds
from bot.store.moves.feed_moves import Merged
from bot.store.moves.seen_before_move import Told
from bot.store.moves.subscription_handover import HandedOver
from bot.store.notices.problem_events import Event, note_events
from bot.store.posting.skipped_deliveries import SOURCE_PAUSED
from bot.store.schema.tables import deliveries, entries, milliseconds, subscriptions, topics
from bot.store.topics.filterable_text import TEXT_COLUMNS, text_of

SAMPLE_AMONG = 50
"""Of so many of the newest articles, the first that a filter wants are a sample."""
ROWS_AT_ONCE = 5_000
"""Deliveries stored by one statement."""
MAX_UNPLANNED = 20_000
"""Deliveries of one outcome that are stored without having been cut into parts."""
Ids = Mapping[tuple[int, str], int]


@dataclass(slots=True)
class Followers:
    """The topics that are concerned by some polls, and what their filters say."""

    of: dict[int, list[Any]]
    """By feed: rows of `_FOLLOWERS`."""
    samples: dict[int, list[tuple[str, int | None]]]
    """By feed with a follower for whom it was not read yet: the newest articles, by uid and, where stored, id."""
    verdicts: dict[int, Verdicts]
    unjudged: set[int]
    """Feeds whose filters have to be asked outside."""
    told: "Told"

    def guilds(self, feed_id: int) -> set[int]:
        """Those that follow a feed."""
        return {row.guild_id for row in self.of.get(feed_id, ())}

    def is_known(self, feed_id: int) -> bool:
        """Whether some topic was told of the feed's articles before."""
        return any(row.since is not None for row in self.of.get(feed_id, ()))


async def followers_of(
    connection: AsyncConnection, works: Sequence[Work], merged: Mapping[int, Merged], rules: Rules
) -> Followers:
    """Look up who is concerned, before anything is stored, and ask few filters that were not asked yet."""
    answered = {
        each.outcome.feed_id: each for each in works if each.outcome.kind in {PollKind.ENTRIES, PollKind.UNCHANGED}
    }
    pending = await new_to_some(connection, (feed_id for feed_id, work in answered.items() if not work.part))
    concerned = {feed_id for feed_id, work in answered.items() if work.outcome.new or feed_id in merged} | pending
    found = Followers(defaultdict(list), {}, {}, set(), Told({}, set()))
    if not concerned:
        return found
    for row in (await connection.execute(_FOLLOWERS, {"b_feeds": array(concerned)})).all():
        found.of[row.feed_id].append(row)
    found.told = await Told.of(connection, answered, [row for rows in found.of.values() for row in rows])
    room = MICROSECONDS_IN_TRANSACTION
    for feed_id in concerned:
        work = answered[feed_id]
        verdicts = work.plan.verdicts if work.plan is not None else Verdicts()
        found.verdicts[feed_id] = verdicts
        rows = found.of[feed_id]
        if feed_id in pending:
            most = SAMPLE_AMONG if any(_filters(row) for row in rows) else _largest_sample(rows, rules)
            found.samples[feed_id] = await _candidates(connection, work.outcome, most)
        if work.plan is None and work.weight > 1 and work.weight * len(rows) > MAX_UNPLANNED:
            found.unjudged.add(feed_id)
            continue
        missing = _missing(rows, work.outcome, found.samples.get(feed_id, ()), verdicts, merged.get(feed_id))
        if not missing:
            continue
        texts = await texts_of(connection, work.outcome, missing.keys())
        cost = sum(microseconds(texts[uid], each) for uid, asked in missing.items() for each in asked if uid in texts)
        if cost > room and not work.insist:
            found.unjudged.add(feed_id)
            continue
        room -= cost
        for uid, asked in missing.items():
            if uid in texts:
                verdicts.ask(rules.judge, texts[uid], uid, asked)
    return found


async def fan_out(
    connection: AsyncConnection,
    works: Sequence[Work],
    ids: Ids,
    merged: Mapping[int, Merged],
    followers: Followers,
    rules: Rules,
) -> Mapping[int, int]:
    """Queue what each subscription is to post: its sample where the baseline is pending, else what is new.

    Returns:
        By feed, how many deliveries wait now that did not before.
    """
    queue = _Queue()
    for work in works:
        for follower in followers.of.get(work.outcome.feed_id, ()):
            if follower.since is None:
                if not work.part:
                    queue.begin(follower, work.outcome, _sample(follower, ids, followers, rules))
            else:
                _tell(queue, follower, work, ids, merged.get(work.outcome.feed_id), followers, rules)
    if queue.begun:
        await connection.execute(_BEGIN, queue.begun)
    if queue.rows:
        await _store(connection, queue, rules, now=max(work.outcome.polled_at for work in works))
    return queue.waiting


async def _store(connection: AsyncConnection, queue: "_Queue", rules: Rules, *, now: datetime) -> None:
    for start in range(0, len(queue.rows), ROWS_AT_ONCE):
        await connection.execute(_QUEUE, {"b_rows": array(queue.rows[start : start + ROWS_AT_ONCE])})
    await note_events(connection, queue.events(), now=now)
    await bound_waiting(connection, queue.topics, limit=rules.limits.waiting_per_topic, now=now)


class _Queue:
    """Deliveries to be stored, and what is to be told of them."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, str | None, int]] = []
        self.begun: list[dict[str, Any]] = []
        self.waiting: Counter[int] = Counter()
        self.topics: set[int] = set()
        self._skipped: dict[tuple[int, ProblemKind, int], int] = {}
        self._chosen: dict[tuple[Any, ...], list[tuple[int, str | None]]] = {}

    def begin(self, follower: Any, outcome: FeedOutcome, entry_ids: Sequence[int]) -> None:
        self.begun.append({"b_id": follower.id, "b_since": outcome.polled_at})
        self._add(follower, outcome, [(entry_id, None) for entry_id in entry_ids])

    def tell(
        self, follower: Any, outcome: FeedOutcome, new: Sequence[MatchedEntry], reasons: Reasons, ids: Ids, key: object
    ) -> None:
        """Topics that are told the same share the work."""
        resting = SOURCE_PAUSED if follower.paused else None
        place = (outcome.feed_id, _filters(follower), resting, key)
        chosen = self._chosen.get(place)
        if chosen is None:
            chosen = [(ids[outcome.feed_id, item.uid], reasons.get(item.uid) or resting) for item in new]
            self._chosen[place] = chosen
        self._add(follower, outcome, chosen)
        for kind in (ProblemKind.ARCHIVE, ProblemKind.FLOOD):
            # Several topics of a guild may follow the feed: they skipped the same articles.
            if count := sum(1 for _id, reason in chosen if reason == kind):
                skipped = (follower.guild_id, kind, outcome.feed_id)
                self._skipped[skipped] = max(self._skipped.get(skipped, 0), count)

    def events(self) -> list[Event]:
        return [Event(*key, articles=count) for key, count in self._skipped.items()]

    def _add(self, follower: Any, outcome: FeedOutcome, chosen: Sequence[tuple[int, str | None]]) -> None:
        at = milliseconds(outcome.polled_at)
        self.rows += [(follower.topic_id, entry_id, reason, at) for entry_id, reason in chosen]
        self.waiting[outcome.feed_id] += sum(1 for _id, reason in chosen if reason is None)
        self.topics.add(follower.topic_id)


def _tell(
    queue: _Queue,
    follower: Any,
    work: Work,
    ids: Ids,
    joined: Merged | None,
    followers: Followers,
    rules: Rules,
) -> None:
    outcome, filters, limit = work.outcome, _filters(follower), rules.limits.articles_per_poll
    verdicts = followers.verdicts[outcome.feed_id]
    if joined is not None:
        new: Sequence[MatchedEntry] = joined.new_for(follower.topic_id, outcome)
        if follower.formers:
            new = followers.told.still_new(follower, outcome, new)
        reasons = verdicts.reasons(filters, newest_first(new), limit=limit)
        queue.tell(follower, outcome, new, reasons, ids, follower.topic_id)
        return
    plan = work.plan or Plan(verdicts, tuple(newest_first(outcome.new)))
    if not follower.formers:
        queue.tell(follower, outcome, outcome.new, plan.why(filters, limit), ids, None)
        return
    # Topics that came from the same feeds were told the same, unless one of these moved while the outcome was made.
    key = (*follower.formers, 0 if followers.told.alike else follower.topic_id)
    if (key, filters) not in plan.formers:
        still = followers.told.still_new(follower, outcome, plan.ordered)
        plan.formers[key, filters] = verdicts.reasons(filters, still, limit=limit)
    reasons = plan.formers[key, filters]
    queue.tell(follower, outcome, [item for item in outcome.new if item.uid in reasons], reasons, ids, key)


async def catch_up(connection: AsyncConnection, moved: HandedOver, work: Work, rules: Rules) -> int:
    """Queue what a feed had before topics came to it by a move, and what they came from had not listed. How many wait.

    Of very many, the newest, as of a poll.
    """
    new = [item for item in moved.missing if item.known_id is not None]
    if not new:
        return 0
    found = (await connection.execute(_FOLLOWERS, {"b_feeds": array([moved.feed_id])})).all()
    came = [each for each in found if each.topic_id in moved.topic_ids and each.since is not None]
    outcome = replace(work.outcome, feed_id=moved.feed_id, listed=tuple(new))
    ids = {(moved.feed_id, item.uid): item.known_id for item in new if item.known_id is not None}
    ordered, limit = newest_first(new), rules.limits.articles_per_poll
    # Older ones are a flood, whatever filters say.
    judged = judgeable(ordered)[:limit]
    verdicts = work.plan.verdicts if work.plan is not None else Verdicts()
    missing = _unasked({_filters(each) for each in came}, [item.uid for item in judged], verdicts)
    texts = await texts_of(connection, outcome, missing)
    for uid, asked in missing.items():
        if uid in texts:
            verdicts.ask(rules.judge, texts[uid], uid, asked)
    queue = _Queue()
    for follower in came:
        reasons = dict(verdicts.reasons(_filters(follower), ordered, limit=limit))
        reasons |= dict.fromkeys([item.uid for item in judgeable(ordered)[limit:]], ProblemKind.FLOOD)
        queue.tell(follower, outcome, new, reasons, ids, None)
    await _store(connection, queue, rules, now=work.outcome.polled_at)
    return queue.waiting[moved.feed_id]


def _filters(follower: Any) -> Filters:
    return Filters(follower.topic_filters, follower.filters)


def _largest_sample(rows: Iterable[Any], rules: Rules) -> int:
    return max((_sample_size(row, rules) for row in rows if row.since is None), default=0)


def _sample_size(follower: Any, rules: Rules) -> int:
    size: int | None = follower.backfill
    return rules.backfill if size is None else size


def _sample(follower: Any, ids: Ids, followers: Followers, rules: Rules) -> list[int]:
    """The newest articles that the filters want."""
    count, filters = _sample_size(follower, rules), _filters(follower)
    known = followers.verdicts[follower.feed_id].of.get(filters, {})
    candidates = followers.samples.get(follower.feed_id, ())
    wanted = [(uid, entry_id) for uid, entry_id in candidates if not filters or known.get(uid) is None]
    return [ids[follower.feed_id, uid] if entry_id is None else entry_id for uid, entry_id in wanted[:count]]


def _missing(
    rows: Iterable[Any],
    outcome: FeedOutcome,
    candidates: Iterable[tuple[str, int | None]],
    verdicts: Verdicts,
    joined: Merged | None,
) -> dict[str, list[Filters]]:
    """By article, the filters that are still to be asked about it."""
    fresh = judgeable(outcome.new if joined is None else outcome.listed)
    if joined is not None:
        fresh = [item for item in fresh if item.uid in joined.new_here | joined.new_there]
    missing = _unasked({_filters(row) for row in rows if row.since is not None}, [item.uid for item in fresh], verdicts)
    pending = {_filters(row) for row in rows if row.since is None}
    for uid, asked in _unasked(pending, [uid for uid, _id in candidates], verdicts).items():
        missing[uid] = list(dict.fromkeys([*missing.get(uid, ()), *asked]))
    return missing


def _unasked(filters: Iterable[Filters], uids: Sequence[str], verdicts: Verdicts) -> dict[str, list[Filters]]:
    missing: dict[str, list[Filters]] = defaultdict(list)
    for each in filters:
        for uid in verdicts.missing(each, uids):
            missing[uid].append(each)
    return dict(missing)


async def new_to_some(connection: AsyncConnection, feed_ids: Iterable[int]) -> set[int]:
    """Those of the feeds that somebody follows for whom they were not read yet."""
    asked = array(feed_ids)
    if asked == "[]":
        return set()
    return set((await connection.execute(_PENDING, {"b_feeds": asked})).scalars())


async def _candidates(connection: AsyncConnection, outcome: FeedOutcome, most: int) -> list[tuple[str, int | None]]:
    """The newest articles; from the stored ones where the poll brought no document."""
    if outcome.listed or most == 0:
        return [(item.uid, item.known_id) for item in newest_first(outcome.listed)[:most]]
    stored = await connection.execute(_STORED, {"b_feed": outcome.feed_id, "b_most": most})
    return [(row.uid, row.id) for row in stored.all()]


async def texts_of(connection: AsyncConnection, outcome: FeedOutcome, uids: Iterable[str]) -> dict[str, Readable]:
    """What filters read of articles: as the poll brought them, else as they are stored."""
    wanted = set(uids)
    found: dict[str, Readable] = {
        item.uid: item.entry for item in outcome.listed if item.uid in wanted and isinstance(item.entry, Entry)
    }
    if missing := wanted - found.keys():
        parameters = {"b_feed": outcome.feed_id, "b_uids": array(missing)}
        for row in (await connection.execute(_TEXTS, parameters)).mappings():
            found[row["uid"]] = text_of(row)
    return found


_PENDING = sa.select(subscriptions.c.feed_id).where(
    subscriptions.c.since.is_(None), among(subscriptions.c.feed_id, "b_feeds")
)
_FOLLOWERS = (
    sa.select(
        subscriptions.c.id,
        subscriptions.c.feed_id,
        subscriptions.c.topic_id,
        subscriptions.c.since,
        subscriptions.c.paused,
        subscriptions.c.filters,
        topics.c.guild_id,
        sa.func.coalesce(subscriptions.c.sample, topics.c.backfill).label("backfill"),
        topics.c.filters.label("topic_filters"),
        former_feeds.OF_FOLLOWER.label("formers"),
    )
    .join(topics, topics.c.id == subscriptions.c.topic_id)
    .where(among(subscriptions.c.feed_id, "b_feeds"))
)
_STORED = (
    sa.select(entries.c.id, entries.c.uid)
    .where(entries.c.feed_id == sa.bindparam("b_feed"))
    .order_by(entries.c.sort_at.desc(), entries.c.position, entries.c.id.desc())
    .limit(sa.bindparam("b_most", type_=sa.Integer()))
)
_TEXTS = sa.select(entries.c.uid, *TEXT_COLUMNS).where(
    entries.c.feed_id == sa.bindparam("b_feed"), among(entries.c.uid, "b_uids")
)
_ROWS = table(
    "b_rows", {"topic_id": sa.Integer(), "entry_id": sa.Integer(), "reason": sa.Text(), "created_at": sa.Integer()}
)
# From one parameter, so that SQLite makes the rows beside the event loop. Those that exist already stay as they are.
_QUEUE = (
    insert(deliveries)
    .prefix_with("OR IGNORE")
    .from_select(
        ["topic_id", "entry_id", "state", "reason", "order_at", "order_position", "created_at"],
        sa.select(
            _ROWS.c.topic_id,
            _ROWS.c.entry_id,
            sa.case((_ROWS.c.reason.is_(None), DeliveryState.WAITING), else_=DeliveryState.SKIPPED),
            _ROWS.c.reason,
            entries.c.sort_at,
            -entries.c.position,
            _ROWS.c.created_at,
        ).where(entries.c.id == _ROWS.c.entry_id),
    )
)
_BEGIN = (
    sa.update(subscriptions)
    .where(subscriptions.c.id == sa.bindparam("b_id"))
    .values(since=sa.bindparam("b_since", type_=subscriptions.c.since.type))
)
