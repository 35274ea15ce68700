"""The use cases: what a person can ask of Riverpost, with no Discord types."""

from dataclasses import dataclass

from bot.services.exporting import Exporting
from bot.services.following import Following
from bot.services.health import Health, health_of
from bot.services.importing import Importing
from bot.services.operating import Operating
from bot.services.reading import Reading
from bot.services.statistics import Statistics
from bot.services.tending import Tending
from bot.services.topics import Topics

__all__ = [
    "Exporting",
    "Following",
    "Health",
    "Importing",
    "Operating",
    "Reading",
    "Services",
    "Statistics",
    "Tending",
    "Topics",
    "health_of",
]


@dataclass(frozen=True, slots=True)
class Services:
    """All use cases; the client carries them for its commands."""

    topics: Topics
    following: Following
    reading: Reading
    tending: Tending
    operating: Operating
    importing: Importing
    exporting: Exporting
    statistics: Statistics
