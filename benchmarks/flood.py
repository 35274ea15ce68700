"""What one server's flood does to another server: 1,000 new articles for each of 50 topics, at every poll.

    python benchmarks/flood.py [--seconds S] [--articles N] [--topics N] [--against PATH]

Server B follows, in 50 topics, a feed that has 1,000 new articles at every poll. Server A follows a quick feed, and one of
its members uses a command twice a second. The whole bot, against the loopback Discord; measured are the longest
standstill of its event loop (for which it worked itself: what a busy machine adds is none), how soon A's commands are
acknowledged, how much later than alone A's articles come, and the memory of all its processes. `--against` runs the same with the code of another checkout, in the same run. Bounds of a day are
lifted, and slow polls are not made rarer, so that the flood goes on.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
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
POLL_SECONDS = 5
COMMAND_SECONDS = 0.5
ARTICLE_SECONDS = 1.7
WARM_UP_SECONDS = 8.0
ANSWER_SECONDS = 3.0
"""After which Discord takes no answer."""
MAX_STANDSTILL, MAX_ACKNOWLEDGING, MAX_MEGABYTES = 0.1, 1.0, 350.0
MAX_LATER = 2.0
"""Times the delay of A's articles without B."""
LIFTED = {
    "articles_per_source_per_day": 10**9,
    "megabytes_per_source_per_day": 10**6,
    "stored_megabytes_per_day": 10**6,
}


@dataclass(frozen=True)
class Found:
    """What one run came to."""

    standstill: float
    acknowledged: float
    delay: float
    latest: float
    articles: int
    published: int
    megabytes: float
    polls: int

    def line(self, name: str) -> str:
        """A row of the table."""
        return (
            f"{name:<34}{self.standstill * 1000:>10.0f} ms{self.acknowledged * 1000:>13.0f} ms{self.delay:>9.1f} s"
            f"{self.latest:>9.1f} s{self.articles:>7}/{self.published:<4}{self.megabytes:>8.0f} MB{self.polls:>7}"
        )


HEAD = (
    f"{'':<34}{'standstill':>13}{'acknowledged':>16}{'delay':>11}{'latest':>11}{'came':>12}{'memory':>11}{'polls':>7}"
)


def main() -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--seconds", type=float, default=60.0, help="of the flood (default 60)")
    made.add_argument("--articles", type=int, default=1000, help="new ones at every poll (default 1000)")
    made.add_argument("--topics", type=int, default=50, help="of server B (default 50)")
    made.add_argument("--against", type=Path, help="another checkout to run the same with")
    made.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.inside:
        return inside(*map(Path, given.inside))
    sys.path.insert(0, str(HERE))
    print(HEAD, flush=True)
    met = True
    for tree in [HERE] if given.against is None else [given.against.resolve(), HERE]:
        alone = asyncio.run(measured(tree, given.seconds / 2, topics=0, articles=0))
        print(alone.line(f"{tree.name}: A alone"), flush=True)
        beside = asyncio.run(measured(tree, given.seconds, topics=given.topics, articles=given.articles))
        print(beside.line(f"{tree.name}: A beside B"), flush=True)
        if tree == HERE:
            met = (
                beside.standstill <= MAX_STANDSTILL
                and beside.acknowledged <= MAX_ACKNOWLEDGING
                and beside.megabytes <= MAX_MEGABYTES
                and beside.delay <= MAX_LATER * alone.delay
                and beside.articles == beside.published
            )
            print(
                f"{'met' if met else 'MISSED'} (targets: standstill {MAX_STANDSTILL * 1000:g} ms, acknowledged within "
                f"{MAX_ACKNOWLEDGING:g} s, articles at most {MAX_LATER:g}x later, {MAX_MEGABYTES:g} MB)"
            )
    return 0 if met else 1


# --- the world around the bot --------------------------------------------------------------------------


class Feeds:
    """A's feed, and B's, which has other articles each time it is asked."""

    def __init__(self, articles: int) -> None:
        self._articles = articles
        self.polls = 0
        self.quick = 1

    async def serve(self, request: Any) -> Any:
        """An answer as it is asked for."""
        from aiohttp import web  # noqa: PLC0415

        if request.path == "/quick":
            items = "".join(
                _item("quick", number, "Quick") for number in range(max(1, self.quick - 15), self.quick + 1)
            )
        else:
            self.polls += 1
            first = self.polls * self._articles
            items = "".join(_item("flood", first + number, "word " * 80) for number in range(self._articles))
        body = f"<rss version='2.0'><channel><title>{request.path}</title>{items}</channel></rss>"
        return web.Response(text=body, content_type="application/rss+xml")


def _item(kind: str, number: int, text: str) -> str:
    return (
        f"<item><title>{kind} {number}</title><guid isPermaLink='false'>{kind}-{number}</guid>"
        f"<link>http://{kind}.example/{number}</link><description>{text}</description></item>"
    )


async def measured(tree: Path, seconds: float, *, topics: int, articles: int) -> Found:
    """A run of the bot of a checkout."""
    from bot.clock import SystemClock  # noqa: PLC0415
    from tests.wire.loopback.server import LoopbackDiscord  # noqa: PLC0415
    from tests.wire.loopback.world import titles  # noqa: PLC0415

    feeds, clock = Feeds(articles), SystemClock()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with serving(feeds) as port, LoopbackDiscord(checks_answers=False) as discord:
            ours, theirs = discord.guild("A"), discord.guild("B")
            news = ours.text_channel("news")
            places = [theirs.text_channel(f"flood{number}") for number in range(topics)]
            member = ours.member("mia", "manage_channels")
            declared = [(ours.id, "quick", news.id, f"http://127.0.3.1:{port}/quick")]
            declared += [(theirs.id, place.name, place.id, f"http://127.0.2.1:{port}/flood") for place in places]
            configure(tree, folder, discord.api_url, declared)
            with running(tree, folder, discord.token) as bot:
                await discord.wait_for(
                    lambda: discord.takes_commands and bool(titles(discord.messages(news))), within=120
                )
                asking = asyncio.create_task(ask_for_ever(discord, member, news))
                publishing = asyncio.create_task(publish_for_ever(feeds, clock))
                await asyncio.sleep(WARM_UP_SECONDS)
                bot.send_signal(signal.SIGUSR1)  # count from here on
                began, begun_at, sizes = time.monotonic(), clock.now().timestamp(), [0.0]
                while time.monotonic() - began < seconds:
                    sizes.append(await asyncio.to_thread(megabytes, bot.pid))
                    await asyncio.sleep(1)
                publishing.cancel()
                await asyncio.gather(publishing, return_exceptions=True)
                published = {title: when for title, when in PUBLISHED.items() if when >= begun_at}
                with contextlib.suppress(TimeoutError):
                    await discord.wait_for(lambda: published.keys() <= set(titles(discord.messages(news))), within=60)
                came = {
                    title: each.created_at.timestamp() for each in discord.messages(news) for title in titles([each])
                }
                ended = time.monotonic() - ANSWER_SECONDS  # what was asked later may have been cut off
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                standstill = json.loads((folder / "standstill.json").read_text())
            asked = [each for each in discord.interactions.all if began <= each.asked_at < ended]
            waits = [each.acknowledged_at - each.asked_at if each.acknowledged_at else ANSWER_SECONDS for each in asked]
            delays = [came[title] - when for title, when in published.items() if title in came]
            return Found(
                standstill=standstill,
                acknowledged=max(waits, default=ANSWER_SECONDS),
                delay=statistics.median(delays) if delays else 60.0,
                latest=max(delays, default=60.0),
                articles=len(delays),
                published=len(published),
                megabytes=max(sizes),
                polls=feeds.polls,
            )


PUBLISHED: dict[str, float] = {}


async def publish_for_ever(feeds: Feeds, clock: Any) -> None:
    """An article of A's every few seconds."""
    PUBLISHED.clear()
    while True:
        feeds.quick += 1
        PUBLISHED[f"quick {feeds.quick}"] = clock.now().timestamp()
        await asyncio.sleep(ARTICLE_SECONDS)


async def ask_for_ever(discord: Any, member: Any, channel: Any) -> None:
    """A's commands, which read and which write."""
    number = 0
    while True:
        number += 1
        with contextlib.suppress(Exception):  # one that is not answered is seen in what was acknowledged
            if number % 4:
                await discord.ask(member, channel, "latest")
            else:
                await discord.ask(member, channel, "topic pause" if number % 8 else "topic resume", name="quick 2")
        await asyncio.sleep(COMMAND_SECONDS)


@contextlib.asynccontextmanager
async def serving(feeds: Feeds) -> AsyncIterator[int]:
    """The port of a feed server."""
    from aiohttp import web  # noqa: PLC0415

    app = web.Application()
    app.router.add_get("/{path}", feeds.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "0.0.0.0", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def configure(tree: Path, folder: Path, api_url: str, topics: list[tuple[int, str, int, str]]) -> None:
    """A configuration that the checkout understands."""
    known = "".join(each.read_text() for each in (tree / "bot").glob("config*.py")) + "".join(
        each.read_text() for each in (tree / "bot").glob("config/*.py")
    )
    lines = [
        f'[discord]\napi_url = "{api_url}"',
        f'[store]\nurl = "sqlite:///{folder}/a.db"',
        "[fetch]\nallow_private_networks = true\nper_host_interval_seconds = 0",
        *(['allowed_ports = ["1-65535"]'] if "allowed_ports" in known else []),
        *(["[fairness]\nbusy_percent = 100"] if "busy_percent" in known else []),
        "[polling]",
        *(f"{name}_interval_seconds = {POLL_SECONDS}" for name in ("default", "min", "max")),
        '[logging]\nlevel = "error"',
        "[limits]",
        *(f"{key} = {value}" for key, value in LIFTED.items() if key in known),
    ]
    for guild, name, channel, url in topics:
        lines.append(
            f'[[topics]]\nguild_id = {guild}\nname = "{name}"\nchannel_id = {channel}\nfeeds = ["{url}"]\nbackfill = 1'
        )
    (folder / "config.toml").write_text("\n".join(lines) + "\n")


@contextlib.contextmanager
def running(tree: Path, folder: Path, token: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The bot of a checkout, as a process."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DISCORD_", "RIVERPOST__"))}
    environment |= {"DISCORD_TOKEN": token, "PYTHONPATH": str(tree)}
    arguments = [sys.executable, str(Path(__file__).resolve()), "--inside", str(folder / "config.toml"), str(folder)]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=tree, env=environment, stdout=log, stderr=log)
    try:
        yield process
    except BaseException:
        print((folder / "log.txt").read_text()[-3000:], file=sys.stderr)
        raise
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def megabytes(pid: int) -> float:
    """Of a process and its children together; what they share counts once."""
    import psutil  # noqa: PLC0415

    total = 0
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(pid)
        for member in [family, *family.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += member.memory_full_info().pss
    return total / 1e6


# --- inside of the bot's process ------------------------------------------------------------------------


def inside(config: Path, folder: Path) -> int:
    """The bot as `python -m bot run` starts it, with a watch on its event loop."""
    import uvloop  # noqa: PLC0415

    return uvloop.run(_watched(config, folder))


async def _watched(path: Path, folder: Path) -> int:
    import importlib.util  # noqa: PLC0415

    from bot import logs  # noqa: PLC0415 - of the checkout that the path names
    from bot.app import App  # noqa: PLC0415

    sys.modules["__main__"].__spec__ = importlib.util.find_spec("bot.__main__")  # what worker processes import
    # A checkout may have its settings in one module, or in a package.
    parted = importlib.util.find_spec("bot.config").submodule_search_locations  # type: ignore[union-attr]
    settings = importlib.import_module("bot.config.settings" if parted else "bot.config")
    loaded = settings.load(path, os.environ)
    logs.setup(loaded.logging.level, loaded.logging.format, [])
    assert loaded.token is not None
    app, loop = App(loaded), asyncio.get_running_loop()
    longest = 0.0

    def forget() -> None:
        nonlocal longest
        longest = 0.0

    async def watch() -> None:
        nonlocal longest
        written = 0.0
        while True:
            before, worked = time.monotonic(), time.process_time()
            await asyncio.sleep(0.01)
            late, worked = time.monotonic() - before - 0.01, time.process_time() - worked
            longest = max(longest, min(late, worked))
            if longest > written or not longest:
                written = longest
                (folder / "standstill.json").write_text(json.dumps(longest))

    loop.add_signal_handler(signal.SIGTERM, app.stop)
    loop.add_signal_handler(signal.SIGUSR1, forget)
    watching = asyncio.create_task(watch())
    try:
        async with app:
            for name in ("interpreter_tuning", "gc_tuning", "garbage"):  # as the command line of the checkout does
                if importlib.util.find_spec(f"bot.{name}"):
                    importlib.import_module(f"bot.{name}").settle()
                    break
            return await app.run(loaded.token.get_secret_value())
    finally:
        watching.cancel()


if __name__ == "__main__":
    raise SystemExit(main())
