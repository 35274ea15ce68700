"""What a poll costs that finds one new entry among 20 in a 120 KB feed, against feedparser's own default parse of it.

    python benchmarks/one_new.py [--feeds N] [--rounds N] [--kilobytes N]

From the body to the stored outcome: claim, the trip to the worker process, entries, deliveries. The answers are given,
so the network has no part in it; what the poll loop does without any document ("not modified") is shown beside it.
CPU milliseconds per feed of all threads and processes; medians of rounds in turns.
"""

import argparse
import asyncio
import gc
import io
import statistics
import time
from collections.abc import Mapping
from hashlib import blake2b

import documents
import feedparser
import profiling
import rig

from bot.model import FeedRequest, Fetched, FetchResult, NotModified

TARGET = 8.0


def options() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--feeds", type=int, default=96, help="feeds, each with its own document (default 96)")
    made.add_argument("--rounds", type=int, default=7, help="rounds of which the median is taken (default 7)")
    made.add_argument("--kilobytes", type=float, default=120.0, help="size of a document (default 120)")
    made.add_argument("--profile", action="store_true", help="say where this process's share goes")
    return made


class Given:
    """Answers with the document that is at an address, or with "not modified" where there is none."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._answers = {
            url: Fetched(
                url=url, moved_to=None, status=200, body=body, digest=blake2b(body, digest_size=16).hexdigest(),
                content_type="application/rss+xml; charset=UTF-8", etag=None, last_modified=None,
            )
            for url, body in bodies.items()
        }  # fmt: skip

    async def fetch(self, request: FeedRequest) -> FetchResult:
        return self._answers.get(request.url) or NotModified()


async def measure(given: argparse.Namespace) -> int:
    meter = rig.Meter()
    urls = [f"https://host{number}.example/feed/" for number in range(given.feeds)]
    costs: dict[str, list[float]] = {
        "feedparser.parse, default": [], "poll with one new of 20": [], "... of it in workers": [],
        "poll without a document": [],
    }  # fmt: skip
    async with rig.riverpost() as bot:
        await bot.follow(urls)
        newest = documents.first_newest(bot.clock.now())
        await poll(bot, bodies(urls, newest, given.kilobytes), meter)
        if given.profile:
            await profile(bot, urls, newest, given, meter)
            return 0
        for number in range(-1, given.rounds):
            newest += 1
            found = bodies(urls, newest, given.kilobytes)
            plain = reference(list(found.values()))
            before = await bot.waiting()
            changed = await poll(bot, found, meter)
            if await bot.waiting() - before != given.feeds:
                raise SystemExit("the run is void: not every feed brought one new article")
            nothing = await poll(bot, {}, meter, urls)
            if number >= 0:  # the first round warms up
                for name, seconds in zip(costs, (plain, changed.cpu, changed.children, nothing.cpu), strict=True):
                    costs[name].append(1000 * seconds / given.feeds)
        size = sum(map(len, found.values())) / len(found) / 1000
    medians = {name: statistics.median(values) for name, values in costs.items()}
    print(f"one new entry of {documents.ENTRIES}, {size:.0f} KB of RSS, {given.feeds} feeds")
    base = medians["feedparser.parse, default"]
    rig.table(
        ("", "CPU ms/feed", "lowest", "highest", "feedparser is"),
        [(name, medians[name], min(all_), max(all_), f"{base / medians[name]:.1f}x") for name, all_ in costs.items()],
    )
    good = rig.verdict(
        "one new entry, cheaper than feedparser", base / medians["poll with one new of 20"], least=TARGET
    )
    return 0 if good else 1


async def profile(
    bot: rig.Riverpost, urls: list[str], newest: int, given: argparse.Namespace, meter: rig.Meter
) -> None:
    """Of the bot's own process; what the workers do is `bot.feeds.workers.parser_worker.read`, and can be profiled by itself."""
    rounds = range(newest + 1, newest + 2 + 2 * given.rounds)
    prepared = iter([bodies(urls, number, given.kilobytes) for number in rounds])

    async def run() -> None:
        await poll(bot, next(prepared), meter)

    await profiling.of(run, polls=given.feeds, rounds=given.rounds)


def bodies(urls: list[str], newest: int, kilobytes: float) -> dict[str, bytes]:
    return {url: documents.rss(number, newest, kilobytes=kilobytes) for number, url in enumerate(urls)}


def reference(found: list[bytes]) -> float:
    gc.collect()
    before = time.process_time()
    for body in found:
        assert len(feedparser.parse(io.BytesIO(body)).entries) == documents.ENTRIES
    return time.process_time() - before


async def poll(
    bot: rig.Riverpost, found: dict[str, bytes], meter: rig.Meter, urls: list[str] | None = None
) -> rig.Cost:
    count = len(urls or found)
    bot.turnstile.inner = Given(found)
    gc.collect()
    await asyncio.sleep(0.05)  # what the last round left to other threads is over
    with meter.measure() as cost:
        answers = await bot.sweep_again(count, hurry=True)
    rig.expect(answers, Fetched=len(found), NotModified=count - len(found))
    return cost


if __name__ == "__main__":
    raise SystemExit(rig.main(options(), measure))
