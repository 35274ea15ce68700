"""What a poll means: from what a host answered to one `FeedOutcome`. Pure, and every poll passes through here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict

from bot.feeds.schedule import PollingSettings, entries_per_week, next_poll
from bot.model import (
    CacheHints,
    FailureKind,
    FeedDue,
    FeedOutcome,
    Fetched,
    FetchFailed,
    Identified,
    NotModified,
    ParsedFeed,
    PollKind,
)

ARCHIVE_MORE_THAN = 10
ARCHIVE_AGE = timedelta(days=30)
ARCHIVE = "archive"


class Moment(TypedDict):
    """What every decision is made with: the time, the operator's bounds, and a number from 0 up to 1 that spreads polls."""

    now: datetime
    settings: PollingSettings
    chance: float


def read(
    feed: FeedDue,
    fetched: Fetched,
    parsed: ParsedFeed,
    identified: Sequence[Identified],
    *,
    now: datetime,
    settings: PollingSettings,
    chance: float,
) -> FeedOutcome:
    """The document was read: store what it lists, queue what is new.

    Args:
        identified: the document's entries, compared with the stored ones.
        chance: from 0 up to 1, spreads the next poll.
    """
    listed = without_archive(identified, now=now) if feed.has_entries else tuple(identified)
    pace = entries_per_week([entry.published_at for entry in parsed.entries if entry.published_at], now)
    next_at, interval = next_poll(
        now=now,
        settings=settings,
        entries_per_week=pace,
        failures=0,
        hints=fetched.hints,
        ttl_seconds=parsed.ttl_seconds,
        chance=chance,
    )
    new = sum(1 for item in listed if item.known_id is None)
    return FeedOutcome(
        feed_id=feed.id,
        kind=PollKind.ENTRIES,
        polled_at=now,
        next_poll_at=next_at,
        interval_seconds=interval,
        reason=f"{len(listed)} listed, {new} new",
        listed=listed,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        body_digest=fetched.digest,
        title=parsed.title or feed.title,
        site_url=parsed.site_url or feed.site_url,
        icon_url=parsed.icon_url or feed.icon_url,
        entries_per_week=pace,
        moved_to=_moved(feed, fetched.moved_to),
    )


def unchanged(
    feed: FeedDue, answer: NotModified | Fetched, *, now: datetime, settings: PollingSettings, chance: float
) -> FeedOutcome:
    """A 304, or a 200 with the bytes of last time."""
    next_at, interval = next_poll(
        now=now,
        settings=settings,
        entries_per_week=feed.entries_per_week,
        failures=0,
        hints=answer.hints,
        ttl_seconds=None,
        chance=chance,
    )
    same_bytes = isinstance(answer, Fetched)
    return FeedOutcome(
        feed_id=feed.id,
        kind=PollKind.UNCHANGED,
        polled_at=now,
        next_poll_at=next_at,
        interval_seconds=interval,
        reason="same bytes" if same_bytes else "not modified",
        etag=answer.etag if same_bytes else answer.etag or feed.etag,
        last_modified=answer.last_modified if same_bytes else answer.last_modified or feed.last_modified,
        moved_to=_moved(feed, answer.moved_to),
    )


def failed(
    feed: FeedDue, failure: FetchFailed, *, now: datetime, settings: PollingSettings, chance: float
) -> FeedOutcome:
    """Nothing could be read; the feed waits longer each time. HTTP 410 ends it."""
    next_at, interval = next_poll(
        now=now,
        settings=settings,
        entries_per_week=feed.entries_per_week,
        failures=feed.failures + 1,
        hints=failure.hints,
        ttl_seconds=None,
        chance=chance,
    )
    return FeedOutcome(
        feed_id=feed.id,
        kind=PollKind.GONE if failure.kind is FailureKind.GONE else PollKind.FAILED,
        polled_at=now,
        next_poll_at=next_at,
        interval_seconds=interval,
        reason=failure.message,
        failure=failure,
    )


def bug(feed: FeedDue, *, now: datetime, settings: PollingSettings, chance: float) -> FeedOutcome:
    """Riverpost itself stumbled: the feed is tried again like one that failed."""
    failure = FetchFailed(FailureKind.BUG, "Riverpost could not handle what the feed answered.", hints=CacheHints())
    return failed(feed, failure, now=now, settings=settings, chance=chance)


def without_archive(identified: Sequence[Identified], *, now: datetime) -> tuple[Identified, ...]:
    """Mark what a site put into its feed from its archive: many old entries at once are remembered, not posted.

    Old is dated over 30 days back, or undated and listed below a known entry. Nothing is marked unless more than
    `ARCHIVE_MORE_THAN` entries are new and every one of them is old: an article too much is better than one lost.
    """
    undated_are_old_from = _first_known(identified)

    def old(item: Identified) -> bool:
        published = item.entry.published_at
        if published is not None:
            return published < now - ARCHIVE_AGE
        return undated_are_old_from is not None and item.entry.position > undated_are_old_from

    new = [item for item in identified if item.known_id is None]
    if len(new) <= ARCHIVE_MORE_THAN or not all(old(item) for item in new):
        return tuple(identified)
    return tuple(item if item.known_id is not None else replace(item, skip_reason=ARCHIVE) for item in identified)


def _first_known(identified: Sequence[Identified]) -> int | None:
    """The place below which undated entries are old: the uppermost known one's, unless the feed grows downwards.

    Stored ids rise with time, and within one document from its bottom to its top. So where the lowest known entry
    has the highest id, it came after the others, and below them.
    """
    known = [(item.entry.position, item.known_id) for item in identified if item.known_id is not None]
    if not known:
        return None
    (first, _), (_, lowest_id) = min(known), max(known)
    grows_downwards = len(known) > 1 and lowest_id == max(known_id for _, known_id in known)
    return None if grows_downwards else first


def _moved(feed: FeedDue, address: str | None) -> str | None:
    return address if address and address != feed.url else None
