"""What a guild's admins are told: what is wrong with a channel or a source, and how it ended."""

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.posting.message_payload import MessagePayload


class BlockReason(enum.StrEnum):
    """Why a channel is held; each is mended in another way."""

    ACCESS = "access"
    """The bot lacks a right there."""
    GONE = "gone"
    """The channel was deleted."""
    LOCKED = "locked"
    """A thread that is locked."""
    FULL = "full"
    """A number that Discord allows is reached, as of active threads."""
    LEFT = "left"
    """The bot is not in the guild."""
    TIMED_OUT = "timed-out"
    """A moderator gave the bot a time-out: it ends at a known moment, and Discord sends nothing then."""
    UNAVAILABLE = "unavailable"
    """The guild is unavailable on Discord's side: nobody in it can do anything."""
    CLOSED = "closed"
    """A person takes no private messages."""


class ProblemKind(enum.StrEnum):
    """What a notice is about."""

    CHANNEL = "channel"
    FEED = "feed"
    GONE = "gone"
    ARCHIVE = "archive"
    FLOOD = "flood"
    """A source brings more at once than is posted."""
    CROWDED = "crowded"
    """More waits in a topic than may; its subject is the topic."""
    MENTION = "mention"
    """The role that a topic mentioned was deleted; its subject is the topic."""
    RESTING = "resting"
    """A source brought more in a day than it may."""
    STORAGE = "storage"
    """The sources of the server together did; its subject is 0."""


WHOLE_SERVER = 0
"""Among channels that somebody manages: that they decide for the server."""
OF_FEEDS = frozenset({ProblemKind.FEED, ProblemKind.GONE, ProblemKind.ARCHIVE, ProblemKind.FLOOD, ProblemKind.RESTING})
"""Kinds whose subject is a feed."""
OF_TOPICS = frozenset({ProblemKind.CROWDED, ProblemKind.MENTION})
"""Kinds whose subject is a topic."""
EVENTS = frozenset({ProblemKind.FLOOD, *OF_TOPICS, ProblemKind.RESTING, ProblemKind.STORAGE})
"""Kinds that last until nothing of the sort happened for a while."""


class Resolution(enum.StrEnum):
    """How a trouble ended."""

    WELL = "well"
    PAUSED = "paused"
    GONE = "gone"
    DROPPED = "dropped"
    """Nothing follows the source any more, or no topic uses the channel."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in one guild, with all that a notice says of it."""

    id: int
    guild_id: int
    kind: ProblemKind
    subject: int
    """A channel's id, a feed's or a topic's, or 0 for the guild."""
    since: datetime
    ended: Resolution | None = None
    articles: int = 0
    """That wait for the channel, or were not posted."""
    reason: str = ""
    name: str = ""
    """The source's title or address; empty for a channel."""
    topics: tuple[str, ...] = ()
    channels: tuple[int, ...] = ()
    """Those of the topics, in the same order."""
    hidden: bool = False
    """The readers of the notice may not know of the source, nor of any topic that follows it."""
    hold: BlockReason | None = None
    last_good_at: datetime | None = None
    last_at: datetime | None = None
    """When it happened last, for what is an event."""
    refused: tuple[int, ...] = ()
    """Channels in which it could not be told."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that was posted and no longer says how things are."""

    post_id: int
    channel_id: int
    guild_id: int
    message_id: int
    nonce: str
    payload: MessagePayload
    """As it was planned; empty once that is not kept any more."""
    troubles: tuple[Problem, ...]
