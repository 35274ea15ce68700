"""The use cases: what a person can ask of Riverpost, with no Discord types."""

from dataclasses import dataclass

from bot.services.following import Following
from bot.services.operating import Operating
from bot.services.packs import Packs
from bot.services.reading import Reading
from bot.services.tending import Tending
from bot.services.topics import Topics

__all__ = ["Following", "Operating", "Packs", "Reading", "Services", "Tending", "Topics"]


@dataclass(frozen=True, slots=True)
class Services:
    """All use cases; the client carries them for its commands."""

    topics: Topics
    following: Following
    reading: Reading
    tending: Tending
    operating: Operating
    packs: Packs
