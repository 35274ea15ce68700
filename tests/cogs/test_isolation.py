"""A server's topics and sources, asked for by another server: to every command they are as if they did not exist."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.model import Entry
from tests.builders import at, entry
from tests.cogs.conftest import World, reply
from tests.fakes import found

TOPIC, TITLE, URL = "Observatory", "Hidden blog", "https://hidden.example/feed"
SECRETS = (TOPIC, TITLE, "hidden.example", "Unseen")
NOBODY = {TOPIC: "Laboratory", TITLE: "Absent blog", URL: "https://absent.example/feed"}
"""What exists nowhere, of the same form."""

TAKES_TOPIC: dict[str, tuple[str, dict[str, Any]]] = {
    "topic edit": ("name", {"colour": "#112233"}),
    "topic pause": ("name", {}),
    "topic resume": ("name", {}),
    "topic test": ("name", {}),
    "topic delete": ("name", {}),
    "topic stats": ("name", {}),
    "subscribe": ("topic", {"source": "https://blog.example/feed"}),
    "unsubscribe": ("topic", {"source": "Ours"}),
    "sources": ("topic", {}),
    "source move": ("topic", {"source": "Ours"}),
    "latest": ("topic", {}),
    "search": ("topic", {"query": "article"}),
    "filter set": ("topic", {"expression": "cloud"}),
    "filter test": ("topic", {"expression": "cloud"}),
    "filter clear": ("topic", {}),
    "filter show": ("topic", {}),
    "follow topic": ("topic", {}),
    "export": ("topic", {}),
}
TAKES_SOURCE: dict[str, tuple[str, dict[str, Any]]] = {
    "unsubscribe": ("source", {"topic": "Mine"}),
    "source show": ("source", {}),
    "source retry": ("source", {}),
    "source pause": ("source", {}),
    "source resume": ("source", {}),
    "source rename": ("source", {"name": "Stolen"}),
    "source move": ("source", {"topic": "Mine"}),
    "source stats": ("source", {}),
    "latest": ("source", {}),
    "search": ("source", {"query": "article"}),
    "filter set": ("source", {"topic": "Mine", "expression": "cloud"}),
    "filter test": ("source", {"topic": "Mine", "expression": "cloud"}),
    "filter clear": ("source", {"topic": "Mine"}),
    "follow source": ("source", {}),
}
ELSEWHERE = {
    "topic create": "it makes a topic of that name here",
    "import": "it makes a topic of that name here; tests/cogs/test_importing.py",
    "why": "tests/cogs/test_why.py",
    "topic list": "no argument; below",
    "unfollow": "a person's own follows; tests/cogs/test_personal.py",
}
FROM = "source move"


class Stranger:
    """Who manages another server, which has a topic and a source of its own."""

    def __init__(self, world: World, place: simcord.ChannelHandle, member: simcord.MemberActor) -> None:
        self.world, self.place, self.member = world, place, member

    async def ask(self, command: str, **options: object) -> str:
        told = reply(await self.member.slash(self.place, command, **options))
        assert told.private
        fields = [f"{field.name} {field.value}" for embed in told.message.embeds for field in embed.fields]
        files = [await _text(self.world, each) for each in told.message.attachments]
        return "\n".join([told.text, *fields, *files, str(told.message.components)])


async def _text(world: World, attachment: discord.Attachment) -> str:
    return (world.env.backend.cdn.get(attachment.url) or b"").decode(errors="replace")


def hidden(number: int) -> Entry:
    made = entry(number, title=f"Unseen article {number}", published=at(-number), position=number)
    return replace(made, link=f"https://hidden.example/{number}")


async def stranger(world: World) -> Stranger:
    listed = [hidden(n) for n in (1, 2)]
    world.discovery.put(URL, found(URL, TITLE, listed))
    await world.ask("topic create", name=TOPIC, channel=world.news)
    await world.ask("subscribe", source=URL, topic=TOPIC)
    await world.ask("filter set", topic=TOPIC, expression="cloud")
    other = world.env.create_guild("Others")
    place = other.create_text_channel("place")
    role = other.create_role("Managers", permissions=discord.Permissions(manage_channels=True))
    made = Stranger(world, place, other.add_member(world.env.create_user("eve"), roles=[role]))
    ours = "https://ours.example/feed"
    world.discovery.put(ours, found(ours, "Ours", [entry(5, published=at(-5))]))
    await made.ask("topic create", name="Mine", channel=place)
    await made.ask("subscribe", source=ours, topic="Mine")
    return made


async def state(world: World) -> object:
    """All that the server has, as far as a command of another one might change it."""
    now = world.clock.now()
    topics, sources = (
        await world.store.topics.all(world.guild.id),
        await world.store.topics.sources(world.guild.id, now=now),
    )
    shown = await world.ask("filter show")
    return topics, sources, shown.text


async def hidden_id(world: World) -> str:
    [source] = await world.store.topics.sources(world.guild.id, now=world.clock.now())
    return str(source.feed_id)


@pytest.mark.parametrize("command", TAKES_TOPIC)
async def test_a_topic_of_another_server_is_one_that_does_not_exist(world: World, command: str) -> None:
    eve, option, rest = await stranger(world), *TAKES_TOPIC[command]
    before = await state(world)
    told = await eve.ask(command, **{option: TOPIC}, **rest)
    absent = await eve.ask(command, **{option: NOBODY[TOPIC]}, **rest)
    assert told.replace(TOPIC, "…") == absent.replace(NOBODY[TOPIC], "…")
    nothing_of_it(told, typed=TOPIC)
    assert await state(world) == before
    assert TOPIC not in str(await suggested(eve, command, option, rest))


@pytest.mark.parametrize("command", TAKES_SOURCE)
@pytest.mark.parametrize("form", ["name", "id", "link"])
async def test_a_source_of_another_server_is_one_that_does_not_exist(world: World, command: str, form: str) -> None:
    eve, option, rest = await stranger(world), *TAKES_SOURCE[command]
    number = await hidden_id(world)
    typed, nobody = {"name": (TITLE, NOBODY[TITLE]), "id": (number, "98765"), "link": (URL, NOBODY[URL])}[form]
    before = await state(world)
    told = await eve.ask(command, **{option: typed}, **rest)
    absent = await eve.ask(command, **{option: nobody}, **rest)
    assert told.replace(typed, "…") == absent.replace(nobody, "…")
    nothing_of_it(told, typed=typed)
    assert await state(world) == before
    assert TITLE not in str(await suggested(eve, command, option, rest))


@pytest.mark.parametrize("from_topic", [TOPIC, NOBODY[TOPIC]])
async def test_nothing_is_moved_out_of_another_servers_topic(world: World, from_topic: str) -> None:
    eve = await stranger(world)
    before = await state(world)
    told = await eve.ask(FROM, source=await hidden_id(world), topic="Mine", from_topic=from_topic)
    nothing_of_it(told, typed=from_topic)
    assert await state(world) == before


@pytest.mark.parametrize(
    "command", ["topic list", "sources", "latest", "filter show", "status overview", "status failed", "export"]
)
async def test_what_is_shown_without_an_argument_is_of_the_own_server_only(world: World, command: str) -> None:
    eve = await stranger(world)
    nothing_of_it(await eve.ask(command), typed="")


async def test_words_find_nothing_of_another_server(world: World) -> None:
    eve = await stranger(world)
    assert "hidden.example/1" in (await world.ask("search", query="unseen")).text
    nothing_of_it(await eve.ask("search", query="unseen"), typed="unseen")
    assert "unknown article" in (await eve.ask("why", link="https://hidden.example/1")).lower()


async def test_every_command_with_a_topic_or_a_source_is_among_these(world: World) -> None:
    asking = {"topic", "source", "from_topic"}
    for command in world.bot.tree.walk_commands():
        if not isinstance(command, discord.app_commands.Command):
            continue
        name = command.qualified_name
        options = {each.name for each in command.parameters}
        if name in ELSEWHERE:
            continue
        if options & asking or (name.startswith("topic ") and "name" in options):
            assert name in TAKES_TOPIC or name in TAKES_SOURCE, f"{name} has no test here"
        if "source" in options and name != "subscribe":  # which takes any address
            assert name in TAKES_SOURCE, f"{name} has no test here"
        if "topic" in options:
            assert name in TAKES_TOPIC, f"{name} has no test here"


def nothing_of_it(told: str, *, typed: str) -> None:
    shown = told.replace(typed, "…") if typed else told
    for secret in SECRETS:
        assert secret.casefold() not in shown.casefold()


async def suggested(eve: Stranger, command: str, option: str, rest: dict[str, Any]) -> list[Any]:
    others = {key: value for key, value in rest.items() if key == "topic"}
    return list(await eve.member.autocomplete(eve.place, command, option, "", **others))
