"""A feed that fails for long is looked for on its site: seldom, politely, and only offered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.feeds.discovery.feed_finder import Discovery
from bot.feeds.http.fetcher import Fetcher
from bot.feeds.parsing import feed_parser
from bot.jobs.polling.rediscover import IDLE_SECONDS, NEXT_SECONDS, RediscoverJob, where_to_look
from bot.model import ClaimedFeed, FailureKind, FetchAddress, FetchFailed, LostFeed, ParsedFeed, PollKind, SourceStatus
from bot.store import Store
from tests.builders import START, read_outcome
from tests.fakes import FakeClock
from tests.feeds.http.test_fetcher import Settings
from tests.opening import open_store
from tests.wire.feedserver import FeedServer

WEEK = 7 * 24 * 3600.0


class Reader:
    """Reads documents in this process."""

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        return feed_parser.read(body, url, content_type)


@dataclass
class Site:
    """A followed feed on a loopback host, and the job that looks for it."""

    server: FeedServer
    store: Store
    clock: FakeClock
    job: RediscoverJob
    feed: ClaimedFeed

    async def works(self) -> None:
        self.clock.advance(60)
        await self.store.entries.apply(
            read_outcome(self.feed, now=self.clock.now(), site_url=f"{self.server.url}/", title="A blog")
        )

    async def fails(self, times: int = 1, *, kind: PollKind = PollKind.FAILED) -> None:
        for _ in range(times):
            self.clock.advance(60)
            failure = FetchFailed(FailureKind.HTTP, "There is nothing at this address (404).", 404)
            await self.store.entries.apply(
                read_outcome(self.feed, now=self.clock.now(), kind=kind, failure=failure, reason="404")
            )

    async def looks(self) -> bool:
        """One round; whether a site was searched."""
        self.clock.advance(1)
        return await self.job.round() == NEXT_SECONDS

    async def status(self) -> SourceStatus:
        [found] = await self.store.topics.sources(1, now=self.clock.now())
        return found

    async def offer(self) -> str | None:
        return (await self.status()).suggested_url


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    clock = FakeClock(START)
    store = await open_store(f"sqlite:///{tmp_path}/a.db", now=START)
    async with FeedServer() as server, Fetcher(Settings(), SystemClock()) as fetcher:
        topic = await store.topics.create(guild_id=1, name="News", channel_id=2, now=START)
        assert topic is not None
        feed = await store.feeds.ensure(f"{server.url}/old.xml", now=START)
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        job = RediscoverJob(store, Discovery(fetcher, Reader(), urgent=False), clock)
        made = Site(server, store, clock, job, feed)
        await made.works()
        yield made
    await store.close()


def declares(site: Site, *paths: str) -> None:
    site.server.site("", "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in paths))


async def test_after_five_failures_the_site_is_searched_and_its_feed_offered(site: Site) -> None:
    site.server.feed("new.xml", title="A blog").publish("One")
    declares(site, "/new.xml")
    await site.fails(4)
    assert not await site.looks()
    await site.fails()
    assert await site.looks()
    assert await site.offer() == f"{site.server.url}/new.xml"
    assert (await site.status()).url == f"{site.server.url}/old.xml", "nothing is switched by itself"


async def test_the_search_is_repeated_weekly_and_no_sooner(site: Site) -> None:
    await site.fails(5)
    assert await site.looks()
    assert await site.offer() is None
    site.clock.advance(WEEK - 3600)
    assert not await site.looks()
    site.server.feed("new.xml").publish("One")
    declares(site, "/new.xml")
    site.clock.advance(7200)
    assert await site.looks()
    assert await site.offer() == f"{site.server.url}/new.xml"


async def test_a_feed_that_works_again_offers_nothing_and_starts_anew(site: Site) -> None:
    site.server.feed("new.xml").publish("One")
    declares(site, "/new.xml")
    await site.fails(5)
    assert await site.looks()
    await site.works()
    assert await site.offer() is None
    assert not await site.looks()
    await site.fails(5)
    assert await site.offer() is None, "what was found in earlier trouble says nothing about this"
    assert await site.looks()
    assert await site.offer() is not None


async def test_a_feed_that_is_gone_for_good_is_searched_for_once(site: Site) -> None:
    site.server.feed("new.xml").publish("One")
    declares(site, "/new.xml")
    await site.fails(kind=PollKind.GONE)
    assert await site.looks()
    assert await site.offer() == f"{site.server.url}/new.xml"
    site.clock.advance(2 * WEEK)
    assert not await site.looks()
    assert await site.offer() == f"{site.server.url}/new.xml"


async def test_the_feed_s_own_address_is_never_offered(site: Site) -> None:
    site.server.feed("old.xml").publish("One")
    site.server.feed("alias.xml").redirect(f"{site.server.url}/old.xml", status=302)
    declares(site, "/old.xml", "/alias.xml")
    await site.fails(5)
    assert await site.looks()
    assert await site.offer() is None


async def test_a_feed_without_articles_is_not_offered(site: Site) -> None:
    site.server.feed("empty.xml")
    declares(site, "/empty.xml")
    await site.fails(5)
    assert await site.looks()
    assert await site.offer() is None


async def test_what_nobody_follows_is_not_searched_for(site: Site) -> None:
    await site.fails(5)
    topic = await site.store.topics.get(1, "News")
    assert topic is not None
    await site.store.topics.unsubscribe(topic.id, site.feed.id, now=site.clock.now())
    assert await site.job.round() == IDLE_SECONDS


async def test_a_search_that_breaks_off_is_not_repeated_at_once(site: Site) -> None:
    class Broken:
        async def find(self, source: str) -> tuple[()]:
            raise RuntimeError(source)

    await site.fails(5)
    with pytest.raises(RuntimeError):
        await RediscoverJob(site.store, Broken(), site.clock).round()
    assert not await site.looks()


async def test_the_feeds_that_wait_longest_come_first_one_a_round(site: Site) -> None:
    topic = await site.store.topics.get(1, "News")
    assert topic is not None
    first = site.feed
    site.feed = await site.store.feeds.ensure(f"{site.server.url}/second.xml", now=START)
    await site.store.topics.subscribe(topic.id, site.feed.id, added_by=None, now=START)
    await site.fails(5)
    site.clock.advance(timedelta(hours=1).total_seconds())
    site.feed = first
    await site.fails(5)
    claimed = [await site.store.suggestions.claim_lost(now=site.clock.now()) for _ in range(3)]
    assert [feed.url.reveal().rpartition("/")[2] if feed else None for feed in claimed] == [
        "second.xml",
        "old.xml",
        None,
    ]


@pytest.mark.parametrize(
    ("url", "site_url", "expected"),
    [
        ("https://blog.example/feed", "https://www.blog.example/about", "https://www.blog.example/about"),
        ("https://blog.example/x/feed", None, "https://blog.example/"),
        ("https://blog.example/feed", "http://blog.example/feed/", "https://blog.example/"),
        ("https://me:secret@blog.example/feed", None, "https://blog.example/"),
        ("https://uni.example/~ann/rss.xml", None, "https://uni.example/~ann/"),
        ("https://medium.com/feed/@gone", None, None),
        ("https://feeds.feedburner.com/gone", None, None),
        ("https://medium.com/feed/@gone", "https://gone.example/", "https://gone.example/"),
    ],
)
def test_the_site_is_searched_else_the_front_page_if_it_is_one_person_s(
    url: str, site_url: str | None, expected: str | None
) -> None:
    assert where_to_look(LostFeed(1, FetchAddress(url), site_url)) == expected
