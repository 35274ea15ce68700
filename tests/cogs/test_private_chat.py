"""The private chat with the bot: what is for servers is not offered there, and answers if it is used all the same."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

from discord import app_commands

from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply

PERSONAL = {"help", "saved", "following", "unfollow", "forget me"}
OPTIONS: dict[str, dict[str, Any]] = {
    "topic edit": {"name": "Networks", "colour": "#112233"},
    "topic create": {"name": "Networks"},
    "packs": {},
    "topic list": {},
    "topic pause": {"name": "Networks"},
    "topic resume": {"name": "Networks"},
    "topic test": {"name": "Networks"},
    "topic delete": {"name": "Networks"},
    "topic stats": {"name": "Networks"},
    "subscribe": {"source": FEED, "topic": "Networks"},
    "unsubscribe": {"source": "A blog", "topic": "Networks"},
    "sources": {},
    "source show": {"source": "A blog"},
    "source retry": {"source": "A blog"},
    "source pause": {"source": "A blog"},
    "source resume": {"source": "A blog"},
    "source rename": {"source": "A blog", "name": "Cables"},
    "source move": {"source": "A blog", "topic": "Networks"},
    "source stats": {"source": "A blog"},
    "latest": {},
    "search": {"query": "article"},
    "status overview": {},
    "status failed": {},
    "status notices": {},
    "status language": {},
    "filter set": {"topic": "Networks", "expression": "cloud"},
    "filter test": {"topic": "Networks", "expression": "cloud"},
    "filter clear": {"topic": "Networks"},
    "filter show": {},
    "why": {"link": "https://blog.example/1"},
    "follow words": {"query": "bgp"},
    "follow source": {"source": "A blog"},
    "follow topic": {"topic": "Networks"},
    "import": {},
    "export": {},
}


@contextlib.contextmanager
def without_a_server(world: World) -> Iterator[None]:
    """What people do in the block reaches the bot as from a private chat, as an outdated Discord may send it."""
    backend: Any = world.env.backend
    emit = backend.emit

    def emit_bare(event: str, payload: dict[str, Any], *rest: Any, **more: Any) -> Any:
        if event == "INTERACTION_CREATE":
            payload["user"] = payload.pop("member")["user"]
            del payload["guild_id"]
            payload.pop("guild", None)
            payload["context"] = 1
            payload["channel"] = {"id": payload["channel_id"], "type": 1, "flags": 0, "last_message_id": None}
        return emit(event, payload, *rest, **more)

    backend.emit = emit_bare
    try:
        yield
    finally:
        backend.emit = emit


async def test_every_command_is_for_servers_or_for_a_person_alone(world: World) -> None:
    commands = [each for each in world.bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
    assert {each.qualified_name for each in commands} == PERSONAL | set(OPTIONS)
    assert set(world.reader.user.available_commands()) == PERSONAL


@pytest.mark.parametrize("command", OPTIONS)
async def test_a_command_for_servers_is_answered_in_a_private_chat_too(world: World, command: str) -> None:
    await world.followed()
    in_a_channel = command == "topic create"
    options = OPTIONS[command] | ({"channel": world.news} if in_a_channel else {})
    with without_a_server(world):
        told = reply(await world.manager.slash(world.news, command, **options))
    assert told.private
    golden.check("private", "a channel, where there are none" if in_a_channel else "a command for servers", told.text)


@pytest.mark.parametrize("command", sorted(PERSONAL - {"help", "unfollow"}))
async def test_a_command_for_a_person_is_answered_in_a_private_chat(world: World, command: str) -> None:
    told = reply(await world.manager.user.slash(command))
    golden.check("private", f"/{command}", told.text)


async def test_help_in_a_private_chat_names_what_is_there_and_that_there_is_more(world: World) -> None:
    told = reply(await world.manager.user.slash("help")).text
    assert "In a server there is more" in told
    assert "/saved" in told
    assert "/subscribe" not in told


async def test_what_is_followed_is_ended_in_a_private_chat(world: World) -> None:
    await world.followed()
    await world.ask("follow words", query="bgp")
    golden.check("private", "/unfollow", reply(await world.manager.user.slash("unfollow", what="bgp")).text)
