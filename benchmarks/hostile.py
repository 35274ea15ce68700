"""Give Riverpost's reader and fetcher what is made to break them, and show outcome, time and memory of each.

    python benchmarks/hostile.py SHARED_FOLDER

Documents are read by a worker as the bot has it; the answers of suites/made-http come from a loopback server through the
bot's own fetcher. After each a plain feed must be read at once: everything costs only itself. Linux only: peaks of
memory are read from /proc. The exit code is 1 if a bound is passed.
"""

import asyncio
import gzip
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot.clock import SystemClock
from bot.errors import ParseError
from bot.feeds.http.fetcher import Fetcher
from bot.feeds.workers.parser_pool import ParserPool
from bot.model import FeedRequest, Fetched, FetchFailed

SECONDS, MEGABYTES = 5.0, 200
HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>'
FOOT = b"</channel></rss>"
PLAIN = HEAD + b"<item><title>plain</title></item>" + FOOT
URL = "https://feeds.example.test/feed"
FETCH_SECONDS = 3.0
"""The fetcher's time limit here; the bot's own default is 20."""


def made() -> Iterator[tuple[str, bytes]]:
    """What the shared documents do not have, each well-formed and, with a stray tag, not."""

    def item(inner: bytes) -> bytes:
        return b"<item><title>x</title>" + inner + b"</item>"

    attributes = b" ".join(b'a%d="%d"' % (n, n) for n in range(20_000))
    escaped = b"word &lt;b&gt; " * 350_000
    for name, inner in {
        "author of 100 KB": item(b"<author>" + b"a." * 50_000 + b"</author>"),
        "author of 1 MB in CDATA": item(b"<author><![CDATA[" + b"a.a@" * 250_000 + b"]]></author>"),
        "20,000 attributes": item(b"<enclosure " + attributes + b"/>"),
        "50 elements of 5,000 attributes": item(b"<e " + attributes[:60_000].rsplit(b" ", 1)[0] + b"/>") * 50,
        "100,000 elements deep": item(b"<x>" * 100_000 + b"</x>" * 100_000),
        "10,000 categories": item(b"".join(b"<category>c%d</category>" % n for n in range(10_000))),
        "20,000 items": b"".join(item(b"<guid>%d</guid>" % n) for n in range(20_000)),
        "5 MB of text": item(b"<description>" + b"word " * 1_000_000 + b"</description>"),
        "5 MB of escaped HTML": item(b"<description>" + escaped + b"</description>"),
        "5 MB of CDATA": item(b"<description><![CDATA[" + b"<p>word</p> " * 420_000 + b"]]></description>"),
        "20 entries of nested HTML": item(b"<description>" + b"&lt;div>" * 60_000 + b"</description>") * 20,
        "1,000,000 empty elements": item(b"<b/>" * 1_000_000),
        "14 MB of blanks": item(b" " * 14_000_000),
    }.items():
        yield name, HEAD + inner + FOOT
        yield f"{name}, not well-formed", HEAD + inner + b"<item><b></item>" + FOOT
    yield "comments that never end", HEAD + b"<!--" * 1_000_000
    yield "CDATA that never ends", HEAD + b"<![CDATA[" * 500_000
    yield "tags that never end", HEAD + b"<a " * 1_000_000
    yield "JSON, 20,000 items", b'{"items": [' + b",".join(b'{"id": %d}' % n for n in range(20_000)) + b"]}"
    yield "JSON, 14 MB in one text", b'{"items": [{"content_html": "' + b"<p>word " * 1_750_000 + b'"}]}'
    yield "bytes without sense", bytes(range(256)) * 40_000


@dataclass
class Cost:
    seconds: float
    cpu: float
    megabytes: float
    outcome: str

    @property
    def within(self) -> bool:
        return self.seconds <= SECONDS + 0.5 and self.megabytes <= MEGABYTES


class Reader:
    """One worker, watched."""

    def __init__(self) -> None:
        self.pool = ParserPool(workers=1, timeout_seconds=SECONDS)

    async def cost(self, body: bytes, url: str = URL, content_type: str | None = None) -> Cost:
        await self.pool.parse(PLAIN, URL, None)
        worker = _worker()
        _forget_high_water(worker)
        cpu = sum(worker.cpu_times()[:2])
        peak = asyncio.create_task(_peak(worker))
        started = time.perf_counter()
        try:
            feed = await self.pool.parse(body, url, content_type)
            skipped = f", {feed.skipped} skipped" if feed.skipped else ""
            outcome = f"{len(feed.entries)} entries{skipped}"
        except ParseError as error:
            outcome = f"{error.kind}: {error}"
        seconds = time.perf_counter() - started
        peak.cancel()
        highest = max(_high_water(worker), _seen.pop(worker.pid, 0.0))
        used = sum(worker.cpu_times()[:2]) - cpu if worker.is_running() else seconds
        found = Cost(seconds, used, highest, outcome)
        async with asyncio.timeout(5):
            assert (await self.pool.parse(PLAIN, URL, None)).entries[0].title == "plain"
        return found


_seen: dict[int, float] = {}


def _worker() -> psutil.Process:
    servers = [child for child in psutil.Process().children() if "bot.feeds.workers.fork_server" in child.cmdline()]
    return max((worker for server in servers for worker in server.children()), key=lambda one: one.create_time())


def _forget_high_water(process: psutil.Process) -> None:
    Path(f"/proc/{process.pid}/clear_refs").write_text("5", "ascii")


def _high_water(worker: psutil.Process) -> float:
    try:
        status = Path(f"/proc/{worker.pid}/status").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


async def _peak(worker: psutil.Process) -> None:
    """A worker that is stopped takes its figure with it: look now and then."""
    while True:
        _seen[worker.pid] = max(_seen.get(worker.pid, 0.0), _high_water(worker))
        await asyncio.sleep(0.02)


def shared_documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.iterdir()):
        if path.name == "INDEX.json" or path.name.startswith("bomb_") or path.suffix == ".br":
            continue  # the bombs go through the fetcher
        body = path.read_bytes()
        stored = path.name.endswith(".raw.gz") or path.name == "many_entries_20000.rss.gz"
        yield path.name.removesuffix(".raw.gz"), gzip.decompress(body) if stored else body


class Host:
    """Answers as the table of made-http says; the bytes go out as they are."""

    def __init__(self, cases: list[dict[str, object]], suites: Path) -> None:
        self.cases = {f"/{case['id']}": case for case in cases}
        self.suites = suites
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Host"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            await self._answer(request.split(b" ", 2)[1].decode(), writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the fetcher had enough, or the run is over
        finally:
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        case = self.cases.get(path)
        if case is None:
            page = path == "/index.html"
            body = b"<html><title>home</title></html>" if page else PLAIN
            kind = "text/html" if page else "application/rss+xml"
            case = {"status": 200, "headers": {"Content-Type": kind}, "body": None}
        else:
            name = str(case["body"] or "")
            body = (self.suites / name).read_bytes() if name and not name.startswith("<") else b""
        headers = {"Content-Length": str(len(body)), "Connection": "close"} | dict(case["headers"])  # type: ignore[call-overload]
        if path == "/huge_header":
            headers["X-Junk"] = "x" * 40_000
        if path == "/set_cookie_redirect":
            headers["Location"] = "/set_cookie_redirect"
        endless = path == "/never_ends"
        if endless:
            del headers["Content-Length"]
        head = f"HTTP/1.1 {case['status']} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
        writer.write(head.encode("latin-1"))
        if path == "/slow_drip":
            for byte in body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
        elif endless:
            writer.write(b"%x\r\n%s\r\n" % (len(HEAD), HEAD))
            block = b"<item><title>again</title></item>" * 2_000
            while True:
                writer.write(b"%x\r\n%s\r\n" % (len(block), block))
                await writer.drain()
        else:
            writer.write(body)
        await writer.drain()


@dataclass(frozen=True)
class Settings:
    allow_private_networks: bool = True
    timeout_seconds: float = FETCH_SECONDS
    max_body_megabytes: float = 15
    per_host_interval_seconds: float = 0
    per_host_connections: int = 1
    user_agent: str = "riverpost-hostile"
    proxy: str | None = None


async def fetched(case_id: str, port: int, reader: Reader) -> Cost:
    """Fetched, and read if there is something to read; a fetcher of its own, as a host may ask for rest."""
    own = psutil.Process()
    _forget_high_water(own)
    before = _high_water(own)
    started, cpu = time.perf_counter(), time.process_time()
    # The loopback host itself is in a private network, so the guard is asked about the redirect's target.
    private = case_id == "redirect_private"
    url = "http://169.254.169.254/" if private else f"http://127.0.0.1:{port}/{case_id}"
    async with Fetcher(Settings(allow_private_networks=not private), SystemClock()) as fetcher:
        answer = await fetcher.fetch(FeedRequest(url))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    megabytes = _high_water(own) - before
    if isinstance(answer, FetchFailed):
        hint = answer.hints.retry_after_seconds
        rest = f" (rests {hint} s)" if hint else ""
        return Cost(seconds, cpu, megabytes, f"{answer.kind}: {answer.message}{rest}")
    if not isinstance(answer, Fetched):
        return Cost(seconds, cpu, megabytes, "not modified")
    read = await reader.cost(answer.body, answer.url, answer.content_type)
    moved = f", address becomes {answer.moved_to.rpartition('/')[2]}" if answer.moved_to else ""
    kept = f", sends back {answer.etag or answer.last_modified}" if answer.etag or answer.last_modified else ""
    again = f", not before {answer.hints.max_age_seconds} s" if answer.hints.max_age_seconds else ""
    return Cost(
        seconds + read.seconds, cpu + read.cpu, max(megabytes, read.megabytes), read.outcome + moved + kept + again
    )


async def run(shared: Path, show: Callable[[str, Cost], None]) -> None:
    suites = shared / "corpus" / "suites"
    reader = Reader()
    try:
        print("\nDocuments of suites/made-hostile")
        for name, body in shared_documents(suites / "made-hostile"):
            show(name, await reader.cost(body))
        print("\nDocuments of our own")
        for name, body in made():
            show(f"{name} ({len(body) / 1e6:.1f} MB)", await reader.cost(body))
        print("\nAnswers of suites/made-http (memory: the fetcher's growth, or the worker's peak)")
        cases = json.loads((suites / "made-http" / "cases.json").read_text("utf-8"))
        cases.append({"id": "gzip_unnamed", "status": 200, "headers": {}, "body": "made-hostile/gzip_no_header.rss.gz"})
        cases.append(
            {
                "id": "raw_deflate",
                "status": 200,
                "headers": {"Content-Encoding": "deflate"},
                "body": "made-hostile/raw_deflate.bin",
            }
        )
        async with Host(cases, suites).running() as host:
            for case in cases:
                cost = await fetched(case["id"], host.port, reader)
                if expect := case.get("expect"):
                    cost.outcome += f"   [{expect}]"
                show(case["id"], cost)
    finally:
        await reader.pool.close()


def main() -> int:
    beyond = []

    def show(name: str, cost: Cost) -> None:
        mark = "  " if cost.within else "!!"
        print(
            f"{mark} {name:56} {cost.seconds:6.2f} s {cost.cpu:6.2f} CPU s {cost.megabytes:5.0f} MB  {cost.outcome}"[
                :230
            ]
        )
        if not cost.within:
            beyond.append(name)

    asyncio.run(run(Path(sys.argv[1]), show))
    print(f"\n{len(beyond)} beyond {SECONDS:g} s or {MEGABYTES} MB", *beyond, sep="\n")
    return 1 if beyond else 0


if __name__ == "__main__":
    raise SystemExit(main())
