"""Who may read what: the places of topics, and the topics that one person may read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicPlace:
    """Where a topic posts, which decides on who may read it."""

    id: int
    channel_id: int
    open_to_all: bool
    """Every member of the server may read it, whoever sees its channel."""
    created_by: int | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person in one server, and the topics there that this person may read. Whatever is shown starts from these."""

    guild_id: int
    user_id: int
    topics: frozenset[int]
    """Ids of those whose channel the person may view, and of those that are open to all."""
    is_member: bool = True
    guild_name: str = ""
