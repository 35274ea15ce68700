"""What a feed says: its entries, normalised, in the document's order."""

import enum
from dataclasses import dataclass
from datetime import datetime

EXCERPT = 500
"""Characters of an old article's text that stay in the archive."""


class FeedState(enum.StrEnum):
    """Whether a feed is polled: `active` yes, `paused` by a person, `gone` by the host (HTTP 410)."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"


class RestReason(enum.StrEnum):
    """Why a feed is not asked for the rest of a day."""

    SOURCE = "source"
    """It brought too much itself."""
    SERVER = "server"
    """The sources of every server that follows it did."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A media file that belongs to an entry: a podcast episode, a video."""

    url: str
    media_type: str | None = None
    length_bytes: int | None = None
    duration_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class EntryKeys:
    """Everything an entry can be recognised by. Hex digests of 32 characters; None where the feed gave nothing.

    `guid` is the digest of the trimmed guid, `link` of the canonical link (`urls.canonical`),
    `content` of title and content and always there.
    """

    guid: str | None
    link: str | None
    content: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, normalised: absolute addresses, plain title, aware dates."""

    keys: EntryKeys
    position: int
    """0 is the first in the document."""
    guid: str | None = None
    link: str | None = None
    """An absolute http(s) address, or None; never an Atom id or a urn."""
    title: str = ""
    """Plain text without markup or entities, one line; empty where the feed has none."""
    author: str | None = None
    summary_html: str = ""
    """The fullest HTML the feed gave, addresses made absolute. Not sanitised: only `excerpts.excerpt` reads it."""
    text: str = ""
    """Plain text of `summary_html`, for search."""
    image_url: str | None = None
    enclosure: Enclosure | None = None
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None
    """As the feed says, else None. Never decides whether an entry is new."""
    archived: bool = False
    """Of its text only the beginning (`EXCERPT`) was kept, as of every article that is old."""
    raw_key: str | None = None
    """What the element's bytes are recognised by (`feeds.incremental.item_scanner`), None in a document that cannot be scanned."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a feed wants to be asked, by its own document. Kept with the feed: a 304 has no document."""

    ttl_seconds: int | None = None
    """<ttl> or sy:updatePeriod: not more often than this."""
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day in GMT, 0 to 23, in which not to ask."""
    skip_days: frozenset[int] = frozenset()
    """Days of the week in GMT, 0 for Monday to 6, on which not to ask."""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a document says, in the document's order."""

    title: str | None
    site_url: str | None
    icon_url: str | None
    entries: tuple[Entry, ...]
    ttl_seconds: int | None = None
    """The feed's own <ttl> or sy:updatePeriod, None if it has none."""
    skipped: int = 0
    """Entries that could not be read and were left out."""
    elements: int | None = None
    """The document's item elements, whether or not they could be read; None where they were not counted."""
    declared_url: str | None = None
    """The address the feed gives for itself (atom:link rel=self), absolute, or None."""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    """As in `Timetable`."""

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.ttl_seconds, self.skip_hours, self.skip_days)
