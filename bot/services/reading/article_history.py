"""Why: what became of an article that somebody has the link of."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.addresses import shown
from bot.clock import Clock
from bot.errors import UserError
from bot.feeds.identity import identify
from bot.i18n.translation import _
from bot.model import ArticleHistory, SourceStatus, Viewer
from bot.store import Store
from bot.url_normalisation import absolute, canonical

MESSAGE = re.compile(
    r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?P<guild>\d{1,20}|@me)/(?P<channel>\d{1,20})"
    r"(?:/(?:threads/\d{1,20}/)?(?P<message>\d{1,20}))?/?"
)
MAX_SOURCES = 3
MAX_ID = 2**63 - 1
"""The store takes no larger number, and Discord has none."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What is known of a link in one guild."""

    link: str
    articles: tuple[ArticleHistory, ...]
    """The newest first; empty where the link is unknown."""
    sources: tuple[SourceStatus, ...] = ()
    """Where it is unknown: what the guild follows of that site, one row a source."""


class ArticleHistories:
    """Answers one person, of what the topics that this person may see have."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def why(self, viewer: Viewer, link: str) -> Explained:
        """`link` is an article's address in any form, or that of one of the bot's messages in this guild.

        Raises:
            UserError: it is neither.
        """
        text = link.strip().strip("<>").strip()
        if message := MESSAGE.fullmatch(text.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]):
            return await self._of_message(viewer, text, message)
        address = None if re.search(r"\s", text) else absolute(None, text if "://" in text else f"https://{text}")
        if address is None or "." not in (urlsplit(address).hostname or ""):
            raise UserError(
                _(
                    "That is no link. Paste the address of an article, or the link of one of my messages "
                    "(its menu has “Copy Message Link”)."
                )
            )
        found = await self._at(viewer, address)
        whole, _hash, place = address.partition("#")
        if not found and place:  # most often a place within the article
            found = await self._at(viewer, whole)
        sources = () if found else await self._of_site(viewer, address)
        return Explained(shown(address), found, sources)

    async def _at(self, viewer: Viewer, address: str) -> tuple[ArticleHistory, ...]:
        keys = identify.keys(guid=address, link=address, title="", html="")
        return await self._store.traces.by_keys(
            viewer.guild_id, viewer.topics, keys.link, keys.guid, now=self._clock.now()
        )

    async def _of_message(self, viewer: Viewer, text: str, message: re.Match[str]) -> Explained:
        if message["guild"] != str(viewer.guild_id):
            raise UserError(_("That message is not of this server. Ask there."))
        # A post in a forum is linked as its thread alone, whose first message has the same id.
        channel_id, message_id = int(message["channel"]), int(message["message"] or message["channel"])
        known = max(channel_id, message_id) <= MAX_ID
        found = (
            ()
            if not known
            else await self._store.traces.in_message(
                viewer.guild_id, viewer.topics, channel_id, message_id, now=self._clock.now()
            )
        )
        if not found:
            raise UserError(
                _(
                    "I know no article of that message. Use this with a message of mine, or paste the article's own link."
                )
            )
        return Explained(text, found)

    async def _of_site(self, viewer: Viewer, address: str) -> tuple[SourceStatus, ...]:
        """What is followed, where the person may see it, of the site that the link belongs to."""
        site = _host(address)
        sources = await self._store.topics.sources(viewer.guild_id, now=self._clock.now(), visible=viewer.topics)
        of_site = {
            each.feed_id: each for each in sources if site in {_host(each.url.reveal()), _host(each.site_url or "")}
        }
        return tuple(of_site.values())[:MAX_SOURCES]


def _host(address: str) -> str:
    """The site's name as `canonical` has it."""
    return canonical(address).partition("/")[0].partition("?")[0]
