"""Answers requests for a river: its pages in HTML, its feeds, its list of sources."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.clock import Clock
from bot.errors import TookTooLong, UserError
from bot.feeds.opml import opml
from bot.i18n.translation import languages, speaking
from bot.model import WebAccess
from bot.services.publishing.published_river import PAGE_SIZE, PublishedRivers, Refusal, River
from bot.web import page_texts, renderer
from bot.web.page_cache import Answer, Made, PageCache
from bot.web.pager import numbers
from bot.web.responses import answered
from bot.web.syndication import atom, json_feed, rss
from bot.web.syndication.feed_page import FeedPage, feed_urn, moment

FORMATS = {"atom": atom, "rss": rss, "json": json_feed}
OPML = "text/x-opml; charset=utf-8"
MAX_PAGE = 10_000_000
MAX_QUERY = 200
_STATUS = {Refusal.UNKNOWN: 404, Refusal.ENDED: 410, Refusal.NOT_NOW: 503}

T = TypeVar("T")


class Refused(Exception):  # noqa: N818 - it is an answer
    """There is no page."""

    def __init__(self, status: int, guild_id: int | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.guild_id = guild_id


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request for something of a river that counts at this moment."""

    river: River
    language: str

    @property
    def is_indexed(self) -> bool:
        return self.river.access is WebAccess.INDEXED


class Pages:
    """The handlers.

    Args:
        public_url: what absolute addresses begin with; `path` is the same without the host.
        language: of a server, as Discord names it.
    """

    def __init__(
        self,
        rivers: PublishedRivers,
        cache: PageCache,
        clock: Clock,
        *,
        public_url: str,
        path: str,
        language: Callable[[int], Awaitable[str | None]],
    ) -> None:
        self._rivers = rivers
        self._cache = cache
        self._clock = clock
        self._public_url = public_url
        self._path = path
        self._language = language

    async def language_of(self, guild_id: int | None) -> str:
        """The language of a server's pages, English where they have none."""
        wanted = (await self._language(guild_id) if guild_id is not None else None) or "en"
        return next((each for each in (wanted, wanted.split("-", maxsplit=1)[0]) if each in languages()), "en")

    # --- HTML ---------------------------------------------------------------------------------------

    async def start(self, request: web.Request) -> web.StreamResponse:
        """A server's own address leads to its river."""
        raise web.HTTPMovedPermanently(f"{self._path}/r/{request.match_info['guild']}/river/")

    async def river(self, request: web.Request) -> web.StreamResponse:
        """All of it, or one source of it, newest first."""
        asked = await self._asked(request)
        page = _page(request)
        source = _number(request.match_info["feed"]) if "feed" in request.match_info else None

        async def make() -> Made | None:
            river = asked.river
            title = site = None
            if source is not None:
                found = next((each for each in await self._rivers.sources(river) if each.feed_id == source), None)
                if found is None:
                    return None
                title, site = found.title, found.site_url
            shown = await self._rivers.page(river, page, source=source)
            if shown is None:
                return None
            last = max(1, -(-shown.total // PAGE_SIZE))
            begin = self._root(river) + (f"source/{source}/" if source is not None else "")
            return await self._rendered(
                asked,
                lambda: renderer.river_page(
                    river,
                    shown.articles,
                    base=self._path,
                    language=asked.language,
                    address=lambda number: _paged(begin, number),
                    current=page,
                    last=last,
                    numbers=numbers(page, last),
                    subtitle=title,
                    site_url=site,
                    count=page_texts.articles(shown.total),
                    none=page_texts.words().nothing_yet,
                    feed_query=f"?source={source}" if source is not None else "",
                    indexed=asked.is_indexed,
                ),
            )

        return await self._answer(request, asked, ("river", source, page), make)

    async def day(self, request: web.Request) -> web.StreamResponse:
        """What came on one day."""
        asked = await self._asked(request)
        page = _page(request)
        try:
            day = date.fromisoformat(request.match_info["day"])
        except ValueError:
            raise Refused(404, asked.river.scope.guild_id) from None

        async def make() -> Made | None:
            shown = await self._rivers.day(asked.river, day, page)
            if shown is None:
                return None
            last = max(1, -(-shown.total // PAGE_SIZE))
            begin = f"{self._root(asked.river)}day/{day.isoformat()}/"
            return await self._rendered(
                asked,
                lambda: renderer.river_page(
                    asked.river,
                    shown.articles,
                    base=self._path,
                    language=asked.language,
                    address=lambda number: _paged(begin, number),
                    current=page,
                    last=last,
                    numbers=numbers(page, last),
                    subtitle=renderer.day_name(day, asked.language),
                    count=page_texts.articles(shown.total),
                    none=page_texts.words().nothing_yet,
                    indexed=asked.is_indexed,
                ),
            )

        return await self._answer(request, asked, ("day", day, page), make)

    async def article(self, request: web.Request) -> web.StreamResponse:
        """One article's own page."""
        asked = await self._asked(request)
        entry_id = _number(request.match_info["entry"])

        async def make() -> Made | None:
            found = await self._rivers.article(asked.river, entry_id)
            if found is None:
                return None
            return await self._rendered(
                asked,
                lambda: renderer.article_page(
                    asked.river, found, base=self._path, language=asked.language, indexed=asked.is_indexed
                ),
            )

        return await self._answer(request, asked, ("article", entry_id), make)

    async def sources(self, request: web.Request) -> web.StreamResponse:
        """What the river is made of."""
        asked = await self._asked(request)

        async def make() -> Made:
            found = await self._rivers.sources(asked.river)
            return await self._rendered(
                asked,
                lambda: renderer.sources_page(
                    asked.river, found, base=self._path, language=asked.language, indexed=asked.is_indexed
                ),
            )

        return await self._answer(request, asked, ("sources",), make)

    async def search(self, request: web.Request) -> web.StreamResponse:
        """Hits, newest first."""
        asked = await self._asked(request)
        text = " ".join(request.query.get("q", "").split())[:MAX_QUERY]
        if not text:
            raise web.HTTPFound(self._root(asked.river))
        below = _number(request.query["before"]) if "before" in request.query else None

        async def make() -> Made:
            hits = await self._found(asked.river, text, request, below)
            root = self._root(asked.river)
            older = f"{root}search/?{urlencode({'q': text, 'before': hits.below})}" if hits.below is not None else None
            return await self._rendered(
                asked,
                lambda: renderer.river_page(
                    asked.river,
                    hits.articles,
                    base=self._path,
                    language=asked.language,
                    address=lambda number: _paged(root, number),
                    subtitle=f"{page_texts.words().search}: {text}",
                    none=page_texts.words().no_hits,
                    asked=text,
                    older=older,
                    feed_query=f"?{urlencode({'q': text})}",
                    indexed=False,
                ),
            )

        return await self._answer(request, asked, ("search", text, below), make)

    # --- feeds --------------------------------------------------------------------------------------

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """The river, one source of it, or a search, as a feed."""
        asked = await self._asked(request)
        form = request.match_info["form"]
        page = _page(request)
        source = _number(request.query["source"]) if "source" in request.query else None
        text = " ".join(request.query.get("q", "").split())[:MAX_QUERY]

        async def make() -> Made | None:
            made = await self._feed_page(asked, form, page, source, text, request)
            if made is None:
                return None
            written = await asyncio.to_thread(FORMATS[form].write, made)
            return Made(written, FORMATS[form].CONTENT_TYPE)

        return await self._answer(request, asked, ("feed", form, page, source, text), make)

    async def _feed_page(
        self, asked: _Asked, form: str, page: int, source: int | None, text: str, request: web.Request
    ) -> FeedPage | None:
        river, root = asked.river, self._public_url + self._root(asked.river).removeprefix(self._path)
        title, page_url, last = river.title, root, 1
        given: dict[str, object] = {}
        if source is not None:
            found = next((each for each in await self._rivers.sources(river) if each.feed_id == source), None)
            if found is None:
                return None
            title, page_url, given = f"{found.title} · {river.title}", f"{root}source/{source}/", {"source": source}
        if text:
            if page > 1:
                return None
            given = {"q": text}
            articles = (await self._found(river, text, request, None)).articles
            title, page_url = f"{text} · {river.title}", f"{root}search/?{urlencode(given)}"
        else:
            shown = await self._rivers.page(river, page, source=source)
            if shown is None:
                return None
            articles, last = shown.articles, max(1, -(-shown.total // PAGE_SIZE))

        def address(number: int) -> str:
            query = urlencode(given | ({"page": number} if number > 1 else {}))
            return f"{root}feed.{form}" + (f"?{query}" if query else "")

        return FeedPage(
            feed_id=feed_urn(river.scope.guild_id, river.name, source, text),
            title=title,
            page_url=page_url,
            address=address(page),
            articles=articles,
            updated_at=max((moment(each) for each in articles), default=self._clock.now()),
            language=asked.language,
            first=address(1) if last > 1 else None,
            previous=address(page - 1) if page > 1 else None,
            next=address(page + 1) if page < last else None,
            last=address(last) if last > 1 else None,
        )

    async def source_list(self, request: web.Request) -> web.StreamResponse:
        """The sources as OPML."""
        asked = await self._asked(request)

        async def make() -> Made:
            title = asked.river.title
            found = [
                opml.ListedFeed(each.feed_url, each.title, each.site_url)
                for each in await self._rivers.sources(asked.river)
            ]
            # By the day, so that it is the same document as long as its sources are the same.
            today = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
            return Made(opml.write(title, [(title, found)], now=today).encode(), OPML)

        return await self._answer(request, asked, ("opml",), make)

    # --- what all share -----------------------------------------------------------------------------

    async def _asked(self, request: web.Request) -> _Asked:
        guild_id, name = _number(request.match_info["guild"]), request.match_info["name"]
        river = await self._rivers.find(guild_id, name)
        if isinstance(river, Refusal):
            raise Refused(_STATUS[river], None if river is Refusal.UNKNOWN else guild_id)
        return _Asked(river, await self.language_of(guild_id))

    async def _found(self, river: River, text: str, request: web.Request, below: int | None):  # type: ignore[no-untyped-def]
        visitor = zlib.crc32((request.remote or "").encode())
        try:
            return await self._rivers.search(river, text, visitor=visitor, below=below)
        except (TookTooLong, UserError) as error:
            raise Refused(429, river.scope.guild_id) from error

    async def _rendered(self, asked: _Asked, render: Callable[[], bytes]) -> Made:
        with speaking(asked.language):
            return Made(await asyncio.to_thread(render), renderer.HTML)

    async def _answer(
        self,
        request: web.Request,
        asked: _Asked,
        what: tuple[object, ...],
        make: Callable[[], Awaitable[Made | None]],
    ) -> web.StreamResponse:
        river = asked.river
        # With the topics that are read: where one is taken back, what is left is another page.
        key = (river.scope.guild_id, river.name, river.scope.topics, river.title, asked.language, river.access, *what)
        answer: Answer | None = await self._cache.get(key, make)
        if answer is None:
            raise Refused(404, river.scope.guild_id)
        return answered(request, answer, is_listed=river.is_listed, is_indexed=asked.is_indexed)

    def _root(self, river: River) -> str:
        return f"{self._path}/r/{river.scope.guild_id}/{quote(river.name)}/"


def _paged(begin: str, number: int) -> str:
    return begin if number == 1 else f"{begin}?page={number}"


def _page(request: web.Request) -> int:
    number = _number(request.query["page"]) if "page" in request.query else 1
    if not 1 <= number <= MAX_PAGE:
        raise Refused(404)
    return number


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 20) or int(text) >= 2**63:
        raise Refused(404)
    return int(text)
