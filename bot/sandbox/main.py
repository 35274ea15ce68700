"""Runs the real bot on the sandbox's stage, with sample feeds to follow, until a signal ends it."""

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot import logs
from bot.app import App
from bot.clock import SystemClock
from bot.config.settings import Config, DeclaredTopic, Pack, StoreSettings
from bot.model import WebAccess
from bot.sandbox import sample_sites
from bot.sandbox.discord_simulator import Stage, outside
from bot.sandbox.sample_sites import SampleServer

log = logs.get(__name__)

TOPICS = {"network": "Network engineering", "cloud": "Cloud and security"}
"""The sample sites that are followed from the start; the podcast waits for its pack, or for /subscribe."""
PACK = "Sample podcast"
QUICKEST_POLL_SECONDS, USUAL_POLL_SECONDS = 5, 15
"""Only a feed that publishes more than once a minute is asked as often; real feeds keep their usual pace."""


async def run(config: Config, *, port: int) -> int:
    """Until SIGINT or SIGTERM. The exit code."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    clock = SystemClock()
    stage = Stage(clock)
    with _database(config) as adapted:
        async with contextlib.AsyncExitStack() as ends:
            # The last thing that ends: the loops post to it until they have stopped.
            ends.push_async_callback(stage.close)
            server = await ends.enter_async_context(SampleServer(sample_sites.load(), clock))
            app = await ends.enter_async_context(App(with_pack(adapted, server), clock=clock))
            # /subscribe reads sites over the real network; simcord, which waits for a command's timers in turn, would
            # hang on several at once.
            following = app.client.services.following
            following.subscribe = outside(following.subscribe)  # type: ignore[method-assign]
            packs = app.client.services.packs
            packs.follow = outside(packs.follow)  # type: ignore[method-assign]
            importing = app.client.services.importing
            importing.wait = outside(importing.wait)  # type: ignore[method-assign]  # for the same reason
            guild_id, channel_id = await stage.connect(app.client)
            # simcord tells of a server before it has a channel; now the bot can say hello there, as to any that invites it.
            guild = app.client.get_guild(guild_id)
            assert guild is not None
            await app.client.on_guild_join(guild)
            await app.declare_topics(topics(adapted, server, guild_id=guild_id, channel_id=channel_id))
            address = await stage.open(pictures=server.pictures(), port=port)
            await stage.explain(_welcome(server))
            river = await _publish(app, guild_id)
            await app.start_loops()
            print(f"Sandbox: {address}", flush=True)  # noqa: T201 - the command line prints
            print(f"The river on the web: {river}", flush=True)  # noqa: T201
            await stopping.wait()
            log.info("the sandbox ends")
    return 0


async def _publish(app: App, guild_id: int) -> str:
    """Put the sample topics on the web, so that whoever tries the sandbox sees both sides. The address of the river."""
    pages = await app.serve_pages()
    assert pages is not None, "the sandbox switches them on"
    for name in TOPICS.values():
        topic = await app.store.topics.get(guild_id, name)
        assert topic is not None, "it was declared"
        await app.client.services.publishing.publish(topic, WebAccess.PUBLIC, by=None)
    return f"{pages.base_url}/r/{guild_id}/river/"


def topics(config: Config, server: SampleServer, *, guild_id: int, channel_id: int) -> list[DeclaredTopic]:
    """The sample topics and those of the configuration, all of them in the one channel that the page shows."""
    here = {"guild_id": guild_id, "channel_id": channel_id}
    made = [
        DeclaredTopic(name=TOPICS[site.name], feeds=(server.feed_url(site),), backfill=sample_sites.FIRST, **here)
        for site in server.sites
        if site.name in TOPICS
    ]
    names = {topic.name.casefold() for topic in made}
    for topic in config.topics:
        name, number = topic.name, 2
        while name.casefold() in names:
            name, number = f"{topic.name[:90]} ({number})", number + 1
        names.add(name.casefold())
        made.append(topic.model_copy(update={"name": name, **here}))
    return made


def with_pack(config: Config, server: SampleServer) -> Config:
    """With a starter pack that can be tried offline: the sites that no sample topic follows."""
    feeds = tuple(server.feed_url(site) for site in server.sites if site.name not in TOPICS)
    pack = Pack(name=PACK, description="Made-up episodes, from the sandbox.", feeds=feeds)
    others = tuple(each for each in config.packs if each.name.casefold() != PACK.casefold())
    return config.model_copy(update={"packs": (pack, *others)})


@contextlib.contextmanager
def _database(config: Config) -> Iterator[Config]:
    """The configuration for the sandbox, with a database in a temporary folder unless it names one."""
    quick = {"min_interval_seconds": QUICKEST_POLL_SECONDS, "polls_per_day": 86_400 / USUAL_POLL_SECONDS}
    polling = config.polling.model_copy(update=quick)
    fetch = config.fetch.model_copy(update={"allow_private_networks": True})
    listen = config.web.listen if "listen" in config.web.model_fields_set else "127.0.0.1:0"
    web = config.web.model_copy(update={"enabled": True, "listen": listen})
    adapted = config.model_copy(update={"polling": polling, "fetch": fetch, "web": web})
    if "url" in config.store.model_fields_set and config.store.url != StoreSettings().url:
        yield adapted
        return
    with tempfile.TemporaryDirectory(prefix="riverpost-sandbox-", ignore_cleanup_errors=True) as folder:
        store = config.store.model_copy(update={"url": f"sqlite:///{Path(folder) / 'riverpost.db'}"})
        yield adapted.model_copy(update={"store": store})


def _welcome(server: SampleServer) -> str:
    return (
        "**Welcome to the sandbox.** This is the real bot in a made-up server: everything you do here stays on this "
        "machine and is gone when it ends.\n"
        "Two topics follow sample sites; a new article comes out now and then. Things to try:\n"
        "- `/help`, `/topic list`, `/sources`, `/status overview`\n"
        f"- `/topic create` with the name Podcasts, the channel #news and the pack {PACK}, then `/topic edit` with that "
        "name alone\n"
        f"- or no pack, and `/subscribe` with the source `{server.address}/podcast/`; several addresses work too\n"
        "- `/latest`, `/search` for the word cable, `/why` with an article's link\n"
        "- 🔖 under an article, then `/saved`\n"
        "- `/filter set` with a topic alone, `/filter test` with the expression `cable OR title:route`\n"
        "- `/source stats`, `/topic stats`, `/export`\n"
        "- `/follow words` with the word cable, `/following`"
    )
