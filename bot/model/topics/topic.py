"""Topics, and the stored articles as people see them in lists and messages."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.feeds.feed import Enclosure, FeedState, RestReason
from bot.model.feeds.fetch_address import FetchAddress


class Style(enum.StrEnum):
    """How much of an article is shown."""

    FULL = "full"
    COMPACT = "compact"
    """A short excerpt, a small picture, no categories."""
    TITLE = "title"
    """Its title and source, nothing else."""


class Picture(enum.StrEnum):
    """Where an article's picture is shown."""

    LARGE = "large"
    SMALL = "small"
    OFF = "off"


class DigestSchedule(enum.StrEnum):
    """When a topic's articles come: at once, or together."""

    AT_ONCE = "off"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class TopicOptions:
    """How and when a topic's articles are posted, beyond the channel's own kind."""

    mention_role: int | None = None
    """The role that each message mentions."""
    publish: bool = False
    """In an announcement channel, publish each message to the servers that follow it."""
    threads: bool = False
    """Under each article of a text channel, a thread to talk about it."""
    own_names: bool = False
    """Each source posts under its own name and picture, by a webhook."""
    style: Style = Style.FULL
    excerpt: int = 350
    """Characters that a reader sees of an article's text, about; 0 for its title only."""
    picture: Picture = Picture.LARGE
    silent: bool = False
    """Its messages push nothing to a phone or desktop."""
    digest: DigestSchedule = DigestSchedule.AT_ONCE
    digest_minute: int = 8 * 60
    """Of a daily or weekly digest: minutes after midnight in `zone`."""
    digest_day: int = 0
    """Of a weekly digest: 0 for Monday to 6."""
    zone: str = "UTC"
    """The IANA time zone of the digest and of the quiet hours."""
    quiet_from: int | None = None
    """Minutes after midnight in `zone` from which nothing is posted; None for never. May be later than `quiet_to`."""
    quiet_to: int | None = None
    open_to_all: bool = False
    """Every member of the server may read it by commands, also who does not see its channel."""
    repeats: bool = False
    """Post also what another topic has posted in the channel. Else an article is posted once there."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The next moments that a topic's options come to."""

    digest_at: datetime | None = None
    """The digest that what came until then waits for; None where everything comes at once."""
    quiet_from: datetime | None = None
    """The quiet hours that are, or the next ones; None where there are none."""
    quiet_until: datetime | None = None


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
    url: FetchAddress
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
    known_for: timedelta = timedelta(days=28)
    """How much of the last 28 days its articles tell of: what is older than its oldest article is not known."""
    suggested_url: str | None = None
    """While it fails: a feed that was found on its site instead, without credentials."""
    own_title: str | None = None
    """What the feed calls itself; `title` is what the guild calls it, if it gave it a name."""
    failing_since: datetime | None = None
    interval_seconds: int | None = None
    busy_seconds: float | None = None
    """How long its last poll took, where it is asked less often for it."""
    topic_id: int = 0
    rests_until: datetime | None = None
    """It is not asked before, since too much was brought in a day."""
    rest_reason: RestReason | None = None


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
    """The feed's address as it may be shown: for reading only."""
