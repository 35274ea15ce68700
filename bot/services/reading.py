"""Reading: the river of articles and the search in it."""

from bot.errors import UserError
from bot.model import Page
from bot.store import Store
from bot.store.search import words_of

PAGE_SIZE = 5


class Reading:
    """Use cases of readers; everything is of one guild only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def latest(self, guild_id: int, topic_id: int | None, *, page: int) -> Page:
        """A page of the river, newest first."""
        return await self._store.search.river(guild_id, topic_id, page=page, size=PAGE_SIZE)

    async def search(self, guild_id: int, topic_id: int | None, query: str, *, page: int) -> Page:
        """A page of the articles that have every word in title or text, newest first.

        Raises:
            UserError: there is no word in the query.
        """
        if not words_of(query):
            raise UserError("Type one or more words to look for, for example: bgp route leak")
        return await self._store.search.find(guild_id, topic_id, query, page=page, size=PAGE_SIZE)
