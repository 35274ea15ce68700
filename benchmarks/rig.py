"""What the benchmarks share: Riverpost's polling half as bot/app.py makes it, a meter of CPU time, tables.

A script calls `main`. It runs in a process of its own, niced, in a folder that goes afterwards, with a certificate
authority that it trusts. Worker processes import the program they belong to: they are told that this is the bot, as
in production, not the benchmark.
"""

import argparse
import asyncio
import contextlib
import gc
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, Self

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # it runs from a checkout, without being installed

import certificates  # noqa: E402
import feedserver  # noqa: E402
import psutil  # noqa: E402

from bot import interpreter_tuning, logs  # noqa: E402
from bot.clock import SystemClock  # noqa: E402
from bot.config.settings import STANDARD_SHARES, Config, FetchSettings  # noqa: E402
from bot.feeds.http.fetcher import Fetcher  # noqa: E402
from bot.feeds.workers.parser_pool import ParserPool  # noqa: E402
from bot.jobs.polling.poll_loop import PollJob  # noqa: E402
from bot.jobs.runner import Runner  # noqa: E402
from bot.model import FeedRequest, FetchResult  # noqa: E402
from bot.services.sources.ingest import Ingest  # noqa: E402
from bot.store import Store  # noqa: E402
from tests.opening import open_store  # noqa: E402

FOLDER = "RIVERPOST_BENCHMARK_FOLDER"
GUILD = 1
MAX_INTERVAL = timedelta(hours=27)
"""No feed that answers waits longer than a day, and its share of jitter."""


# --- a process for a run ---------------------------------------------------------------------------


def main(options: argparse.ArgumentParser, measure: Callable[[argparse.Namespace], Awaitable[int]]) -> int:
    """Parse the command line, run `measure` on uvloop in a clean process; its exit code."""
    given = options.parse_args()
    if FOLDER not in os.environ:
        with tempfile.TemporaryDirectory(prefix="riverpost-benchmark-") as folder:
            certificates.make(Path(folder), feedserver.ADDRESSES)
            # OpenSSL's own variable: the bot's TLS context is the one of production.
            environ = {FOLDER: folder, "SSL_CERT_FILE": f"{folder}/root.pem", "PYTHONPATH": str(ROOT)}
            return subprocess.run([sys.executable, *sys.argv], env=os.environ | environ, check=False).returncode
    import uvloop  # noqa: PLC0415 - as the bot does

    os.setpriority(os.PRIO_PROCESS, 0, max(10, os.getpriority(os.PRIO_PROCESS, 0)))
    sys.modules["__main__"].__spec__ = importlib.util.find_spec("bot.__main__")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        logs.setup("info", "text", (), stream=nowhere)
        return uvloop.run(measure(given))


def folder() -> Path:
    """The run's own folder."""
    return Path(os.environ[FOLDER])


# --- the bot ---------------------------------------------------------------------------------------


class MovableClock(SystemClock):
    """The machine's time and a leap, so that feeds are due again at once."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = timedelta()

    def leap(self) -> None:
        self._ahead += MAX_INTERVAL

    def now(self) -> datetime:
        return super().now() + self._ahead


class AnyFetcher(Protocol):
    async def fetch(self, request: FeedRequest) -> FetchResult: ...


class Turnstile:
    """Counts what goes through to the fetcher that is in place."""

    def __init__(self, inner: AnyFetcher) -> None:
        self.inner = inner
        self.started = 0
        self.answers: Counter[str] = Counter()

    async def fetch(self, request: FeedRequest) -> FetchResult:
        self.started += 1
        answer = await self.inner.fetch(request)
        self.answers[type(answer).__name__] += 1
        return answer


class Riverpost:
    """A bot without Discord: it polls, stores and queues. Made by `riverpost`."""

    def __init__(self, store: Store, fetcher: Fetcher, parser: ParserPool, clock: MovableClock, config: Config) -> None:
        self.store, self.fetcher, self.parser, self.clock = store, fetcher, parser, clock
        self.turnstile = Turnstile(fetcher)
        self._stored = 0
        self._expected = 0
        self._hurry = False
        self._finished = asyncio.Event()
        self.job = PollJob(
            store,
            self.turnstile,
            parser,
            Ingest(store, config.polling, clock),
            config.polling,
            clock,
            on_queued=lambda: None,
            on_room=self._wake,
            step=self._step,
            shares=config.fairness,
        )
        self._runner = Runner("poll", self.job.round, clock)

    def _wake(self) -> None:
        self._runner.wake()

    def _step(self, step: str) -> None:
        if step != "stored":
            return
        self._stored += 1
        if self._stored >= self._expected:
            self._finished.set()
        elif self._hurry and self._stored == self.turnstile.started:
            self._wake()

    async def follow(self, urls: Sequence[str], *, channels: int = 1) -> None:
        """Topics of that many channels, each with all these feeds."""
        for channel in range(1, channels + 1):
            await self.store.topics.declare(
                guild_id=GUILD, name=f"topic {channel}", channel_id=channel, feed_urls=urls, backfill=1,
                now=self.clock.now(),
            )  # fmt: skip

    async def waiting(self) -> int:
        """Articles that wait for being posted, once for each channel."""
        return (await self.store.operating.overview(None, now=self.clock.now())).waiting

    async def sweep(self, polls: int, *, hurry: bool = False) -> Counter[str]:
        """Poll what is due until so many polls are stored; how many brought what.

        Args:
            hurry: look for due feeds again as soon as nothing is under way, instead of after the loop's own pause.
        """
        self._stored, self._expected, self._hurry = 0, polls, hurry
        self.turnstile.started, self.turnstile.answers = 0, Counter()
        self._finished.clear()
        running = asyncio.create_task(self._runner.run())
        try:
            await self._finished.wait()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return self.turnstile.answers

    async def sweep_again(self, polls: int, *, hurry: bool = False) -> Counter[str]:
        """The same after time has passed, so that every feed is due."""
        self.clock.leap()
        return await self.sweep(polls, hurry=hurry)


@contextlib.asynccontextmanager
async def riverpost() -> AsyncIterator[Riverpost]:
    """Open store, fetcher and parser in the order of bot/app.py, with its settings but for politeness on loopback."""
    config = Config(fetch=FetchSettings(allow_private_networks=True, per_host_interval_seconds=0))
    clock = MovableClock()
    async with contextlib.AsyncExitStack() as stack:
        store = await open_store(
            f"sqlite:///{folder()}/riverpost.db", now=clock.now(), default_backfill=config.delivery.backfill
        )
        stack.push_async_callback(store.close)
        fetcher = await stack.enter_async_context(Fetcher(config.fetch, clock))
        parser = ParserPool(timeout_seconds=10.0)
        stack.push_async_callback(parser.close)
        made = Riverpost(store, fetcher, parser, clock, config)
        stack.push_async_callback(made.job.close)
        interpreter_tuning.settle()
        try:
            yield made
        finally:
            gc.unfreeze()


async def at_once(urls: Sequence[str], ask: Callable[[int, str], Awaitable[None]]) -> None:
    """The same without a bot: ask all, as many at a time as the poll loop has under way."""
    left = iter(enumerate(urls))

    async def worker() -> None:
        for number, url in left:
            await ask(number, url)

    await asyncio.gather(*(worker() for _ in range(STANDARD_SHARES.poll_slots)))


# --- measuring -------------------------------------------------------------------------------------


class Meter:
    """CPU seconds of this process and of all it started, but for some. Children count in steps of 10 ms."""

    def __init__(self, *, without: Collection[int] = ()) -> None:
        self._without = set(without)
        self._me = psutil.Process()

    def children(self) -> list[psutil.Process]:
        return [child for child in self._me.children(recursive=True) if child.pid not in self._without]

    def cpu(self) -> tuple[float, float]:
        """Of this process, and of its children; those that ended and were waited for are in their parent's."""
        theirs = 0.0
        for child in self.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                theirs += times.user + times.system + times.children_user + times.children_system
        return time.process_time(), theirs

    @contextlib.contextmanager
    def measure(self) -> Iterator["Cost"]:
        cost = Cost()
        _, theirs = self.cpu()
        wall, own = time.perf_counter(), time.process_time()
        yield cost
        cost.own = time.process_time() - own
        cost.wall = time.perf_counter() - wall
        cost.children = self.cpu()[1] - theirs

    def peak_megabytes(self) -> tuple[float, float]:
        """The highest resident memory of this process, and the sum of its children's highest, shared pages and all."""
        return _peak(os.getpid()), sum(_peak(child.pid) for child in self.children())


class Cost:
    """Seconds that a block took."""

    own = children = wall = 0.0

    @property
    def cpu(self) -> float:
        return self.own + self.children


def _peak(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


class LagProbe:
    """How late the event loop is: a task that sleeps 5 ms again and again and notes by how much it overslept."""

    SLEEP = 0.005

    async def __aenter__(self) -> Self:
        self._late: list[float] = []
        self._task = asyncio.create_task(self._probe())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _probe(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(self.SLEEP)
            self._late.append(time.perf_counter() - before - self.SLEEP)

    def milliseconds(self) -> tuple[float, float, float]:
        """The median, the 99th percentile and the maximum."""
        late = sorted(self._late)
        return tuple(1000 * max(0.0, late[min(len(late) - 1, int(len(late) * share))]) for share in (0.5, 0.99, 1.0))  # type: ignore[return-value]


# --- showing ---------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under a head; numbers to the right."""
    shown = [[f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *shown]) for i in range(len(head))]
    for line in [list(head), ["-" * width for width in widths], *shown]:
        cells = [
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells), flush=True)
    print(flush=True)


def verdict(what: str, value: float, *, most: float | None = None, least: float | None = None, unit: str = "x") -> bool:
    """Say whether a target is met."""
    good = value <= most if most is not None else value >= (least or 0)
    bound = f"at most {most:g}" if most is not None else f"at least {least:g}"
    print(f"{'met   ' if good else 'MISSED'}  {what}: {value:.2f}{unit} (target: {bound}{unit})", flush=True)
    return good


def expect(found: Counter[str], **wanted: int) -> None:
    """A figure counts only if the polls were what they claim to be."""
    if found != Counter({name: count for name, count in wanted.items() if count}):
        raise SystemExit(f"the run is void: wanted {wanted}, got {dict(found)}")
