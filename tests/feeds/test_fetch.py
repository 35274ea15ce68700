"""Fetching from a real loopback host."""

import gzip
import random
import threading
import tracemalloc
from collections.abc import Callable
from hashlib import blake2b

import brotli
import pytest

from bot.feeds import inflate
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


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("", bytes), ("gzip", gzip.compress), ("br", brotli.compress)],
    ids=["plain", "gzip", "br"],
)
@pytest.mark.parametrize(("kilobytes", "aside"), [(100, False), (2000, True)])
async def test_a_large_body_is_inflated_beside_the_event_loop(
    server: FeedServer,
    monkeypatch: pytest.MonkeyPatch,
    encoding: str,
    compress: Callable[[bytes], bytes],
    kilobytes: int,
    *,
    aside: bool,
) -> None:
    usual, threads = inflate.ENCODINGS[encoding], set[int]()

    def watched(limit: int) -> inflate.Inflater:
        inflater = usual(limit)
        feed = inflater.feed

        def watch(data: bytes) -> None:
            threads.add(threading.get_ident())
            feed(data)

        monkeypatch.setattr(inflater, "feed", watch)
        return inflater

    monkeypatch.setitem(inflate.ENCODINGS, encoding, watched)
    body = random.Random(1).randbytes(kilobytes * 500).hex().encode()
    feed = server.feed("blog")
    feed.body(compress(body), content_type="text/xml", headers={"Content-Encoding": encoding} if encoding else {})
    found = await ask(feed.url, settings=Settings(max_body_megabytes=5))
    assert isinstance(found, Fetched)
    assert found.body == body
    assert found.digest == blake2b(body, digest_size=16).hexdigest()
    assert (threads != {threading.get_ident()}) is aside
