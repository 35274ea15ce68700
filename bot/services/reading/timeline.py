"""Reading: where somebody reads, and the river in pages that stay true while new articles come."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.clock import Clock
from bot.config.settings import LimitsSettings
from bot.errors import UserError
from bot.i18n.translation import _
from bot.model import Page, Scope, SourceStatus, TimelineSlice, Viewer
from bot.services.limits.concurrency import Turns
from bot.services.reading.search import PAGE_SIZE, BestFirst, Search
from bot.services.sources.source_lookup import the_source, title_of
from bot.services.sources.source_names import as_called
from bot.services.topics.topics import topic_named, unknown_topic
from bot.store import Store
from bot.store.reading.search_query import parse

PERIODS = {"day": 1, "week": 7, "month": 31, "year": 366}
"""Days back."""


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody reads in, and its names for the heading."""

    scope: Scope
    topic: str | None = None
    source: str | None = None

    def seen_by(self, viewer: Viewer) -> Scope:
        """What there is to read for a person now: what may be seen can change from page to page.

        Raises:
            UserError: it is a topic that the person may not see any more.
        """
        if self.topic is None:
            return replace(self.scope, topics=viewer.topics)
        if not self.scope.topics <= viewer.topics:
            raise unknown_topic(self.topic)
        return self.scope


class Timeline:
    """The river as one person pages through it. From page to page it goes by article, so nothing is doubled or missed."""

    def __init__(self, store: Store, place: Place) -> None:
        self._store = store
        self._place = place
        self._shown: tuple[int, TimelineSlice] | None = None

    async def page(self, viewer: Viewer, number: int) -> Page:
        """From 1; the page after the one that was shown last begins after its last article, whatever came meanwhile.

        0 is the newest page as it is now; too high a number gives the oldest.
        """
        scope = self._place.seen_by(viewer)
        found = await self._turned(scope, number)
        if found is None:
            found = await self._store.river.at(scope, (number - 1) * PAGE_SIZE, size=PAGE_SIZE)
        before = -(-found.newer // PAGE_SIZE)
        after = -(-(found.total - found.newer) // PAGE_SIZE)
        self._shown = (before + 1, found)
        articles = await as_called(self._store, scope.guild_id, found.articles)
        return Page(articles, before + 1, max(1, before + after), found.total)

    async def _turned(self, scope: Scope, number: int) -> TimelineSlice | None:
        if self._shown is None or number < 1:
            return None
        shown, stretch = self._shown
        found = None
        if number == shown + 1 and stretch.last is not None:
            found = await self._store.river.older(scope, stretch.last, size=PAGE_SIZE)
        elif number == shown - 1 and stretch.first is not None:
            found = await self._store.river.newer(scope, stretch.first, size=PAGE_SIZE)
        return found if found is not None and found.articles else None


class Reading:
    """The river and the search of what topics or sources brought that a person may see."""

    def __init__(self, store: Store, limits: LimitsSettings, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._turns = Turns(limits)

    async def place(self, viewer: Viewer, topic: str | None = None, source: str | None = None) -> Place:
        """`source` is a feed's id from `Following.suggest`, its title, or its address or its site's.

        Raises:
            UserError: the person sees no such topic or source; the message says what to do.
        """
        chosen = await topic_named(self._store, viewer, topic) if topic else None
        scope = Scope(viewer.guild_id, frozenset({chosen.id}) if chosen else viewer.topics)
        name = chosen.name if chosen else None
        if not source:
            return Place(scope, name)
        found = the_source(await self._followed(scope.topics, viewer), source, topic=name)
        return Place(replace(scope, feed_id=found[0].feed_id), name, title_of(found[0]))

    async def source(self, viewer: Viewer, feed_id: int) -> Place:
        """A source of which there was an article.

        Raises:
            UserError: it is not followed any more where the person may see it.
        """
        followed = await self._followed(viewer.topics, viewer)
        found = next((each for each in followed if each.feed_id == feed_id), None)
        if found is None:
            raise UserError(_("This server does not have that source any more, so I have nothing more from it here."))
        return Place(Scope(viewer.guild_id, viewer.topics, feed_id), source=title_of(found))

    def river(self, place: Place) -> Timeline:
        return Timeline(self._store, place)

    async def _followed(self, topics: frozenset[int], viewer: Viewer) -> tuple[SourceStatus, ...]:
        return await self._store.topics.sources(viewer.guild_id, now=self._clock.now(), visible=topics)

    def search(self, place: Place, text: str, *, reader: int, period: str | None = None, best: bool = False) -> Search:
        """`period` is one of `PERIODS`, `reader` whose search it is: a person has one at a time.

        Raises:
            UserError: there is no word in the text that is to be found.
        """
        query = parse(text)
        if not query.expression:
            if query.unwanted:
                raise UserError(_("Type at least one word to search for, beside those to leave out."))
            raise UserError(_("Type at least one word to search for."))
        since = self._clock.now() - timedelta(days=PERIODS[period]) if period else None
        kind = BestFirst if best else Search
        return kind(self._store, place, query, since=since, turns=self._turns, reader=reader)
