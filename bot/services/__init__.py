"""The use cases: what a person can ask of Riverpost, with no Discord types."""

from dataclasses import dataclass

from bot.services.exporting import Exporting
from bot.services.filtering import Filtering
from bot.services.following import Following
from bot.services.health import Health, health_of
from bot.services.importing import Importing
from bot.services.languages import Languages
from bot.services.operating import Operating
from bot.services.packs import Packs
from bot.services.personal import PersonalFollows
from bot.services.reading import Reading
from bot.services.saving import Saving
from bot.services.statistics import Statistics
from bot.services.tending import Tending
from bot.services.topics import Topics
from bot.services.tracing import Tracing

__all__ = [
    "Exporting",
    "Filtering",
    "Following",
    "Health",
    "Importing",
    "Languages",
    "Operating",
    "Packs",
    "PersonalFollows",
    "Reading",
    "Saving",
    "Services",
    "Statistics",
    "Tending",
    "Topics",
    "Tracing",
    "health_of",
]


@dataclass(frozen=True, slots=True)
class Services:
    """All use cases; the client carries them for its commands."""

    topics: Topics
    following: Following
    reading: Reading
    saving: Saving
    tending: Tending
    operating: Operating
    languages: Languages
    filtering: Filtering
    tracing: Tracing
    personal: PersonalFollows
    importing: Importing
    exporting: Exporting
    statistics: Statistics
    packs: Packs
