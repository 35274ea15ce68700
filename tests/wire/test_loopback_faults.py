"""The faults of the loopback Discord do to an unchanged discord.py what Discord's do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import discord
import pytest
from discord.ext import commands

from tests.wire.conftest import Client, lead_to
from tests.wire.loopback.faults import EVERY, Faults, Script
from tests.wire.loopback.openapi import OPENAPI, answer_problems
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild

Send = Callable[[], Awaitable[discord.Message]]


@pytest.fixture
def send(client: Client, channel: Channel) -> Send:
    found = client.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return lambda: found.send("hello", nonce="n1")


@pytest.mark.parametrize("status", ["503", "520", "529", "503-after"])
async def test_what_discord_py_does_not_repeat_comes_back_at_once(
    loopback: LoopbackDiscord, channel: Channel, send: Send, status: str
) -> None:
    loopback.next_sends(status)
    with pytest.raises(discord.DiscordServerError):
        await send()
    assert len(loopback.messages(channel)) == status.endswith("-after")


@pytest.mark.parametrize(
    "fault", ["500", "502", "504", "500-after", "429-user:0.1", "429-shared:0.1", "429-global:0.1"]
)
async def test_what_discord_py_repeats_makes_one_message(
    loopback: LoopbackDiscord, channel: Channel, send: Send, fault: str
) -> None:
    loopback.next_sends(fault)
    await send()
    assert [message.nonce for message in loopback.messages(channel)] == ["n1"]
    assert [asked.fault for asked in loopback.ledger if asked.method == "POST"] == [fault.partition(":")[0], "ok"]


@pytest.mark.parametrize(
    ("fault", "error", "made"),
    [
        ("abort-before", aiohttp.ServerDisconnectedError, 0),
        ("abort-after", aiohttp.ServerDisconnectedError, 1),
        ("abort-deleted", aiohttp.ServerDisconnectedError, 0),
        ("truncate", aiohttp.ClientPayloadError, 1),
        ("429-cloudflare", discord.HTTPException, 0),
    ],
)
async def test_what_says_nothing_of_the_outcome_is_raised_as_it_is(
    loopback: LoopbackDiscord, channel: Channel, send: Send, fault: str, error: type[Exception], made: int
) -> None:
    loopback.next_sends(fault)
    with pytest.raises(error):
        await send()
    assert len(loopback.messages(channel)) == made


async def test_a_long_wait_stands_in_the_body_alone(
    loopback: LoopbackDiscord, client: Client, channel: Channel, send: Send
) -> None:
    client.http.max_ratelimit_timeout = 60
    loopback.next_sends("429-long")
    with pytest.raises(discord.RateLimited) as asked:
        await send()
    assert asked.value.retry_after == 1200


async def test_nobody_listens_for_a_while_and_then_somebody_does(
    loopback: LoopbackDiscord, channel: Channel, send: Send
) -> None:
    loopback.next_sends("refuse:2")
    with pytest.raises(aiohttp.ClientError):
        await send()
    with pytest.raises(aiohttp.ClientConnectorError):
        await send()
    assert loopback.refusing is not None
    await loopback.refusing
    await send()
    assert len(loopback.messages(channel)) == 1


async def test_a_slow_answer_comes(loopback: LoopbackDiscord, channel: Channel, send: Send) -> None:
    loopback.next_sends("slow:0.2")
    assert (await send()).id == loopback.messages(channel)[0].id


@pytest.mark.skipif(not OPENAPI.exists(), reason="Discord's OPENAPI file is not beside the repository")
@pytest.mark.parametrize("fault", ["429-user", "429-shared", "429-global", "429-long"])
async def test_discord_s_own_rate_limits_are_as_its_file_says(
    loopback: LoopbackDiscord, channel: Channel, fault: str
) -> None:
    loopback.next_sends(fault)
    headers = {"Authorization": f"Bot {loopback.token}"}
    address = f"{loopback.api_url}/channels/{channel.id}/messages"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(address, json={}) as answer:
        assert (answer.status, answer.content_type) == (429, "application/json")
        assert answer.headers["Via"]
        text = await answer.text()
    assert answer_problems("POST", f"/channels/{channel.id}/messages", 429, text) == []
    assert answer_problems("POST", f"/channels/{channel.id}/messages", 200, text) != []


def test_the_same_seed_gives_the_same_fates() -> None:
    def fates(seed: int) -> list[str]:
        script = Script(seed)
        return [script.draw(place).name for _ in range(100) for place in ("POST news", "GET news")]

    assert fates(1) == fates(1)
    assert fates(1) != fates(2)
    drawn = [fate for seed in range(50) for fate in fates(seed)]
    assert set(drawn) == {"ok", *EVERY}
    assert 0.25 < 1 - drawn.count("ok") / len(drawn) < 0.35


def test_a_place_s_fates_do_not_depend_on_when_others_have_their_turn() -> None:
    alone, mixed = Script(1), Script(1)
    expected = [alone.draw("news").name for _ in range(50)]
    assert [(mixed.draw("talk"), mixed.draw("news").name)[1] for _ in range(50)] == expected


def test_only_a_new_message_can_be_removed_by_a_moderator() -> None:
    faults = Faults(lambda _: None, lambda _: None)
    faults.script = Script(1, share=1, kinds=("abort-deleted",))
    assert faults.next("GET", new_message=False).name == "abort-after"
    assert faults.next("POST", new_message=True).name == "abort-deleted"


# --- the gateway ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", ["drop", "op 7", "op 9, resumable", *(str(code) for code in range(4000, 4010) if code != 4004)]
)
async def test_an_interrupted_session_is_resumed_and_nothing_of_it_is_missed(
    loopback: LoopbackDiscord, client: Client, channel: Channel, how: str
) -> None:
    gateway = loopback.gateway
    if how == "drop":
        gateway.drop()
    elif how == "op 7":
        await gateway.reconnect()
    elif how == "op 9, resumable":
        await gateway.invalidate(resumable=True)
    else:
        await gateway.close(int(how))
    await loopback.wait_for(lambda: not gateway.connected or gateway.resumed > 0)
    await loopback.deny(channel, "send_messages")
    here = client.get_channel(channel.id)
    assert isinstance(here, discord.TextChannel)
    await loopback.wait_for(lambda: not here.permissions_for(here.guild.me).send_messages)
    assert (gateway.identified, gateway.resumed) == (1, 1)


@pytest.mark.parametrize("how", ["op 9", "1000"])
async def test_a_session_that_is_over_is_begun_anew(loopback: LoopbackDiscord, client: Client, how: str) -> None:
    if how == "op 9":
        await loopback.gateway.invalidate(resumable=False)
    else:
        await loopback.gateway.close(int(how))
    await loopback.wait_for(lambda: loopback.gateway.identified == 2)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_what_no_second_try_can_mend_ends_the_connection(
    loopback: LoopbackDiscord, channel: Channel, unstarted: Client, code: int
) -> None:
    running = asyncio.create_task(unstarted.connect())
    await loopback.wait_for(unstarted.is_ready)
    await loopback.gateway.close(code)
    with pytest.raises((discord.ConnectionClosed, discord.PrivilegedIntentsRequired)):
        await asyncio.wait_for(running, 30)


async def test_silence_is_noticed_by_the_missing_heartbeats(
    loopback: LoopbackDiscord, channel: Channel, unstarted: Client
) -> None:
    loopback.gateway.heartbeat_seconds = 0.2
    unstarted._connection.heartbeat_timeout = 1.0  # else a minute
    running = asyncio.create_task(unstarted.connect())
    await loopback.wait_for(unstarted.is_ready)
    gateway = loopback.gateway
    known = gateway.identified + gateway.resumed
    gateway.fall_silent()
    await loopback.wait_for(lambda: gateway.identified + gateway.resumed > known)
    await unstarted.close()
    await running


async def test_a_guild_in_an_outage_is_known_as_such(loopback: LoopbackDiscord, client: Client, guild: Guild) -> None:
    known = client.get_guild(guild.id)
    assert known is not None
    await loopback.outage_of(guild)
    await loopback.wait_for(lambda: known.unavailable)
    await loopback.outage_over(guild)
    await loopback.wait_for(lambda: not known.unavailable)


@pytest.fixture
async def unstarted(loopback: LoopbackDiscord) -> AsyncIterator[Client]:
    """A client that is logged in, whose connection a test makes itself."""
    lead_to(loopback)
    bot = commands.AutoShardedBot(
        command_prefix=(), help_command=None, intents=discord.Intents(guilds=True), guild_ready_timeout=0.1
    )
    async with bot:
        await bot.login(loopback.token)
        yield bot
