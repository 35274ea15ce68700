"""An unchanged discord.py, connected to a loopback Discord that has one guild with one channel; and what campaigns share."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import discord
import pytest
import yarl
from discord.ext import commands

from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild

Client = commands.AutoShardedBot


@pytest.fixture(autouse=True)
def discord_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients are pointed at a loopback Discord for the whole process; after each test that is undone."""
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9"))


def lead_to(loopback: LoopbackDiscord) -> None:
    """Point the clients of discord.py that a test makes itself at the loopback Discord."""
    discord.http.Route.BASE = loopback.api_url
    gateway = yarl.URL(loopback.api_url).with_scheme("ws").with_path("/gateway")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway


@pytest.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord() as running:
        yield running
        assert running.mistakes == []


@pytest.fixture
def guild(loopback: LoopbackDiscord) -> Guild:
    return loopback.guild("Readers")


@pytest.fixture
def channel(guild: Guild) -> Channel:
    return guild.text_channel("news")


@pytest.fixture
async def client(loopback: LoopbackDiscord, channel: Channel) -> AsyncIterator[Client]:
    lead_to(loopback)
    bot = Client(
        command_prefix=(),
        help_command=None,
        intents=discord.Intents(guilds=True),
        allowed_mentions=discord.AllowedMentions.none(),
        guild_ready_timeout=0.1,
    )
    async with bot:
        await bot.login(loopback.token)
        running = asyncio.create_task(bot.connect())
        async with asyncio.timeout(30):
            await bot.wait_until_ready()
        yield bot
        await bot.close()
        await running


@pytest.fixture
def quick_disk() -> Iterator[Path]:
    """A folder in memory where there is one: every commit is synced, and nothing here survives a loss of power."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
