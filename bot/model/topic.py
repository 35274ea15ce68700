"""Topics, and the stored articles as people see them in lists and messages."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.feed import Enclosure, FeedState


@dataclass(frozen=True, slots=True)
class TopicOptions:
    """How a topic's articles are posted, beyond the channel's own kind."""

    mention_role: int | None = None
    """The role that each message mentions."""
    publish: bool = False
    """In an announcement channel, publish each message to the servers that follow it."""
    threads: bool = False
    """Under each article of a text channel, a thread to talk about it."""
    own_names: bool = False
    """Each source posts under its own name and picture, by a webhook."""


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
    options: TopicOptions = TopicOptions()


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
    suggested_url: str | None = None
    """While it fails: a feed that was found on its site instead, without credentials."""
    own_title: str | None = None
    """What the feed calls itself; `title` is what the guild calls it, if it gave it a name."""
    failing_since: datetime | None = None
    interval_seconds: int | None = None


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
