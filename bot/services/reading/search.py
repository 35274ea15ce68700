"""One search, in pages that do not move while somebody reads them. What is looked for is read by `bot.store.reading.search_query`."""

import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.errors import TookTooLong, UserError
from bot.i18n.translation import _
from bot.model import Article, Page, Scope, Viewer
from bot.services.limits.concurrency import Turns
from bot.services.reading import highlight
from bot.services.sources.source_names import as_called
from bot.store import Store
from bot.store.reading.search_query import Query, any_of
from bot.words.folding import words
from bot.words.spelling_suggestions import slips

PAGE_SIZE = 5
AT_ONCE = 200
"""Hits that are looked up together. More are looked up, and counted, when somebody has paged so far."""
MAX_RANKED = 300
"""With the best first: so many of the newest hits, and as many of the newest with the words in the title."""
LETTERS_RANKED = 2_000
MAX_CORRECTED = 3
"""Words of a query that are looked at for slips."""
MAX_READ = 20
"""Of the newest articles that have words that differ by a slip: these are counted there."""
LETTERS_READ = 10_000
NEWEST = 0


class Place(Protocol):
    """Where somebody searches, see `services.reading.timeline`."""

    @property
    def scope(self) -> Scope: ...

    def seen_by(self, viewer: Viewer) -> Scope: ...


class Search:
    """The hits, newest first, as one person pages through them."""

    def __init__(
        self, store: Store, place: Place, query: Query, *, since: datetime | None, turns: Turns, reader: int
    ) -> None:
        self._store = store
        self._turns = turns
        self._reader = reader
        self._place = place
        self._scope = place.scope
        self._since = since
        self._asked = query
        self._hits: list[int] = []
        self._more = False
        self.is_complete = True
        """Every article is looked through; after an upgrade older ones may not be for a while."""
        self.query = query
        self.loosened = False
        """Nothing has the words themselves: shown is what has words that begin with them."""
        self.meant: str | None = None
        """Nothing has one of the words, nor a longer one: shown is what has these, which differ by a slip."""

    async def page(self, viewer: Viewer, number: int) -> Page:
        """From 1; 0 is the first as it is now. Too high a number gives the last page that is known.

        It is known that there are `total` hits; with `more`, nobody has looked what comes after them.

        Raises:
            UserError: it would take too long, or too many search at the same time; says what to do.
        """
        scope = self._place.seen_by(viewer)
        if scope != self._scope:
            self._scope, self._hits, self._more = scope, [], False
        if number <= NEWEST or not self._hits:
            await self._bounded(self._begin)
        number = min(max(1, number), self._pages)
        if self._more and number == self._pages:
            await self._bounded(self._go_on)  # so that there is a page to turn to
        shown = self._hits[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        return Page(await self._articles(shown), number, self._pages, len(self._hits), more=self._more)

    async def _bounded(self, look: Callable[[], Awaitable[None]]) -> None:
        async with self._turns.take(self._scope.guild_id, self._reader):
            try:
                await look()
            except TookTooLong as error:
                raise UserError(
                    _("That is too much to search. Use words with more letters, another word, or only one source.")
                ) from error

    @property
    def _pages(self) -> int:
        return max(1, -(-len(self._hits) // PAGE_SIZE))

    async def _begin(self) -> None:
        """Find the first hits; where there are none, those of longer words, and then those of words that may be meant."""
        self.query, self.loosened, self.meant = self._asked, False, None
        self.is_complete = await self._store.search_index.is_whole()
        await self._look()
        if self._hits:
            return
        with contextlib.suppress(TookTooLong):  # nobody asked for other words: there is nothing with these
            if (looser := self._asked.loosened()) != self._asked:
                self.query = looser
                await self._look()
                self.loosened = bool(self._hits)
            if not self._hits and (corrected := await self._corrected()) is not None:
                self.query = corrected
                await self._look()
                self.meant = await self._as_written(corrected) if self._hits else None
        if not self._hits:
            self.query = self._asked

    async def _corrected(self) -> Query | None:
        """The query with words of the articles that this reader may see in place of those that none of these has."""
        corrected = self._asked
        for word in self._asked.single_words()[:MAX_CORRECTED]:
            if (possible := slips(word)) and not await self._occurs(word):
                places = await self._store.search.places(
                    self._scope, any_of(possible), since=self._since, most=MAX_READ
                )
                often = Counter(there for each in await self._store.search.at(places) for there in _words_of(each))
                # Of those that are as frequent, the likeliest slip: it stands first.
                best = max(possible, key=lambda each: often[each])
                if not often[best]:
                    return None
                corrected = corrected.with_word(word, best)
        return corrected if corrected != self._asked else None

    async def _occurs(self, word: str) -> bool:
        return bool(await self._store.search.places(self._scope, any_of([word]), since=self._since, most=1))

    async def _as_written(self, query: Query) -> str:
        """The words of a query, as the first article that has them writes them."""
        first = (await self._articles(self._hits[:1])) or ()
        shown = []
        for terms in query.wanted:
            alone = Query((terms,))
            texts = [text for article in first for text in (article.title, article.text)]
            found = [
                text[begin:end] for text in texts for begin, end in highlight.spans(text[:LETTERS_READ], alone)[:1]
            ]
            shown.append(found[0] if found else " ".join(terms[0].words))
        return " ".join(shown)

    async def _look(self) -> None:
        found = await self._store.search.places(self._scope, self.query, since=self._since, most=AT_ONCE + 1)
        self._hits, self._more = found[:AT_ONCE], len(found) > AT_ONCE

    async def _go_on(self) -> None:
        found = await self._store.search.places(
            self._scope, self.query, since=self._since, most=AT_ONCE + 1, below=self._hits[-1]
        )
        self._hits += found[:AT_ONCE]
        self._more = len(found) > AT_ONCE

    async def _articles(self, hits: Sequence[int]) -> tuple[Article, ...]:
        return await as_called(self._store, self._scope.guild_id, await self._store.search.at(hits))


class BestFirst(Search):
    """The hits, the best of the newest first. They are ranked once, so that paging does not mix them up."""

    async def _look(self) -> None:
        found = await self._store.search.candidates(
            self._scope, self.query, since=self._since, most=MAX_RANKED, letters=LETTERS_RANKED
        )
        scores = {entry: highlight.score(title, text, self.query) for entry, title, text in found}
        self._hits = sorted(scores, key=scores.__getitem__, reverse=True)
        self._more = len(found) >= MAX_RANKED

    async def _go_on(self) -> None:
        """What was ranked is all that is shown."""

    async def _articles(self, hits: Sequence[int]) -> tuple[Article, ...]:
        return await as_called(self._store, self._scope.guild_id, await self._store.search.articles(hits))


def _words_of(article: Article) -> set[str]:
    read = (article.title, article.text[:LETTERS_READ], article.author or "", *article.categories)
    return set(words(" ".join(read)).split())
