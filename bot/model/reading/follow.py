"""What single persons follow, and the articles that are on their way to them."""

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.posting.message_payload import MessagePayload
from bot.model.topics.topic import Article

DIRECT = 0
"""Instead of a guild's id: a private channel with one person."""
MAX_FOLLOWS = 50
"""That one person may have."""
STANDARD_HOUR = 8
STANDARD_ZONE = "UTC"


class FollowKind(enum.StrEnum):
    """What a person follows."""

    WORDS = "words"
    SOURCE = "source"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Follow:
    """One thing that a person follows, of what one guild follows."""

    id: int
    user_id: int
    guild_id: int
    kind: FollowKind
    daily: bool
    """In the digest, instead of at once."""
    created_at: datetime
    name: str = ""
    """The words, the source's title or safe address, the topic's name."""
    feed_id: int | None = None
    topic_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A follow to be made."""

    kind: FollowKind
    daily: bool
    words: str | None = None
    feed_id: int | None = None
    topic_id: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """How somebody wants messages, and whether they arrive."""

    user_id: int
    zone: str | None = None
    hour: int | None = None
    """Of the digest, 0 to 23 in that zone."""
    locale: str | None = None
    channel_id: int | None = None
    """The private channel, once it was opened."""
    held_since: datetime | None = None
    """Private messages do not arrive since then."""
    waiting: int = 0
    """Articles on their way."""
    dropped: int = 0
    """Articles that grew too old while they waited, of which nothing was said yet."""
    digest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article as it became new in one topic."""

    delivery_id: int
    guild_id: int
    topic_id: int
    article: Article
    order_at: datetime
    order_position: int
    in_topic: bool = True
    """False where the topic leaves it out, by its filter for instance."""


@dataclass(frozen=True, slots=True)
class Match:
    """A follow that an article matches."""

    follow: Follow
    new: NewArticle


@dataclass(frozen=True, slots=True)
class PersonalDelivery:
    """An article on its way to one person."""

    id: int
    article: Article
    why: tuple[Follow, ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class PersonalPlan:
    """A private message to be stored before it is sent."""

    user_id: int
    channel_id: int
    nonce: str
    payload: MessagePayload
    delivery_ids: tuple[int, ...]
    dropped: int = 0
    """Of how many dropped articles it tells."""
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored about a person."""

    follows: int = 0
    articles: int = 0
    """Sent or on their way."""
    sources_added: int = 0
    topics_made: int = 0
    known: bool = False
    """A language, and the private channel if one was opened."""
    zone: str | None = None
    hour: int | None = None
