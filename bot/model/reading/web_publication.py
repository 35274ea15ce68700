"""What a server shows on the web, and under which addresses."""

import enum
from dataclasses import dataclass


class WebAccess(enum.StrEnum):
    """Who finds a topic's pages."""

    PRIVATE = "private"
    """Nobody: there are none."""
    UNLISTED = "unlisted"
    """Whoever has their address, which cannot be guessed."""
    PUBLIC = "public"
    """Everybody: they are listed in the server's river."""
    INDEXED = "indexed"
    """Everybody, search engines too."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One topic under one address of its server. An address is never given to another topic."""

    guild_id: int
    name: str
    """The last part of the address: made from the topic's name, or a random token for `UNLISTED`."""
    topic_id: int
    access: WebAccess
    topic: str
    """What the topic is called now; empty once it is deleted."""
    channel_id: int
    ended: bool
    """Its pages were taken back, the topic was deleted, or its server removed the bot."""


@dataclass(frozen=True, slots=True)
class PublishedSource:
    """A source as pages and feeds name it."""

    feed_id: int
    title: str
    site_url: str | None
    feed_url: str
    icon_url: str | None
