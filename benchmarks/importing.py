"""An OPML file of 500 feeds, 50 of them dead, imported as the bot does it: how long, and is each dead one named?

    python benchmarks/importing.py [feeds] [dead] [hosts]

Hosts are on loopback and answer after 50 to 400 ms; the dead ones answer 404, 500, with a page, in a circle, not at all
(they hang until the time limit, 20 s as in the bot) or refuse the connection. Politeness is the bot's own: one request
at a time and host, a second apart. The real fetcher, parser processes and store take part.
"""

import asyncio
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).parent.parent))

from aiohttp import web

from bot import logs
from bot.clock import SystemClock
from bot.config.settings import FetchSettings, LimitsSettings, PollingSettings
from bot.feeds.http.fetcher import Fetcher
from bot.feeds.workers.parser_pool import ParserPool
from bot.jobs.feed_import_loop import FeedImportJob
from bot.services import Importing
from bot.services.sources.ingest import Ingest
from bot.services.transfer import import_report
from bot.services.transfer.import_checks import Checking
from bot.services.transfer.importer import anybody
from tests.fakes import FakePermits
from tests.jobs.importer import opml
from tests.opening import open_store

KINDS = ("404", "500", "page", "circle", "hang")
ITEMS = 20


class Hosts:
    """Loopback hosts; a path says how it answers."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._chance = random.Random(7)
        self.urls: list[str] = []
        self.most_at_once = 0
        self._open = Counter()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{kind}/{number}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        for number in range(self._count):
            site = web.TCPSite(self._runner, f"127.0.{number // 250}.{1 + number % 250}", 0)
            await site.start()
        self.urls = [f"http://{host}:{port}" for host, port in self._runner.addresses]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        kind, number = request.match_info["kind"], request.match_info["number"]
        self._open[request.host] += 1
        self.most_at_once = max(self.most_at_once, *self._open.values())
        try:
            await asyncio.sleep(self._chance.uniform(0.05, 0.4))
            if kind == "hang":
                self._open[request.host] -= 1  # the bot gives it up without this side's noticing
                await asyncio.sleep(60)
                self._open[request.host] += 1
            if kind in {"404", "500"}:
                return web.Response(status=int(kind))
            if kind == "page":
                return web.Response(text="<html><title>For sale</title></html>", content_type="text/html")
            if kind == "circle":
                return web.Response(status=302, headers={"Location": request.path})
            return web.Response(text=_feed(request.host, number), content_type="application/rss+xml")
        finally:
            self._open[request.host] -= 1


def _feed(host: str, number: str) -> str:
    items = "".join(
        f"<item><title>Article {n} of {number}</title><link>http://{host}/{number}/{n}</link>"
        f"<pubDate>Thu, {n + 1:02} Jan 2026 12:00:00 GMT</pubDate><description>{'Words of it. ' * 40}</description></item>"
        for n in range(ITEMS)
    )
    return f'<rss version="2.0"><channel><title>Blog {number}</title><link>http://{host}/</link>{items}</channel></rss>'


async def main(total: int, dead: int, host_count: int) -> None:
    logs.setup("warning", "text", [])
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        async with Hosts(host_count) as hosts, Fetcher(FetchSettings(allow_private_networks=True), clock) as fetcher:
            bad = {f"{hosts.urls[n % host_count]}/{KINDS[n % len(KINDS)]}/{n}" for n in range(dead)}
            good = {f"{hosts.urls[n % host_count]}/feed/{n}" for n in range(total - dead)}
            listed = [*good, *bad]
            random.Random(1).shuffle(listed)
            store = await open_store(f"sqlite:///{folder}/a.db", now=clock.now())
            parser = ParserPool(timeout_seconds=5.0)
            importing = Importing(store, clock, on_begun=lambda: None)
            intake = Ingest(store, PollingSettings(), clock)
            checking = Checking(
                store,
                fetcher,
                parser,
                intake,
                LimitsSettings(sources_per_guild=10_000),
                clock,
                FakePermits(),
                hosts_per_day=None,
            )
            job = FeedImportJob(store, checking, importing, clock)
            begun_at, cpu = time.perf_counter(), time.process_time()
            begun = await importing.begin(
                guild_id=1, channel_id=10, body=opml(listed), topic="News", folders=False, added_by=1, allow=anybody
            )
            stored = time.perf_counter() - begun_at
            work = asyncio.create_task(job.round())
            while not work.done():
                await importing.wait(begun.id, 3.0)
                tally = await importing.tally(begun.id)
                print(
                    f"{time.perf_counter() - begun_at:6.1f} s  {import_report.progress(tally).replace(chr(10), '  ')}"
                )
            await work
            seconds = time.perf_counter() - begun_at
            report = await importing.report(begun.id)
            named = {each.url for each in report.failed}
            waiting = len(await store.deliveries.waiting(10, limit=10_000))
            file = import_report.failures_file(report)
            await store.close()
            await parser.close()
    print(
        f"\n{total} feeds on {host_count} hosts, {dead} dead: list read and stored in {stored:.2f} s, over in {seconds:.1f} s"
    )
    print(
        f"processor {time.process_time() - cpu:.1f} s here, load {os.getloadavg()[0]:.1f};"
        f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB; at most {hosts.most_at_once} request(s) at once on a host"
    )
    print(
        f"followed {report.tally.followed}, failed {report.tally.failed}; every dead feed named: {named == bad}; "
        f"articles waiting to be posted: {waiting}; report file {len(file):,} bytes"
    )
    for problem, count in Counter(each.problem for each in report.failed).most_common():
        print(f"  {count:3} {problem}")


if __name__ == "__main__":
    asyncio.run(main(*(int(each) for each in [*sys.argv[1:], *("500", "50", "100")[len(sys.argv) - 1 :]])))
