"""The web server: its routes, its bounds, and what every answer has in common."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from bot import logs
from bot.clock import Clock
from bot.config.web_settings import WebSettings
from bot.errors import StoreError
from bot.i18n.translation import speaking
from bot.services.publishing.published_river import PublishedRivers
from bot.web import renderer
from bot.web.listening import BACKLOG, listening_socket
from bot.web.page_cache import Answer, PageCache
from bot.web.pages import Pages, Refused
from bot.web.responses import SECURITY, answered

log = logs.get(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

KEEP_ALIVE_SECONDS = 30.0
RETRY_SECONDS = 30
STYLE_AGE = 31_536_000


class WebServer:
    """Serves pages and feeds. `async with` opens and closes it; open connections are cut at the end."""

    def __init__(
        self,
        rivers: PublishedRivers,
        settings: WebSettings,
        clock: Clock,
        *,
        language: Callable[[int], Awaitable[str | None]],
    ) -> None:
        self._rivers = rivers
        self._settings = settings
        self._clock = clock
        self._language = language
        self._under_way = 0
        self._style = Answer(
            renderer.STYLE, "text/css; charset=utf-8", renderer.STYLE_NAME, datetime(2026, 1, 1, tzinfo=UTC)
        )
        self._runner: web.AppRunner | None = None
        self.base_url = settings.base_url
        """What addresses of pages begin with. Where `listen` leaves the port open, it is known once it is open."""

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: the port is taken, or may not be used.
        """
        listening = listening_socket(self._settings.listen)
        if self._settings.public_url is None:
            host = self._settings.listen.rpartition(":")[0]
            self.base_url = f"http://{host}:{listening.getsockname()[1]}"
        self.port: int = listening.getsockname()[1]
        path = urlsplit(self.base_url).path.rstrip("/")
        self._cache = PageCache(
            self._clock,
            most_bytes=int(self._settings.cache_megabytes * 1_000_000),
            seconds=self._settings.cache_seconds,
        )
        self._path = path
        self._pages = Pages(
            self._rivers, self._cache, self._clock, public_url=self.base_url, path=path, language=self._language
        )
        self._runner = web.AppRunner(
            self._application(), access_log=None, keepalive_timeout=KEEP_ALIVE_SECONDS, shutdown_timeout=1.0
        )
        await self._runner.setup()
        await web.SockSite(self._runner, listening, backlog=BACKLOG).start()
        log.info("pages are served", listen=self._settings.listen, public=self.base_url)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            await self._cache.close()

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._around], client_max_size=1024)
        pages, river = self._pages, f"{self._path}/r/{{guild:[0-9]+}}/{{name:[A-Za-z0-9_-]+}}"
        app.add_routes(
            [
                web.get(f"{self._path}/r/{{guild:[0-9]+}}/", pages.start),
                web.get(f"{river}/", pages.river),
                web.get(f"{river}/source/{{feed:[0-9]+}}/", pages.river),
                web.get(f"{river}/day/{{day:[0-9-]+}}/", pages.day),
                web.get(f"{river}/article/{{entry:[0-9]+}}/", pages.article),
                web.get(f"{river}/search/", pages.search),
                web.get(f"{river}/sources/", pages.sources),
                web.get(f"{river}/sources.opml", pages.source_list),
                web.get(f"{river}/feed.{{form:atom|rss|json}}", pages.feed),
                web.get(f"{self._path}/static/{renderer.STYLE_NAME}", self._serve_style),
            ]
        )
        return app

    async def _serve_style(self, request: web.Request) -> web.StreamResponse:
        return answered(request, self._style, is_listed=True, is_indexed=True, max_age=STYLE_AGE)

    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._under_way >= self._settings.requests_at_once:
            return await self._refusal(503, None)
        self._under_way += 1
        try:
            answer = await handler(request)
        except Refused as refused:
            answer = await self._refusal(refused.status, refused.guild_id)
        except web.HTTPMove as redirection:
            answer = web.Response(status=redirection.status, headers={"Location": str(redirection.location)})
        except web.HTTPException as error:
            answer = await self._refusal(error.status, None)
        except StoreError as error:
            log.warning("a page could not be read", reason=str(error))
            answer = await self._refusal(503, None)
        except Exception:
            log.exception("a page failed in an unforeseen way", path=request.path)
            answer = await self._refusal(500, None)
        finally:
            self._under_way -= 1
        answer.headers.update(SECURITY)
        return answer

    async def _refusal(self, status: int, guild_id: int | None) -> web.Response:
        language = await self._pages.language_of(guild_id)
        with speaking(language):
            body = renderer.refusal_page(status, base=self._path, language=language)
        headers = {"Content-Type": renderer.HTML, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        if status in {429, 503}:
            headers["Retry-After"] = str(RETRY_SECONDS)
        return web.Response(status=status, body=body, headers=headers)
