"""Puts a topic on the web, changes who finds it there, and takes it back."""

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime

from bot.clock import Clock
from bot.errors import UserError
from bot.i18n.translation import _
from bot.model import Publication, Topic, WebAccess
from bot.store import Store

WHOLE_SERVER = "river"
"""The name of the river of all listed topics, which no topic can have."""
MAX_SLUG = 40
TOKEN_BYTES = 18
MAX_TRIES = 50


class Publishing:
    """What an admin can do about a topic's pages."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.public_url: str | None = None
        """What the addresses of pages begin with; None while none are served."""
        self.on_change: Callable[[int], None] = lambda _guild_id: None
        """Called with the guild's id, so that pages end at once."""

    async def of(self, topic: Topic) -> Publication | None:
        """Where the topic is on the web now; None where it is not."""
        found = await self._store.publications.of_topic(topic.id)
        return None if found is None or found.ended else found

    def address(self, publication: Publication) -> str:
        """The address of a publication's first page."""
        return f"{self.public_url}/r/{publication.guild_id}/{publication.name}/"

    async def publish(self, topic: Topic, access: WebAccess, *, by: int | None) -> Publication | None:
        """Let the topic's pages be found by these; None once it has none any more.

        An unlisted topic has a new address each time it is made so: the old one leads nowhere.

        Raises:
            UserError: there are no pages here.
        """
        if access is WebAccess.PRIVATE:
            await self._store.publications.end(topic.id, now=self._now())
            self.on_change(topic.guild_id)
            return None
        if self.public_url is None:
            raise UserError(_("Pages on the web are switched off here. Ask whoever runs me to set web.enabled."))
        names = _tokens() if access is WebAccess.UNLISTED else _slugs(topic)
        await self._store.publications.publish(topic.guild_id, topic.id, access, names, by=by, now=self._now())
        self.on_change(topic.guild_id)
        return await self.of(topic)

    def _now(self) -> datetime:
        return self._clock.now()


def slug(name: str) -> str:
    """Small letters and digits with hyphens between; empty where a name has none of them."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-")


def _slugs(topic: Topic) -> list[str]:
    base = slug(topic.name) or f"topic-{topic.id}"
    tried = [base, *(f"{base}-{number}" for number in range(2, MAX_TRIES)), f"topic-{topic.id}"]
    return [each for each in tried if each != WHOLE_SERVER]


def _tokens() -> list[str]:
    return [secrets.token_urlsafe(TOKEN_BYTES)]
