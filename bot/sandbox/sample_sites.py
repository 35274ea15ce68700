"""The sample feeds: a few made-up sites whose articles come out one after the other, served on loopback."""

import dataclasses
import hashlib
import html
import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from importlib import resources
from typing import Self
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from bot.clock import Clock

SITES = ("network", "cloud", "podcast")
FIRST = 2
"""Articles of each site that are out before the start."""
EVERY = timedelta(seconds=25)
"""A new article comes out this often, at each site in turn."""
LISTED = 12
"""Articles that a feed lists, the newest."""
MEDIA_TYPES = {"png": "image/png", "wav": "audio/wav"}


@dataclass(frozen=True)
class SampleArticle:
    """`minutes` is the length of an episode; None for what is only read."""

    slug: str
    title: str
    html: str
    categories: tuple[str, ...]
    picture: str | None
    minutes: int | None


@dataclass(frozen=True)
class SampleSite:
    """One made-up site. Its articles come out in their order here."""

    name: str
    title: str
    description: str
    author: str
    articles: tuple[SampleArticle, ...]


@dataclass(frozen=True)
class Published:
    """An article that is out."""

    article: SampleArticle
    at: datetime


def load() -> tuple[SampleSite, ...]:
    """The sites that are shipped with the bot."""
    return tuple(_site(name) for name in SITES)


def _site(name: str) -> SampleSite:
    text = (resources.files("bot.sandbox") / "feeds" / f"{name}.toml").read_text("utf-8")
    data = tomllib.loads(text)
    articles = tuple(
        SampleArticle(
            slug=each["slug"],
            title=each["title"],
            html=each["html"].strip(),
            categories=tuple(each["categories"]),
            picture=each.get("picture"),
            minutes=each.get("minutes"),
        )
        for each in data["articles"]
    )
    return SampleSite(name, data["title"], data["description"], data["author"], articles)


def files() -> dict[str, bytes]:
    """Pictures and sounds by file name."""
    folder = resources.files("bot.sandbox") / "pictures"
    return {
        entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.rpartition(".")[2] in MEDIA_TYPES
    }


def published(site: SampleSite, *, turn: int, turns: int, started: datetime, now: datetime) -> tuple[Published, ...]:
    """What of `site` is out at `now`, newest first. When all articles are out they come again, as a second part and so on.

    Args:
        turn: the site's place in the round of `turns` sites, from 0.
        started: `FIRST` articles of every site came out a little earlier, the others follow `EVERY` so often in turn.
    """
    out: list[Published] = []
    for number in itertools.count():
        if number < FIRST:
            at = started - timedelta(seconds=70 + 10 * (FIRST - number) - turn)
        else:
            at = started + EVERY * ((number - FIRST) * turns + turn + 1)
        if at > now:
            break
        part, place = divmod(number, len(site.articles))
        out.append(Published(_part(site.articles[place], part + 1), at))
    return tuple(reversed(out))


def _part(article: SampleArticle, part: int) -> SampleArticle:
    if part == 1:
        return article
    note = f"<p>Part {part} of what we wrote about this.</p>"
    return dataclasses.replace(
        article,
        slug=f"{article.slug}-{part}",
        title=f"{article.title}, part {part}",
        html=f"{article.html}\n{note}",
    )


def rss(site: SampleSite, out: Sequence[Published], *, base: str) -> str:
    """The site's feed. `base` is the address of the server, without a slash at the end."""
    home = f"{base}/{site.name}/"
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">\n<channel>\n'
        f"<title>{escape(site.title)}</title><link>{home}</link><description>{escape(site.description)}</description>"
        f"<image><url>{base}/files/{site.name}.png</url><title>{escape(site.title)}</title><link>{home}</link></image>\n"
    )
    return head + "\n".join(_item(site, each, base) for each in out) + "\n</channel>\n</rss>\n"


def _item(site: SampleSite, out: Published, base: str) -> str:
    article = out.article
    link = f"{base}/{site.name}/{article.slug}"
    categories = "".join(f"<category>{escape(name)}</category>" for name in article.categories)
    episode = ""
    if article.minutes is not None:
        episode = (
            f'<enclosure url={quoteattr(f"{base}/files/chime.wav")} length="1" type="audio/wav"/>'
            f"<itunes:duration>{article.minutes * 60}</itunes:duration>"
        )
    return (
        f'<item><title>{escape(article.title)}</title><link>{link}</link><guid isPermaLink="true">{link}</guid>'
        f"<pubDate>{format_datetime(out.at)}</pubDate><dc:creator>{escape(site.author)}</dc:creator>"
        f"{categories}{episode}<description>{escape(_picture(article, base) + article.html)}</description></item>"
    )


def _picture(article: SampleArticle, base: str) -> str:
    if article.picture is None:
        return ""
    return f'<img src="{base}/files/{article.picture}" alt="" width="960" height="480">\n'


class SampleServer:
    """Serves the sample sites at `address` of 127.0.0.1 between entering and leaving."""

    def __init__(self, sites: Sequence[SampleSite], clock: Clock) -> None:
        self.sites = tuple(sites)
        self.files: Mapping[str, bytes] = files()
        self._clock = clock
        self._started = clock.now()

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/", self._front)
        application.router.add_get("/files/{name}", self._file)
        application.router.add_get("/{site}/", self._home)
        application.router.add_get("/{site}/feed.xml", self._feed)
        application.router.add_get("/{site}/{slug}", self._article)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        _, port = self._runner.addresses[0][:2]
        self.address = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def feed_url(self, site: SampleSite) -> str:
        return f"{self.address}/{site.name}/feed.xml"

    def pictures(self) -> dict[str, tuple[str, bytes]]:
        """File name and bytes of every picture, by its address."""
        return {
            f"{self.address}/files/{name}": (name, data) for name, data in self.files.items() if name.endswith(".png")
        }

    def _site(self, request: web.Request) -> tuple[SampleSite, tuple[Published, ...]]:
        for turn, site in enumerate(self.sites):
            if site.name == request.match_info["site"]:
                now = self._clock.now()
                return site, published(site, turn=turn, turns=len(self.sites), started=self._started, now=now)
        raise web.HTTPNotFound

    async def _feed(self, request: web.Request) -> web.Response:
        site, out = self._site(request)
        text = rss(site, out[:LISTED], base=self.address)
        tag = hashlib.sha256(text.encode()).hexdigest()[:16]
        headers = {"ETag": f'"{tag}"'}
        if any(known.value == tag for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(text=text, content_type="application/rss+xml", headers=headers)

    async def _front(self, _: web.Request) -> web.Response:
        items = "".join(
            f'<li><a href="/{site.name}/">{html.escape(site.title)}</a>: {html.escape(site.description)}</li>'
            for site in self.sites
        )
        return self._page("Sample sites", f"<ul>{items}</ul>", self.sites)

    async def _home(self, request: web.Request) -> web.Response:
        site, out = self._site(request)
        items = "".join(
            f'<li><a href="/{site.name}/{each.article.slug}">{html.escape(each.article.title)}</a></li>' for each in out
        )
        return self._page(site.title, f"<p>{html.escape(site.description)}</p><ul>{items}</ul>", [site])

    async def _article(self, request: web.Request) -> web.Response:
        site, out = self._site(request)
        for each in out:
            if each.article.slug == request.match_info["slug"]:
                body = _picture(each.article, self.address) + each.article.html
                return self._page(each.article.title, body, [site])
        raise web.HTTPNotFound

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[name], content_type=MEDIA_TYPES[name.rpartition(".")[2]])

    def _page(self, title: str, body: str, sites: Sequence[SampleSite]) -> web.Response:
        feeds = "".join(
            f'<link rel="alternate" type="application/rss+xml" title={quoteattr(site.title)}'
            f' href="/{site.name}/feed.xml">'
            for site in sites
        )
        text = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>{feeds}'
            "<style>body{font:17px/1.6 system-ui;max-width:42rem;margin:3rem auto;padding:0 1rem}"
            "img{max-width:100%;height:auto}</style>"
            f"<h1>{html.escape(title)}</h1>{body}"
        )
        return web.Response(text=text, content_type="text/html")
