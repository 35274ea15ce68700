"""The sandbox: the real bot in a local web page, without Discord; `samples` are the feeds it follows."""

import asyncio
import contextlib
import contextvars
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot import logs
from bot.app import App
from bot.clock import SystemClock
from bot.config import Config, DeclaredTopic, StoreSettings
from bot.sandbox.articles import FEEDS
from bot.sandbox.samples import SampleFeeds

if TYPE_CHECKING:
    import simcord
    from simcord.preview import Preview

log = logs.get(__name__)

MISSING = "The sandbox needs simcord: pip install 'riverpost[sandbox]'; scripts/run does that."
REFRESH_SECONDS = 1.0


async def run(config: Config, *, port: int = 0) -> int:
    """Serve the page until SIGINT or SIGTERM, or until it is ended in the page. The exit code."""
    try:
        import simcord  # noqa: PLC0415 - an optional extra
    except ImportError:
        print(MISSING, file=sys.stderr)  # noqa: T201 - a command line's answer
        return 1
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    clock = SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="riverpost-"))
        samples = await stack.enter_async_context(SampleFeeds(clock))
        # The client must stay inside simcord until the last send is over, so the app is left first.
        inner = await stack.enter_async_context(contextlib.AsyncExitStack())
        app = App(_adapted(config, Path(folder)), clock=clock)
        async with app:
            env = simcord.Env(app.client, shard_count=1, check_errors=False)
            await env.start()
            inner.push_async_callback(env.shutdown)
            await _show(app, env, samples, stopping, port)
    return 0


def _adapted(config: Config, folder: Path) -> Config:
    """`config` with quick polls, loopback feeds allowed, and a store of its own unless one was chosen."""
    own = config.store.url == StoreSettings().url
    return config.model_copy(
        update={
            "store": config.store.model_copy(update={"url": f"sqlite:///{folder}/sandbox.db"}) if own else config.store,
            "fetch": config.fetch.model_copy(update={"allow_private_networks": True}),
            # The samples publish every minute; real hosts beside them are not to be pestered.
            "polling": config.polling.model_copy(
                update={
                    "default_interval_seconds": 15,
                    "min_interval_seconds": 15,
                    "max_interval_seconds": 120 if config.topics else 20,
                }
            ),
            "delivery": config.delivery.model_copy(update={"backfill": 2}),
        }
    )


async def _show(app: App, env: "simcord.Env", samples: SampleFeeds, stopping: asyncio.Event, port: int) -> None:
    await app.client.tree.sync()
    guild = env.create_guild("Riverpost sandbox")
    river = guild.create_text_channel("news")  # one for all: the page shows one channel
    role = guild.create_role("Managers", permissions=discord.Permissions(administrator=True))
    viewer = guild.add_member(env.create_user("you"), roles=[role])
    preview = env.preview(river, viewers=[viewer], layout="channel", assets=samples.assets(), port=port or None)
    async with preview:
        print(f"Sandbox: {preview.url}", flush=True)  # noqa: T201 - a command line's answer
        topics = [
            DeclaredTopic(
                guild_id=guild.id,
                name=feed.topic,
                channel_id=river.id,
                feeds=(samples.address(feed),),
            )
            for feed in FEEDS
        ]
        taken = {topic.name.casefold() for topic in topics}
        for topic in app.config.topics:
            if topic.name.casefold() not in taken:
                taken.add(topic.name.casefold())
                target = {"guild_id": guild.id, "channel_id": river.id}
                topics.append(topic.model_copy(update=target))
        await app.declare_topics(topics)
        # In a context of their own: simcord must not take the loops for work of a command, which ends.
        await asyncio.create_task(app.start_loops(), context=contextvars.Context())
        await _keep_fresh(env, preview, stopping)


async def _keep_fresh(env: "simcord.Env", preview: "Preview", stopping: asyncio.Event) -> None:
    """Publish the page again after each post, until the end."""
    seen = 0
    closed = asyncio.create_task(preview.wait_closed())
    stop = asyncio.create_task(stopping.wait())
    try:
        while not (closed.done() or stop.done()):
            posts = len(env.http_requests)
            if posts != seen:
                try:
                    await preview.refresh()
                    seen = posts
                except Exception as error:  # noqa: BLE001 - a command is under way: the next second tries again
                    log.debug("the page was not refreshed", error=str(error))
            await asyncio.wait({closed, stop}, timeout=REFRESH_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (closed, stop):
            task.cancel()
        await asyncio.gather(closed, stop, return_exceptions=True)
