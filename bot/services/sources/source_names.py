"""Articles with their sources called as a guild calls them."""

from collections.abc import Sequence
from dataclasses import replace

from bot.model import Article
from bot.store import Store


async def as_called(store: Store, guild_id: int, articles: Sequence[Article]) -> tuple[Article, ...]:
    """The same articles; a name that the guild gave a source goes before the feed's title."""
    given = await store.names.of(guild_id) if articles else {}
    return tuple(replace(each, source_title=given.get(each.feed_id, each.source_title)) for each in articles)
