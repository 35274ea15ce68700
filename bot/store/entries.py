"""What polls bring: entries, feed state and deliveries, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.model import (
    Article,
    DeliveryState,
    Entry,
    EntryKeys,
    FeedOutcome,
    FeedState,
    Identified,
    KnownEntry,
    PollKind,
    TroubleKind,
)
from bot.store import rows
from bot.store.batch import Batcher
from bot.store.changes import SOURCE_PAUSED
from bot.store.database import Database
from bot.store.feeds import move
from bot.store.schema import deliveries, entries, feeds, subscriptions, topics
from bot.store.troubles import note_archive

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MOST_VARIABLES = 10_000
"""In one statement; SQLite allows 32,766."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one outcome came to in the database."""

    stored: int
    queued: int


class EntryStore:
    """The table `entries`, and the one way in which polls change the database."""

    def __init__(self, database: Database, *, default_backfill: int) -> None:
        self._db = database
        self._backfill = default_backfill
        self._batcher = Batcher(self._apply_all)
        self._lookups = Batcher(self._look_up)

    async def known(self, feed_id: int, keys: Sequence[EntryKeys]) -> tuple[KnownEntry, ...]:
        """The stored entries of a feed that share any key with these."""
        wanted = sa.or_(
            entries.c.guid_key.in_({key.guid for key in keys if key.guid}),
            entries.c.link_key.in_({key.link for key in keys if key.link}),
            entries.c.content_key.in_({key.content for key in keys}),
        )
        async with self._db.read() as connection:
            found = await connection.execute(sa.select(*rows.KNOWN_COLUMNS).where(entries.c.feed_id == feed_id, wanted))
            return tuple(rows.known_entry(row) for row in found.mappings())

    async def with_bytes(self, feed_id: int, raw_keys: Sequence[str]) -> tuple[KnownEntry, ...]:
        """The stored entries of a feed that were read from these bytes, looked up together with those of other feeds."""
        return await self._lookups.submit((feed_id, raw_keys))

    async def _look_up(self, asked: Sequence[tuple[int, Sequence[str]]]) -> list[tuple[KnownEntry, ...]]:
        wanted = {(feed_id, key): place for place, (feed_id, keys) in enumerate(asked) for key in keys}
        found: list[list[KnownEntry]] = [[] for _ in asked]
        keys = [key for _, key in wanted]
        async with self._db.read() as connection:
            for start in range(0, len(keys), MOST_VARIABLES):
                query = sa.select(*rows.KNOWN_COLUMNS).where(
                    entries.c.raw_key.in_(keys[start : start + MOST_VARIABLES])
                )
                for row in (await connection.execute(query)).mappings():
                    place = wanted.get((row["feed_id"], row["raw_key"]))
                    if place is not None:
                        found[place].append(rows.known_entry(row))
        return [tuple(each) for each in found]

    async def newest(self, feed_id: int, limit: int = 1) -> tuple[Article, ...]:
        """The newest articles of a feed, newest first."""
        query = (
            sa.select(*rows.ARTICLE_COLUMNS)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(entries.c.feed_id == feed_id)
            .order_by(entries.c.sort_at.desc(), entries.c.position, entries.c.id.desc())
            .limit(limit)
        )
        async with self._db.read() as connection:
            return tuple(rows.article(row) for row in (await connection.execute(query)).mappings())

    async def apply(self, outcome: FeedOutcome) -> Applied:
        """Store entries, feed state and deliveries of a poll together, in a transaction shared with other polls.

        Raises:
            StoreError: nothing of this outcome was stored; the feed stays due.
        """
        return await self._batcher.submit(outcome)

    async def drain(self) -> None:
        """Wait for the transactions that were begun."""
        await self._batcher.drain()

    async def _apply_all(self, outcomes: Sequence[FeedOutcome]) -> list[Applied | Exception]:
        async with self._db.write() as connection:
            pending = await _feeds_with_pending_baseline(connection, [outcome.feed_id for outcome in outcomes])
            results: list[Applied | Exception] = []
            quiet: list[dict[str, Any]] = []
            for outcome in outcomes:
                if outcome.kind is PollKind.UNCHANGED and outcome.moved_to is None and outcome.feed_id not in pending:
                    quiet.append(_unchanged_values(outcome))
                    results.append(Applied(0, 0))
                else:
                    results.append(await self._apply_alone(connection, outcome))
            if quiet:
                await connection.execute(_UNCHANGED, quiet)
            return results

    async def _apply_alone(self, connection: AsyncConnection, outcome: FeedOutcome) -> Applied | Exception:
        """One outcome behind a savepoint, so that a defect in it costs only itself."""
        try:
            async with connection.begin_nested():
                return await self._apply_one(connection, outcome)
        except (sa.exc.OperationalError, StoreError):
            raise  # the database itself: nothing of the batch can be trusted to be stored
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for this outcome
            return error

    async def _apply_one(self, connection: AsyncConnection, outcome: FeedOutcome) -> Applied:
        known_state = await connection.scalar(sa.select(feeds.c.state).where(feeds.c.id == outcome.feed_id))
        if known_state is None:
            return Applied(0, 0)  # merged into another feed meanwhile
        if outcome.moved_to:
            await move(connection, outcome.feed_id, outcome.moved_to)
        await connection.execute(sa.update(feeds).where(feeds.c.id == outcome.feed_id).values(_feed_values(outcome)))
        ids = await _store_entries(connection, outcome)
        if outcome.kind in {PollKind.FAILED, PollKind.GONE}:
            return Applied(0, 0)
        queued = await self._fan_out(connection, outcome, ids)
        return Applied(stored=len(outcome.new), queued=queued)

    async def _fan_out(self, connection: AsyncConnection, outcome: FeedOutcome, ids: dict[str, int]) -> int:
        """Queue what each subscription is to post: its sample where the baseline is pending, else what is new."""
        followers = await connection.execute(
            sa.select(
                subscriptions.c.id,
                subscriptions.c.topic_id,
                subscriptions.c.since,
                subscriptions.c.paused,
                topics.c.guild_id,
                topics.c.backfill,
            )
            .join(topics, topics.c.id == subscriptions.c.topic_id)
            .where(subscriptions.c.feed_id == outcome.feed_id)
        )
        new = [(ids[item.uid], item.skip_reason) for item in outcome.new]
        archived = sum(1 for _, reason in new if reason == TroubleKind.ARCHIVE)
        queue: list[tuple[int, int, str | None]] = []
        for follower in followers.all():
            if follower.since is not None:
                resting = SOURCE_PAUSED if follower.paused else None
                queue += [(follower.topic_id, entry_id, reason or resting) for entry_id, reason in new]
                if archived:
                    await note_archive(
                        connection, follower.guild_id, outcome.feed_id, articles=archived, now=outcome.polled_at
                    )
                continue
            count = self._backfill if follower.backfill is None else follower.backfill
            sample = await sample_of(
                connection, outcome.feed_id, [ids[item.uid] for item in newest(outcome.listed, count)], count
            )
            queue += [(follower.topic_id, entry_id, None) for entry_id in sample]
            await connection.execute(
                sa.update(subscriptions).where(subscriptions.c.id == follower.id).values(since=outcome.polled_at)
            )
        return await queue_deliveries(connection, queue, now=outcome.polled_at)


def newest(listed: Iterable[Identified], count: int) -> list[Identified]:
    """The newest of a document: by date where it has one, else as listed from the top."""
    ordered = sorted(listed, key=lambda item: item.entry.position)
    if all(item.entry.published_at for item in ordered):
        ordered.sort(key=lambda item: item.entry.published_at or LONG_AGO, reverse=True)
    return ordered[:count]


async def sample_of(connection: AsyncConnection, feed_id: int, listed: list[int], count: int) -> list[int]:
    """The sample's entries; from the stored ones where the poll brought no document."""
    if listed or count == 0:
        return listed
    stored = await connection.execute(
        sa.select(entries.c.id)
        .where(entries.c.feed_id == feed_id)
        .order_by(entries.c.sort_at.desc(), entries.c.position, entries.c.id.desc())
        .limit(count)
    )
    return list(stored.scalars())


async def queue_deliveries(
    connection: AsyncConnection, queue: Sequence[tuple[int, int, str | None]], *, now: datetime
) -> int:
    """Store (topic, entry, reason to skip or None) as deliveries; those that exist already stay as they are."""
    if not queue:
        return 0
    found = await connection.execute(
        sa.select(entries.c.id, entries.c.sort_at, entries.c.position).where(
            entries.c.id.in_({entry_id for _, entry_id, _ in queue})
        )
    )
    order = {row.id: row for row in found.all()}
    values = [
        {
            "topic_id": topic_id,
            "entry_id": entry_id,
            "state": DeliveryState.SKIPPED if reason else DeliveryState.WAITING,
            "reason": reason,
            "order_at": order[entry_id].sort_at,
            "order_position": -order[entry_id].position,
            "created_at": now,
        }
        for topic_id, entry_id, reason in queue
    ]
    await connection.execute(insert(deliveries).on_conflict_do_nothing(), values)
    return sum(1 for _, _, reason in queue if reason is None)


async def _store_entries(connection: AsyncConnection, outcome: FeedOutcome) -> dict[str, int]:
    """Insert what is new, correct what changed; the ids of everything listed, by uid."""
    if not outcome.listed:
        return {}
    # From the bottom up, so that among entries of one second the upper one has the higher id.
    new = [
        rows.new_entry_values(item, feed_id=outcome.feed_id, seen_at=outcome.polled_at)
        for item in reversed(outcome.new)
    ]
    if new:
        await connection.execute(insert(entries).on_conflict_do_nothing(), new)
    for item in outcome.listed:
        if item.changed and isinstance(item.entry, Entry):
            await connection.execute(
                sa.update(entries).where(entries.c.id == item.known_id).values(rows.entry_values(item.entry))
            )
    ids = {item.uid: item.known_id for item in outcome.listed if item.known_id is not None}
    found = await connection.execute(
        sa.select(entries.c.uid, entries.c.id).where(
            entries.c.feed_id == outcome.feed_id, entries.c.uid.in_([item.uid for item in outcome.new])
        )
    )
    ids.update((row.uid, row.id) for row in found.all())
    return ids


async def _feeds_with_pending_baseline(connection: AsyncConnection, feed_ids: Sequence[int]) -> set[int]:
    found = await connection.execute(
        sa.select(subscriptions.c.feed_id).where(subscriptions.c.since.is_(None), subscriptions.c.feed_id.in_(feed_ids))
    )
    return set(found.scalars())


_UNCHANGED = (
    sa.update(feeds)
    .where(feeds.c.id == sa.bindparam("b_id"))
    .values(
        next_poll_at=sa.bindparam("b_next"),
        interval_seconds=sa.bindparam("b_interval"),
        last_polled_at=sa.bindparam("b_now"),
        last_success_at=sa.bindparam("b_now"),
        body_digest=sa.bindparam("b_digest"),
        entries_per_week=sa.bindparam("b_pace"),
        etag=sa.bindparam("b_etag"),
        last_modified=sa.bindparam("b_modified"),
        lease_until=None,
        failures=0,
        failing_since=None,
        last_error=None,
    )
)


def _unchanged_values(outcome: FeedOutcome) -> dict[str, Any]:
    return {
        "b_id": outcome.feed_id,
        "b_next": outcome.next_poll_at,
        "b_interval": outcome.interval_seconds,
        "b_now": outcome.polled_at,
        "b_digest": outcome.body_digest,
        "b_pace": outcome.entries_per_week,
        "b_etag": outcome.etag,
        "b_modified": outcome.last_modified,
    }


def _feed_values(outcome: FeedOutcome) -> dict[str, Any]:
    values: dict[str, Any] = {
        "next_poll_at": outcome.next_poll_at,
        "interval_seconds": outcome.interval_seconds,
        "last_polled_at": outcome.polled_at,
        "lease_until": None,
    }
    if outcome.failure is not None:
        values |= {
            "failures": feeds.c.failures + 1,
            "last_error": outcome.failure.message,
            "last_error_at": outcome.polled_at,
            "failing_since": sa.func.coalesce(
                feeds.c.failing_since, sa.literal(outcome.polled_at, feeds.c.failing_since.type)
            ),
        }
        if outcome.kind is PollKind.GONE:
            values["state"] = FeedState.GONE
        return values
    values |= {
        "failures": 0,
        "failing_since": None,
        "last_error": None,
        "last_success_at": outcome.polled_at,
        "etag": outcome.etag,
        "last_modified": outcome.last_modified,
        "body_digest": outcome.body_digest,
        "entries_per_week": outcome.entries_per_week,
        "state": sa.case((feeds.c.state == FeedState.GONE, FeedState.ACTIVE), else_=feeds.c.state),
    }
    if outcome.kind is PollKind.ENTRIES:
        values |= {
            "title": outcome.title,
            "site_url": outcome.site_url,
            "icon_url": outcome.icon_url,
        }
    return values
