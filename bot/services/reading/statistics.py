"""Articles per week and source: numbers, and a chart of them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.i18n.translation import _
from bot.model import Viewer, WeeklySource
from bot.services.reading import chart
from bot.services.sources.source_management import SourceManagement
from bot.services.topics.topics import topic_named
from bot.store import Store

WEEKS = 12


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown: numbers by source, and the same as a picture."""

    title: str
    sources: tuple[WeeklySource, ...]
    """The busiest first; their names hold no secrets."""
    until: datetime
    picture: bytes
    """A PNG."""


class Statistics:
    """How much is published in a guild's topics. Every method raises `UserError` for what a person can put right."""

    def __init__(self, store: Store, tending: SourceManagement, clock: Clock) -> None:
        self._store = store
        self._tending = tending
        self._clock = clock

    async def of_topic(self, viewer: Viewer, topic: str) -> Figures:
        """Of all sources of a topic."""
        target = await topic_named(self._store, viewer, topic)
        now = self._clock.now()
        found = await self._store.statistics.weekly(viewer.guild_id, {target.id}, weeks=WEEKS, now=now)
        return await self._figures(target.name, found, now)

    async def of_source(self, viewer: Viewer, source: str) -> Figures:
        """Of one source."""
        chosen = await self._tending.find(viewer, source)
        now = self._clock.now()
        found = await self._store.statistics.weekly(
            viewer.guild_id, viewer.topics, feed_id=chosen.feed_id, weeks=WEEKS, now=now
        )
        return await self._figures(chosen.title, found, now)

    async def _figures(self, title: str, found: tuple[WeeklySource, ...], now: datetime) -> Figures:
        rest = _("others")
        picture = await asyncio.to_thread(chart.draw, title, found, until=now, rest=rest)
        return Figures(title, found, now, picture)
