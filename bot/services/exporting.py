"""Exporting what is followed as a list that any feed reader reads, and /import too."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import UserError
from bot.feeds import opml
from bot.feeds.opml import ListedFeed
from bot.masking import has_secret
from bot.model import SourceStatus, Viewer
from bot.services.following import title_of
from bot.services.topics import topic_named
from bot.store import Store
from bot.words import _


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

    async def export(self, viewer: Viewer, topic: str | None = None, *, with_secrets: bool = False) -> Export:
        """What a person may see as a list. Passwords and keys in addresses are written only if they are asked for.

        An address without its key leads nowhere, but shows where it belongs; such sources are named.

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
        secret = tuple(dict.fromkeys(title_of(source) for source in sources if has_secret(source.url)))
        text = opml.write("Riverpost", folders(sources), now=now, with_secrets=with_secrets)
        masked = () if with_secrets else secret
        return Export(text.encode(), len(sources), masked, with_secrets=with_secrets and bool(secret))


def folders(sources: Iterable[SourceStatus]) -> list[tuple[str, list[ListedFeed]]]:
    """The sources by topic, in their order."""
    found: dict[str, list[ListedFeed]] = {}
    for source in sources:
        found.setdefault(source.topic, []).append(ListedFeed(source.url, source.title, source.site_url))
    return list(found.items())
