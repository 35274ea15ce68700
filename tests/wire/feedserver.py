"""A loopback host of feeds and sites, with verbs for what real hosts do. Runs in the test's own loop."""

import asyncio
import contextlib
import hashlib
import ssl
import time
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Self
from xml.sax.saxutils import escape

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
CHANGED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """A request as it came in."""

    headers: Mapping[str, str]
    at: float
    """By time.monotonic."""


@dataclass
class ServedFeed:
    """An RSS feed at `url`; the newest item comes first. A verb replaces the answer until `recover`."""

    url: str
    title: str
    requests: list[Seen] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first request."""
    _items: list[str] = field(default_factory=list)
    _published: int = 0
    _answer: Answer | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(
        self,
        title: str,
        *,
        link: str | None = None,
        guid: str | None = None,
        published: datetime | None = None,
        body_html: str = "",
        categories: Sequence[str] = (),
    ) -> None:
        self._published += 1
        number = self._published
        date = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
        named = "".join(f"<category>{escape(category)}</category>" for category in categories)
        self._items.insert(
            0,
            f"<item>{_title(title)}<link>{escape(link or f'{self.url}/{number}')}</link>"
            f'<guid isPermaLink="false">{escape(guid or f"{self.url}#{number}")}</guid>{date}{named}'
            f"<description>{escape(body_html)}</description></item>",
        )

    def correct(self, old_title: str, *, title: str | None = None, body_html: str | None = None) -> None:
        """The item with this title gets another title or text; its guid and link stay."""
        place = self._place(old_title)
        if body_html is not None:
            head, _, _ = self._items[place].partition("<description>")
            self._items[place] = f"{head}<description>{escape(body_html)}</description></item>"
        if title is not None:
            self._items[place] = self._items[place].replace(_title(old_title), _title(title))

    def withdraw(self, title: str) -> None:
        """The item with this title is listed no more."""
        del self._items[self._place(title)]

    def _place(self, title: str) -> int:
        return next(place for place, item in enumerate(self._items) if _title(title) in item)

    def document(self) -> bytes:
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
            f"<title>{escape(self.title)}</title><link>{escape(self.url)}</link>{''.join(self._items)}</channel></rss>"
        ).encode()

    def recover(self) -> None:
        """Serve the feed again."""
        self._answer = None

    def answer_with(self, *, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> None:
        async def answer(_: web.Request) -> web.StreamResponse:
            return web.Response(status=status, headers=headers, body=body)

        self._answer = answer

    def body(self, content: bytes, *, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.answer_with(status=200, headers={"Content-Type": content_type, **(headers or {})}, body=content)

    def redirect(self, to: str, status: int = 301) -> None:
        self.answer_with(status=status, headers={"Location": to})

    def with_headers(self, headers: Mapping[str, str]) -> None:
        """Serve the feed, or 304, with these headers besides."""

        async def answer(request: web.Request) -> web.StreamResponse:
            response = self._feed_or_304(request)
            response.headers.update(headers)
            return response

        self._answer = answer

    def only_for(self, user: str, password: str) -> None:
        """Serve the feed to who knows the password, 401 to others."""
        wanted = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"

        async def answer(request: web.Request) -> web.StreamResponse:
            if request.headers.get("Authorization") != wanted:
                return web.Response(status=401, headers={"WWW-Authenticate": "Basic"})
            return self._feed_or_304(request)

        self._answer = answer

    def challenge(self, page: str, status: int = 403, headers: Mapping[str, str] | None = None) -> None:
        """Answer as Cloudflare does in front of a site."""
        found = {"Server": "cloudflare", "Content-Type": "text/html; charset=UTF-8", **(headers or {})}
        self.answer_with(status=status, headers=found, body=page.encode())

    def hang(self) -> None:
        """Take the request and never answer."""

        async def answer(_: web.Request) -> web.StreamResponse:
            await self._over.wait()
            return web.Response(status=500)

        self._answer = answer

    def gzip_bomb(self, megabytes: int) -> None:
        self._stream(lambda: _bomb(megabytes), {"Content-Encoding": "gzip"})

    def endless(self) -> None:
        self._stream(_endless, {})

    def large(self, megabytes: int, *, says_so: bool) -> None:
        """A well-formed feed of that size; `says_so` if its Content-Length tells before."""
        start, end = b"<rss version='2.0'><channel><title>x</title><item><title>", b"</title></item></channel></rss>"

        async def pieces() -> AsyncIterator[bytes]:
            yield start
            for _ in range(megabytes):
                yield b"large " * (1_000_000 // 6)
                await asyncio.sleep(0)
            yield end

        size = len(start) + megabytes * 6 * (1_000_000 // 6) + len(end)
        self._stream(pieces, {"Content-Length": str(size)} if says_so else {})

    def release(self) -> None:
        """End what hangs."""
        self._over.set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(Seen(request.headers.copy(), time.monotonic()))
        self.asked.set()
        if self._answer is not None:
            return await self._answer(request)
        return self._feed_or_304(request)

    def _feed_or_304(self, request: web.Request) -> web.Response:
        body = self.document()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        validators = {"ETag": etag, "Last-Modified": format_datetime(CHANGED, usegmt=True)}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=validators)
        return web.Response(body=body, headers={**validators, "Content-Type": "application/rss+xml"})

    def _stream(self, pieces: Callable[[], AsyncIterator[bytes]], headers: Mapping[str, str]) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "application/rss+xml", **headers})
            await response.prepare(request)
            try:
                async for piece in pieces():
                    await response.write(piece)
            except ConnectionError:
                pass  # the reader had enough
            return response

        self._answer = answer


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>"


async def _bomb(megabytes: int) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(megabytes):
        yield packer.compress(b" " * 1_000_000)
        await asyncio.sleep(0)
    yield packer.flush()


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"<item/>" * 10_000
        await asyncio.sleep(0)


class FeedServer:
    """`async with FeedServer() as server: feed = server.feed("blog")`."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._tls = tls
        self._host = host
        self._feeds: dict[str, ServedFeed] = {}
        self._pages: dict[str, bytes] = {}
        self.url = ""
        """Without a slash at the end."""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, 0, ssl_context=self._tls)
        await site.start()
        self.url = f"http{'s' if self._tls else ''}://{self._host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for feed in self._feeds.values():
            feed.release()
        await self._runner.cleanup()

    def feed(self, path: str, *, title: str = "A blog") -> ServedFeed:
        made = ServedFeed(f"{self.url}/{path}", title)
        self._feeds[path] = made
        return made

    def site(self, path: str, html: str) -> str:
        """A page; its address."""
        self._pages[path] = html.encode()
        return f"{self.url}/{path}"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if (feed := self._feeds.get(path)) is not None:
            return await feed.serve(request)
        if (page := self._pages.get(path)) is not None:
            return web.Response(body=page, content_type="text/html")
        return web.Response(status=404)


@contextlib.asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[str]:
    """The address of a host that sends these bytes, one after the other and the last again, whatever it is asked.

    For what no library for servers would send.
    """
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(left.pop(0) if len(left) > 1 else left[0])
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"


@contextlib.asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """A host that answers with the path and query that it was asked for, down to the bytes; without a slash at the end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(asked), asked))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
