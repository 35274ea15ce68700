"""What the store knows of a feed, and what one poll of it asks the store to do."""

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.feed import Entry, EntryKeys, FeedState
from bot.model.fetch import FetchFailed


@dataclass(frozen=True, slots=True)
class FeedDue:
    """A feed that was claimed for a poll, as the store knows it."""

    id: int
    url: str
    state: FeedState
    title: str | None = None
    site_url: str | None = None
    icon_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    interval_seconds: int | None = None
    """None until the feed's pace is known."""
    failures: int = 0
    """Polls that failed since the last good one."""
    last_success_at: datetime | None = None
    entries_per_week: float | None = None
    has_entries: bool = False
    listed: frozenset[int] = frozenset()
    """The stored entries in the document that was read last; of a very long one, those of its beginning."""


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry the store has, by its keys."""

    id: int
    uid: str
    keys: EntryKeys
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identified:
    """One listed entry after it was compared with the known ones."""

    entry: Entry
    uid: str
    """What makes it unique in its feed; stored once and kept."""
    known_id: int | None
    """The stored entry it is, or None for a new one."""
    changed: bool = False
    """Known, but under another guid or with another title or content than before."""
    skip_reason: str | None = None
    """New, but not to be posted: for instance `archive`."""


class PollKind(enum.StrEnum):
    """What a poll came to."""

    ENTRIES = "entries"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class FeedOutcome:
    """What one poll asks the store to do, decided without I/O; every poll ends in exactly one."""

    feed_id: int
    kind: PollKind
    polled_at: datetime
    next_poll_at: datetime
    interval_seconds: int | None
    reason: str
    """For the log: why this kind, in a few words."""
    listed: tuple[Identified, ...] = ()
    """All entries of the document in its order; empty unless kind is `entries`."""
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    title: str | None = None
    site_url: str | None = None
    icon_url: str | None = None
    entries_per_week: float | None = None
    moved_to: str | None = None
    failure: FetchFailed | None = None

    @property
    def new(self) -> tuple[Identified, ...]:
        return tuple(item for item in self.listed if item.known_id is None)
