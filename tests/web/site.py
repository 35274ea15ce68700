"""A server's pages as a visitor reaches them: the real web server over a real database, and what Discord would say."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import sqlalchemy as sa

from bot.clock import SystemClock
from bot.config.settings import LimitsSettings
from bot.config.web_settings import WebSettings
from bot.model import Topic, WebAccess
from bot.services.publishing.publish_topic import Publishing
from bot.services.publishing.published_river import PublishedRivers
from bot.store import Store
from bot.web.server import WebServer

GUILD, OTHER_GUILD = 100_000_000_000_000_001, 100_000_000_000_000_002
NEWEST = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
HOUR = 3_600_000


@dataclass
class FakeServers:
    """Says of servers what a test wants."""

    names: dict[int, str] = field(default_factory=lambda: {GUILD: "Harbour", OTHER_GUILD: "Elsewhere"})
    hidden: set[int] = field(default_factory=set)
    """Channels that @everyone does not see."""

    def hide(self, channel_id: int) -> None:
        self.hidden.add(channel_id)

    def forget(self, guild_id: int) -> None:
        """As before the gateway told of it."""
        del self.names[guild_id]

    def name_of(self, guild_id: int) -> str | None:
        return self.names.get(guild_id)

    def everyone_views(self, guild_id: int, channel_id: int) -> bool | None:
        return None if guild_id not in self.names else channel_id not in self.hidden


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Site:
    """Verbs of an admin, of the feeds, and of a visitor."""

    def __init__(self, store: Store, servers: FakeServers, publishing: Publishing, rivers: PublishedRivers) -> None:
        self.store, self.servers, self.publishing, self.rivers = store, servers, publishing, rivers
        self.web: WebServer
        self.client: aiohttp.ClientSession
        self.root = ""
        """Of the river that a test is about."""
        self._entries = 0

    async def topic(self, name: str, *feeds: str, guild: int = GUILD, channel: int = 7) -> Topic:
        """A topic that follows these addresses."""
        made = await self.store.topics.create(
            guild_id=guild, name=name, channel_id=channel, colour=None, created_by=1, limit=50, now=NEWEST
        )
        assert made is not None
        for url in feeds:
            feed = await self._feed(url)
            await self._run(
                "INSERT INTO subscriptions (topic_id, feed_id, added_at) VALUES (:t, :f, 0)", t=made.id, f=feed
            )
        return made

    async def article(self, feed: str, title: str, *, hours_old: int = 0, **fields: Any) -> int:
        """Something that a feed brought."""
        self._entries += 1
        at = int(NEWEST.timestamp() * 1000) - hours_old * HOUR
        values = {
            "feed_id": await self._feed(feed),
            "uid": f"u{self._entries}",
            "content_key": f"c{self._entries}",
            "title": title,
            "link": f"https://articles.example/{self._entries}",
            "summary_html": f"<p>Words about {title}.</p>",
            "text": f"Words about {title}.",
            "position": 0,
            "seen_at": at,
            "sort_at": at,
            "published_at": at,
            "categories": "[]",
        } | {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in fields.items()}
        columns = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        return await self._run(f"INSERT INTO entries ({columns}) VALUES ({places})", **values)

    async def publish(self, topic: Topic, access: WebAccess = WebAccess.PUBLIC) -> str:
        """The last part of its address."""
        found = await self.publishing.publish(topic, access, by=1)
        return found.name if found is not None else ""

    async def get(self, path: str, **headers: str) -> Answer:
        """Without following redirects; compressed only where `headers` ask for it."""
        asked = {"Accept-Encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.get(self.web.base_url + path, headers=asked, allow_redirects=False) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def _feed(self, url: str) -> int:
        known = await self._scalar("SELECT id FROM feeds WHERE url = :u", u=url)
        if known is not None:
            return int(known)
        title = url.rpartition("/")[2] or "Feed"
        return await self._run(
            "INSERT INTO feeds (url, host, title, site_url, next_poll_at) VALUES (:u, 'h', :t, 'https://site.example/', 0)",
            u=url,
            t=title,
        )

    async def _run(self, statement: str, **values: Any) -> int:
        async with self.store._database.write() as connection:
            return int((await connection.execute(sa.text(statement), values)).lastrowid or 0)

    async def _scalar(self, statement: str, **values: Any) -> Any:
        async with self.store._database.read() as connection:
            return await connection.scalar(sa.text(statement), values)


@asynccontextmanager
async def site_of(store: Store, *, language: str | None = None, **settings: Any) -> AsyncIterator[Site]:
    """Pages are made anew for each request unless `cache_seconds` says otherwise."""
    clock, servers = SystemClock(), FakeServers()
    rivers = PublishedRivers(store, servers, LimitsSettings(), clock)
    publishing = Publishing(store, clock)
    publishing.on_change = rivers.changed

    async def spoken(_guild_id: int) -> str | None:
        return language

    site = Site(store, servers, publishing, rivers)
    wanted = WebSettings(enabled=True, listen="127.0.0.1:0", **({"cache_seconds": 0} | settings))
    async with (
        WebServer(rivers, wanted, clock, language=spoken) as site.web,
        aiohttp.ClientSession(auto_decompress=False) as site.client,
    ):
        publishing.public_url = site.web.base_url
        yield site
