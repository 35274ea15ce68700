"""Entries: looked up by their keys or bytes, and stored with all that a poll brings, in one transaction."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config.settings import LimitsSettings
from bot.errors import StoreError
from bot.model import Article, EntryKeys, FeedOutcome, Judge, StoredEntry
from bot.store.engine.batcher import LIGHT, Batcher
from bot.store.engine.database import Database
from bot.store.engine.json_params import among, array, gathered, table
from bot.store.intake import apply_outcomes, chunked_apply
from bot.store.intake.apply_outcomes import Applied
from bot.store.intake.chunked_apply import Audience
from bot.store.intake.pending_outcomes import Rules, UnjudgedError, Work
from bot.store.schema import row_mapping
from bot.store.schema.tables import entries, feeds, subscriptions, topics

LOOK_UP_PATIENCE_SECONDS = 0.03
"""How long a poll waits for others that look up what they read: one statement costs little more than one look-up."""
LARGE, LARGE_AT_ONCE = 500, 2
"""From how many articles on an outcome is stored beside only one other such: what is decided of them takes memory."""
MAX_TRIES = 4
"""To store an outcome whose filters are being changed; the last one asks the changed ones inside of the transaction."""


def _known() -> sa.Select[tuple[list[list[Any]]]]:
    """The place of who asks, and what is stored of its feed under one of its keys."""
    pairs = []
    for name, column in (
        ("b_guids", entries.c.guid_key),
        ("b_links", entries.c.link_key),
        ("b_contents", entries.c.content_key),
    ):
        asked = table(name, {"place": sa.Integer(), "feed_id": sa.Integer(), "key": sa.Text()})
        found = sa.and_(entries.c.feed_id == asked.c.feed_id, column == asked.c.key)
        pairs.append(sa.select(asked.c.place, entries.c.id).join(entries, found))
    pair = sa.union(*pairs).subquery("pair")
    return gathered(sa.select(*row_mapping.KNOWN_COLUMNS, pair.c.place).join(pair, pair.c.id == entries.c.id))


_KNOWN = _known()
_LISTED = sa.select(feeds.c.id, feeds.c.listed).where(among(feeds.c.id, "b_feeds"))
_SAMPLES = (
    sa.select(
        subscriptions.c.feed_id,
        sa.func.max(
            sa.func.coalesce(subscriptions.c.sample, topics.c.backfill, sa.bindparam("b_backfill", type_=sa.Integer()))
        ),
    )
    .join(topics, topics.c.id == subscriptions.c.topic_id)
    .where(among(subscriptions.c.feed_id, "b_feeds"))
    .group_by(subscriptions.c.feed_id)
)
_BYTES = table("b_bytes", {"feed_id": entries.c.feed_id.type, "raw_key": sa.Text()})
# By feed too: whoever lists copies of others' entries makes their look-ups no dearer.
_WITH_BYTES = gathered(
    sa.select(*row_mapping.KNOWN_COLUMNS).join(
        _BYTES, sa.and_(entries.c.feed_id == _BYTES.c.feed_id, entries.c.raw_key == _BYTES.c.raw_key)
    )
)


class EntryStore:
    """The table `entries`, and the one way in which polls change the database."""

    def __init__(self, database: Database, *, default_backfill: int, judge: Judge, limits: LimitsSettings) -> None:
        self._db = database
        self._backfill = default_backfill
        self._rules = Rules(default_backfill, judge, limits)
        self._batcher = Batcher(self._apply_all, weigh=lambda work: work.weight)
        self._audiences = Batcher(self._count_audiences)
        self._later: set[asyncio.Task[None]] = set()
        self._room_for_large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._lookups = Batcher(self._look_up)
        self._knowledge = Batcher(self._know, patience_seconds=LOOK_UP_PATIENCE_SECONDS)
        self._samples = Batcher(self._count_samples)

    async def known(
        self, feed_id: int, keys: Sequence[EntryKeys], *, patient: bool = False
    ) -> tuple[tuple[StoredEntry, ...], frozenset[int]]:
        """The stored entries of a feed that share any key with these, and what the document read last had listed.

        The latter are ids; of a very long document, those of its beginning.

        Args:
            patient: nobody waits; others that ask in the next moment are answered together with this one.
        """
        return await self._knowledge.submit((feed_id, keys), patient=patient)

    async def _know(
        self, asked: Sequence[tuple[int, Sequence[EntryKeys]]]
    ) -> list[tuple[tuple[StoredEntry, ...], frozenset[int]]]:
        found: list[list[StoredEntry]] = [[] for _ in asked]
        async with self._db.read() as connection:
            for row in (await connection.execute(_KNOWN, _asked(asked))).scalar_one():
                found[row[-1]].append(row_mapping.known_entry(row))
            answered = {feed_id for (feed_id, _), stored in zip(asked, found, strict=True) if stored}
            listed: dict[int, list[int] | None] = {}
            if answered:
                there = await connection.execute(_LISTED, {"b_feeds": array(answered)})
                listed = {row.id: row.listed for row in there.all()}
        return [
            (tuple(stored), frozenset(listed.get(feed_id) or ()) if stored else frozenset())
            for (feed_id, _), stored in zip(asked, found, strict=True)
        ]

    async def with_bytes(self, feed_id: int, raw_keys: Sequence[str]) -> tuple[StoredEntry, ...]:
        """The stored entries of a feed that were read from these bytes, looked up together with those of other feeds."""
        return await self._lookups.submit((feed_id, raw_keys))

    async def _look_up(self, asked: Sequence[tuple[int, Sequence[str]]]) -> list[tuple[StoredEntry, ...]]:
        wanted = {(feed_id, key): place for place, (feed_id, keys) in enumerate(asked) for key in keys}
        found: list[list[StoredEntry]] = [[] for _ in asked]
        async with self._db.read() as connection:
            rows_found = (await connection.execute(_WITH_BYTES, {"b_bytes": array(wanted)})).scalar_one()
        for row in rows_found:
            place = wanted.get(row_mapping.feed_and_bytes(row))
            if place is not None:
                found[place].append(row_mapping.known_entry(row))
        return [tuple(each) for each in found]

    async def newest(self, feed_id: int, limit: int = 1) -> tuple[Article, ...]:
        """The newest articles of a feed, newest first."""
        query = (
            sa.select(*row_mapping.ARTICLE_COLUMNS)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(entries.c.feed_id == feed_id)
            .order_by(entries.c.sort_at.desc(), entries.c.position, entries.c.id.desc())
            .limit(limit)
        )
        async with self._db.read() as connection:
            return tuple(row_mapping.article(row) for row in (await connection.execute(query)).mappings())

    async def largest_sample(self, feed_id: int) -> int:
        """How many articles of a feed are posted at most when it is read for the first time."""
        return await self._samples.submit(feed_id)

    async def _count_samples(self, feed_ids: Sequence[int]) -> list[int]:
        parameters = {"b_feeds": array(feed_ids), "b_backfill": self._backfill}
        async with self._db.read() as connection:
            found = {row[0]: row[1] for row in (await connection.execute(_SAMPLES, parameters)).all()}
        return [found.get(feed_id) or 0 for feed_id in feed_ids]

    async def pictures_used(self, feed_id: int, urls: Collection[str]) -> set[str]:
        """Which of the pictures belong to articles of the feed that are stored."""
        query = sa.select(entries.c.image_url).where(entries.c.feed_id == feed_id, entries.c.image_url.in_(urls))
        async with self._db.read() as connection:
            return set((await connection.execute(query)).scalars())

    async def apply(self, outcome: FeedOutcome, *, patient: bool = False) -> Applied:
        """Store entries, feed state and deliveries of a poll together, in a transaction shared with other polls.

        Args:
            patient: nobody waits; a moment later, more polls share it.

        Very much goes in several transactions, of which the last says that the document was read.

        Raises:
            StoreError: the outcome was not stored, or not all of it; the feed stays due.
        """
        work = Work(outcome)
        if work.weight <= LIGHT and outcome.moved_to is None:
            with contextlib.suppress(UnjudgedError):
                return await self._batcher.submit(work, patient=patient)
        if work.weight < LARGE:
            return await self._apply_planned(outcome)
        async with self._room_for_large:
            return await self._apply_planned(outcome)

    async def _apply_planned(self, outcome: FeedOutcome) -> Applied:
        """Ask the filters first, then store part by part. What an admin changes in between is asked about anew."""
        for left in reversed(range(MAX_TRIES)):
            audience = await self._audience(outcome)
            plan = await chunked_apply.plan(self._db, outcome, audience, self._rules)
            try:
                return await chunked_apply.store(Work(outcome, plan, insist=left == 0), audience, self._batcher.submit)
            except UnjudgedError:
                continue
        raise AssertionError("the last try insists")

    async def _audience(self, outcome: FeedOutcome) -> Audience:
        """Who follows the outcome's feed, and the feed that it meets."""
        found = await self._audiences.submit(outcome.feed_id)
        if outcome.meeting is None:
            return found
        other = await self._audiences.submit(outcome.meeting.feed_id)
        return Audience(found.filters | other.filters, found.pending | other.pending, found.size + other.size)

    async def _count_audiences(self, feed_ids: Sequence[int]) -> list[Audience]:
        found = await chunked_apply.audiences(self._db, set(feed_ids))
        return [found[feed_id] for feed_id in feed_ids]

    def apply_soon(self, outcome: FeedOutcome, settle: Callable[[Applied | Exception], None]) -> None:
        """The same for an outcome that nobody waits for, in a moment, so that many share a transaction.

        Should the process end before, nothing was stored and the feed is due at the next start.

        Args:
            settle: called with what came of it, or the error. Must not raise.
        """

        def told(result: Applied | Exception) -> None:
            if isinstance(result, UnjudgedError):
                self._later = {each for each in self._later if not each.done()}
                self._later.add(asyncio.create_task(self._settle_planned(outcome, settle)))
            else:
                settle(result)

        self._batcher.submit_soon(Work(outcome), told)

    async def _settle_planned(self, outcome: FeedOutcome, settle: Callable[[Applied | Exception], None]) -> None:
        try:
            settle(await self._apply_planned(outcome))
        except Exception as error:  # noqa: BLE001 - handed to who handed in the outcome
            settle(error)

    async def drain(self) -> None:
        """Wait until everything that was handed in is stored."""
        await self._batcher.drain()
        if self._later:
            await asyncio.wait(self._later)

    async def _apply_all(self, batch: Sequence[Work]) -> list[Applied | Exception]:
        results: list[Applied | Exception] = []
        async with self._db.write() as connection:
            for group in _groups(batch):
                results += await self._apply_group(connection, group)
        return results

    async def _apply_group(self, connection: AsyncConnection, group: Sequence[Work]) -> Sequence[Applied | Exception]:
        """All at once behind a savepoint; one by one if that fails, so that a defect in one costs only itself."""
        try:
            async with connection.begin_nested():
                return await apply_outcomes.apply(connection, group, self._rules)
        except (sa.exc.OperationalError, StoreError):
            raise  # the database itself: nothing of the batch can be trusted to be stored
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for this outcome
            if len(group) == 1:
                return [error]
        return [result for each in group for result in await self._apply_group(connection, [each])]


def _asked(asked: Sequence[tuple[int, Sequence[EntryKeys]]]) -> dict[str, str]:
    """The parameters of `_KNOWN`."""
    guids, links, contents = set(), set(), set()
    for place, (feed_id, keys) in enumerate(asked):
        for key in keys:
            if key.guid:
                guids.add((place, feed_id, key.guid))
            if key.link:
                links.add((place, feed_id, key.link))
            contents.add((place, feed_id, key.content))
    return {"b_guids": array(guids), "b_links": array(links), "b_contents": array(contents)}


def _groups(batch: Iterable[Work]) -> list[list[Work]]:
    """The batch cut, in its order, so that no group has two outcomes of one feed, and one that moves stands alone."""
    groups: list[list[Work]] = []
    feeds_in_last: set[int] = set()
    closed = True
    for work in batch:
        moves, feed_id = work.outcome.moved_to is not None, work.outcome.feed_id
        if closed or moves or feed_id in feeds_in_last:
            groups.append([])
            feeds_in_last = set()
        groups[-1].append(work)
        feeds_in_last.add(feed_id)
        closed = moves
    return groups
