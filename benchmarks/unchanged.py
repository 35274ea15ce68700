"""What a poll costs that finds nothing new (304): the whole of Riverpost's poll against bare aiohttp.

    python benchmarks/unchanged.py [--feeds N] [--rounds N] [--only keep-alive|tls] [--profile]

In one process and one run, in turns: bare aiohttp (get and read, same headers, same loop, same number at once), the
fetcher alone, polls whose answer is given (claim, decide, store: no network), and whole polls.
CPU milliseconds per poll, all threads; medians of the rounds. Each feed has a host of its own.
"""

import argparse
import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import feedserver
import profiling
import rig

from bot.config.settings import STANDARD_SHARES
from bot.feeds.http import decompress
from bot.feeds.http.fetcher import ACCEPT
from bot.feeds.scheduling import poll_outcome
from bot.model import FeedRequest, FetchResult, NotModified

TARGETS = {"keep-alive": 2.0, "tls": 1.3}
ETAG, MODIFIED = '"{number}-0"', "Sun, 01 Nov 2026 00:00:00 GMT"


def options() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--feeds", type=int, default=512, help="feeds, and polls per round (default 512)")
    made.add_argument("--rounds", type=int, default=9, help="rounds of which the median is taken (default 9)")
    made.add_argument("--only", choices=TARGETS, help="one kind of connection (default: both)")
    made.add_argument("--profile", action="store_true", help="say where the time of whole polls goes")
    return made


class Given:
    """Answers without a network."""

    async def fetch(self, request: FeedRequest) -> FetchResult:
        return NotModified(etag=request.etag, last_modified=request.last_modified)


async def measure(given: argparse.Namespace) -> int:
    met = True
    for kind in [given.only] if given.only else TARGETS:
        met &= await connections(kind, given)
    return 0 if met else 1


async def connections(kind: str, given: argparse.Namespace) -> bool:
    setup = feedserver.Setup(
        feeds=given.feeds, bodies=1, certificates=str(rig.folder()) if kind == "tls" else None, close=kind == "tls"
    )
    with feedserver.Server(setup) as server:
        async with rig.riverpost() as bot, aiohttp.ClientSession() as session:
            urls = [server.url("note", number) for number in range(given.feeds)]
            await bot.follow(urls)
            rig.expect(await bot.sweep(given.feeds, hurry=True), Fetched=given.feeds)
            if given.profile:
                await profiling.of(lambda: whole(bot, urls), polls=given.feeds, rounds=4 * given.rounds)
                await pieces(bot, given.feeds, given.rounds)
                return True
            return await compare(kind, given, bot, session, urls)


async def compare(
    kind: str, given: argparse.Namespace, bot: rig.Riverpost, session: aiohttp.ClientSession, urls: list[str]
) -> bool:
    agent = {"User-Agent": rig.Config().fetch.user_agent, "Accept-Encoding": decompress.ACCEPTED}
    same = {"Accept": ACCEPT, "A-IM": "feed", "If-Modified-Since": MODIFIED} | agent

    async def ask_bare(number: int, url: str) -> None:
        async with session.get(url, headers=same | {"If-None-Match": ETAG.format(number=number)}) as answer:
            await answer.read()
            assert answer.status == 304

    async def ask_fetcher(number: int, url: str) -> None:
        answer = await bot.fetcher.fetch(FeedRequest(url, ETAG.format(number=number), MODIFIED))
        assert isinstance(answer, NotModified)

    layers: dict[str, Callable[[], Awaitable[None]]] = {
        "bare aiohttp": lambda: rig.at_once(urls, ask_bare),
        "fetcher alone": lambda: rig.at_once(urls, ask_fetcher),
        "poll, answer given": lambda: whole(bot, urls, Given()),
        "whole poll": lambda: whole(bot, urls),
    }
    costs: dict[str, list[float]] = {name: [] for name in layers}
    for number in range(-1, given.rounds):
        for name, run in layers.items():
            gc.collect()
            before = time.process_time()
            await run()
            if number >= 0:  # the first round warms up
                costs[name].append(1000 * (time.process_time() - before) / len(urls))
    medians = {name: statistics.median(found) for name, found in costs.items()}
    bare = medians["bare aiohttp"]
    print(f"304 over {'fresh TLS connections' if kind == 'tls' else 'kept-alive HTTP'}, {len(urls)} feeds")
    rig.table(
        ("", "CPU ms/poll", "lowest", "highest", "against bare"),
        [
            (name, medians[name], min(found), max(found), f"{medians[name] / bare:.2f}x")
            for name, found in costs.items()
        ],
    )
    await idle()
    return rig.verdict(f"unchanged, {kind}", medians["whole poll"] / bare, most=TARGETS[kind])


async def whole(bot: rig.Riverpost, urls: Sequence[str], answers: rig.AnyFetcher | None = None) -> None:
    bot.turnstile.inner = answers or bot.fetcher
    rig.expect(await bot.sweep_again(len(urls), hurry=True), NotModified=len(urls))


async def pieces(bot: rig.Riverpost, feeds: int, rounds: int) -> None:
    """What the store's part is made of, each alone: one claim, one look for the next, one write of a batch."""
    moment = {"settings": rig.Config().polling, "chance": 0.5}
    times: dict[str, list[float]] = {"claim": [], "next due": [], "write": []}
    claimed = 0

    async def timed(name: str, work: Awaitable[Any]) -> Any:
        before = time.process_time()
        result = await work
        times[name].append(1e6 * (time.process_time() - before))
        return result

    for _ in range(rounds):
        bot.clock.leap()
        while due := await timed(
            "claim", bot.store.feeds.claim_due(now=bot.clock.now(), limit=STANDARD_SHARES.poll_slots)
        ):
            claimed += len(due)
            await timed("next due", bot.store.feeds.next_due_at())
            outcomes = [poll_outcome.unchanged(feed, NotModified(), now=bot.clock.now(), **moment) for feed in due]
            await timed("write", asyncio.gather(*map(bot.store.entries.apply, outcomes)))
    print(f"the store alone, {feeds} feeds, {STANDARD_SHARES.poll_slots} at a time:")
    rig.table(
        ("", "us a time", "us/poll"),
        [(name, statistics.median(found), sum(found) / claimed) for name, found in times.items()],
    )


async def idle() -> None:
    before = time.process_time()
    await asyncio.sleep(2)
    print(f"at rest the process takes {500 * (time.process_time() - before):.2f} ms CPU a second\n")


if __name__ == "__main__":
    raise SystemExit(rig.main(options(), measure))
