"""New articles without a picture get that of their page, and nothing that happens there holds one up or loses it."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.config.settings import STANDARD_SHARES, PollingSettings
from bot.feeds.http.fetcher import Fetcher
from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.polling.poll_loop import PollJob
from bot.model import Article, ClaimedFeed, Enclosure, MatchedEntry
from bot.services.sources.article_images import MAX_PAGES, ArticleImageFinder
from bot.services.sources.ingest import Ingest
from bot.store import Store
from tests.builders import START, at, new, read_outcome
from tests.fakes import FakeClock, InlineParser
from tests.feeds.http.test_fetcher import Settings
from tests.opening import open_store
from tests.standins import nothing
from tests.wire.feedserver import FeedServer, ServedFeed


def page(picture: str) -> bytes:
    return f'<html><head><meta property="og:image" content="{picture}"></head><body>{"x" * 1000}</body></html>'.encode()


@dataclass
class World:
    server: FeedServer
    fetcher: Fetcher
    store: Store
    feed: ClaimedFeed

    def illustrator(self, *, backfill: int = 1, deadline_seconds: float = 5) -> ArticleImageFinder:
        return ArticleImageFinder(self.fetcher, self.store, backfill=backfill, deadline_seconds=deadline_seconds)

    def article_page(self, number: int, picture: str | None = None) -> ServedFeed:
        """A page at the loopback host."""
        served = self.server.feed(f"article/{number}")
        served.body(page(picture or f"/picture/{number}.jpg"), content_type="text/html")
        return served

    def linked(self, number: int, **changes: object) -> MatchedEntry:
        item = new(number, published=at(number), position=number)
        link = f"{self.server.url}/article/{number}"
        return replace(item, entry=replace(item.parsed, link=link, **changes))  # type: ignore[arg-type]

    async def pictures(
        self, *listed: MatchedEntry, feed: ClaimedFeed | None = None, illustrator: ArticleImageFinder | None = None
    ) -> list[str | None]:
        feed = feed or self.feed
        outcome = await (illustrator or self.illustrator()).illustrate(feed, read_outcome(feed, *listed))
        return [(item.parsed.image_url or "").removeprefix(self.server.url) or None for item in outcome.listed]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with FeedServer() as server, Fetcher(Settings(), SystemClock()) as fetcher:
        store = await open_store(f"sqlite:///{tmp_path}/a.db", now=START, default_backfill=1)
        await store.topics.declare(
            guild_id=1, name="t", channel_id=2, feed_urls=[f"{server.url}/feed"], backfill=None, now=START
        )
        (feed,) = await store.feeds.claim_due(now=START, limit=1)
        yield World(server, fetcher, store, replace(feed, has_entries=True))
        await store.close()


async def test_a_new_article_gets_the_picture_of_its_page(world: World) -> None:
    served = world.article_page(1)
    assert await world.pictures(world.linked(1)) == ["/picture/1.jpg"]
    assert served.requests[0].headers["Accept"].startswith("text/html")


async def test_an_article_with_a_picture_and_a_known_one_cost_no_request(world: World) -> None:
    served = [world.article_page(number) for number in (1, 2, 3, 4)]
    known = replace(world.linked(2), known_id=7)
    skipped = replace(world.linked(3), skip_reason="archive")
    episode = world.linked(4, enclosure=Enclosure("https://a.test/1.mp3", "audio/mpeg"))
    shown = await world.pictures(world.linked(1, image_url="https://a.test/own.jpg"), known, skipped, episode)
    assert shown == ["https://a.test/own.jpg", None, None, None]
    assert [one.requests for one in served] == [[], [], [], []]


async def test_of_many_new_articles_only_the_newest_are_looked_up(world: World) -> None:
    served = [world.article_page(number) for number in range(MAX_PAGES + 3)]
    shown = await world.pictures(*(world.linked(number) for number in range(MAX_PAGES + 3)))
    assert [picture is not None for picture in shown] == [False] * 3 + [True] * MAX_PAGES
    assert sum(len(one.requests) for one in served) == MAX_PAGES


async def test_of_a_feed_that_is_read_for_the_first_time_only_the_sample_is_looked_up(world: World) -> None:
    for number in range(4):
        world.article_page(number)
    first = replace(world.feed, has_entries=False)
    shown = await world.pictures(*map(world.linked, range(4)), feed=first, illustrator=world.illustrator(backfill=2))
    assert [picture is not None for picture in shown] == [False, False, True, True]
    assert await world.pictures(world.linked(0), feed=first, illustrator=world.illustrator(backfill=0)) == [None]


async def test_what_goes_wrong_on_a_page_leaves_its_article_without_a_picture(world: World) -> None:
    world.article_page(1)
    world.server.feed("article/2").answer_with(status=500)
    world.server.feed("article/3").redirect(f"{world.server.url}/article/3", 302)
    world.server.feed("article/4").answer_with(status=200, headers={"Content-Encoding": "gzip"}, body=b"no gzip")
    listed = [world.linked(number) for number in range(1, 5)]
    nowhere = replace(listed[0], uid="x", entry=replace(listed[0].parsed, link="http://127.0.0.1:9/x"))
    assert await world.pictures(*listed, nowhere) == ["/picture/1.jpg", None, None, None, None]


async def test_a_private_address_is_not_asked(world: World) -> None:
    served = world.article_page(1)
    async with Fetcher(Settings(allow_private_networks=False), SystemClock()) as guarded:
        illustrator = ArticleImageFinder(guarded, world.store, backfill=1)
        assert await world.pictures(world.linked(1), illustrator=illustrator) == [None]
    assert served.requests == []


async def test_a_page_that_hangs_costs_the_deadline_and_only_its_own_picture(world: World) -> None:
    async with FeedServer() as slow:
        slow.feed("article/1").hang()
        world.article_page(2)
        hanging = replace(world.linked(1), entry=replace(world.linked(1).parsed, link=f"{slow.url}/article/1"))
        before = time.monotonic()
        shown = await world.pictures(hanging, world.linked(2), illustrator=world.illustrator(deadline_seconds=1.5))
        assert time.monotonic() - before < 4.5, "a host is given 5 s"
        assert shown == [None, "/picture/2.jpg"]


async def test_only_the_beginning_of_a_page_is_taken(world: World) -> None:
    world.server.feed("article/1").endless()
    world.server.feed("article/2").gzip_bomb(50)
    large = page("/picture/3.jpg") + b"y" * 5_000_000
    world.server.feed("article/3").body(large, content_type="text/html")
    world.server.feed("article/4").body(
        gzip.compress(page("/picture/4.jpg") + b"y" * 5_000_000),
        content_type="text/html",
        headers={"Content-Encoding": "gzip"},
    )
    listed = [world.linked(number) for number in range(1, 5)]
    assert await world.pictures(*listed) == [None, None, "/picture/3.jpg", "/picture/4.jpg"]


async def test_a_picture_that_several_pages_name_is_the_sites_and_not_theirs(world: World) -> None:
    for number in (1, 2):
        world.article_page(number, "/share.jpg")
    world.article_page(3)
    assert await world.pictures(*map(world.linked, (1, 2, 3))) == [None, None, "/picture/3.jpg"]


async def test_a_picture_that_an_earlier_article_of_the_feed_has_is_not_used_again(world: World) -> None:
    earlier = world.linked(9, image_url=f"{world.server.url}/share.jpg")
    await world.store.entries.apply(read_outcome(world.feed, earlier))
    world.article_page(1, "/share.jpg")
    world.article_page(2)
    assert await world.pictures(world.linked(1), world.linked(2)) == [None, "/picture/2.jpg"]


async def test_the_icon_of_the_feed_is_no_picture_of_an_article(world: World) -> None:
    world.article_page(1, "/icon-card.png?v=2")
    outcome = read_outcome(world.feed, world.linked(1), icon_url=f"{world.server.url}/icon-card.png")
    illustrated = await world.illustrator().illustrate(world.feed, outcome)
    assert illustrated.listed[0].parsed.image_url is None


# --- in a poll -----------------------------------------------------------------------------------------


def poll_job(world: World, illustrator: ArticleImageFinder | None) -> PollJob:
    clock = FakeClock(START)
    intake = Ingest(world.store, PollingSettings(), clock, illustrator=illustrator)
    return PollJob(
        world.store,
        world.fetcher,
        InlineParser(),
        intake,
        PollingSettings(),
        clock,
        on_queued=lambda: None,
        on_room=nothing,
        step=unobserved,
        shares=STANDARD_SHARES,
    )


async def poll(job: PollJob, world: World) -> tuple[Article, ...]:
    await world.store.feeds.void_leases()
    await job.round()
    await asyncio.gather(*job._tasks)
    await world.store.entries.drain()
    return await world.store.entries.newest(world.feed.id, 10)


async def test_a_poll_stores_the_article_with_the_picture_of_its_page(world: World) -> None:
    feed = world.server.feed("feed")
    feed.publish("One", link=f"{world.server.url}/article/1")
    served = world.article_page(1)
    (article,) = await poll(poll_job(world, world.illustrator()), world)
    assert article.image_url == f"{world.server.url}/picture/1.jpg"
    assert len(served.requests) == 1


async def test_without_the_setting_no_page_is_asked(world: World) -> None:
    feed = world.server.feed("feed")
    feed.publish("One", link=f"{world.server.url}/article/1")
    served = world.article_page(1)
    (article,) = await poll(poll_job(world, None), world)
    assert article.image_url is None
    assert served.requests == []


async def test_a_poll_that_ends_while_a_page_is_asked_loses_nothing(world: World) -> None:
    feed = world.server.feed("feed")
    feed.publish("One", link=f"{world.server.url}/article/1")
    hanging = world.server.feed("article/1")
    hanging.hang()
    job = poll_job(world, world.illustrator(deadline_seconds=60))
    await world.store.feeds.void_leases()
    await job.round()
    async with asyncio.timeout(30):
        await hanging.asked.wait()
    await job.close()
    assert await world.store.entries.newest(world.feed.id, 10) == ()
    hanging.body(page("/late.jpg"), content_type="text/html")
    (article,) = await poll(poll_job(world, world.illustrator()), world)
    assert article.image_url == f"{world.server.url}/late.jpg"
