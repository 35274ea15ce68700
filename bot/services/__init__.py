"""What people can do with Riverpost, without Discord's types: each use case reads, decides, stores, and answers."""

from dataclasses import dataclass

from bot.services.following import Following
from bot.services.reading import Reading
from bot.services.topics import Topics


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the Discord face may call."""

    topics: Topics
    following: Following
    reading: Reading


__all__ = ["Following", "Reading", "Services", "Topics"]
