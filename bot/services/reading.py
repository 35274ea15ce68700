"""Reading: the latest articles and the search, in pages."""

import re
from dataclasses import replace

from bot.errors import UserError
from bot.model import Page
from bot.services.topics import topic_named
from bot.store import Store

PAGE_SIZE = 5
WORD = re.compile(r"\w")


class Reading:
    """Pages of what a guild, or one of its topics, follows; newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def latest(self, guild_id: int, topic: str | None = None, *, page: int = 1) -> Page:
        """`page` counts from 1; too high a number gives the last page.

        Raises:
            UserError: there is no such topic.
        """
        found = await self._store.search.river(guild_id, await self._id(guild_id, topic), page=page, size=PAGE_SIZE)
        return await self._named(guild_id, found)

    async def search(self, guild_id: int, query: str, topic: str | None = None, *, page: int = 1) -> Page:
        """Articles with every word of the query in title or text.

        Raises:
            UserError: there is no such topic, or no word in the query.
        """
        if WORD.search(query) is None:
            raise UserError("Type at least one word to search for.")
        topic_id = await self._id(guild_id, topic)
        found = await self._store.search.find(guild_id, topic_id, query, page=page, size=PAGE_SIZE)
        return await self._named(guild_id, found)

    async def _named(self, guild_id: int, page: Page) -> Page:
        """The page with the sources called as the guild calls them."""
        given = await self._store.names.of(guild_id)
        return replace(
            page,
            articles=tuple(
                replace(each, source_title=given.get(each.feed_id, each.source_title)) for each in page.articles
            ),
        )

    async def _id(self, guild_id: int, topic: str | None) -> int | None:
        return (await topic_named(self._store, guild_id, topic)).id if topic is not None else None
