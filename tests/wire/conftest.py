"""An unchanged discord.py, connected to a loopback Discord that has one guild with one channel."""

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest
import yarl
from discord.ext import commands

from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild

Client = commands.AutoShardedBot


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
async def client(loopback: LoopbackDiscord, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    monkeypatch.setattr(discord.http.Route, "BASE", loopback.api_url)
    gateway = yarl.URL(loopback.api_url).with_scheme("ws").with_path("/gateway")
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
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
        async with asyncio.timeout(10):
            await bot.wait_until_ready()
        yield bot
        await bot.close()
        await running
