"""Deliveries, the messages they become, and what came of sending those."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bot.model.posting.message_payload import MessagePayload
from bot.model.posting.notice import BlockReason
from bot.model.topics.topic import Article, Topic


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


class PostKind(enum.StrEnum):
    """What a message is for."""

    ARTICLE = "article"
    DIGEST = "digest"
    NOTICE = "notice"
    PERSONAL = "personal"
    """What somebody follows, in a private channel."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One article on its way into one topic."""

    id: int
    topic: Topic
    article: Article
    also: tuple[str, ...] = ()
    """The names of other sources that told the same story."""
    held: bool = False
    """The topic's last quiet hours held it."""
    announced: bool = False
    """A message of its topic went out since those hours: one mention of a role is enough for all that they held."""


@dataclass(frozen=True, slots=True)
class PostPlan:
    """A message to be stored before it is sent: who is in it, under which nonce, in which bytes."""

    topic_id: int
    channel_id: int
    guild_id: int
    nonce: str
    """At most 25 characters; belongs to this message alone."""
    payload: MessagePayload
    """The body without nonce; a retry sends the same."""
    delivery_ids: tuple[int, ...]
    kind: PostKind = PostKind.ARTICLE


@dataclass(frozen=True, slots=True)
class Post:
    """A stored message, planned or tried."""

    id: int
    topic_id: int | None
    """None when the topic was deleted since."""
    channel_id: int
    guild_id: int
    nonce: str
    payload: MessagePayload
    attempts: int
    unsure: bool
    """An attempt was stored whose outcome is not known: look before sending again."""
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    due_at: datetime
    topic_moved: bool
    """The topic was paused, deleted or given another channel after this was planned, or its quiet hours began."""
    size: int
    """Deliveries in it."""
    delays: int = 0
    """How often it was put off since it was planned."""
    kind: PostKind = PostKind.ARTICLE
    deliveries: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    """The articles of its deliveries, in the same order."""


@dataclass(frozen=True, slots=True)
class ChannelLease:
    """A channel claimed by one sender until `lease_until`."""

    channel_id: int
    guild_id: int
    lease_until: datetime
    held_reason: str | None
    probes: int
    last_message_id: int | None
    """The newest message of ours there that is known, as a snowflake."""


class ReadyChannel(NamedTuple):
    """A channel that has something to send, and for which server: of a private one, that of what is told there."""

    channel_id: int
    server: int


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
    STALE = "stale"
    """Not sent: the channel is no longer as it was planned for (another tag is needed, a webhook is gone)."""
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
    hold: BlockReason = BlockReason.ACCESS
    """With `no-access`: why."""
    named: tuple[str, ...] = ()
    """The parts of the message that a refusal names, such as `embeds.0.image.url`."""
    answered: bool = True
    """Discord itself said something. False where the network, a 5xx or Cloudflare did, or nobody."""
