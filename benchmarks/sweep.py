"""A first and a second sweep over many feeds, against the library `reader` on the same server in the same run.

    python benchmarks/sweep.py [--feeds N] [--install-reader | --without-reader] [--skip-wait]

Feeds of 72 KB with 20 entries each, over kept-alive HTTP; the second time nothing is new (304). Shown are CPU seconds
of all threads and worker processes, wall seconds, peak memory, and how late Riverpost's event loop was meanwhile.
Adding the feeds is not counted for either. reader runs in its own process and environment, with 10 workers.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import documents
import feedserver
import rig

READER = ("reader==3.26", "sgmllib3k")
READER_WORKERS = 10
VENV = Path(tempfile.gettempdir()) / "riverpost-benchmark-reader"
PYTHON = VENV / "bin" / "python"
FIRST, SECOND, LAG_MS = 2.5, 5.0, 20.0


def options() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--feeds", type=int, default=200, help="the target is meant for 2000 (default 200)")
    made.add_argument(
        "--install-reader", action="store_true", help=f"make the environment {VENV} and install {' and '.join(READER)}"
    )
    made.add_argument("--without-reader", action="store_true", help="measure Riverpost alone")
    made.add_argument("--skip-wait", action="store_true", help="look for due feeds without the poll loop's pauses")
    return made


async def measure(given: argparse.Namespace) -> int:
    if given.install_reader:
        await asyncio.to_thread(install)
    if not given.without_reader and not PYTHON.exists():
        raise SystemExit(f"{PYTHON} is not there: use --install-reader once, or --without-reader")
    newest = documents.first_newest(rig.MovableClock().now())
    setup = feedserver.Setup(feeds=given.feeds, bodies=given.feeds, newest=newest)
    with feedserver.Server(setup) as server:
        urls = [server.url("same", number) for number in range(given.feeds)]
        theirs = None if given.without_reader else await asyncio.to_thread(reader, urls)
        ours, lags, memory = await sweeps(server, urls, hurry=given.skip_wait)
    return report(given.feeds, ours, lags, memory, theirs)


def install() -> None:
    subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--quiet", *READER], check=True)


async def sweeps(
    server: feedserver.Server, urls: list[str], *, hurry: bool
) -> tuple[list[rig.Cost], list[tuple[float, float, float]], tuple[float, float]]:
    costs, lags = [], []
    async with rig.LagProbe() as probe:
        await asyncio.sleep(2)
    lags.append(probe.milliseconds())
    meter = rig.Meter(without=(server.pid,))
    async with rig.riverpost() as bot:
        await bot.follow(urls)
        for number in range(2):
            async with rig.LagProbe() as probe:
                with meter.measure() as cost:
                    answers = await (bot.sweep_again if number else bot.sweep)(len(urls), hurry=hurry)
            rig.expect(answers, **{"NotModified" if number else "Fetched": len(urls)})
            costs.append(cost)
            lags.append(probe.milliseconds())
        if await bot.waiting() != len(urls):
            raise SystemExit("the run is void: not every feed brought its sample")
        memory = meter.peak_megabytes()
    return costs, lags, memory


def reader(urls: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        [PYTHON, Path(__file__).with_name("peer_reader.py"), rig.folder() / "reader.db", str(READER_WORKERS)],
        input="\n".join(urls), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"reader failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    if (found["failed"], found["entries"]) != (0, len(urls) * documents.ENTRIES):
        raise SystemExit(f"the run is void: reader read {found['entries']} entries, {found['failed']} feeds failed")
    return found


def report(
    feeds: int,
    ours: list[rig.Cost],
    lags: list[tuple[float, float, float]],
    memory: tuple[float, float],
    theirs: dict[str, Any] | None,
) -> int:
    print(f"{feeds} feeds of 72 KB with {documents.ENTRIES} entries, kept-alive HTTP")
    rows: list[tuple[object, ...]] = []
    for name, number in (("first", 0), ("second, 304", 1)):
        cost = ours[number]
        shares = f"{cost.own:.2f} + {cost.children:.2f}"
        rows.append((f"Riverpost, {name}", cost.cpu, shares, 1000 * cost.cpu / feeds, cost.wall))
        if theirs:
            run = theirs["runs"][number]
            rows.append((f"reader, {name}", run["cpu"], "", 1000 * run["cpu"] / feeds, run["wall"]))
    rig.table(("", "CPU s", "main + workers", "CPU ms/feed", "wall s"), rows)
    print(f"peak memory: Riverpost {memory[0]:.0f} MB, its workers together {memory[1]:.0f} MB", end="")
    print(f"; reader {theirs['peak_megabytes']:.0f} MB\n" if theirs else "\n")
    names = ("machine at rest", "first sweep", "second sweep")
    rig.table(
        ("event loop's lag, ms", "median", "99 %", "most"),
        [(name, *lag) for name, lag in zip(names, lags, strict=True)],
    )
    good = rig.verdict("lag at the 99th percentile, first sweep", lags[1][1], most=LAG_MS, unit=" ms")
    good &= rig.verdict("lag at the 99th percentile, second sweep", lags[2][1], most=LAG_MS, unit=" ms")
    if theirs:
        ratios = [run["cpu"] / cost.cpu for run, cost in zip(theirs["runs"], ours, strict=True)]
        good &= rig.verdict("first sweep, less CPU than reader", ratios[0], least=FIRST)
        good &= rig.verdict("second sweep, less CPU than reader", ratios[1], least=SECOND)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(rig.main(options(), measure))
