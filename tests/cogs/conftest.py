"""The real client, cogs, services and store inside simcord; only the feeds' hosts are a fake."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest
import simcord

from bot.client import RiverpostBot
from bot.clock import SystemClock
from bot.config import LimitsSettings, Pack, PollingSettings
from bot.delivery import judging
from bot.jobs.importing import ImportJob
from bot.services import (
    Exporting,
    Filtering,
    Following,
    Importing,
    Languages,
    Operating,
    Packs,
    PersonalFollows,
    Reading,
    Saving,
    Services,
    Statistics,
    Tending,
    Topics,
    Tracing,
)
from bot.services.checking import Checking
from bot.services.intake import Intake
from bot.store import Store
from bot.usecases import forgetters
from tests.builders import START, at, entry
from tests.fakes import FakeClock, FakeDiscovery, FakeDocuments, InlineParser, found

FEED = "https://blog.example/feed"
PACKS = (
    Pack(name="Cables", description="Below the sea", feeds=(FEED, "https://dead.example/feed")),
    Pack(name="Clouds", feeds=("https://cloud.example/feed",)),
)


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
    imports: ImportJob
    """It runs when a test says so: `round`."""

    async def ask(self, command: str, **options: object) -> "Reply":
        """The manager's command, and the reply as the manager sees it."""
        return reply(await self.manager.slash(self.news, command, **options))

    async def restarted(self) -> None:
        """Another process with the same database: nothing is in its memory."""
        self.bot = RiverpostBot(services=self.bot.services)
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
    store = await Store.open(f"sqlite:///{tmp_path}/a.db", now=START, judge=judging.judge)
    try:
        async with _world(store, clock, discovery) as made:
            yield made
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def _world(store: Store, clock: FakeClock, discovery: FakeDiscovery) -> AsyncIterator[World]:
    limits = LimitsSettings()
    loops: list[str] = []

    def woken(loop: str) -> Callable[[], None]:
        return lambda: loops.append(loop)

    intake = Intake(store, PollingSettings(), clock)
    tending = Tending(store, clock, on_due=woken("poll"), on_queued=woken("deliver"), on_change=woken("notices"))
    following = Following(store, discovery, intake, limits, clock)
    services = Services(
        topics=Topics(store, limits, clock, on_queued=woken("deliver")),
        following=following,
        packs=Packs(PACKS, discovery, following, clock),
        reading=Reading(store, clock),
        saving=Saving(store, clock),
        tending=tending,
        operating=Operating(store, clock, on_queued=woken("deliver"), on_change=woken("notices")),
        languages=Languages(store, clock, of_discord=lambda guild_id: bot.language_of(guild_id)),  # noqa: PLW0108 - made later
        filtering=Filtering(store, clock, on_queued=woken("deliver")),
        tracing=Tracing(store, clock),
        personal=PersonalFollows(
            store,
            tending,
            clock,
            on_change=woken("personal"),
            on_queued=woken("deliver"),
            forgetters=forgetters(store),
        ),
        importing=(importing := Importing(store, SystemClock(), on_begun=woken("import"))),
        exporting=Exporting(store, clock),
        statistics=Statistics(store, tending, clock),
    )
    documents = FakeDocuments()
    checking = Checking(store, documents, InlineParser(), intake, limits, clock)
    bot = RiverpostBot(services=services)
    # Not `simcord.run`: it resets a context variable, and pytest ends a fixture in another context.
    env = simcord.Env(bot, shard_count=1, check_errors=False)
    await env.start()
    try:
        await bot.tree.sync()
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
        managers = guild.create_role("Managers", permissions=discord.Permissions(manage_channels=True))
        manager = guild.add_member(env.create_user("mia"), roles=[managers])
        reader = guild.add_member(env.create_user("rob"))
        imports = ImportJob(store, checking, importing, clock)
        yield World(env, bot, store, discovery, guild, news, closed, manager, reader, clock, loops, documents, imports)
    finally:
        await env.shutdown()
