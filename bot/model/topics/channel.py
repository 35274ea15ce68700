"""A channel as the planner sees it: what kind it is, and what may be done there."""

import enum
from dataclasses import dataclass


class ChannelKind(enum.StrEnum):
    """How articles get into a channel."""

    TEXT = "text"
    ANNOUNCEMENT = "announcement"
    """Like text; its messages can be published to the servers that follow it."""
    THREAD = "thread"
    FORUM = "forum"
    """A forum or media channel: every article is a post of its own."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a forum."""

    id: int
    name: str
    settable: bool = True
    """Whether the bot may set it; some are for moderators."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel that can be written to."""

    kind: ChannelKind = ChannelKind.TEXT
    tags: tuple[Tag, ...] = ()
    needs_tag: bool = False
    takes_webhooks: bool = False
    """The bot may post here under a source's own name."""
