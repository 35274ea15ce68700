"""Where the bot stands, as its operators and the admins of a guild see it."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.posting.notice import BlockReason


@dataclass(frozen=True, slots=True)
class BlockedChannel:
    """A channel whose articles wait."""

    channel_id: int
    guild_id: int
    kind: BlockReason
    reason: str
    since: datetime
    probe_at: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class FailingFeed:
    """A source that brings nothing at the moment."""

    feed_id: int
    name: str
    """Its title, else its address; the address may hold credentials."""
    reason: str
    since: datetime | None
    gone: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of one guild, or of the whole bot. Lists are cut to the first few; the counts are whole."""

    guild_id: int | None
    """None for the whole bot."""
    feeds: int
    failing: int
    topics: int
    entries: int
    posted: int
    waiting: int
    kept: int
    """Articles that wait for their digest or for the end of quiet hours, as they should; not among the waiting."""
    failed: int
    held: int
    posted_last_hour: int
    """Articles."""
    oldest_waiting: datetime | None
    last_poll_at: datetime | None
    """When a feed was last asked."""
    last_round_at: datetime | None
    """When the poll loop last had a good round, by its heartbeat."""
    channels: tuple[BlockedChannel, ...] = ()
    sources: tuple[FailingFeed, ...] = ()
    paused_topics: tuple[str, ...] = ()
    """The names of the first few."""
    paused_sources: int = 0
    """Subscriptions that are paused."""


@dataclass(frozen=True, slots=True)
class FailedArticle:
    """An article that cannot be posted as it is."""

    delivery_id: int
    entry_id: int
    guild_id: int
    topic: str
    channel_id: int
    title: str
    link: str | None
    reason: str
    source: str
    """Its title, else its address."""


@dataclass(frozen=True, slots=True)
class FailedPage:
    """One page of failed articles, newest first."""

    articles: tuple[FailedArticle, ...]
    number: int
    """From 1."""
    pages: int
    total: int
