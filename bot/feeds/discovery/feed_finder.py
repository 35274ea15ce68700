"""From what a person pasted to feeds: the address itself, what is known of its platform, its page, the usual places."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol
from urllib.parse import urljoin, urlsplit, urlunsplit

from bot import logs
from bot.addresses import shown, site_of
from bot.errors import DiscoveryError, FeedError
from bot.feeds.discovery import html_links, platforms
from bot.feeds.discovery.candidates import Candidate, Origin, each_once, looks_like_a_feed
from bot.feeds.discovery.ranking import Found, Read, best
from bot.feeds.http import connection_errors
from bot.feeds.parsing.secret_removal import scrubbed_beside
from bot.i18n.translation import _, retold
from bot.model import FetchAddress, Fetched, FetchFailed, ParsedFeed
from bot.url_normalisation import canonical, host_key, split_credentials

log = logs.get(__name__)

TOTAL_SECONDS = 15.0
"""For everything: a person waits."""
SHARE_OF_ONE = 0.45
"""Of the whole time, for one address that may be a feed: a host that hangs leaves time for another."""
MAX_CANDIDATES = 8
"""Addresses that are tried because something speaks for them. A host gives one answer a second."""
MAX_REQUESTS = 14
"""In all, with the page, the front page and the usual places: what fits into the time at one a second."""
USUAL_NAMES = ("feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "rss", "feed.json")
CLOSED_TO_BOTS = frozenset({401, 403, 406, 415})
"""A page that is answered so may have a feed that is open to all."""


class Pages(Protocol):
    """Fetches documents for discovery, see `feeds.fetch.Fetcher.page`."""

    async def page(self, url: str, *, deadline_seconds: float, urgent: bool) -> Fetched | FetchFailed: ...


class Parser(Protocol):
    """Reads documents; raises `ParseError`."""

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed: ...


class Discovery:
    """Finds the feeds of an address."""

    def __init__(
        self, documents: Pages, parser: Parser, *, urgent: bool = True, total_seconds: float = TOTAL_SECONDS
    ) -> None:
        """`urgent`: a person waits, so its requests go before the hosts' queues."""
        self._documents = documents
        self._parser = parser
        self._urgent = urgent
        self._total_seconds = total_seconds

    async def find(self, source: str) -> tuple[Found, ...]:
        """The feeds of an address, best first; one if the address is a feed itself.

        What was found when the time is over is given; the rest is left.

        Raises:
            DiscoveryError: there is none, or the address cannot be read; says what to do.
        """
        address = shown(source)
        search = _Search(self._documents, self._parser, source, urgent=self._urgent, seconds=self._total_seconds)
        try:
            async with asyncio.timeout(self._total_seconds):
                await search.run()
        except TimeoutError:
            log.debug("a search for feeds ran out of time", host=site_of(source))
        if found := best(search.ordered(), search.page_url):
            return found
        if search.problem is not None:
            problem, said = search.problem, _("I could not read {address}: {problem}")
            in_bulk = connection_errors.in_bulk(problem.kind, problem.message)
            raise DiscoveryError(
                said.format(address=address, problem=retold(problem.message)),
                in_bulk=said.format(address=address, problem=retold(in_bulk)),
            )
        if not search.page_was_read:
            raise DiscoveryError(
                _(
                    "{address} took too long to answer. Try again in a while, or paste the address of the feed itself."
                ).format(address=address),
                in_bulk=_("I could not read {address}: {problem}").format(
                    address=address, problem=retold(connection_errors.UNREACHED)
                ),
            )
        raise DiscoveryError(
            _(
                "I found no feed at {address}. Paste the address of the feed itself: it often ends in /feed or .xml."
            ).format(address=address)
        )


class _Search:
    """One search: what was tried, what was found, why nothing was."""

    def __init__(self, documents: Pages, parser: Parser, source: str, *, urgent: bool, seconds: float) -> None:
        self._documents = documents
        self._parser = parser
        self._source = source
        self._urgent = urgent
        self._seconds = seconds
        self._order: dict[str, int] = {}
        self._requests = 0
        self._read: list[Read] = []
        self.page_url = source
        self.page_was_read = False
        self.problem: FetchFailed | None = None
        """Why the address itself could not be read."""

    def ordered(self) -> list[Read]:
        """What was found, in the order in which it was thought of, not in which hosts answered."""
        return sorted(self._read, key=lambda read: self._order[canonical(read.candidate.url)])

    async def run(self) -> None:
        """Stop at the first way that leads to a feed. Cancelling keeps what was found so far."""
        if not looks_like_a_feed(self._source):
            await self._try_all(platforms.of_address(self._source))
            if self._offers():
                return
        document = await self._page(platforms.better_page(self._source) or self._source)
        if isinstance(document, FetchFailed):
            self.problem = document
            if document.status in CLOSED_TO_BOTS:
                await self._try_in_turn(_usual_places(self._source))
            return
        itself = Candidate(self._source, Origin.KNOWN)
        self._order.setdefault(canonical(itself.url), len(self._order))
        self.page_url = document.url
        self.page_was_read = True
        if await self._take(itself, document):
            return
        page = await self._from_page(document)
        if not self._offers() and page.refresh is not None:
            await self._follow(page.refresh)
        if not self._offers() and (front := _front_page(document.url)) is not None:
            other = await self._page(front)
            if isinstance(other, Fetched):
                await self._from_page(other)
        if not self._offers():
            await self._try_in_turn(_usual_places(document.url))

    async def _follow(self, refresh: str) -> None:
        """Go once where a page sends its visitors: to the feed, or to a page that has it."""
        document = await self._page(refresh)
        if isinstance(document, FetchFailed):
            return
        there = Candidate(refresh, Origin.KNOWN)
        self._order.setdefault(canonical(refresh), len(self._order))
        self.page_url = document.url
        if not await self._take(there, document):
            await self._from_page(document)

    async def _from_page(self, document: Fetched) -> html_links.Page:
        """What the page declares or links to, and what its address and its maker tell."""
        # In a thread: a page of megabytes that means harm takes most of a second.
        page = await asyncio.to_thread(html_links.read, document.body, document.url, document.content_type)
        told = await asyncio.to_thread(platforms.of_page, page)
        known = [candidate for candidate in told if candidate.origin is Origin.KNOWN]
        named = [*page.declared, *page.linked]
        if document.url != self._source:
            known = [*platforms.of_address(document.url), *known]
        await self._try_all([*known, *named])
        if not self._offers():
            await self._try_all(told)
        return page

    def _offers(self) -> bool:
        return bool(best(self._read, self.page_url))

    async def _page(self, url: str) -> Fetched | FetchFailed:
        self._requests += 1
        return await self._documents.page(self._as_asked(url), deadline_seconds=self._seconds, urgent=self._urgent)

    async def _try_all(self, candidates: Iterable[Candidate]) -> None:
        """The first few that were not tried yet; different hosts at once, each host in turn."""
        room = min(MAX_CANDIDATES, MAX_REQUESTS - self._requests)
        by_host: dict[str, list[Candidate]] = {}
        for candidate in self._untried(candidates)[: max(0, room)]:
            by_host.setdefault(host_key(candidate.url), []).append(candidate)
        async with asyncio.TaskGroup() as group:
            for queue in by_host.values():
                group.create_task(self._try_each(queue))

    async def _try_each(self, candidates: Sequence[Candidate]) -> None:
        for candidate in candidates:
            await self._try(candidate)

    async def _try_in_turn(self, urls: Iterable[str]) -> None:
        """One after the other, until one is a feed."""
        for candidate in self._untried(Candidate(url, Origin.GUESSED) for url in urls):
            if self._requests >= MAX_REQUESTS or await self._try(candidate):
                return

    def _untried(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Without those that were tried; the others count as tried from now on."""
        fresh = [each for each in each_once(candidates) if canonical(each.url) not in self._order]
        for each in fresh:
            self._order[canonical(each.url)] = len(self._order)
        return fresh

    async def _try(self, candidate: Candidate) -> bool:
        self._requests += 1
        url = self._as_asked(candidate.url)
        seconds = self._seconds * SHARE_OF_ONE
        document = await self._documents.page(url, deadline_seconds=seconds, urgent=self._urgent)
        return isinstance(document, Fetched) and await self._take(candidate, document)

    async def _take(self, candidate: Candidate, document: Fetched) -> bool:
        """Whether the document is a feed; it is kept then."""
        try:
            parsed = await self._parser.parse(document.body, document.source, document.content_type)
        except FeedError:
            return False
        parsed = await scrubbed_beside(parsed, [FetchAddress(self._source), *document.asked])
        address = document.moved_to or FetchAddress(self._as_asked(candidate.url))
        title = parsed.title or candidate.label or address.site
        self._read.append(
            Read(candidate, Found(address, title, len(parsed.entries), document, parsed, candidate.label))
        )
        return True

    def _as_asked(self, url: str) -> str:
        """With the user and password that were given for this very host and port, over the same kind of connection."""
        _, user = split_credentials(self._source)
        if user is None or host_key(url) != host_key(self._source) or "@" in urlsplit(url).netloc:
            return url
        return urlunsplit(urlsplit(url)._replace(netloc=urlsplit(self._source).netloc))


def _front_page(url: str) -> str | None:
    """The start of the site that the page is on, where that is not the page itself and not of many people."""
    parts = urlsplit(url)
    if parts.path in {"", "/"} or platforms.is_shared(url):
        return None
    return urljoin(url, home_of(url))


def home_of(url: str) -> str:
    """The front page of whose address it is: of the host, or of the person whose folder (`/~name/`) it is in."""
    first = urlsplit(url).path.split("/")[1:2]
    return urljoin(url, f"/{first[0]}/" if first and first[0].startswith("~") else "/")


def _usual_places(url: str) -> list[str]:
    """Beside the page first, then at the start of its site."""
    beside = urljoin(url, "./") if "." in url.rpartition("/")[2] else f"{url.partition('?')[0].rstrip('/')}/"
    front = home_of(url)
    places = [urljoin(beside, name) for name in USUAL_NAMES[:4]] if beside != front else []
    return [*places, *(urljoin(front, name) for name in USUAL_NAMES)]
