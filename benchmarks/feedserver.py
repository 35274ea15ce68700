"""A feed server that costs little: a bare asyncio Protocol on uvloop in a process of its own.

Feeds by kind: `same` and `note` (a tiny one) answer 304 to their ETag, `deaf` ignores conditions and always sends the
same bytes, `news` has one more entry after each `publish`. Every feed has its own host and port, so that rules
per host do not order the run.
"""

import asyncio
import json
import ssl
import subprocess
import sys
import zlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Self, cast

import documents

ADDRESSES = tuple(f"127.0.1.{number}" for number in range(1, 101))
"""Linux answers on all of 127/8; the certificate of a run names these."""
NOTE_KILOBYTES, NOTE_ENTRIES = 4.0, 2


@dataclass(frozen=True)
class Setup:
    """What a server serves and how."""

    feeds: int
    kilobytes: float = 72.0
    bodies: int = 100
    """Distinct documents; feed n has that of n modulo this."""
    certificates: str | None = None
    """Folder of `certificates.make`: serve https."""
    close: bool = False
    """End the connection after each answer."""
    newest: int = 0


class Server:
    """The handle on the process; a context manager."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._scheme = "https" if setup.certificates else "http"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(asdict(self._setup))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._ports: list[int] = json.loads(self._answer())
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def url(self, kind: str, number: int) -> str:
        port, address = divmod(number, len(ADDRESSES))
        return f"{self._scheme}://{ADDRESSES[address]}:{self._ports[port]}/{kind}/{number}/feed.xml"

    def publish(self, newest: int) -> None:
        """From now on the newest entry of every `news` feed has this number. Returns when the documents are made."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{newest}\n")
        self._process.stdin.flush()
        self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the feed server ended")
        return line


# --- inside the process --------------------------------------------------------------------------


class Feeds:
    """What is served, made and compressed ahead of the requests."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._constant = [
            _packed(documents.rss(n, setup.newest, kilobytes=setup.kilobytes)) for n in range(setup.bodies)
        ]
        self._note = _packed(documents.rss(0, setup.newest, kilobytes=NOTE_KILOBYTES, entries=NOTE_ENTRIES))
        self._newest = setup.newest
        self._news = self._constant

    def publish(self, newest: int) -> None:
        self._newest = newest
        self._news = [
            _packed(documents.rss(n, newest, kilobytes=self._setup.kilobytes)) for n in range(self._setup.bodies)
        ]

    def answer(self, kind: str, number: int, etag: bytes | None) -> tuple[bytes | None, bytes | None]:
        """The body, None for a 304, and the ETag, None where there is none."""
        if kind == "deaf":
            return self._constant[number % self._setup.bodies], None
        version = self._newest if kind == "news" else self._setup.newest
        now = b'"%d-%d"' % (number, version)
        if etag == now:
            return None, now
        if kind == "note":
            return self._note, now
        return (self._news if kind == "news" else self._constant)[number % self._setup.bodies], now


def _packed(body: bytes) -> bytes:
    packer = zlib.compressobj(6, wbits=31)
    return packer.compress(body) + packer.flush()


class Connection(asyncio.Protocol):
    """One client; requests have no bodies and come one at a time."""

    def __init__(self, feeds: Feeds, *, close: bool) -> None:
        self._feeds = feeds
        self._close = close
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not transport.get_extra_info("peername")[0].startswith("127."):
            transport.abort()  # it listens on all addresses, for want of a way to say "all of loopback"

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._data.endswith(b"\r\n\r\n"):
            return
        request, self._data = self._data, b""
        _, kind, number, _ = request[: request.index(b" HTTP/")].decode("ascii").split("/")
        body, etag = self._feeds.answer(kind, int(number), _etag_of(request))
        head = (
            b"HTTP/1.1 %s\r\nServer: nginx\r\nDate: %s\r\nLast-Modified: Sun, 01 Nov 2026 00:00:00 GMT\r\nVary: Accept-Encoding\r\n"
            % (
                b"304 Not Modified" if body is None else b"200 OK",
                _now(int(asyncio.get_running_loop().time())),
            )
        )
        if etag is not None:
            head += b"ETag: %s\r\n" % etag
        if body is not None:
            head += (
                b"Content-Type: application/rss+xml; charset=UTF-8\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n"
                % len(body)
            )
        if self._close:
            head += b"Connection: close\r\n"
        self._transport.write(b"%s\r\n%s" % (head, body or b""))
        if self._close:
            self._transport.close()


def _etag_of(request: bytes) -> bytes | None:
    start = request.find(b"If-None-Match: ")
    return request[start + 15 : request.index(b"\r\n", start)] if start >= 0 else None


@cache
def _now(_second: int) -> bytes:
    return formatdate(datetime.now(UTC).timestamp(), usegmt=True).encode()  # noqa: TID251 - a server has a clock


async def _serve(setup: Setup) -> None:
    loop = asyncio.get_running_loop()
    feeds = Feeds(setup)
    context = None
    if setup.certificates:
        folder = Path(setup.certificates)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "chain.pem", folder / "leaf.key")
    ports = []
    for _ in range(-(-setup.feeds // len(ADDRESSES))):
        server = await loop.create_server(
            lambda: Connection(feeds, close=setup.close), "0.0.0.0", 0, ssl=context, backlog=1024
        )
        ports.append(server.sockets[0].getsockname()[1])
    print(json.dumps(ports), flush=True)
    ended = asyncio.Event()

    def told() -> None:
        line = sys.stdin.readline()
        if not line:
            ended.set()
            return
        feeds.publish(int(line))
        print("published", flush=True)

    loop.add_reader(sys.stdin, told)
    await ended.wait()
    loop.remove_reader(sys.stdin)


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(Setup(**json.loads(sys.argv[1]))))
