"""Filters of topics and sources: set, tried out, taken away, shown."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import UserError
from bot.filters import evaluate
from bot.filters import matching as language
from bot.filters.matching import Decision, Prepared
from bot.i18n.translation import _
from bot.model import Article, Filters, FilterScope, FilterSet, Rejection, Topic, Viewer
from bot.services.sources.source_lookup import the_source, title_of
from bot.services.topics.topics import topic_named
from bot.store import Store

TRIED = 20
"""Articles that a filter is tried on."""
MAX_ROUNDS = 3
"""Through what waits: where one article is left out, another may wait again that told the same story."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose filter is meant: a topic's, or that of one source in it."""

    topic: Topic
    feed_id: int | None = None
    source: str | None = None
    """The source's title, or its address without credentials."""

    @property
    def scope(self) -> FilterScope:
        return FilterScope.TOPIC if self.feed_id is None else FilterScope.SOURCE


@dataclass(frozen=True, slots=True)
class Tried:
    """An article, and what the filters say of it."""

    article: Article
    decision: Decision
    scope: FilterScope | None
    """Whose filter decided; None where none had to."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What filters would do with the newest articles, newest first."""

    place: Place
    filters: Filters
    """As they were tried."""
    articles: tuple[Tried, ...]

    @property
    def posted(self) -> int:
        return sum(1 for each in self.articles if each.decision.wanted)


class Filtering:
    """Every method raises `UserError` for what a person can put right.

    Args:
        on_queued: called when articles wait that did not before.
    """

    def __init__(self, store: Store, clock: Clock, *, on_queued: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._on_queued = on_queued

    async def place(self, target: Topic, source: str | None = None) -> Place:
        """`source` is a feed's id from `Following.suggest`, its title, or its address or its site's."""
        if source is None:
            return Place(target)
        sources = await self._store.topics.sources(target.guild_id, target.id, now=self._clock.now())
        found = the_source(sources, source, topic=target.name)
        return Place(target, found[0].feed_id, title_of(found[0]))

    async def text(self, place: Place) -> str:
        """What is set there, as it was written; empty for nothing."""
        found = await self._store.filters.of(place.topic.id, place.feed_id)
        return (found.topic if place.feed_id is None else found.source) or ""

    async def set(self, place: Place, expression: str) -> int:
        """Let only this through from now on, also of what waits. How many that waited are left out now.

        Raises:
            FilterError: it cannot be read.
        """
        text = expression.strip()
        if not language.parse(text):
            raise UserError(
                _("This filter is empty, and would let everything through. To remove a filter, use /filter clear.")
            )
        if not await self._store.filters.set(place.topic.id, place.feed_id, text):
            raise UserError(_("The topic does not have this source any more."))
        return await self._again(place)

    async def clear(self, place: Place) -> str:
        """Let everything through again from now on; what was left out stays so. What was set."""
        before = await self.text(place)
        if not before:
            raise UserError(_("No filter is set there. /filter show lists what is set."))
        await self._store.filters.set(place.topic.id, place.feed_id, None)
        return before

    async def all(self, viewer: Viewer, topic: str | None = None) -> tuple[FilterSet, ...]:
        """What is set in the topics that a person may see, by topic and source; a source without a title goes by its host."""
        target = await topic_named(self._store, viewer, topic) if topic is not None else None
        return await self._store.filters.all(viewer.guild_id, {target.id} if target else viewer.topics)

    async def trial(self, place: Place, expression: str | None = None) -> Trial:
        """What the filters say of the last articles, with `expression` in the place of the one that is set there."""
        current = await self._store.filters.of(place.topic.id, place.feed_id)
        if expression is not None:
            language.parse(expression.strip())
            topic = expression.strip() if place.feed_id is None else current.topic
            current = Filters(topic, expression.strip() if place.feed_id is not None else None)
        found = await self._store.filters.newest(place.topic.id, place.feed_id, limit=TRIED)
        tried = []
        for article, of_source in found:
            use = Filters(current.topic, of_source if place.feed_id is None else current.source)
            tried.append(_tried(article, use))
        return Trial(place, current, tuple(tried))

    async def _again(self, place: Place) -> int:
        """Ask the filters about what waits already."""
        topic_filter = (await self._store.filters.of(place.topic.id, None)).topic
        total = 0
        for _round in range(MAX_ROUNDS):
            skipped = await self._through(place, topic_filter)
            total += skipped
            if not skipped:
                break
        if total:
            self._on_queued()
        return total

    async def _through(self, place: Place, topic_filter: str | None) -> int:
        last, skipped = 0, 0
        while waiting := await self._store.filters.waiting(place.topic.id, place.feed_id, after=last):
            left_out: dict[int, Rejection] = {}
            for delivery_id, text, of_source in waiting:
                [out] = evaluate.judge(text, [Filters(topic_filter, of_source)])
                if out is not None:
                    left_out[delivery_id] = out
            if left_out:
                skipped += await self._store.filters.leave_out(left_out)
            last = waiting[-1][0]
            await asyncio.sleep(0)  # thousands may wait
        return skipped


def _tried(article: Article, filters: Filters) -> Tried:
    prepared = Prepared(article)
    decided: list[tuple[FilterScope, Decision]] = []
    for scope, text in ((FilterScope.TOPIC, filters.topic), (FilterScope.SOURCE, filters.source)):
        if text:
            decision = evaluate.stored(text).decide(prepared)
            decided.append((scope, decision))
            if not decision.wanted:
                break
    if not decided:
        return Tried(article, language.ALL, None)
    # Where all let it through, the first that found something says most.
    chosen = decided[-1]
    if chosen[1].wanted:
        chosen = next((each for each in decided if each[1].found), decided[0])
    return Tried(article, chosen[1], chosen[0])
