"""A sweep over very many feeds, each over a TLS connection of its own, as a bot with many sources does it all day.

    python benchmarks/mix.py [--feeds N] [--skip-wait]

60 % answer 304; 35 % send 26 KB of gzip (72 KB) that have not changed; 5 % have one new entry, which is queued for
five channels. The server ends each connection after its answer. Before it, the feeds are read for the first time;
those that answer 304 are small then, since only their validators matter later. The same requests by bare aiohttp, read
and decompressed, show what the network alone costs in this run.
"""

import argparse
from collections import Counter

import aiohttp
import documents
import feedserver
import rig

BODIES = 200
CHANNELS = 5


def options() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--feeds", type=int, default=400, help="the sweep is meant for 10000 (default 400)")
    made.add_argument("--sweeps", type=int, default=2, help="how many sweeps are measured (default 2)")
    made.add_argument("--skip-wait", action="store_true", help="look for due feeds without the poll loop's pauses")
    return made


def kind(number: int) -> str:
    """Of each 20 feeds 12 answer 304, 7 repeat themselves, 1 has news."""
    place = number % 20
    return "note" if place < 12 else "deaf" if place < 19 else "news"


async def measure(given: argparse.Namespace) -> int:
    newest = documents.first_newest(rig.MovableClock().now())
    setup = feedserver.Setup(
        feeds=given.feeds, bodies=min(BODIES, given.feeds), certificates=str(rig.folder()), close=True, newest=newest
    )
    with feedserver.Server(setup) as server:
        meter = rig.Meter(without=(server.pid,))
        async with rig.riverpost() as bot:
            urls = {server.url(kind(number), number): kind(number) for number in range(given.feeds)}
            await bot.follow([url for url, of in urls.items() if of != "news"])
            await bot.follow([url for url, of in urls.items() if of == "news"], channels=CHANNELS)
            rows = [
                await bare("bare aiohttp, the same", given, list(urls), meter, newest),
                await sweep("first, all new", given, bot, meter),
            ]
            counts = Counter(urls.values())
            for number in range(1, given.sweeps + 1):
                server.publish(newest + number)
                before = await bot.waiting()
                rows.append(await sweep(f"sweep {number}", given, bot, meter, unchanged=counts["note"]))
                if await bot.waiting() - before != CHANNELS * counts["news"]:
                    raise SystemExit("the run is void: the new entries were not queued for every channel")
            memory = meter.peak_megabytes()
    print(
        f"{given.feeds} feeds over TLS: {counts['note']} x 304, {counts['deaf']} x the same, {counts['news']} x one new"
    )
    rig.table(
        ("", "CPU ms/poll", "main", "workers", "polls/s", "polls/CPU s", "lag median", "lag 99 %", "lag most, ms"), rows
    )
    print(f"peak memory: {memory[0]:.0f} MB, workers together {memory[1]:.0f} MB")
    return 0


async def bare(
    name: str, given: argparse.Namespace, urls: list[str], meter: rig.Meter, newest: int
) -> tuple[object, ...]:
    """Get and read what a sweep gets, decompressed but neither parsed nor stored."""
    statuses: Counter[int] = Counter()

    async def ask(number: int, url: str) -> None:
        headers = {"If-None-Match": f'"{number}-{newest}"'} if kind(number) == "note" else {}
        async with session.get(url, headers=headers) as answer:
            await answer.read()
            statuses[answer.status] += 1

    async with aiohttp.ClientSession() as session, rig.LagProbe() as probe:
        with meter.measure() as cost:
            await rig.at_once(urls, ask)
    assert statuses[304] == sum(kind(number) == "note" for number in range(given.feeds)), statuses
    return row(name, cost, given.feeds, probe)


async def sweep(
    name: str, given: argparse.Namespace, bot: rig.Riverpost, meter: rig.Meter, *, unchanged: int = 0
) -> tuple[object, ...]:
    """One sweep as a row of the table."""
    polls: int = given.feeds
    async with rig.LagProbe() as probe:
        with meter.measure() as cost:
            answers = await bot.sweep_again(polls, hurry=given.skip_wait)
    rig.expect(answers, NotModified=unchanged, Fetched=polls - unchanged)
    return row(name, cost, polls, probe)


def row(name: str, cost: rig.Cost, polls: int, probe: rig.LagProbe) -> tuple[object, ...]:
    parts = [1000 * seconds / polls for seconds in (cost.cpu, cost.own, cost.children)]
    return (name, *parts, round(polls / cost.wall), round(polls / cost.cpu), *probe.milliseconds())


if __name__ == "__main__":
    raise SystemExit(rig.main(options(), measure))
