"""Answers that are made to cost: each is given up early, whatever its form, and honest ones of the same form are read."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import brotli
import pytest

from bot.feeds.http import decompress, transfer_meter
from bot.model import FailureKind, Fetched, FetchFailed, FetchResult
from tests.feeds.asking import Settings, ask

BODY = b"<rss><channel><title>t</title></channel></rss>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
QUICK = Settings(timeout_seconds=20, min_speed_after_seconds=0.1, max_body_megabytes=2)
ENOUGH = 12_000_000
"""More than any of these may send, with what the kernel takes in advance."""


class Host:
    """Sends what it is told and counts it."""

    def __init__(self) -> None:
        self.sent = 0
        self.url = ""
        self.asked = 0


Script = Callable[[Callable[[bytes], Awaitable[None]]], Awaitable[None]]


@asynccontextmanager
async def sending(script: Script) -> AsyncIterator[Host]:
    host = Host()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # What the kernel keeps ready counts as sent; on a busy machine it would be many megabytes.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)

        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()
            host.sent += len(data)

        try:
            while await reader.readuntil(b"\r\n\r\n"):
                host.asked += 1
                await script(send)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
    try:
        yield host
    finally:
        server.close()


def endlessly(start: bytes, piece: bytes, pause: float = 0.0) -> Script:
    async def script(send: Callable[[bytes], Awaitable[None]]) -> None:
        await send(start)
        for _ in range(100_000):
            await asyncio.sleep(pause)
            await send(piece)

    return script


def chunks(data: bytes, size: int) -> bytes:
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def encoded(name: str, start: bytes = b"") -> bytes:
    return HEAD + f"Content-Encoding: {name}\r\n\r\n".encode() + start


NOTHING = b"\x00\x00\x00\xff\xff"
"""An empty block of deflate, which does not end the stream."""
COSTLY = {
    "deflate": (encoded("deflate"), NOTHING * 8_000),
    "zlib": (encoded("deflate", zlib.compress(b"")[:2]), NOTHING * 8_000),
    "gzip": (encoded("gzip", gzip.compress(b"")[:10]), NOTHING * 8_000),
    "gzip that nobody announced": (HEAD + b"\r\n" + gzip.compress(b"")[:10], NOTHING * 8_000),
    "a gzip name without end": (encoded("gzip", b"\x1f\x8b\x08\x08" + bytes(6)), b"a" * 40_000),
    "empty gzip members": (encoded("gzip"), gzip.compress(b"") * 2_000),
    "gzip members of one byte": (encoded("gzip"), gzip.compress(b"x") * 2_000),
    "gzip in gzip": (encoded("gzip, gzip"), gzip.compress(gzip.compress(b"") * 2_000) * 20),
    "brotli": (encoded("br", b"\x0c"), b"\x06" * 40_000),
    "brotli in deflate": (encoded("br, deflate"), NOTHING * 8_000),
    "padding behind the end": (encoded("gzip", gzip.compress(BODY)), bytes(40_000)),
    "chunks of one byte": (CHUNKED, chunks(b"x" * 8_000, 1)),
    "chunk extensions": (CHUNKED, (b"1;" + b"a" * 4_000 + b"\r\nx\r\n") * 10),
    "trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", b"X-A: b\r\n" * 5_000),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 40_000 + b"\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1_000),
    "plain words": (HEAD + b"\r\n", b"x" * 40_000),
}


@pytest.mark.parametrize("name", COSTLY)
async def test_what_only_costs_is_given_up_early(name: str) -> None:
    async with sending(endlessly(*COSTLY[name])) as host:
        found = await ask(host.url, settings=QUICK)
    assert isinstance(found, FetchFailed)
    assert found.kind in {FailureKind.BAD_ENCODING, FailureKind.TOO_LARGE, FailureKind.BAD_ANSWER}
    limit = 2_000_000 + transfer_meter.SPARE_BYTES if name == "plain words" else 1_000_000
    assert host.sent < limit + ENOUGH


async def test_a_host_that_sends_faster_than_is_read_waits() -> None:
    """What it sends meanwhile would fill the memory."""
    read = 0
    connector = transfer_meter.install(aiohttp.TCPConnector(), transfer_meter.Meter(100_000_000, 1, 10))
    async with (
        sending(endlessly(HEAD + b"\r\n", b"x" * 1_000_000)) as host,
        aiohttp.ClientSession(connector=connector) as session,
        session.get(host.url) as answer,
    ):
        while read < 16_000_000:
            read += len(await answer.content.read(64 * 1024))
        assert host.sent < read + ENOUGH


async def test_members_of_gzip_inside_of_gzip_are_counted_before_they_cost() -> None:
    """Compressed again they take nothing of the wire."""
    inner = gzip.compress(b"") * 50_000
    read = decompress.inflater("gzip, gzip", limit=2_000_000)
    read.feed(gzip.compress(inner))
    with pytest.raises(decompress.EncodingError, match="too many pieces"):
        read.finish()


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (HEAD + b"\r\n", b"x"),
        (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"X"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (encoded("gzip", gzip.compress(b"")[:10]), NOTHING),
    ],
    ids=["headers", "body", "announced body", "chunks", "trailers", "interim answers", "gzip"],
)
async def test_drips_are_given_up_long_before_the_time_limit(start: bytes, piece: bytes) -> None:
    async with asyncio.timeout(10), sending(endlessly(start, piece, 0.02)) as host:
        found = await ask(host.url, settings=QUICK)
    assert isinstance(found, FetchFailed)
    assert (found.kind, found.message) == (FailureKind.TIMEOUT, "The host sends its answer too slowly.") or (
        found.kind is FailureKind.BAD_ANSWER
    )


async def honest(
    body: bytes, head: bytes, *, pause_after: int | None = None, settings: Settings = QUICK
) -> FetchResult:
    async def script(send: Callable[[bytes], Awaitable[None]]) -> None:
        await send(head + (body if pause_after is None else body[:pause_after]))
        if pause_after is not None:
            await asyncio.sleep(0.25)
            await send(body[pause_after:])

    async with sending(script) as host:
        return await ask(host.url, settings=settings)


LONG = b"<rss>" + b"<item>words and words</item>" * 40_000 + b"</rss>"


@pytest.mark.parametrize(
    ("sent", "head"),
    [
        (LONG, HEAD + b"Content-Length: %d\r\n\r\n" % len(LONG)),
        (chunks(LONG, 100) + b"0\r\n\r\n", CHUNKED),
        (chunks(LONG, 100) + b"0\r\nX-Sum: 1\r\n\r\n", CHUNKED),
        (gzip.compress(LONG), encoded("gzip")[:-2] + b"Content-Length: %d\r\n\r\n" % len(gzip.compress(LONG))),
    ],
    ids=["at once", "chunks", "trailers", "gzip"],
)
async def test_honest_answers_of_the_same_forms_are_read(sent: bytes, head: bytes) -> None:
    found = await honest(sent, head)
    assert isinstance(found, Fetched), found
    assert found.body == LONG


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, lambda body: brotli.compress(body, quality=1)])
async def test_honest_compressed_answers_of_any_kind_are_read(compress: Callable[[bytes], bytes]) -> None:
    sent = compress(LONG)
    name = "gzip" if sent[:2] == b"\x1f\x8b" else "deflate" if sent[:1] == b"x" else "br"
    found = await honest(sent, encoded(name)[:-2] + b"Content-Length: %d\r\n\r\n" % len(sent))
    assert isinstance(found, Fetched), found
    assert found.body == LONG


async def test_a_host_may_think_before_its_first_byte_and_before_its_body() -> None:
    async def script(send: Callable[[bytes], Awaitable[None]]) -> None:
        await asyncio.sleep(0.25)
        await send(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY))
        await asyncio.sleep(0.25)
        await send(BODY)

    async with sending(script) as host:
        found = await ask(host.url, settings=QUICK)
    assert isinstance(found, Fetched), found


async def test_the_least_speed_can_be_switched_off() -> None:
    found = await honest(
        BODY,
        HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY),
        pause_after=3,
        settings=replace(QUICK, min_bytes_per_second=0),
    )
    assert isinstance(found, Fetched), found
    assert isinstance(await honest(BODY, HEAD + b"Content-Length: 46\r\n\r\n", pause_after=3), FetchFailed)


async def test_a_few_interim_answers_are_passed_over() -> None:
    head = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY)
    found = await honest(BODY, head)
    assert isinstance(found, Fetched), found


async def test_each_redirect_is_metered_by_itself() -> None:
    """What a redirect has as its body is not waited for."""
    location = b"HTTP/1.1 302 Found\r\nLocation: /feed%d\r\n\r\n"
    count = 0

    async def script(send: Callable[[bytes], Awaitable[None]]) -> None:
        nonlocal count
        count += 1
        await send(location % count)
        for _ in range(100_000):
            await send(b"x" * 40_000)

    async with asyncio.timeout(10), sending(script) as host:
        found = await ask(host.url, settings=QUICK)
    assert isinstance(found, FetchFailed)
    assert found.kind is FailureKind.REDIRECTS
    assert host.sent < 6 * ENOUGH


async def test_a_kept_connection_counts_from_the_beginning_for_each_answer() -> None:
    from bot.clock import SystemClock
    from bot.feeds.http.fetcher import Fetcher
    from bot.model import FeedRequest

    async def script(send: Callable[[bytes], Awaitable[None]]) -> None:
        await send(HEAD + b"Content-Length: %d\r\n\r\n" % len(LONG) + LONG)

    async with sending(script) as host, Fetcher(QUICK, SystemClock()) as fetcher:
        for _ in range(4):
            assert isinstance(await fetcher.fetch(FeedRequest(host.url)), Fetched)
    assert host.asked == 4


async def test_aiohttp_has_the_parts_that_the_meter_relies_on() -> None:
    """Its own parts, which another version may name otherwise."""
    from aiohttp.client_proto import ResponseHandler

    connector = aiohttp.TCPConnector()
    try:
        assert isinstance(connector._factory(), ResponseHandler)
        made = transfer_meter.install(connector, transfer_meter.Meter(1, 1, 1))._factory()
        assert isinstance(made, transfer_meter.MeteredResponses)
        for name in ("_payload", "_reading_paused", "_buffer_paused", "should_close", "_pause_transport_reading"):
            assert hasattr(made, name)
        assert {
            "set_response_params",
            "data_received",
            "feed_data",
            "connection_lost",
            "_resume_transport_reading",
        } <= set(dir(ResponseHandler))
    finally:
        await connector.close()
