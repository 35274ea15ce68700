"""Importing as the bot does it: a real store, real requests to loopback hosts, a person who is told privately."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

from bot.clock import Clock, SystemClock
from bot.config.settings import FetchSettings, LimitsSettings, PollingSettings
from bot.feeds.http.fetcher import Fetcher
from bot.feeds.incremental.new_entries import Parser
from bot.jobs.feed_import_loop import FeedImportJob
from bot.services.sources.ingest import Ingest
from bot.services.transfer.import_checks import Checking
from bot.services.transfer.importer import Begun, Importing, anybody
from bot.store import Store
from tests.fakes import FakePermits, InlineParser
from tests.opening import open_store

GUILD, CHANNEL, PERSON = 1, 10, 7


@dataclass
class Mailbox:
    """Takes private messages; `refuse` makes it answer as if Discord could not be reached."""

    letters: list[tuple[int, str, tuple[str, bytes] | None]] = field(default_factory=list)
    reachable: bool = True

    async def tell(self, person: int, text: str, file: tuple[str, bytes] | None) -> bool:
        if self.reachable:
            self.letters.append((person, text, file))
        return self.reachable


@dataclass
class Importer:
    """One process of the bot, as far as importing goes."""

    store: Store
    importing: Importing
    job: FeedImportJob
    mailbox: Mailbox
    permits: FakePermits

    async def begin(
        self,
        body: bytes,
        *,
        topic: str | None = "News",
        folders: bool = False,
        guild: int = GUILD,
        channel: int = CHANNEL,
        language: str | None = None,
    ) -> Begun:
        return await self.importing.begin(
            guild_id=guild,
            viewer=None,
            channel_id=channel,
            body=body,
            topic=topic,
            folders=folders,
            added_by=PERSON,
            language=language,
            allow=anybody,
        )

    async def until(self, import_id: int, done: int) -> None:
        """Wait until so many feeds of a list are settled."""
        async with asyncio.timeout(20):
            while (await self.importing.tally(import_id)).done < done:  # noqa: ASYNC110 - what is stored is meant
                await asyncio.sleep(0.01)

    async def follows(self, topic: str, guild: int = GUILD) -> set[str]:
        """The addresses that a topic follows; empty if there is no such topic."""
        found = await self.store.topics.get(guild, topic)
        if found is None:
            return set()
        sources = await self.store.topics.sources(guild, found.id, now=SystemClock().now())
        return {source.url.reveal() for source in sources}


@contextlib.asynccontextmanager
async def importer(
    path: Path,
    *,
    clock: Clock | None = None,
    limits: LimitsSettings | None = None,
    parser: Parser | None = None,
    timeout_seconds: float = 5,
) -> AsyncIterator[Importer]:
    """On the database of this path; two after each other are a restart."""
    time, limits = clock or SystemClock(), limits or LimitsSettings()
    store = await open_store(f"sqlite:///{path}", now=time.now(), default_backfill=1)
    settings = FetchSettings(allow_private_networks=True, per_host_interval_seconds=0, timeout_seconds=timeout_seconds)
    try:
        async with Fetcher(settings, SystemClock()) as fetcher:

            def wake() -> None:
                job.wake()

            importing = Importing(store, time, on_begun=wake)
            mailbox, permits = Mailbox(), FakePermits()
            intake = Ingest(store, PollingSettings(), time)
            checking = Checking(
                store,
                fetcher,
                parser or InlineParser(),
                intake,
                limits,
                time,
                permits,
                hosts_per_day=limits.imported_hosts_per_day,
            )
            job = FeedImportJob(store, checking, importing, time, teller=mailbox)
            yield Importer(store, importing, job, mailbox, permits)
    finally:
        await store.close()


def opml(feeds: Sequence[str | tuple[str, Sequence[str]]], title: str = "My feeds") -> bytes:
    """A list of feeds by their addresses; a pair is a folder with such."""
    body = "".join(_outline(each) for each in feeds)
    return f'<opml version="2.0"><head><title>{title}</title></head><body>{body}</body></opml>'.encode()


def _outline(each: str | tuple[str, Sequence[str]]) -> str:
    if isinstance(each, str):
        return f'<outline type="rss" text={quoteattr(each.rpartition("/")[2])} xmlUrl={quoteattr(each)}/>'
    name, feeds = each
    return f"<outline text={quoteattr(name)}>{''.join(_outline(feed) for feed in feeds)}</outline>"
