"""Reading: the river and the search, in pages that stay true while new articles come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.errors import UserError
from bot.model import Hits, Page, Scope, Stretch
from bot.services import marking
from bot.services.following import matching, title_of
from bot.services.topics import topic_named
from bot.store import Store
from bot.store.query import Query, parse
from bot.words import _

PAGE_SIZE = 5
MOST_COUNTED = 1_000
"""Hits; more are said to be more than so many."""
MOST_RANKED = 300
"""With the best first: so many of the newest hits, and as many of the newest with the words in the title."""
LETTERS_RANKED = 2_000
PERIODS = {"day": 1, "week": 7, "month": 31, "year": 366}
"""Days back."""


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody reads in, and its names for the heading."""

    scope: Scope
    topic: str | None = None
    source: str | None = None


class River:
    """The river as one person pages through it. From page to page it goes by article, so nothing is doubled or missed."""

    def __init__(self, store: Store, scope: Scope) -> None:
        self._store = store
        self._scope = scope
        self._shown: tuple[int, Stretch] | None = None

    async def page(self, number: int) -> Page:
        """From 1; the page after the one that was shown last begins after its last article, whatever came meanwhile.

        0 is the newest page as it is now; too high a number gives the oldest.
        """
        found = await self._turned(number)
        if found is None:
            found = await self._store.river.at(self._scope, (number - 1) * PAGE_SIZE, size=PAGE_SIZE)
        before = -(-found.newer // PAGE_SIZE)
        after = -(-(found.total - found.newer) // PAGE_SIZE)
        self._shown = (before + 1, found)
        return Page(found.articles, before + 1, max(1, before + after), found.total)

    async def _turned(self, number: int) -> Stretch | None:
        if self._shown is None or number < 1:
            return None
        shown, stretch = self._shown
        found = None
        if number == shown + 1 and stretch.last is not None:
            found = await self._store.river.older(self._scope, stretch.last, size=PAGE_SIZE)
        elif number == shown - 1 and stretch.first is not None:
            found = await self._store.river.newer(self._scope, stretch.first, size=PAGE_SIZE)
        return found if found is not None and found.articles else None


class Search:
    """The hits of one search, newest first, as one person pages through them."""

    def __init__(self, store: Store, scope: Scope, query: Query, since_days: int | None, clock: Clock) -> None:
        self._store = store
        self._scope = scope
        self._since = clock.now() - timedelta(days=since_days) if since_days else None
        self._total: int | None = None
        self._shown: tuple[int, Hits] | None = None
        self.query = query
        self.loosened = False
        """Nothing has the words themselves: shown is what has words that begin with them."""

    async def page(self, number: int) -> Page:
        """As of `River.page`; hits beyond those that were counted are reached one page after the other."""
        total = await self._counted()
        known = min(total, MOST_COUNTED)
        pages = max(1, -(-known // PAGE_SIZE))
        hits, number = await self._turned(number, pages)
        self._shown = (number, hits)
        return Page(hits.articles, number, max(pages, number), known, more=total > MOST_COUNTED)

    async def _counted(self) -> int:
        if self._total is None:
            self._total = await self._count()
            looser = self.query.loosened()
            if self._total == 0 and looser != self.query:
                exact, self.query = self.query, looser
                self._total = await self._count()
                self.loosened = self._total > 0
                self.query = looser if self.loosened else exact
        return self._total

    async def _count(self) -> int:
        return await self._store.search.count(self._scope, self.query, since=self._since, most=MOST_COUNTED)

    async def _turned(self, number: int, pages: int) -> tuple[Hits, int]:
        find = self._store.search
        if self._shown is not None and number >= 1:
            shown, hits = self._shown
            if number == shown + 1 and hits.last is not None:
                found = await find.older(self._scope, self.query, since=self._since, size=PAGE_SIZE, below=hits.last)
                if found.articles:
                    return found, number
            elif number == shown - 1 and hits.first is not None:
                found = await find.newer(self._scope, self.query, since=self._since, size=PAGE_SIZE, above=hits.first)
                if found.articles:
                    return found, number
        number = min(max(1, number), pages)
        skip = (number - 1) * PAGE_SIZE
        return await find.older(self._scope, self.query, since=self._since, size=PAGE_SIZE, skip=skip), number


class BestFirst(Search):
    """The hits of one search, the best first. They are ranked once, so that paging does not mix them up."""

    _order: Sequence[int] | None = None

    async def _turned(self, number: int, pages: int) -> tuple[Hits, int]:
        if self._order is None:
            found = await self._store.search.candidates(
                self._scope, self.query, since=self._since, most=MOST_RANKED, letters=LETTERS_RANKED
            )
            scores = {entry: marking.score(title, text, self.query) for entry, title, text in found}
            self._order = sorted(scores, key=scores.__getitem__, reverse=True)
        pages = max(1, -(-len(self._order) // PAGE_SIZE))
        number = min(max(1, number), pages)
        ids = self._order[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        return Hits(await self._store.search.articles(list(ids))), number

    async def page(self, number: int) -> Page:
        """What was ranked is all that is shown."""
        page = await super().page(number)
        ranked = len(self._order or ())
        more = page.more or page.total > ranked
        return Page(page.articles, page.number, max(1, -(-ranked // PAGE_SIZE)), min(page.total, ranked), more=more)


class Reading:
    """The river and the search of what a guild, one of its topics or one of its sources brought."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def place(self, guild_id: int, topic: str | None = None, source: str | None = None) -> Place:
        """`source` is a feed's id from `Following.suggest`, its title, or its address or its site's.

        Raises:
            UserError: the guild has no such topic or follows no such source; the message says what to do.
        """
        chosen = await topic_named(self._store, guild_id, topic) if topic else None
        topic_id, name = (chosen.id, chosen.name) if chosen else (None, None)
        if not source:
            return Place(Scope(guild_id, topic_id), name)
        found = matching(await self._store.topics.sources(guild_id, topic_id, now=self._clock.now()), source)
        if not found:
            raise UserError(_("No such source is followed here. Choose one from the list that appears while you type."))
        if len({each.feed_id for each in found}) > 1:
            raise UserError(_("Several sources match that. Choose one from the list that appears while you type."))
        return Place(Scope(guild_id, topic_id, found[0].feed_id), name, title_of(found[0]))

    def river(self, place: Place) -> River:
        return River(self._store, place.scope)

    def search(self, place: Place, text: str, *, period: str | None = None, best: bool = False) -> Search:
        """`period` is one of `PERIODS`.

        Raises:
            UserError: there is no word in the text that is to be found.
        """
        query = parse(text)
        if not query.expression:
            if query.unwanted:
                raise UserError(_("Type at least one word to search for, beside those to leave out."))
            raise UserError(_("Type at least one word to search for."))
        kind = BestFirst if best else Search
        return kind(self._store, place.scope, query, PERIODS[period] if period else None, self._clock)
