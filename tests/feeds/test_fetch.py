"""Fetching from a real loopback host."""

import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.clock import SystemClock
from bot.feeds.fetch import Fetcher
from bot.model import FailureKind, FeedRequest, Fetched, FetchFailed, FetchResult, NotModified
from tests.wire.feedserver import FeedServer


@dataclass(frozen=True)
class Settings:
    allow_private_networks: bool = True
    timeout_seconds: float = 5
    max_body_megabytes: float = 1
    per_host_interval_seconds: float = 0
    per_host_connections: int = 1
    user_agent: str = "riverpost-test"
    proxy: str | None = None


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


async def ask(url: str, *, etag: str | None = None, settings: Settings | None = None) -> FetchResult:
    async with Fetcher(settings or Settings(), SystemClock()) as fetcher:
        return await fetcher.fetch(FeedRequest(url, etag=etag))


async def failure(url: str, *, settings: Settings | None = None) -> FetchFailed:
    found = await ask(url, settings=settings)
    assert isinstance(found, FetchFailed)
    return found


async def test_a_feed_is_read_and_then_not_modified(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.publish("First")
    first = await ask(feed.url)
    assert isinstance(first, Fetched)
    assert first.body == feed.document()
    assert feed.requests[0].headers["A-IM"] == "feed"
    assert isinstance(await ask(feed.url, etag=first.etag), NotModified)
    feed.publish("Second")
    assert isinstance(await ask(feed.url, etag=first.etag), Fetched)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, FailureKind.HTTP), (410, FailureKind.GONE), (429, FailureKind.THROTTLED), (500, FailureKind.HTTP)],
)
async def test_a_refusal_has_its_kind(server: FeedServer, status: int, kind: FailureKind) -> None:
    feed = server.feed("blog")
    feed.answer_with(status=status)
    found = await failure(feed.url)
    assert (found.kind, found.status) == (kind, status)


async def test_only_permanent_redirects_move_a_feed(server: FeedServer) -> None:
    target, old = server.feed("new"), server.feed("old")
    for status, moved_to in ((301, target.url), (308, target.url), (302, None), (307, None)):
        old.redirect(target.url, status)
        found = await ask(old.url)
        assert isinstance(found, Fetched)
        assert (found.url, found.moved_to) == (target.url, moved_to)


async def test_a_circle_of_redirects_ends(server: FeedServer) -> None:
    feed = server.feed("circle")
    feed.redirect(feed.url)
    assert (await failure(feed.url)).kind is FailureKind.REDIRECTS
    assert len(feed.requests) == 6


async def test_a_throttled_host_is_not_asked_again(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.answer_with(status=429, headers={"Retry-After": "120"})
    async with Fetcher(Settings(), SystemClock()) as fetcher:
        for _ in range(2):
            found = await fetcher.fetch(FeedRequest(feed.url))
            assert isinstance(found, FetchFailed)
            assert found.kind is FailureKind.THROTTLED
    assert len(feed.requests) == 1


async def test_a_silent_host_times_out(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.hang()
    found = await failure(feed.url, settings=Settings(timeout_seconds=0.1))
    assert (found.kind, found.message) == (FailureKind.TIMEOUT, "The host did not answer within 0.1 s.")


async def test_an_endless_body_is_cut_off(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.endless()
    assert (await failure(feed.url)).kind is FailureKind.TOO_LARGE


async def test_a_bomb_costs_its_limit_and_no_more(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.gzip_bomb(200)
    tracemalloc.start()
    try:
        assert (await failure(feed.url)).kind is FailureKind.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


async def test_a_private_address_is_refused_before_connecting(server: FeedServer) -> None:
    feed = server.feed("blog")
    for host in ("127.0.0.1", "localhost", "0x7f.1"):
        url = feed.url.replace("127.0.0.1", host)
        assert (await failure(url, settings=Settings(allow_private_networks=False))).kind is FailureKind.BLOCKED_ADDRESS
    assert feed.requests == []


async def test_a_number_that_stands_for_a_private_address_never_reaches_it(server: FeedServer) -> None:
    feed = server.feed("blog")
    for host in ("127.1", "2130706433"):
        await failure(feed.url.replace("127.0.0.1", host), settings=Settings(allow_private_networks=False))
    assert feed.requests == []


async def test_credentials_are_sent_and_never_shown(server: FeedServer) -> None:
    feed = server.feed("blog")
    found = await ask(feed.url.replace("http://", "http://ann:secret@"))
    assert isinstance(found, Fetched)
    assert found.url == feed.url
    assert feed.requests[0].headers["Authorization"] == "Basic YW5uOnNlY3JldA=="
