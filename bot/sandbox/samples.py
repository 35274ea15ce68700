"""A loopback web server with feeds that publish a new article every so often, for ever."""

import struct
import zlib
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Self
from xml.sax.saxutils import escape

from aiohttp import web

from bot.clock import Clock
from bot.sandbox.articles import FEEDS, SampleArticle, SampleFeed

EVERY = timedelta(seconds=20)
"""One article of one feed; the feeds take turns."""
AT_START = 2
SHOWN = 10


def picture(colour: tuple[int, int, int], *, width: int = 480, height: int = 160) -> bytes:
    """A PNG: `colour` fading towards white, with a darker band."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            shade = 0.7 if (x // 3 + y) % 97 < 9 else 1.0
            rows += bytes(int((part + (255 - part) * x / width * 0.6) * shade) for part in colour)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def published_at(started: datetime, turn: int, number: int) -> datetime:
    """When article `number` (from 0) of the feed with place `turn` comes out."""
    if number < AT_START:
        return started - timedelta(hours=AT_START - number)
    return started + EVERY * (turn + 1 + (number - AT_START) * len(FEEDS))


def document(feed: SampleFeed, turn: int, *, started: datetime, now: datetime, base: str) -> str:
    """The feed as RSS 2.0, newest first, as it is at `now`."""
    out = 0
    while published_at(started, turn, out) <= now:
        out += 1
    items = "".join(
        _item(feed, number, published_at(started, turn, number), base)
        for number in range(out - 1, max(out - 1 - SHOWN, -1), -1)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(feed.title)}</title><link>{base}/{feed.slug}/</link>"
        f"<description>A sample feed of the Riverpost sandbox</description>{items}</channel></rss>"
    )


def _titled(feed: SampleFeed, number: int) -> tuple[SampleArticle, str]:
    article = feed.articles[number % len(feed.articles)]
    part = number // len(feed.articles) + 1
    return article, article.title if part == 1 else f"{article.title}, Part {part}"


def _item(feed: SampleFeed, number: int, published: datetime, base: str) -> str:
    article, title = _titled(feed, number)
    link = f"{base}/{feed.slug}/{number + 1}"
    body = f'<p><img src="{base}/{feed.slug}.png" alt="" width="480" height="160"></p>' + "".join(
        f"<p>{paragraph}</p>" for paragraph in article.paragraphs
    )
    audio = f'<enclosure url="{link}.mp3" type="audio/mpeg" length="1048576"/>' if feed.audio else ""
    return (
        f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid>"
        f"<category>{escape(article.category)}</category><pubDate>{format_datetime(published)}</pubDate>"
        f"{audio}<description>{escape(body)}</description></item>"
    )


class SampleFeeds:
    """`async with` serves the feeds on a free port of 127.0.0.1."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.now()
        self._pictures = {feed.slug: picture(feed.colour) for feed in FEEDS}
        self._runner: web.AppRunner | None = None
        self.base = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{slug}.xml", self._feed)
        app.router.add_get("/{slug}.png", self._picture)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def address(self, feed: SampleFeed) -> str:
        return f"{self.base}/{feed.slug}.xml"

    def assets(self) -> dict[str, tuple[str, bytes]]:
        """Address of each picture -> file name and bytes, for a page that loads nothing from elsewhere."""
        return {f"{self.base}/{slug}.png": (f"{slug}.png", data) for slug, data in self._pictures.items()}

    async def _feed(self, request: web.Request) -> web.Response:
        for turn, feed in enumerate(FEEDS):
            if feed.slug == request.match_info["slug"]:
                text = document(feed, turn, started=self._started, now=self._clock.now(), base=self.base)
                return web.Response(text=text, content_type="application/rss+xml")
        raise web.HTTPNotFound

    async def _picture(self, request: web.Request) -> web.Response:
        data = self._pictures.get(request.match_info["slug"])
        if data is None:
            raise web.HTTPNotFound
        return web.Response(body=data, content_type="image/png")
