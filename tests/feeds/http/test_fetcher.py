"""Fetching from a real loopback host."""

import gzip
import random
import threading
import tracemalloc
from collections.abc import Callable
from functools import partial
from hashlib import blake2b

import brotli
import pytest

from bot.feeds.http import decompress
from bot.model import FailureKind, Fetched, FetchFailed, NotModified
from tests.feeds.asking import Settings as Settings  # noqa: PLC0414 - other tests take it from here
from tests.feeds.asking import ask, document, failure
from tests.wire.feedserver import FeedServer, answering, echoing


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


@pytest.mark.parametrize("body", [b"<html>Not modified</html>", b"0\r\n\r\n"], ids=["page", "end of no chunks"])
async def test_a_feed_whose_304_has_a_body_is_asked_for_without_conditions(body: bytes) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
    async with answering(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n' + body, whole) as url:
        found = await ask(url, etag='"1"')
    assert isinstance(found, Fetched)
    assert found.body == b"abc"


async def test_an_answer_that_makes_no_sense_is_not_asked_for_again_and_again() -> None:
    async with answering(b"nonsense\r\n\r\n") as url:
        for etag in ('"1"', None):
            assert (await ask(url, etag=etag)) == FetchFailed(
                FailureKind.BAD_ANSWER, "The host's answer broke off or made no sense."
            )


@pytest.mark.parametrize("odd", [b"M\xe4rz", b"a\x01b"], ids=["latin-1", "control character"])
async def test_a_validator_that_can_neither_be_stored_nor_sent_back_is_none(odd: bytes) -> None:
    head = b'HTTP/1.1 200 OK\r\nETag: "X"\r\nLast-Modified: Di, 03 X 2026\r\nContent-Length: 3\r\n\r\nabc'
    async with answering(head.replace(b"X", odd)) as url:
        found = await ask(url)
        assert isinstance(found, Fetched)
        assert (found.etag, found.last_modified) == (None, None)
        # Such a one may be stored from before.
        assert isinstance(await ask(url, etag='"a\x01b"', last_modified="a\x01b"), Fetched)


@pytest.mark.parametrize(
    "headers",
    [{"Content-Security-Policy": "img-src https://example.org; " * 700}, {f"X-{n}": "1" for n in range(200)}],
    ids=["long", "many"],
)
async def test_long_and_many_headers_are_no_failure(server: FeedServer, headers: dict[str, str]) -> None:
    feed = server.feed("blog")
    feed.with_headers(headers)
    assert isinstance(await ask(feed.url), Fetched)


@pytest.mark.parametrize(
    "path",
    ["it%27s", "%7Eann", "%40ann", "caf%c3%a9", "a%2Cb", "x%zz", "a%2Fb?u=http%3A%2F%2Fa.example%2F&s=%27", "?%7e"],
)
async def test_an_address_is_asked_for_as_it_is_written(path: str) -> None:
    async with echoing() as url:
        assert (await document(f"{url}/{path}")).body.decode() == f"/{path}"


async def test_a_feed_that_a_proxy_changed_on_its_way_is_read(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.answer_with(status=203, body=b"<rss/>")
    assert isinstance(await ask(feed.url), Fetched)


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
    [("", bytes), ("gzip", gzip.compress), ("br", partial(brotli.compress, quality=4))],
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
    usual, threads = decompress.ENCODINGS[encoding], set[int]()

    def watched(limit: int) -> decompress.Inflater:
        inflater = usual(limit)
        feed = inflater.feed

        def watch(data: bytes) -> None:
            threads.add(threading.get_ident())
            feed(data)

        monkeypatch.setattr(inflater, "feed", watch)
        return inflater

    monkeypatch.setitem(decompress.ENCODINGS, encoding, watched)
    body = random.Random(1).randbytes(kilobytes * 500).hex().encode()
    feed = server.feed("blog")
    feed.body(compress(body), content_type="text/xml", headers={"Content-Encoding": encoding} if encoding else {})
    found = await ask(feed.url, settings=Settings(max_body_megabytes=5))
    assert isinstance(found, Fetched)
    assert found.body == body
    assert found.digest == blake2b(body, digest_size=16).hexdigest()
    assert (threads != {threading.get_ident()}) is aside
