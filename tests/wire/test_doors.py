"""Persons on the wire: their private channels, whether they are in a guild, and a message found again there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import discord
import pytest
from discord.ext import commands

from bot.clock import SystemClock
from bot.messages import private_message
from bot.model import DIRECT, BlockReason, Post, PostKind, SendKind, SendResult
from bot.posting.discord.reachable_channels import ReachableChannels
from bot.posting.discord.sender import DiscordSender
from tests.wire.conftest import lead_to
from tests.wire.loopback.server import LoopbackDiscord

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord() as running:
        yield running
        assert (running.violations, running.mistakes) == ([], [])


@pytest.fixture
async def client(loopback: LoopbackDiscord) -> AsyncIterator[discord.Client]:
    lead_to(loopback)
    bot = commands.AutoShardedBot(
        command_prefix=(), help_command=None, intents=discord.Intents(guilds=True), guild_ready_timeout=0.1,
        allowed_mentions=discord.AllowedMentions.none(),
    )  # fmt: skip
    loopback.guild("Readers")
    async with bot:
        await bot.login(loopback.token)
        running = asyncio.create_task(bot.connect())
        async with asyncio.timeout(30):
            await bot.wait_until_ready()
        yield bot
        await bot.close()
        await running


def digest(channel_id: int, number: str) -> Post:
    payload = private_message.digest([], total=3, dropped=0, moment=AT, zone="UTC", number=number, backlog=False)
    return Post(
        id=1, topic_id=None, channel_id=channel_id, guild_id=DIRECT, nonce=number, size=1, attempts=1, payload=payload,
        unsure=True, first_attempt_at=SystemClock().now(), last_attempt_at=None, due_at=AT, topic_moved=False,
        kind=PostKind.PERSONAL,
    )  # fmt: skip


async def test_a_digest_is_sent_once_and_found_among_others_of_its_day(
    loopback: LoopbackDiscord, client: discord.Client
) -> None:
    ann = loopback.guild("Others").member("ann")
    sender, places = DiscordSender(client, SystemClock(), canonical=str), ReachableChannels(client)
    door = await places.open(ann.id)
    assert door == loopback.doors.of(ann).id
    assert isinstance(door, int)
    first, second = digest(door, "aaa111"), digest(door, "bbb222")
    assert await sender.obstacle(door, DIRECT) is None
    sent = await sender.send(first)
    assert (sent.kind, (await sender.send(first)).message_id) == (SendKind.POSTED, sent.message_id)
    assert await sender.find(second, after=None) is None
    assert await sender.find(first, after=None) == sent.message_id


async def test_a_closed_door_is_named_and_holds_only_that_person(
    loopback: LoopbackDiscord, client: discord.Client
) -> None:
    ann = loopback.guild("Others").member("ann")
    loopback.doors.of(ann).closed = True
    door = await ReachableChannels(client).open(ann.id)
    assert isinstance(door, int)
    refused = await DiscordSender(client, SystemClock(), canonical=str).send(digest(door, "aaa111"))
    assert (refused.kind, refused.hold, refused.code, refused.answered) == (
        SendKind.NO_ACCESS, BlockReason.CLOSED, 50007, True,
    )  # fmt: skip


async def test_who_is_in_a_guild_is_asked_and_not_guessed(loopback: LoopbackDiscord, client: discord.Client) -> None:
    places = ReachableChannels(client)
    [guild] = client.guilds
    assert await places.is_member(guild.id, 71) is True
    loopback.doors.left.add((guild.id, 71))
    assert await places.is_member(guild.id, 71) is False
    assert await places.is_member(5, 71) is None
    await loopback.down()
    assert await places.is_member(guild.id, 72) is None
    opened = await places.open(73)
    assert isinstance(opened, SendResult)
    assert not opened.answered
    assert replace(opened, reason="") == SendResult(SendKind.UNKNOWN, answered=False)
