"""Pages of a large archive, beside a bare aiohttp handler in the same run.

Rows of `--articles` articles of 1,000 feeds; 40 of them are a published topic. Printed are the 95th percentiles in CPU
milliseconds of what is asked for without the cache (the first page, a middle and the last one, a search), and requests a
second of the cache's answers and of 304 answers, as a share of a bare handler's.
"""

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import aiohttp
from aiohttp import web

from bot.model import WebAccess
from bot.store.engine.migrate import upgrade
from bot.words.index_words import FUNCTIONS
from tests.builders import START
from tests.opening import open_store
from tests.web.site import GUILD, Site, site_of

FEEDS, PUBLISHED = 1_000, 40
WORDS = [f"word{number}" for number in range(3_000)]


def fill(path: Path, articles: int) -> None:
    """Straight into the tables, index and counts by their triggers."""
    chance = random.Random(1)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    for name, arguments, function in FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
    connection.executemany(
        "INSERT INTO feeds (id, url, host, title, site_url, next_poll_at) VALUES (?, ?, 'h', ?, 'https://s.example/', 0)",
        [(feed, f"https://f{feed}.example/feed", f"Feed {feed}") for feed in range(1, FEEDS + 1)],
    )
    connection.execute(
        "INSERT INTO topics (id, guild_id, name, name_key, channel_id, options, created_at) VALUES (1, ?, 'All', 'all', 1, '{}', 0)",
        (GUILD,),
    )
    connection.executemany(
        "INSERT INTO subscriptions (topic_id, feed_id, added_at) VALUES (1, ?, 0)",
        [(feed,) for feed in range(1, PUBLISHED + 1)],
    )
    now = int(START.timestamp() * 1000)

    def rows() -> object:
        for number in range(1, articles + 1):
            text = " ".join(chance.choices(WORDS, k=60))
            at = now - (articles - number) * 60_000
            yield (
                1 + number % (PUBLISHED if number % 2 else FEEDS), f"u{number}", f"c{number}", f"Article {number} {text[:30]}",
                f"https://a.example/{number}", f"<p>{text}</p><ul><li>{text[:80]}</li></ul>", text, at, at, at,
            )  # fmt: skip

    connection.executemany(
        "INSERT INTO entries (feed_id, uid, content_key, title, link, summary_html, text, position, seen_at, sort_at, "
        "published_at, categories) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, '[]')",
        rows(),
    )
    connection.commit()
    connection.close()


async def cpu(ask: Callable[[int], Awaitable[object]], rounds: int) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds of all threads; the client's share is in it."""
    taken = []
    for number in range(rounds):
        begun = time.process_time()
        await ask(number)
        taken.append((time.process_time() - begun) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.95)]


async def rate(session: aiohttp.ClientSession, url: str, headers: dict[str, str], status: int) -> float:
    """Requests a second of CPU, client included."""
    begun = time.process_time()
    for _ in range(1_000):
        async with session.get(url, headers=headers) as answer:
            await answer.read()
            assert answer.status == status, answer.status
    return 1_000 / (time.process_time() - begun)


async def bare(body: bytes) -> tuple[web.AppRunner, str]:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", handle)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/"


async def run(articles: int, rounds: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "riverpost.db"
        upgrade(path)
        fill(path, articles)
        store = await open_store(f"sqlite:///{path}", now=START, default_backfill=1)
        topic = await store.topics.get(GUILD, "All")
        assert topic is not None
        good = True
        async with site_of(store) as site:
            await site.publish(topic, WebAccess.PUBLIC)
            root = f"/r/{GUILD}/all/"
            last = (await store.river.at((await _river(site)).scope, 0, size=20)).total // 20
            chance = random.Random(2)
            asked: dict[str, tuple[Callable[[int], str], float]] = {
                "page 1": (lambda _: root, 20.0),
                "page 3,807": (lambda _: f"{root}?page={min(3_807, last)}", 20.0),
                "any page": (lambda _: f"{root}?page={chance.randint(1, last)}", 20.0),
                "search, any word": (lambda _: f"{root}search/?q={chance.choice(WORDS)}", 60.0),
                "Atom": (lambda _: f"{root}feed.atom", 20.0),
            }
            print(f"{articles:,} articles, {last * 20:,} in the topic; CPU ms, client included: median, p95, target")
            for name, (address, target) in asked.items():

                async def ask(number: int, address: Callable[[int], str] = address) -> None:
                    answer = await site.get(address(number))
                    assert answer.status == 200, answer.status

                await cpu(ask, 5)
                middle, late = await cpu(ask, rounds)
                good &= late <= target
                print(f"  {name:20} {middle:7.1f} {late:7.1f} {target:7.0f}")
        async with site_of(store, cache_seconds=3_600) as site:
            await site.publish(topic, WebAccess.PUBLIC)
            url = site.web.base_url + root
            first = await site.get(root, Accept_Encoding="br")
            runner, address = await bare(first.body)
            plain = await rate(site.client, address, {}, 200)
            kept = await rate(site.client, url, {"Accept-Encoding": "br"}, 200)
            known = await rate(site.client, url, {"If-None-Match": first.headers["ETag"]}, 304)
            await runner.cleanup()
            for name, found, target in (("pages from the cache", kept, 0.15), ("304 answers", known, 0.5)):
                good &= found / plain >= target
                print(f"  {name:20} {found / plain:7.2f} of a bare handler's requests a second, target {target}")
        await store.close()
    return good


async def _river(site: Site):
    return await site.rivers.find(GUILD, "all")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    sys.exit(0 if asyncio.run(run(options.articles, options.rounds)) else 1)
