"""Notices on the wire: with buttons, under their nonce, found again, and as Discord's interface wants them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import discord
import pytest
from discord.ext import commands

from bot.clock import SystemClock
from bot.messages import notice as notices
from bot.model import BlockReason, Post, PostKind, Problem, ProblemKind, SendKind
from bot.posting.discord.sender import DiscordSender
from tests.wire.conftest import lead_to
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord() as running:
        yield running
        assert running.violations == []


@pytest.fixture
async def sender(loopback: LoopbackDiscord) -> AsyncIterator[DiscordSender]:
    lead_to(loopback)
    bot = commands.AutoShardedBot(
        command_prefix=(), help_command=None, intents=discord.Intents(guilds=True), guild_ready_timeout=0.1,
        allowed_mentions=discord.AllowedMentions.none(),
    )  # fmt: skip
    async with bot:
        await bot.login(loopback.token)
        running = asyncio.create_task(bot.connect())
        async with asyncio.timeout(30):
            await bot.wait_until_ready()
        yield DiscordSender(bot, SystemClock(), canonical=str)
        await bot.close()
        await running


def notice(channel: Channel, number: str) -> Post:
    trouble = Problem(1, channel.guild_id, ProblemKind.CHANNEL, 10, AT, reason="it is so", hold=BlockReason.ACCESS)
    return Post(
        id=1, topic_id=None, channel_id=channel.id, guild_id=channel.guild_id, nonce=number, size=0, attempts=1,
        payload=notices.payload([trouble], number=number), unsure=True, first_attempt_at=SystemClock().now(),
        last_attempt_at=None, due_at=AT, topic_moved=False, kind=PostKind.NOTICE,
    )  # fmt: skip


@pytest.fixture
def channel(loopback: LoopbackDiscord) -> Channel:
    return loopback.guild("Readers").text_channel("news")


async def test_a_notice_is_sent_with_its_buttons_once_and_found_among_others(
    loopback: LoopbackDiscord, channel: Channel, sender: DiscordSender
) -> None:
    first, second = notice(channel, "aaa111"), notice(channel, "bbb222")
    assert await sender.find(first, after=None) is None
    sent = await sender.send(first)
    assert (sent.kind, (await sender.send(first)).message_id) == (SendKind.POSTED, sent.message_id)
    assert await sender.find(second, after=None) is None
    assert await sender.find(first, after=None) == sent.message_id
    bodies = [asked.body for asked in loopback.ledger if asked.method == "POST"]
    [row] = bodies[0]["components"]
    assert [button["custom_id"] for button in row["components"]] == [f"riverpost:probe:{channel.guild_id}:10"]
    assert bodies[0] == bodies[1]
    assert len(loopback.messages(channel)) == 1


async def test_what_is_in_a_channels_way_is_named(
    loopback: LoopbackDiscord, channel: Channel, sender: DiscordSender
) -> None:
    assert await sender.obstacle(channel.id, channel.guild_id) is None
    gone = await sender.obstacle(5, channel.guild_id)
    assert gone is not None
    assert (gone.kind, gone.hold) == (SendKind.NO_ACCESS, BlockReason.GONE)
    left = await sender.obstacle(channel.id, 5)
    assert left is not None
    assert left.hold is BlockReason.LEFT
    refused = await sender.send(replace(notice(channel, "ccc333"), channel_id=5))
    assert (refused.kind, refused.hold, refused.answered) == (SendKind.NO_ACCESS, BlockReason.GONE, True)
