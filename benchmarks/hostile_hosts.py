"""What answers that are made to cost do to the event loop: one fetch of each, from a server in a process of its own.

    PYTHONPATH=. python benchmarks/hostile_hosts.py [--seconds 4] [NAME …]

For each kind of answer: seconds until it was given up or read, bytes that the host could send meanwhile, CPU time of this
process, the longest standstill of the event loop and the median wait for a timer of 10 ms. The time limit is `--seconds`.
"""

import argparse
import asyncio
import gzip
import multiprocessing
import statistics
import time
import zlib
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection

from bot import logs
from bot.clock import SystemClock
from bot.config.settings import FetchSettings
from bot.feeds.http.fetcher import Fetcher
from bot.model import FeedRequest, Fetched

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
KIB = 1024
Sender = Callable[[], AsyncIterator[bytes]]


async def endless(head: bytes, piece: bytes, pause: float = 0.0) -> AsyncIterator[bytes]:
    yield head
    while True:
        if pause:
            await asyncio.sleep(pause)
        yield piece


def _raw_deflate_nothing() -> bytes:
    """Empty stored blocks, which never end the stream."""
    return b"\x00\x00\x00\xff\xff" * (64 * KIB // 5)


def _brotli_nothing() -> bytes:
    """Empty metadata blocks (RFC 7932, 9.2), byte by byte: not last, MNIBBLES 0, nothing skipped."""
    return b"\x06" * (64 * KIB)


def _chunked(data: bytes, size: int) -> bytes:
    return b"".join(
        b"%x\r\n%s\r\n" % (len(data[at : at + size]), data[at : at + size]) for at in range(0, len(data), size)
    )


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
KINDS: dict[str, Sender] = {
    "deflate that inflates to nothing": lambda: endless(
        HEAD + b"Content-Encoding: deflate\r\n\r\n", _raw_deflate_nothing()
    ),
    "empty gzip members": lambda: endless(
        HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * (64 * KIB // 20)
    ),
    "gzip header without end": lambda: endless(
        HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08" + b"\0" * 6, b"a" * 64 * KIB
    ),
    "brotli metadata": lambda: endless(HEAD + b"Content-Encoding: br\r\n\r\n\x0c", _brotli_nothing()),
    "gzip inside gzip, empty": lambda: endless(
        HEAD + b"Content-Encoding: gzip, gzip\r\n\r\n", gzip.compress(gzip.compress(b"") * 100) * 200
    ),
    "padding behind the end": lambda: endless(
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"<rss/>"), b"\0" * 64 * KIB
    ),
    "chunks of one byte": lambda: endless(CHUNKED, _chunked(b"x" * 10_000, 1)),
    "long chunk extensions": lambda: endless(CHUNKED, (b"1;" + b"a" * 4000 + b"\r\nx\r\n") * 16),
    "trailers without end": lambda: endless(CHUNKED + b"1\r\nx\r\n0\r\n", b"X-A: b\r\n" * 8000),
    "headers without end": lambda: endless(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 60_000 + b"\r\n"),
    "interim answers": lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 4000),
    "plain, without end": lambda: endless(HEAD + b"\r\n", b"x" * 64 * KIB),
    "a bomb": lambda: endless(HEAD + b"Content-Encoding: gzip\r\n\r\n", _bomb()),
    "dripping headers": lambda: endless(b"HTTP/1.1 200 OK\r\n", b"X", 0.2),
    "dripping body": lambda: endless(HEAD + b"\r\n", b"x", 0.2),
}


def _bomb() -> bytes:
    made = zlib.compressobj(9, zlib.DEFLATED, 31)
    return made.compress(b"\0" * 50_000_000)


async def _honest() -> AsyncIterator[bytes]:
    body = b"<rss><channel>" + b"<item><title>words and words</title></item>" * 230_000 + b"</channel></rss>"
    yield HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


KINDS["an honest 10 MB"] = _honest


def serve(pipe: Connection, name: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = 0
        try:
            await reader.readuntil(b"\r\n\r\n")
            async for piece in KINDS[name]():
                writer.write(piece)
                sent += len(piece)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            pipe.send(sent)

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        async with server:
            await server.serve_forever()

    asyncio.run(run())


async def watch(waits: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0.01)
        waits.append(time.perf_counter() - begun - 0.01)


async def measure(name: str, seconds: float) -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, name), daemon=True)
    server.start()
    try:
        port = ours.recv()
        async with Fetcher(
            FetchSettings(allow_private_networks=True, timeout_seconds=seconds), SystemClock()
        ) as fetcher:
            waits: list[float] = []
            watcher = asyncio.create_task(watch(waits))
            await asyncio.sleep(0.05)
            cpu, begun = time.process_time(), time.perf_counter()
            result = await fetcher.fetch(FeedRequest(f"http://127.0.0.1:{port}/"))
            took, used = time.perf_counter() - begun, time.process_time() - cpu
            watcher.cancel()
        sent = ours.recv() if ours.poll(2) else 0
        what = f"{len(result.body):,} bytes" if isinstance(result, Fetched) else getattr(result, "kind", result)
        print(
            f"{name:34} {took:6.2f} s  {sent / 1e6:7.1f} MB sent  CPU {used:5.2f} s  "
            f"longest standstill {max(waits) * 1000:5.0f} ms  median {statistics.median(waits) * 1000:5.1f} ms  {what}"
        )
    finally:
        server.kill()
        server.join()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    logs.setup("error", "text", [])
    for name in options.names or KINDS:
        asyncio.run(measure(name, options.seconds))


if __name__ == "__main__":
    main()
