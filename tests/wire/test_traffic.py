"""The budget and the counting of refusals on the wire: an unchanged discord.py, every one of its requests seen."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from aiohttp import web
from discord.ext import commands

from bot.clock import SystemClock
from bot.posting.discord.request_monitor import RequestMonitor, RetrySuppressed, in_background
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.posting.pacing.rate_limiter import RateLimiter
from tests.wire.conftest import lead_to
from tests.wire.loopback.server import API, LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild

RATE = 20


@pytest.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord() as running:
        yield running


@pytest.fixture
def guild(loopback: LoopbackDiscord) -> Guild:
    return loopback.guild("Readers")


@pytest.fixture
def channels(guild: Guild) -> list[Channel]:
    return [guild.text_channel(f"c{number}") for number in range(45)]


@pytest.fixture
def traffic() -> CircuitBreaker:
    return CircuitBreaker()


@pytest.fixture
def left() -> list[float]:
    """When each request left. It comes later, and not all by as much: some have to connect first."""
    return []


@pytest.fixture
async def client(
    loopback: LoopbackDiscord, channels: list[Channel], traffic: CircuitBreaker, left: list[float]
) -> AsyncIterator[commands.AutoShardedBot]:
    lead_to(loopback)
    clock = SystemClock()
    watch = RequestMonitor(RateLimiter(RATE, clock), traffic, clock, api_url=loopback.api_url)
    trace = watch.trace(lambda: bot.application_id)

    async def leaving(_session: object, _context: object, asked: aiohttp.TraceRequestStartParams) -> None:
        if asked.url.path.startswith(API):
            left.append(clock.monotonic())

    trace.on_request_start.append(leaving)
    bot = commands.AutoShardedBot(
        command_prefix=(),
        help_command=None,
        intents=discord.Intents(guilds=True),
        allowed_mentions=discord.AllowedMentions.none(),
        guild_ready_timeout=0.1,
        http_trace=trace,
    )
    async with bot:
        await bot.login(loopback.token)
        running = asyncio.create_task(bot.connect())
        async with asyncio.timeout(30):
            await bot.wait_until_ready()
        yield bot
        await bot.close()
        await running


def here(client: commands.AutoShardedBot, channel: Channel) -> discord.TextChannel:
    found = client.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def send(client: commands.AutoShardedBot, channel: Channel) -> None:
    async with in_background():
        await here(client, channel).send("hello", nonce=f"n{channel.id}"[:25])


async def test_no_second_on_the_wire_has_more_requests_than_the_budget(
    loopback: LoopbackDiscord, client: commands.AutoShardedBot, channels: list[Channel], left: list[float]
) -> None:
    await asyncio.gather(*(send(client, channel) for channel in channels))
    assert len(left) == sum(1 for asked in loopback.ledger if asked.path.startswith(API))
    # A few milliseconds of scheduling may lie between the budget's leave and leaving.
    assert max(sum(1 for other in left if at <= other < at + 0.95) for at in left) <= RATE
    assert sum(len(loopback.messages(channel)) for channel in channels) == len(channels)


async def test_a_5xx_is_not_repeated_behind_our_back(
    loopback: LoopbackDiscord, client: commands.AutoShardedBot, channels: list[Channel]
) -> None:
    loopback.next_sends("500", "ok")
    with pytest.raises(RetrySuppressed) as told:
        await send(client, channels[0])
    assert told.value.status == 500
    assert [asked.status for asked in loopback.ledger if asked.method == "POST"] == [500]
    await send(client, channels[0])
    assert len(loopback.messages(channels[0])) == 1


async def test_what_a_command_asks_is_repeated_as_discord_py_does(
    loopback: LoopbackDiscord, client: commands.AutoShardedBot, channels: list[Channel]
) -> None:
    loopback.next_sends("500", "ok")
    await here(client, channels[0]).send("hello", nonce="n1")
    assert [asked.status for asked in loopback.ledger if asked.method == "POST"] == [500, 200]


async def test_refusals_are_counted_wherever_they_come_from(
    loopback: LoopbackDiscord,
    client: commands.AutoShardedBot,
    channels: list[Channel],
    traffic: CircuitBreaker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.posting.pacing.circuit_breaker.INVALID_LIMIT", 3)
    now = SystemClock().monotonic()
    await loopback.deny(channels[0], "view_channel")
    with pytest.raises(discord.Forbidden):
        await client.fetch_channel(channels[0].id)
    with pytest.raises(discord.NotFound):
        await client.fetch_channel(1)
    with pytest.raises(discord.Forbidden):
        await anext(here(client, channels[0]).history(limit=1))
    assert traffic.wait_seconds(now) == 0
    with pytest.raises(discord.Forbidden):
        await send(client, channels[0])
    assert traffic.wait_seconds(now) > 0


async def test_a_page_of_cloudflares_stops_everything(
    loopback: LoopbackDiscord, client: commands.AutoShardedBot, channels: list[Channel], traffic: CircuitBreaker
) -> None:
    async def cloudflare(_request: web.Request) -> web.Response:
        return web.Response(status=429, text="<html>error code: 1015</html>", content_type="text/html")

    front = web.Application()
    front.router.add_route("*", "/{path:.*}", cloudflare)
    runner = web.AppRunner(front, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    clock = SystemClock()
    watch = RequestMonitor(RateLimiter(RATE, clock), traffic, clock, api_url=f"http://127.0.0.1:{port}/api/v10")
    async with aiohttp.ClientSession(trace_configs=[watch.trace(lambda: None)]) as session:
        async with session.get(f"http://127.0.0.1:{port}/elsewhere"):
            pass
        assert traffic.wait_seconds(clock.monotonic()) == 0
        async with session.get(f"http://127.0.0.1:{port}/api/v10/users/@me"):
            pass
    assert 890 < traffic.wait_seconds(clock.monotonic()) <= 900
    await runner.cleanup()
