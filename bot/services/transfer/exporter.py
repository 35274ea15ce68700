"""Exporting what is followed as a list that any feed reader reads, and /import too."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import UserError
from bot.feeds.opml import opml
from bot.feeds.opml.opml import ListedFeed
from bot.i18n.translation import _
from bot.model import SourceStatus, Viewer
from bot.services.sources.source_lookup import title_of
from bot.services.topics.topics import topic_named
from bot.store import Store


@dataclass(frozen=True, slots=True)
class Export:
    """A list that is ready to be handed out."""

    body: bytes
    """The document, a folder for each topic."""
    sources: int
    """How many it holds."""
    masked: tuple[str, ...] = ()
    """What sources are called in whose addresses a password or key is left out; each once."""
    with_secrets: bool = False
    """It holds passwords or keys, and is for one person."""


class Exporting:
    """Makes OPML of what a guild follows."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def export(self, viewer: Viewer, topic: str | None = None, *, revealed: Collection[str] = ()) -> Export:
        """What a person may see as a list. An address without its key leads nowhere, so such sources are named.

        Args:
            revealed: the topics of which the passwords and keys in addresses are written too.

        Raises:
            UserError: there is no such topic, or nothing is followed.
        """
        target = await topic_named(self._store, viewer, topic) if topic is not None else None
        now = self._clock.now()
        sources = await self._store.topics.sources(
            viewer.guild_id, target.id if target else None, now=now, visible=viewer.topics
        )
        if not sources:
            raise UserError(_("There is no source yet, so there is nothing to export."))
        secret = [source for source in sources if source.url.has_secret]
        masked = dict.fromkeys(title_of(source) for source in secret if source.topic not in revealed)
        text = opml.write("Riverpost", folders(sources, revealed), now=now, with_secrets=bool(revealed))
        with_secrets = any(source.topic in revealed for source in secret)
        return Export(text.encode(), len(sources), tuple(masked), with_secrets=with_secrets)


def folders(sources: Iterable[SourceStatus], revealed: Collection[str]) -> list[tuple[str, list[ListedFeed]]]:
    """The sources by topic, in their order; only of the topics that are revealed with what is secret in addresses."""
    found: dict[str, list[ListedFeed]] = {}
    for source in sources:
        url = source.url.reveal() if source.topic in revealed else source.url.shown
        found.setdefault(source.topic, []).append(ListedFeed(url, source.title, source.site_url))
    return list(found.items())
