"""Fetching from a real loopback host."""

import tracemalloc

import pytest

from bot.model import FailureKind, Fetched, NotModified
from tests.feeds.asking import Settings as Settings  # noqa: PLC0414 - other tests take it from here
from tests.feeds.asking import ask, failure
from tests.wire.feedserver import FeedServer


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


async def test_hosts_are_told_who_asks(server: FeedServer) -> None:
    feed = server.feed("blog")
    await ask(feed.url, settings=Settings(user_agent="Riverpost/9 (+mailto:ann@example.org)"))
    headers = feed.requests[0].headers
    assert headers["User-Agent"] == "Riverpost/9 (+mailto:ann@example.org)"
    assert {"Cookie", "Referer", "From"}.isdisjoint(headers)


async def test_a_304_that_nobody_asked_for_is_no_answer(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.answer_with(status=304)
    assert (await failure(feed.url)).status == 304


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, FailureKind.HTTP), (410, FailureKind.GONE), (429, FailureKind.THROTTLED), (500, FailureKind.HTTP)],
)
async def test_a_refusal_has_its_kind(server: FeedServer, status: int, kind: FailureKind) -> None:
    feed = server.feed("blog")
    feed.answer_with(status=status)
    found = await failure(feed.url)
    assert (found.kind, found.status) == (kind, status)


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
