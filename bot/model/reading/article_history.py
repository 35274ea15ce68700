"""What became of an article in a guild, for whoever asks why it is posted or not."""

import enum
from dataclasses import dataclass
from datetime import datetime


class DeliveryStatusKind(enum.StrEnum):
    """Where an article stands in one topic."""

    POSTED = "posted"
    REMOVED = "removed"
    """Posted, and its message deleted since."""
    WAITING = "waiting"
    """In the channel's queue."""
    PLANNED = "planned"
    """Its message is made, and being sent."""
    FILTERED = "filtered"
    SAME_STORY = "same story"
    OTHER_TOPIC = "other topic"
    """Another topic of its channel posts it there, or did before it left."""
    ARCHIVE = "archive"
    FLOOD = "flood"
    """Its source brought very many at once, and newer ones were posted."""
    CROWDED = "crowded"
    """Very many waited in the topic, and it was one of the oldest."""
    COPY = "copy"
    """Its source lists it twice, under two dates."""
    SOURCE_PAUSED = "source paused"
    DROPPED = "dropped"
    FAILED = "failed"
    SILENT = "silent"
    """It was there before the topic followed the source."""
    UNREAD = "unread"
    """The topic follows the source, which was not read for it yet."""
    NOT_QUEUED = "not queued"
    """The topic had stopped following the source before it was posted, or never was to post it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message in Discord."""

    guild_id: int
    channel_id: int
    message_id: int
    posted_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What became of one article in one topic."""

    topic: str
    channel_id: int
    kind: DeliveryStatusKind
    reason: str | None = None
    """Of what is skipped or failed, as it was stored; of what waits, the last thing that went wrong."""
    message: Message | None = None
    """Where it was posted, or where the same story is told."""
    told_by: str | None = None
    """The title of the article that tells the same story, with its source's name."""
    told_for: str | None = None
    """The name of the other topic for which that, or the article itself, is posted."""
    at: datetime | None = None
    """Since when it waits, or when the topic began to follow the source."""
    topic_paused: bool = False
    held_since: datetime | None = None
    held_reason: str | None = None
    """Why its channel is held, with `held_since`."""
    due_at: datetime | None = None
    """When its message is tried next."""
    ahead: int = 0
    """Articles that wait for the same channel and come first."""
    in_digest: bool = False
    """It waits for a digest of its topic."""
    digest_at: datetime | None = None
    """When that digest is, as far as that is known."""
    quiet_until: datetime | None = None
    """When the quiet hours end that hold it, or in which its digest falls."""


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """An article that a guild's topics know, and what became of it in each."""

    entry_id: int
    title: str
    link: str | None
    source: str
    """The source's title, or the name of its host."""
    published_at: datetime | None
    seen_at: datetime
    fates: tuple[DeliveryStatus, ...]
