"""The real client, cogs, services and store inside simcord; only the feeds' hosts are a fake."""

import contextlib
import importlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import discord
import pytest
import simcord

from bot import services_factory
from bot.clock import SystemClock
from bot.config.settings import Config, Pack
from bot.gateway.client import RiverpostBot
from bot.jobs.feed_import_loop import FeedImportJob
from bot.permissions.authority import Authority
from bot.services import Importing, Languages
from bot.services.sources.ingest import Ingest
from bot.services.transfer.import_checks import Checking
from bot.store import Store
from tests.builders import START, at, entry
from tests.fakes import FakeClock, FakeDiscovery, FakeDocuments, InlineParser, found
from tests.opening import open_store

FEED = "https://blog.example/feed"
PACKS = (
    Pack(name="Cables", description="Below the sea", feeds=(FEED, "https://dead.example/feed")),
    Pack(name="Clouds", feeds=("https://cloud.example/feed",)),
)


class Face(RiverpostBot):
    """The real client; a cog's module is run once for all tests, not once for each."""

    async def load_extension(self, name: str, *, package: str | None = None) -> None:
        await importlib.import_module(name, package).setup(self)


@dataclass
class World:
    """A server with a manager, a reader and two channels."""

    env: simcord.Env
    bot: RiverpostBot
    store: Store
    discovery: FakeDiscovery
    guild: simcord.GuildHandle
    news: simcord.ChannelHandle
    closed: simcord.ChannelHandle
    manager: simcord.MemberActor
    reader: simcord.MemberActor
    clock: FakeClock
    woken: list[str]
    """The loops that commands and buttons woke."""
    documents: FakeDocuments
    imports: FeedImportJob
    """It runs when a test says so: `round`."""

    async def ask(self, command: str, **options: object) -> "Reply":
        """The manager's command, and the reply as the manager sees it."""
        return reply(await self.manager.slash(self.news, command, **options))

    async def restarted(self) -> None:
        """Another process with the same database: nothing is in its memory."""
        self.bot = Face(services=self.bot.services, permits=self.bot.may_be_used_in)
        await self.env.restart_bot(self.bot)

    async def followed(self) -> None:
        """The topic "Networks" follows the blog."""
        await self.ask("topic create", name="Networks", channel=self.news)
        await self.ask("subscribe", source=FEED, topic="Networks")


@dataclass
class Reply:
    """What was answered, as text."""

    text: str
    message: simcord.ResponseMessage
    private: bool


def reply(result: simcord.InteractionResult) -> Reply:
    messages = [message for message in (result.response, *result.followups) if message is not None]
    shown = messages[-1]
    embeds = [f"{embed.title or ''}\n{embed.description or ''}\n{embed.footer.text or ''}" for embed in shown.embeds]
    return Reply("\n".join([shown.content or "", *embeds]), shown, shown.ephemeral)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock, discovery = FakeClock(), FakeDiscovery()
    discovery.put(FEED, found(FEED, "A blog", [entry(n, published=at(-n), position=n) for n in range(1, 8)]))
    store = await open_store(f"sqlite:///{tmp_path}/a.db", now=START)
    try:
        async with _world(store, clock, discovery) as made:
            yield made
    finally:
        await store.close()


async def _sync(bot: RiverpostBot) -> None:
    """Publish the commands in English alone: nine thousand translations cost more than most tests."""
    translator = bot.tree.translator
    await bot.tree.set_translator(None)
    await bot.tree.sync()
    await bot.tree.set_translator(translator)


@contextlib.asynccontextmanager
async def _world(store: Store, clock: FakeClock, discovery: FakeDiscovery) -> AsyncIterator[World]:
    config = Config(packs=PACKS)
    loops: list[str] = []

    def woken(loop: str) -> Callable[[], None]:
        return lambda: loops.append(loop)

    intake = Ingest(store, config.polling, clock)
    services = services_factory.make(
        config,
        store,
        clock,
        finder=discovery,
        intake=intake,
        languages=Languages(store, clock, of_discord=lambda guild_id: bot.language_of(guild_id)),  # noqa: PLW0108 - made later
        wakes=services_factory.Wakes(
            **{name: woken(name) for name in ("poll", "deliver", "notices", "personal", "imports")}
        ),
    )
    importing = Importing(store, SystemClock(), on_begun=woken("imports"))  # it waits for rounds that a test makes
    services = replace(services, importing=importing)
    documents = FakeDocuments()
    bot = Face(services=services, permits=lambda _guild_id: True)
    permits = Authority(bot, clock)
    checking = Checking(
        store,
        documents,
        InlineParser(),
        intake,
        config.limits,
        clock,
        permits,
        hosts_per_day=config.limits.imported_hosts_per_day,
    )
    # Not `simcord.run`: it resets a context variable, and pytest ends a fixture in another context.
    env = simcord.Env(bot, shard_count=1, check_errors=False, settle_timeout=60.0)  # a busy machine is no defect
    await env.start()
    try:
        await _sync(bot)
        guild = env.create_guild("Readers")
        news, closed = (
            guild.create_text_channel("news"),
            guild.create_text_channel(
                "closed",
                overwrites={
                    guild.default_role: discord.PermissionOverwrite(embed_links=False, read_message_history=False)
                },
            ),
        )
        managing = discord.Permissions(manage_channels=True, manage_webhooks=True, mention_everyone=True)
        managers = guild.create_role("Managers", permissions=managing)
        manager = guild.add_member(env.create_user("mia"), roles=[managers])
        reader = guild.add_member(env.create_user("rob"))
        imports = FeedImportJob(store, checking, importing, clock)
        yield World(env, bot, store, discovery, guild, news, closed, manager, reader, clock, loops, documents, imports)
    finally:
        await env.shutdown()
