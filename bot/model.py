"""The values that travel through Riverpost, named by their place in the flow.

Every datetime is timezone-aware and in UTC. Every value is frozen: a stage hands the next one
a new value. The flow itself is described in docs/architecture.md.
"""

import enum
from dataclasses import dataclass, field
from datetime import datetime


class FeedState(enum.StrEnum):
    """Whether a feed is polled: `active` yes, `paused` by a person, `gone` by the host (HTTP 410)."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"


class DeliveryState(enum.StrEnum):
    """Where one article stands on its way into one topic."""

    WAITING = "waiting"
    PLANNED = "planned"
    POSTED = "posted"
    SKIPPED = "skipped"
    FAILED = "failed"


class PostState(enum.StrEnum):
    """Where one Discord message stands: `planned` also while it is being tried."""

    PLANNED = "planned"
    POSTED = "posted"
    FAILED = "failed"
    DISSOLVED = "dissolved"


# --- what a feed says -------------------------------------------------------------------------


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

    `guid` is the digest of the trimmed guid, `link` of the canonical link (`feeds.urls.canonical`),
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
    """The fullest HTML the feed gave, addresses made absolute. Not sanitised: only `delivery.excerpt` reads it."""
    text: str = ""
    """Plain text of `summary_html`, for search."""
    image_url: str | None = None
    enclosure: Enclosure | None = None
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None
    """As the feed says, else None. Never decides whether an entry is new."""


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
    declared_url: str | None = None
    """The address the feed gives for itself (atom:link rel=self), absolute, or None."""


# --- what a request for a feed brought ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """One poll's question to a host. Validators are given only if their entries were stored."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    urgent: bool = False
    """A person waits: goes before the host's queue."""


@dataclass(frozen=True, slots=True)
class CacheHints:
    """What the answer says about when to ask again, in seconds from the server's own Date."""

    max_age_seconds: int | None = None
    """From Cache-Control max-age, else Expires; None if neither."""
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A 200 or 226 with its whole body, decompressed and within the limit."""

    url: str
    """Where the body came from, after all redirects."""
    moved_to: str | None
    """The address to remember instead, if the redirects up to it were all permanent (301, 308)."""
    status: int
    body: bytes
    digest: str
    """Hex digest of `body`, 32 characters."""
    content_type: str | None
    etag: str | None
    last_modified: str | None
    hints: CacheHints = CacheHints()


@dataclass(frozen=True, slots=True)
class NotModified:
    """A 304."""

    moved_to: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    hints: CacheHints = CacheHints()


class FailureKind(enum.StrEnum):
    """Why a poll brought nothing; the word is stored and logged."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    BLOCKED_ADDRESS = "blocked-address"
    TOO_LARGE = "too-large"
    BAD_ENCODING = "bad-encoding"
    REDIRECTS = "redirects"
    GONE = "gone"
    THROTTLED = "throttled"
    HTTP = "http"
    NOT_A_FEED = "not-a-feed"
    PARSE_TIMEOUT = "parse-timeout"
    PARSE_CRASH = "parse-crash"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No document. `message` is safe to show to people: plain words, no credentials."""

    kind: FailureKind
    message: str
    status: int | None = None
    hints: CacheHints = CacheHints()


FetchResult = Fetched | NotModified | FetchFailed


# --- what the store knows of a feed ------------------------------------------------------------


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


# --- topics and subscriptions ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Topic:
    """A named stream of a guild that flows into one channel."""

    id: int
    guild_id: int
    name: str
    channel_id: int
    colour: int | None = None
    """0xRRGGBB, None for the standard colour."""
    backfill: int | None = None
    """Articles posted as a sample when a source is added; None means `delivery.backfill`."""
    paused: bool = False
    declared: bool = False
    """It comes from the configuration file."""


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """A topic with what stands behind it, for lists and before a deletion."""

    topic: Topic
    sources: int
    posted: int
    """Articles posted in it so far."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A feed as a topic's readers see it, for /sources."""

    feed_id: int
    url: str
    title: str | None
    site_url: str | None
    topic: str
    state: FeedState
    failures: int
    last_error: str | None
    last_success_at: datetime | None
    next_poll_at: datetime | None
    last_article_at: datetime | None
    articles_last_28_days: int


@dataclass(frozen=True, slots=True)
class Article:
    """A stored entry with its source, for rendering, reading and searching."""

    entry_id: int
    feed_id: int
    title: str
    link: str | None
    author: str | None
    summary_html: str
    text: str
    image_url: str | None
    enclosure: Enclosure | None
    categories: tuple[str, ...]
    published_at: datetime | None
    seen_at: datetime
    source_title: str | None
    source_url: str | None
    """The site's address, or None."""
    source_icon_url: str | None
    feed_url: str


# --- deliveries and posts ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """One article on its way into one topic."""

    id: int
    topic: Topic
    article: Article


@dataclass(frozen=True, slots=True)
class PostPlan:
    """A message to be stored before it is sent: who is in it, under which nonce, in which bytes."""

    topic_id: int
    channel_id: int
    guild_id: int
    nonce: str
    """At most 25 characters; belongs to this message alone."""
    payload: str
    """JSON text of the message's body without nonce; a retry sends these bytes."""
    delivery_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """A stored message, planned or tried."""

    id: int
    topic_id: int | None
    """None when the topic was deleted since."""
    channel_id: int
    guild_id: int
    nonce: str
    payload: str
    attempts: int
    unsure: bool
    """An attempt was stored whose outcome is not known: look before sending again."""
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    due_at: datetime
    topic_moved: bool
    """The topic was paused, deleted or given another channel after this was planned."""
    size: int
    """Deliveries in it."""


@dataclass(frozen=True, slots=True)
class ChannelWork:
    """A channel claimed by one sender until `lease_until`."""

    channel_id: int
    guild_id: int
    lease_until: datetime
    held_reason: str | None
    probes: int
    last_message_id: int | None
    """The newest message of ours there that is known, as a snowflake."""


class SendKind(enum.StrEnum):
    """What came of trying to send one post."""

    POSTED = "posted"
    REMOVED = "removed"
    """It was posted, and deleted since (10008 on a create)."""
    UNKNOWN = "unknown"
    """Nobody knows whether it was posted: network, 5xx, time-out."""
    NOT_SENT = "not-sent"
    """It did not reach Discord or was put off by it: connection refused, rate limited."""
    REFUSED = "refused"
    """Discord refuses this content (400, AutoMod)."""
    NO_ACCESS = "no-access"
    """The channel cannot be written or read: hold it."""
    UNAUTHORISED = "unauthorised"
    """The token is not valid (401): the bot stops."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """One attempt's outcome, in words that can be logged and stored."""

    kind: SendKind
    message_id: int | None = None
    code: int | None = None
    """Discord's JSON error code."""
    reason: str = ""
    retry_after_seconds: float | None = None
    pause_all: bool = False
    """The wait concerns every channel (global limit, Cloudflare)."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the river or of search results, newest first."""

    articles: tuple[Article, ...]
    number: int
    """From 1."""
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class StarterPack:
    """A named set of feeds from the configuration."""

    name: str
    description: str
    feeds: tuple[str, ...] = field(default=())
