"""The use cases: what a person can ask of Riverpost, with no Discord types.

A cog calls one of them and replies. To add one, write a class in its room, make it in `bot.services_factory`, and add it to `Services`.
"""

from dataclasses import dataclass

from bot.services.guilds.languages import Languages
from bot.services.guilds.status import Operating
from bot.services.personal.follows import PersonalFollows
from bot.services.personal.saved_articles import Saving
from bot.services.publishing.publish_topic import Publishing
from bot.services.reading.article_history import ArticleHistories
from bot.services.reading.statistics import Statistics
from bot.services.reading.timeline import Reading
from bot.services.sources.source_health import Health, health_of
from bot.services.sources.source_management import SourceManagement
from bot.services.sources.starter_packs import Packs
from bot.services.sources.subscriptions import Following
from bot.services.topics.topic_filters import Filtering
from bot.services.topics.topics import Topics
from bot.services.transfer.exporter import Exporting
from bot.services.transfer.importer import Importing

__all__ = [
    "ArticleHistories",
    "Exporting",
    "Filtering",
    "Following",
    "Health",
    "Importing",
    "Languages",
    "Operating",
    "Packs",
    "PersonalFollows",
    "Publishing",
    "Reading",
    "Saving",
    "Services",
    "SourceManagement",
    "Statistics",
    "Topics",
    "health_of",
]


@dataclass(frozen=True, slots=True)
class Services:
    """All use cases; the client carries them for its commands."""

    topics: Topics
    following: Following
    reading: Reading
    saving: Saving
    tending: SourceManagement
    operating: Operating
    languages: Languages
    filtering: Filtering
    tracing: ArticleHistories
    personal: PersonalFollows
    importing: Importing
    exporting: Exporting
    statistics: Statistics
    packs: Packs
    publishing: Publishing
