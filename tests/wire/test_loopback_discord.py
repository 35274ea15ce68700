"""The loopback Discord behaves to an unchanged discord.py as Discord does; what it lets pass is worth something."""

import json
from typing import Any

import aiohttp
import discord
import pytest

from tests.wire.conftest import Client
from tests.wire.loopback.openapi import OPENAPI
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild

by_schema = pytest.mark.skipif(not OPENAPI.exists(), reason="Discord's OpenAPI file is not beside the repository")
KNOWN_TO_THE_SCHEMA_ALONE: tuple[dict[str, Any], ...] = (
    {"embeds": [{"title": "t", "footer": {"text": "f" * 2049}}]},
    {"embeds": [{"title": "t", "author": {"name": "a" * 257}}]},
    {"embeds": [{"title": "t"}] * 11},
    {"embeds": [{"title": "t", "colour": 1}]},
    {"surprise": True},
    {"embeds": [{"fields": [{"name": "n"}]}]},
    {"embeds": [{"title": "t", "footer": {"text": "f", "surprise": 1}}]},
)


def seen(client: Client, channel: Channel) -> discord.TextChannel:
    found = client.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def post(loopback: LoopbackDiscord, channel: Channel, **body: Any) -> tuple[int, Any]:
    """A message as raw JSON, for what discord.py would not send. The status and the answer."""
    defaults: dict[str, Any] = {"content": "hello", "allowed_mentions": {"parse": []}}
    headers = {"Authorization": f"Bot {loopback.token}"}
    address = f"{loopback.api_url}/channels/{channel.id}/messages"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(address, json=defaults | body) as answer:
        return answer.status, json.loads(await answer.text())


async def test_the_client_is_ready_and_knows_its_rights(client: Client, guild: Guild, channel: Channel) -> None:
    found = client.get_guild(guild.id)
    assert found is not None
    assert found.me.id == client.application_id
    rights = seen(client, channel).permissions_for(found.me)
    assert (rights.send_messages, rights.embed_links, rights.read_message_history) == (True, True, True)
    assert not rights.administrator


async def test_a_right_taken_and_given_back_is_noticed_and_enforced(
    loopback: LoopbackDiscord, client: Client, channel: Channel
) -> None:
    here = seen(client, channel)
    await loopback.deny(channel, "send_messages")
    await loopback.wait_for(lambda: not here.permissions_for(here.guild.me).send_messages)
    with pytest.raises(discord.Forbidden) as refused:
        await here.send("hello")
    assert refused.value.code == 50013
    await loopback.allow(channel)
    await loopback.wait_for(lambda: here.permissions_for(here.guild.me).send_messages)
    await here.send("hello")
    assert [message.content for message in loopback.messages(channel)] == ["hello"]


async def test_the_same_nonce_gives_the_first_message_again(
    loopback: LoopbackDiscord, client: Client, channel: Channel
) -> None:
    here = seen(client, channel)
    first, second = await here.send("one", nonce="n1"), await here.send("one", nonce="n1")
    assert first.id == second.id
    assert (await here.send("two", nonce="n2")).id != first.id
    assert [message.nonce for message in loopback.messages(channel)] == ["n1", "n2"]


async def test_a_nonce_is_forgotten_after_the_window(
    loopback: LoopbackDiscord, client: Client, channel: Channel
) -> None:
    loopback.posts.nonce_window_seconds = 0
    here = seen(client, channel)
    assert (await here.send("one", nonce="n1")).id != (await here.send("one", nonce="n1")).id
    assert len(loopback.messages(channel)) == 2


async def test_a_nonce_whose_message_was_deleted_makes_no_second_one(
    loopback: LoopbackDiscord, client: Client, channel: Channel
) -> None:
    here = seen(client, channel)
    await here.send("one", nonce="n1")
    loopback.messages(channel)[0].deleted = True
    with pytest.raises(discord.NotFound) as missing:
        await here.send("one", nonce="n1")
    assert missing.value.code == 10008
    assert loopback.messages(channel) == []


@pytest.mark.parametrize(("fault", "left"), [("abort-before", 0), ("abort-after", 1)])
async def test_a_cut_connection_says_nothing_of_whether_the_message_is_there(
    loopback: LoopbackDiscord, client: Client, channel: Channel, fault: str, left: int
) -> None:
    here = seen(client, channel)
    loopback.next_sends(fault)
    with pytest.raises(aiohttp.ClientError):
        await here.send("one", nonce="n1")
    assert len(loopback.messages(channel)) == left
    assert [str(message.nonce) async for message in here.history(limit=5)] == ["n1"] * left
    await here.send("one", nonce="n1")
    assert len(loopback.messages(channel)) == 1


async def test_history_comes_newest_first_and_in_pages(
    loopback: LoopbackDiscord, client: Client, channel: Channel
) -> None:
    here = seen(client, channel)
    sent = [await here.send(str(number)) for number in range(5)]
    assert [message.content async for message in here.history(limit=2)] == ["4", "3"]
    assert [message.content async for message in here.history(limit=2, before=sent[3])] == ["2", "1"]
    assert [message.content async for message in here.history(limit=2, after=sent[1])] == ["2", "3"]
    await loopback.deny(channel, "read_message_history")
    assert [message async for message in here.history(limit=2)] == []


async def test_an_unknown_channel_and_an_unknown_route_are_told_apart(
    loopback: LoopbackDiscord, client: Client
) -> None:
    with pytest.raises(discord.NotFound) as unknown:
        await client.fetch_channel(1)
    assert (unknown.value.code, loopback.violations) == (10003, [])
    with pytest.raises(discord.NotFound):
        await client.fetch_user(1)
    assert loopback.violations == ["unknown route GET /api/v10/users/1"]


async def test_a_revoked_token_is_refused(loopback: LoopbackDiscord, client: Client, channel: Channel) -> None:
    loopback.revoke_token()
    with pytest.raises(discord.HTTPException) as refused:
        await seen(client, channel).send("hello")
    assert refused.value.status == 401


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2001},
        {"content": ""},
        {"nonce": "n" * 26},
        {"allowed_mentions": {"parse": ["everyone"]}},
        {"embeds": [{"title": "t" * 257}]},
        {"embeds": [{"description": "d" * 4097}]},
        {"embeds": [{"description": "d" * 3001}, {"description": "d" * 3000}]},
        {"embeds": [{"description": "d" * 4096, "footer": {"text": "f" * 1905}}]},
        {"embeds": [{"title": "t", "url": "urn:uuid:1"}]},
        {"content": "   "},
        {"flags": 64},
        {"embeds": [{}]},
        {"embeds": [{"title": "t", "provider": {"name": "p"}}]},
        {"embeds": [{"title": "t", "footer": {"text": "f", "icon_url": "data:image/png;base64,"}}]},
        {"embeds": [{"title": "t", "image": {"url": "data:image/png;base64,"}}]},
        {"embeds": [{"title": "t", "author": {"name": "a", "url": "tag:example.org,2026:1"}}]},
        *(pytest.param(body, marks=by_schema) for body in KNOWN_TO_THE_SCHEMA_ALONE),
    ],
    ids=lambda body: json.dumps(body)[:48],
)
async def test_what_discord_would_refuse_is_refused_and_remembered(
    loopback: LoopbackDiscord, channel: Channel, body: dict[str, Any]
) -> None:
    status, answer = await post(loopback, channel, **body)
    assert (status, answer["code"]) == (400, 50035)
    assert loopback.violations
    assert loopback.messages(channel) == []


async def test_embeds_without_the_right_to_them_are_refused_or_lost_and_remembered(
    loopback: LoopbackDiscord, channel: Channel
) -> None:
    await loopback.deny(channel, "embed_links")
    status, answer = await post(loopback, channel, embeds=[{"title": "t"}], content="")
    assert (status, answer["code"]) == (403, 50013)
    status, _ = await post(loopback, channel, embeds=[{"title": "t"}])
    assert (status, loopback.messages(channel)[0].embeds) == (200, [])
    assert loopback.violations == ["embeds sent without Embed Links"]


async def test_a_hidden_channel_can_be_neither_read_nor_written(
    loopback: LoopbackDiscord, client: Client, channel: Channel
) -> None:
    here = seen(client, channel)
    await loopback.deny(channel, "view_channel")
    with pytest.raises(discord.Forbidden) as hidden:
        await client.fetch_channel(channel.id)
    with pytest.raises(discord.Forbidden) as unread:
        await anext(here.history(limit=1))
    with pytest.raises(discord.Forbidden) as unsent:
        await here.send("hello")
    assert {hidden.value.code, unread.value.code, unsent.value.code} == {50001}


@by_schema
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/channels/1/messages?limit=101", None),
        ("GET", "/channels/1/messages?newest=1", None),
        ("GET", "/channels/news/messages", None),
        ("POST", "/channels/1/messages", None),
        ("PUT", "/applications/1/commands", [{"name": "latest", "description": "d" * 101}]),
        ("PUT", "/applications/1/commands", [{"name": "latest", "description": "d", "surprise": 1}]),
    ],
)
async def test_every_request_is_held_to_the_schema(
    loopback: LoopbackDiscord, method: str, path: str, body: Any
) -> None:
    headers = {"Authorization": f"Bot {loopback.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{loopback.api_url}{path}", json=body) as answer,
    ):
        assert answer.status == 400
    assert loopback.violations
    assert [(asked.method, asked.status, asked.body) for asked in loopback.ledger] == [(method, 400, body)]


async def test_commands_are_held_to_the_rules_that_no_schema_has(loopback: LoopbackDiscord, client: Client) -> None:
    @client.tree.command(name="long", description="d")
    async def long(_: discord.Interaction, topic: str) -> None: ...

    assert client.application_id is not None
    await client.tree.sync()
    assert ([command["name"] for command in loopback.commands], loopback.violations) == (["long"], [])
    topic = {"type": 3, "name": "topic", "description": "d"}
    choices = [{"name": "n" * 100, "value": "v" * 100} for _ in range(25)]
    broken: list[dict[str, Any]] = [
        {"name": "big", "description": "d", "options": [topic | {"name": f"o{n}", "choices": choices} for n in (1, 2)]},
        {"name": "order", "description": "d", "options": [topic, topic | {"name": "must", "required": True}]},
        {"name": "order", "description": "d"},
    ]
    with pytest.raises(discord.HTTPException):
        await client.http.bulk_upsert_global_commands(client.application_id, broken)
    assert sorted(loopback.violations) == [
        "/big has over 8000 characters",
        "/order: a required option after an optional one",
        "two commands named order",
    ]


async def test_a_message_at_every_limit_is_taken(loopback: LoopbackDiscord, channel: Channel) -> None:
    full = {"title": "t" * 256, "description": "d" * 4096, "footer": {"text": "f" * 1648}, "url": "https://a.example/"}
    status, _ = await post(loopback, channel, content="x" * 2000, nonce="n" * 25, embeds=[full])
    assert (status, loopback.violations) == (200, [])
