"""What one server's slow, failing or costly feeds do to another server's quick ones.

    python benchmarks/fairness.py [--scale S] [--only NAME] [--against PATH]

Server A has ten quick feeds, which were read before; server B has what a scenario says. All become due in one moment, B's
a little before, and the time is taken until each of A's has been read and stored, without B and with it. Real fetcher,
poll loop, parsers and database; hosts are addresses of loopback. Waits are scaled by S, also the second between two
requests to a host. `--against` runs the same with the code of another checkout, in the same run.
"""

import argparse
import asyncio
import contextlib
import importlib
import inspect
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
PORT = 18_199
QUICK_FEEDS = 10
PATIENCE_SECONDS = 45.0
HEAD_START_SECONDS = 0.3
PLAIN = "<rss version='2.0'><channel><title>t</title><item><title>a</title><guid>{}</guid></item></channel></rss>"


@dataclass(frozen=True)
class Scenario:
    """What B has, and by what factor A's feeds may be later for it."""

    what: str
    feeds: int
    hosts: int
    most: float
    slow_seconds: float = 0.0
    """For which a host sends, byte by byte."""
    status: int = 200
    at_hosts_of_a: bool = False
    costly: bool = False
    scale: float = 0.2


SCENARIOS = {
    "slow": Scenario("130 feeds that answer after 5 s", 130, 130, 2.0, slow_seconds=5.0, scale=1.0),
    "drips": Scenario("500 feeds on 125 hosts that drip for 19 s", 500, 125, 3.0, slow_seconds=19.0),
    "made-up": Scenario("500 addresses that are not there, at the host of A's", 500, 1, 3.0, status=404, at_hosts_of_a=True),
    "costly": Scenario("24 documents that take a parser a second and more", 24, 24, 3.0, costly=True),
}  # fmt: skip


def main() -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--scale", type=float, help="of all waits (default: what each scenario has)")
    made.add_argument("--only", choices=SCENARIOS, help="one scenario (default: all)")
    made.add_argument("--against", type=Path, help="another checkout to run the same with")
    made.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.child:
        name, with_b = given.child
        print(
            json.dumps(
                asyncio.run(delays(SCENARIOS[name], given.scale or SCENARIOS[name].scale, with_b=with_b == "with"))
            )
        )
        return 0
    missed = 0
    for name in [given.only] if given.only else SCENARIOS:
        scenario = SCENARIOS[name]
        print(f"{name}: {scenario.what}")
        trees = [HERE] if given.against is None else [given.against.resolve(), HERE]
        for tree in trees:
            alone, beside = (run(tree, name, given.scale or scenario.scale, which) for which in ("without", "with"))
            factor = statistics.median(beside) / statistics.median(alone)
            late = sum(each >= PATIENCE_SECONDS for each in beside)
            print(
                f"  {tree}: alone {shown(alone)}, beside it {shown(beside)}: {factor:.1f}x"
                + (f", {late} of {len(beside)} not read within {PATIENCE_SECONDS:g} s" if late else ""),
                flush=True,
            )
            if tree == HERE:
                met = factor <= scenario.most
                missed += not met
                print(f"  {'met' if met else 'MISSED'} (target: at most {scenario.most:g}x)", flush=True)
    return int(missed > 0)


def shown(found: list[float]) -> str:
    return f"{statistics.median(found):.2f} s (slowest {max(found):.2f})"


def run(tree: Path, name: str, scale: float, which: str) -> list[float]:
    """In a process of its own, with the code of `tree`."""
    done = subprocess.run(
        [sys.executable, __file__, "--scale", str(scale), "--child", name, which],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


# --- inside the process ------------------------------------------------------------------------------


def of_a(number: int, scenario: Scenario) -> str:
    host = "127.0.9.1" if scenario.at_hosts_of_a else f"127.0.3.{number + 1}"
    return f"http://{host}:{PORT}/quick/{number}"


def of_b(number: int, scenario: Scenario) -> str:
    host = "127.0.9.1" if scenario.at_hosts_of_a else f"127.0.2.{number % scenario.hosts + 1}"
    return f"http://{host}:{PORT}/load/{number}"


async def delays(scenario: Scenario, scale: float, *, with_b: bool) -> list[float]:
    """For each of A's feeds, the seconds from when it was due until it was read and stored."""
    from bot import logs  # noqa: PLC0415 - of the checkout that the path names
    from bot.clock import SystemClock  # noqa: PLC0415
    from bot.jobs.runner import Runner  # noqa: PLC0415

    logs.setup("critical", "text", ())
    clock = SystemClock()
    quick = 1 if scenario.at_hosts_of_a else QUICK_FEEDS
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.db"
        async with serving(scenario, scale), bot(file, clock, scale) as (store, job):
            await follow(store, 1, [of_a(number, scenario) for number in range(quick)], clock)
            runner = asyncio.create_task(Runner("poll", job.round, clock).run())
            await polled(file, quick, since=0)
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)
            if with_b:
                await follow(store, 2, [of_b(number, scenario) for number in range(scenario.feeds)], clock)
            begun = time.time_ns() // 1_000_000
            with contextlib.closing(sqlite3.connect(file, timeout=10)) as connection, connection:
                connection.execute("UPDATE feeds SET next_poll_at = ?", (begun - 2000,))
                due = begun + int(1000 * HEAD_START_SECONDS)
                connection.execute("UPDATE feeds SET next_poll_at = ? WHERE url LIKE '%/quick/%'", (due,))
            runner = asyncio.create_task(Runner("poll", job.round, clock).run())
            found = await polled(file, quick, since=due)
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)
    return found


async def follow(store: Any, guild: int, urls: list[str], clock: Any) -> None:
    await store.topics.declare(
        guild_id=guild, name="news", channel_id=guild, feed_urls=urls, backfill=0, now=clock.now()
    )


async def polled(file: Path, count: int, *, since: int) -> list[float]:
    """Wait until so many of A's feeds were read since then; after how many seconds each was seen to be stored."""
    found: dict[int, float] = {}
    until = time.monotonic() + PATIENCE_SECONDS
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
        while len(found) < count and time.monotonic() < until:
            await asyncio.sleep(0.01)
            rows = connection.execute(
                "SELECT id FROM feeds WHERE url LIKE '%/quick/%' AND last_success_at >= ?", (since,)
            ).fetchall()
            for (feed,) in rows:
                found.setdefault(feed, time.time_ns() / 1e9 - since / 1000)
    return [*found.values(), *[PATIENCE_SECONDS] * (count - len(found))]


@contextlib.asynccontextmanager
async def bot(file: Path, clock: Any, scale: float) -> AsyncIterator[tuple[Any, Any]]:
    """The polling half as the composition root makes it."""
    from bot.store import Store  # noqa: PLC0415

    settings_module = first_module("bot.config.settings", "bot.config")
    Fetcher = first_module("bot.feeds.http.fetcher", "bot.feeds.fetch").Fetcher  # noqa: N806
    ParserPool = first_module("bot.feeds.workers.parser_pool", "bot.feeds.parse").ParserPool  # noqa: N806
    PollJob = first_module("bot.jobs.polling.poll_loop", "bot.jobs.poll").PollJob  # noqa: N806
    ingest = first_module("bot.services.sources.ingest", "bot.services.intake")
    Ingest = getattr(ingest, "Ingest", None) or ingest.Intake  # noqa: N806

    config = settings_module.Config()
    options = {
        "now": clock.now(),
        "default_backfill": 0,
        "judge": lambda _, filters: [None] * len(filters),  # nothing here is filtered
        "limits": config.limits,
        "kept": config.store,
    }
    known = inspect.signature(Store.open).parameters
    store = await Store.open(f"sqlite:///{file}", **{name: value for name, value in options.items() if name in known})
    settings: dict[str, Any] = {"allow_private_networks": True, "per_host_interval_seconds": scale}
    polling, parser = settings_module.PollingSettings(), ParserPool(timeout_seconds=5.0)
    async with Fetcher(settings_module.FetchSettings(**settings), clock) as fetcher:
        await parser.start()
        intake = Ingest(store, polling, clock)
        more: dict[str, Any] = {
            "on_room": lambda: None,
            "step": lambda _: None,
            "shares": getattr(config, "fairness", None),
        }
        wanted = inspect.signature(PollJob).parameters
        more = {name: value for name, value in more.items() if name in wanted}
        job = PollJob(store, fetcher, parser, intake, polling, clock, on_queued=lambda: None, **more)
        try:
            yield store, job
        finally:
            await job.close()
            await parser.close()
            await store.close()


def first_module(*names: str) -> Any:
    """The first of these modules that the checkout has: checkouts differ in where things lie."""
    for name in names:
        with contextlib.suppress(ModuleNotFoundError):
            return importlib.import_module(name)
    raise ModuleNotFoundError(f"the checkout has none of {', '.join(names)}")


@contextlib.asynccontextmanager
async def serving(scenario: Scenario, scale: float) -> AsyncIterator[None]:
    costly = costly_document().encode() if scenario.costly else b""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            load = b"/load/" in request
            body = PLAIN.format(time.time_ns()).encode()  # other bytes each time, so that they are read
            status = scenario.status if load else 200
            if load and costly:
                body = costly
            writer.write(
                b"HTTP/1.1 %d X\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                % (status, len(body))
            )
            if load and scenario.slow_seconds:
                for place in range(10):
                    writer.write(body[place : place + 1])
                    await writer.drain()
                    await asyncio.sleep(scenario.slow_seconds * scale / 10)
                body = body[10:]
            writer.write(body)
            await writer.drain()
        writer.close()

    hosts = sorted({url.split("/")[2].split(":")[0] for url in addresses(scenario)})
    server = await asyncio.start_server(answer, hosts, PORT, backlog=500)
    async with server:
        yield


def addresses(scenario: Scenario) -> Iterator[str]:
    for number in range(QUICK_FEEDS):
        yield of_a(number, scenario)
    for number in range(scenario.feeds):
        yield of_b(number, scenario)


def costly_document() -> str:
    """Half a megabyte of elements, each of which costs a parser the same."""
    item = f"<item><title>a</title><guid>1</guid>{'<b/>' * 90_000}</item>"
    return f"<rss version='2.0'><channel><title>t</title>{item}</channel></rss>"


if __name__ == "__main__":
    sys.exit(main())
