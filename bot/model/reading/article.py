"""What is read: where from, and pages of it."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.topics.topic import Article


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody reads in: these topics of a guild, or one source that one of them follows."""

    guild_id: int
    topics: frozenset[int]
    feed_id: int | None = None
    public_only: bool = False
    """Without the sources whose address is a secret: what they say is for who was given it."""


@dataclass(frozen=True, slots=True)
class TimelineSlice:
    """Some articles of a river one after the other, newest first, and where they stand in it."""

    articles: tuple[Article, ...]
    newer: int
    """How many articles come before the first of them."""
    total: int
    first: tuple[int, int] | None = None
    last: tuple[int, int] | None = None
    """The keys of both ends; they stay what they are while new articles come."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the river or of search results."""

    articles: tuple[Article, ...]
    number: int
    """From 1."""
    pages: int
    total: int
    more: bool = False
    """There are more than `total`; nobody counted how many."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What somebody keeps to read later; it stays when the article or its source goes."""

    id: int
    entry_id: int | None
    """None when the source was given up since."""
    title: str
    link: str | None
    source: str
    published_at: datetime | None
    saved_at: datetime
    done_at: datetime | None
    """When it was marked as read."""


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page of what somebody saved, what was saved last first."""

    items: tuple[Saved, ...]
    number: int
    """From 1."""
    pages: int
    total: int
