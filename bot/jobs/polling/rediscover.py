"""The slow search for feeds that are lost: looks on their sites for where they went, and remembers it as an offer.

Nothing is followed by itself: a site's new feed may be another feed.
"""

from collections.abc import Iterable
from typing import Protocol

from bot import logs
from bot.addresses import has_secret, site_of
from bot.clock import Clock
from bot.errors import FeedError
from bot.feeds.discovery import platforms
from bot.feeds.discovery.feed_finder import home_of
from bot.feeds.discovery.ranking import Found
from bot.model import LostFeed
from bot.store import Store
from bot.url_normalisation import canonical, without_credentials

log = logs.get(__name__)

NEXT_SECONDS = 20.0
"""Between two searches. After an outage of the bot's own line all feeds are lost for a while; most are back before their
turn comes."""
IDLE_SECONDS = 300.0


class Finder(Protocol):
    """Finds feeds at an address, see `feeds.discovery.feed_finder.Discovery`."""

    async def find(self, source: str) -> tuple[Found, ...]: ...


class RediscoverJob:
    """One round searches for one lost feed."""

    def __init__(self, store: Store, discovery: Finder, clock: Clock) -> None:
        self._store = store
        self._discovery = discovery
        self._clock = clock

    async def round(self) -> float:
        """Seconds until the next look."""
        feed = await self._store.suggestions.claim_lost(now=self._clock.now())
        if feed is None:
            return IDLE_SECONDS
        place = where_to_look(feed)
        found = await self._found(place) if place is not None else ()
        url = replacement(feed, found)
        if url is not None:
            await self._store.suggestions.suggest(feed.id, url)
        log.info("looked for a lost feed on its site", feed=feed.id, host=feed.url.site, found=url is not None)
        return NEXT_SECONDS

    async def _found(self, place: str) -> tuple[Found, ...]:
        try:
            return await self._discovery.find(place)
        except FeedError as error:
            log.debug("a lost feed's site gives none", host=site_of(place), reason=str(error))
            return ()


def where_to_look(feed: LostFeed) -> str | None:
    """The feed's site, else the front page of its host; None where that is everybody's. Without credentials."""
    if feed.site_url and canonical(feed.site_url) != canonical(feed.url.reveal()):
        return without_credentials(feed.site_url)
    return None if platforms.is_shared(feed.url.reveal()) else home_of(without_credentials(feed.url.reveal()))


def replacement(feed: LostFeed, found: Iterable[Found]) -> str | None:
    """The first feed with articles that is not the lost one itself, by its address, which everybody may read."""
    own = without_credentials(feed.url.reveal())
    for each in found:
        url = without_credentials(each.url.reveal())
        if each.entries and not has_secret(url) and own not in {url, without_credentials(each.fetched.url)}:
            return url
    return None
