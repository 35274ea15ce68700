"""Exporting what is followed as a list that any feed reader reads, and /import too."""

from collections.abc import Iterable

from bot.clock import Clock
from bot.errors import UserError
from bot.feeds import opml
from bot.feeds.opml import ListedFeed
from bot.model import SourceStatus, Viewer
from bot.services.topics import topic_named
from bot.store import Store
from bot.words import _


class Exporting:
    """Makes OPML of what a guild follows."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def export(self, viewer: Viewer, topic: str | None = None) -> tuple[bytes, int]:
        """The document of what a person may see, a folder for each topic, and how many sources it holds. Without users and passwords.

        Raises:
            UserError: there is no such topic, or nothing is followed.
        """
        target = await topic_named(self._store, viewer, topic) if topic is not None else None
        now = self._clock.now()
        sources = await self._store.topics.sources(
            viewer.guild_id, target.id if target else None, now=now, visible=viewer.topics
        )
        if not sources:
            raise UserError(_("Nothing is followed yet, so there is nothing to export."))
        text = opml.write("Riverpost", folders(sources), now=now)
        return text.encode(), len(sources)


def folders(sources: Iterable[SourceStatus]) -> list[tuple[str, list[ListedFeed]]]:
    """The sources by topic, in their order."""
    found: dict[str, list[ListedFeed]] = {}
    for source in sources:
        found.setdefault(source.topic, []).append(ListedFeed(source.url, source.title, source.site_url))
    return list(found.items())
