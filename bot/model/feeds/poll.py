"""What the store knows of a feed, and what one poll of it asks the store to do."""

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.feeds.feed import Entry, EntryKeys, FeedState, Timetable
from bot.model.feeds.fetch_address import FetchAddress
from bot.model.feeds.fetch_result import FetchFailed

NO_TIMETABLE = Timetable()


@dataclass(frozen=True, slots=True)
class PublishRate:
    """How much a feed published since when, by what it lists: how soon its list turns over, and whether it is known at all."""

    entries: float
    since: datetime
    by_sight: bool = False
    """Counted as they were seen, since the feed gives no usable dates; `since` is the first look."""


@dataclass(slots=True)
class ClaimedFeed:
    """A feed that was claimed for a poll, as the store knows it.

    Never changed. It is not frozen, since to fill in a frozen one of so many fields takes 2 us longer, at every poll.
    """

    id: int
    url: FetchAddress
    state: FeedState
    host: str = ""
    """Name and port as in the address: the store claims few feeds of one host and server at a time."""
    due_at: datetime | None = None
    title: str | None = None
    site_url: str | None = None
    icon_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    """Where etag and last_modified came from, if not from `url` itself."""
    body_digest: str | None = None
    interval_seconds: int | None = None
    """None before the first poll."""
    failures: int = 0
    """Polls that failed since the last good one."""
    last_success_at: datetime | None = None
    pace: PublishRate | None = None
    timetable: Timetable = NO_TIMETABLE
    has_entries: bool = False
    guilds: tuple[int, ...] = ()
    """Servers that follow it and wait for it; the first is the one that it was claimed for."""
    has_formers: bool = False
    """Some of who follow it came from feeds that moved here."""
    habit: str | None = None
    """When it tends to publish, as `feeds.scheduling.publish_habit` packs it; None before it was read."""


@dataclass(frozen=True, slots=True)
class LostFeed:
    """A feed that has failed for long, to be looked for on its site."""

    id: int
    url: FetchAddress
    site_url: str | None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry the store has, by its keys."""

    id: int
    uid: str
    keys: EntryKeys
    published_at: datetime | None = None
    raw_key: str | None = None
    """Digest of the bytes it was last read from, see `feeds.incremental.item_scanner`; None where those were not told apart."""


@dataclass(frozen=True, slots=True)
class UnchangedEntry:
    """A listed entry that the store has, byte for byte: there is nothing to read in it."""

    position: int
    known: StoredEntry

    @property
    def keys(self) -> EntryKeys:
        return self.known.keys

    @property
    def published_at(self) -> datetime | None:
        return self.known.published_at


@dataclass(frozen=True, slots=True)
class MatchedEntry:
    """One listed entry after it was compared with the known ones."""

    entry: Entry | UnchangedEntry
    uid: str
    """What makes it unique in its feed; stored once and kept."""
    known_id: int | None
    """The stored entry it is, or None for a new one."""
    changed: bool = False
    """Known, but not as before: another guid, title, content, date, or only other bytes."""
    reworded: bool = False
    """Known, but with another title or text."""
    skip_reason: str | None = None
    """New, but not to be posted: `archive` or `copy`."""

    @property
    def parsed(self) -> Entry:
        """The entry as it was read, which every new one was."""
        assert isinstance(self.entry, Entry), "what was recognised by its bytes was not read"
        return self.entry


class PollKind(enum.StrEnum):
    """What a poll came to."""

    ENTRIES = "entries"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    GONE = "gone"
    POSTPONED = "postponed"
    """Not asked: its host rests. Changes nothing but the time of the next poll."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A document as another feed knows it: the one at an address that a feed moves to, or one that moved here before."""

    feed_id: int
    listed: tuple[MatchedEntry, ...]
    newest_id: int = 0
    """The highest id of that feed's stored entries when they were compared."""


@dataclass(slots=True)
class FeedOutcome:
    """What one poll asks the store to do, decided without I/O; every poll ends in exactly one.

    Never changed, and not frozen for the same reason as `ClaimedFeed`.
    """

    feed_id: int
    kind: PollKind
    polled_at: datetime
    next_poll_at: datetime
    interval_seconds: int | None
    reason: str
    """For the log: why this kind, in a few words."""
    only_times: bool = False
    """`unchanged`, and of all that is stored with the feed only the times of polls change: the usual case, kept cheap."""
    listed: tuple[MatchedEntry, ...] = ()
    """All entries of the document in its order; empty unless kind is `entries`."""
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    body_digest: str | None = None
    title: str | None = None
    site_url: str | None = None
    icon_url: str | None = None
    pace: PublishRate | None = None
    timetable: Timetable = NO_TIMETABLE
    habit: str | None = None
    """What is to be stored as the feed's habit; None leaves it as it is."""
    at_price: bool = False
    """The next poll was planned by the feed's habit and the price of a poll, and so tells whether the price is right."""
    moved_to: FetchAddress | None = None
    meeting: Meeting | None = None
    """Set if `moved_to` is the address of another feed and there is a document."""
    formers: tuple[Meeting, ...] = ()
    """The document as feeds know it that moved here: who came from there is told of what was new there."""
    unread: bool = False
    """Unchanged, but its document must be read in full next time."""
    failure: FetchFailed | None = None
    busy_seconds: float | None = None
    """How long it kept hosts' connections and parsers busy, where the feed is asked less often for it."""

    @property
    def new(self) -> tuple[MatchedEntry, ...]:
        return tuple(item for item in self.listed if item.known_id is None)
