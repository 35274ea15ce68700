"""Who manages one channel can do nothing in another: every managing command, button, menu and form, tried by such a person."""

from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord

from bot.model import FeedState
from tests.builders import entry
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.deputies import MINE, NOBODY, OTHER_FEED, STAFF, THEIRS, Deputies, Overwrite, deputies
from tests.fakes import found
from tests.jobs.importer import opml as listing

TOPIC_COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "topic edit": ("name", {"colour": "#112233"}),
    "topic pause": ("name", {}),
    "topic resume": ("name", {}),
    "topic delete": ("name", {}),
    "filter set": ("topic", {"expression": "rain"}),
    "filter clear": ("topic", {}),
    "unsubscribe": ("topic", {"source": FEED}),
}
"""What changes a topic: refused where the person may read and write, but not manage."""
POSTING: dict[str, tuple[str, dict[str, Any]]] = {
    "topic test": ("name", {}),
    "subscribe": ("topic", {"source": OTHER_FEED}),
}
"""What has the bot post: refused where the person may not write."""
READING: dict[str, tuple[str, dict[str, Any]]] = {
    "filter test": ("topic", {"expression": "rain"}),
}
SERVER: dict[str, dict[str, Any]] = {
    "status language": {"language": "de"},
    "status notices": {"standard": True},
    "source rename": {"source": FEED, "name": "Mine"},
}
"""What counts for the whole server."""
NAMING_A_TOPIC = {**TOPIC_COMMANDS, **POSTING, **READING}
ELSEWHERE = {
    "packs": "tests/cogs/test_first_hour.py",
    "topic create": "below",
    "import": "below",
    "topic list": "reads",
    "topic stats": "reads",
    "filter show": "reads",
    "source show": "reads",
    "source stats": "reads",
    "export": "reads",
    "status overview": "reads",
    "status failed": "what one may not manage is not listed; tests/cogs/test_presses.py",
}


@pytest.mark.parametrize("command", TOPIC_COMMANDS)
async def test_a_topic_in_a_channel_that_one_does_not_manage_is_not_changed(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), TOPIC_COMMANDS[command]
    before = await made.state()
    told = await made.ask(command, **{option: THEIRS}, **rest)
    assert told.private
    assert f"You lack **Manage Channels** in <#{world.news.id}>" in told.text
    assert await made.state() == before


@pytest.mark.parametrize("command", TOPIC_COMMANDS)
async def test_in_the_own_channel_it_works(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), TOPIC_COMMANDS[command]
    if command == "topic resume":
        await made.ask("topic pause", name=MINE)
    told = await made.ask(command, **{option: MINE}, **rest)
    assert "You lack" not in told.text
    assert "no topic called" not in told.text


@pytest.mark.parametrize("command", NAMING_A_TOPIC)
async def test_a_topic_whose_channel_one_does_not_see_does_not_exist(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), NAMING_A_TOPIC[command]
    before = await made.state()
    told = await made.ask(command, **{option: STAFF}, **rest)
    assert told.text.replace(STAFF, "…") == (
        (await made.ask(command, **{option: NOBODY}, **rest)).text.replace(NOBODY, "…")
    )
    assert str(made.staff.id) not in told.text
    assert await made.state() == before


@pytest.mark.parametrize("command", POSTING)
async def test_the_bot_does_not_write_where_the_person_may_not(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), POSTING[command]
    await world.ask("topic create", name="Quiet", channel=made.quiet)
    before = await made.state()
    told = await made.ask(command, **{option: "Quiet"}, **rest)
    assert f"You lack **Send Messages** in <#{made.quiet.id}>" in told.text
    assert await made.state() == before


@pytest.mark.parametrize("command", POSTING)
async def test_who_may_write_in_a_topics_channel_may_give_it_sources_and_test_it(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), POSTING[command]
    told = await made.ask(command, **{option: THEIRS}, **rest)
    assert "You lack" not in told.text
    assert "It works" in told.text or "gets a new source: **Other**" in told.text


def a_list(*folders: str) -> tuple[str, bytes]:
    return "feeds.opml", listing([(folder, [OTHER_FEED]) for folder in folders])


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"topic": "Quiet"}, "You lack **Send Messages**"),
        ({"topic": STAFF}, f"There is already a topic called “{STAFF}”"),
        ({"folders": True, "file": a_list(MINE, "Quiet")}, "You lack **Send Messages**"),
        ({"folders": True, "file": a_list(MINE, STAFF)}, f"There is already a topic called “{STAFF}”"),
        ({"topic": "New", "channel": "news"}, "You lack **Manage Channels**"),
        ({"topic": "New", "channel": "quiet"}, "You lack **Send Messages**, **Manage Channels**"),
        ({"folders": True, "file": a_list("New"), "channel": "news"}, "You lack **Manage Channels**"),
    ],
)
async def test_a_list_is_not_imported_where_one_may_not(world: World, options: dict[str, Any], answer: str) -> None:
    made = await deputies(world)
    await world.ask("topic create", name="Quiet", channel=made.quiet)
    channels = {"news": world.news, "quiet": made.quiet}
    given = {key: channels[value] if key == "channel" else value for key, value in options.items()}
    before = await made.state()
    told = await made.ask("import", **{"file": a_list("Folder"), **given})
    assert answer in told.text
    assert str(made.staff.id) not in told.text
    assert await made.state() == before
    assert await world.store.imports.open_items() == ()


SOURCE_COMMANDS: dict[str, dict[str, Any]] = {
    "source retry": {},
    "source pause": {},
    "source resume": {},
    "source move": {"topic": MINE},
}
"""What changes a source in the topics that follow it."""


async def alone(made: Deputies, topic: str) -> str:
    """A source that only this topic follows. Its title."""
    made.world.discovery.put("https://alone.example/feed", found("https://alone.example/feed", "Alone", [entry(4)]))
    await made.world.ask("subscribe", source="https://alone.example/feed", topic=topic)
    return "Alone"


@pytest.mark.parametrize("command", SOURCE_COMMANDS)
async def test_a_source_is_not_changed_in_topics_that_one_does_not_manage(world: World, command: str) -> None:
    made = await deputies(world)
    source = await alone(made, THEIRS)
    before = await made.state()
    told = await made.ask(command, source=source, **SOURCE_COMMANDS[command])
    assert f"You lack **Manage Channels** in <#{world.news.id}>" in told.text
    assert await made.state() == before


@pytest.mark.parametrize("command", [*SOURCE_COMMANDS, "source rename"])
async def test_a_source_of_topics_that_one_does_not_see_does_not_exist(world: World, command: str) -> None:
    made, options = await deputies(world), SOURCE_COMMANDS.get(command, {})
    source = await alone(made, STAFF)
    before = await made.state()
    told = await made.ask(command, source=source, **options)
    assert told.text == (await made.ask(command, source="Nothing", **options)).text
    assert await made.state() == before


async def test_a_source_of_several_topics_rests_only_where_one_may_say_so(world: World) -> None:
    made = await deputies(world)
    told = await made.ask("source pause", source=FEED)
    assert f"is paused in **{MINE}**." in told.text
    sources = await world.store.topics.sources(world.guild.id, now=world.clock.now())
    assert {each.topic: each.state for each in sources} == {
        MINE: FeedState.PAUSED, STAFF: FeedState.ACTIVE, THEIRS: FeedState.ACTIVE,
    }  # fmt: skip
    await world.ask("source pause", source=FEED)
    assert f"goes on in **{MINE}**;" in (await made.ask("source resume", source=FEED)).text


async def test_a_source_leaves_no_topic_and_comes_to_none_that_one_does_not_manage(world: World) -> None:
    made = await deputies(world)
    source = await alone(made, MINE)
    before = await made.state()
    assert "You lack **Manage Channels**" in (await made.ask("source move", source=source, topic=THEIRS)).text
    told = await made.ask("source move", source=FEED, topic=MINE, from_topic=THEIRS)
    assert "You lack **Manage Channels**" in told.text
    assert "There is no topic called" in (await made.ask("source move", source=source, topic=STAFF)).text
    assert await made.state() == before


@pytest.mark.parametrize("command", SERVER)
async def test_the_overwrites_of_a_channel_do_not_count_for_the_server(world: World, command: str) -> None:
    made = await deputies(world)
    await world.ask("status notices", channel=world.news)
    before = await made.state()
    assert "This counts for the whole server" in (await made.ask(command, **SERVER[command])).text
    assert await made.state() == before


async def test_a_topic_is_made_only_where_one_manages_channels(world: World) -> None:
    made = await deputies(world)
    before = await made.state()
    told = await made.ask("topic create", name="New", channel=world.news)
    assert f"You lack **Manage Channels** in <#{world.news.id}>" in told.text
    told = await made.ask("topic create", name="New", channel=made.quiet)
    assert f"You lack **Send Messages**, **Manage Channels** in <#{made.quiet.id}>" in told.text
    assert await made.state() == before
    assert "posts in" in (await made.ask("topic create", name="New", channel=made.own)).text


@pytest.mark.parametrize("to", ["news", "quiet"])
async def test_a_topic_is_not_moved_to_where_one_manages_nothing(world: World, to: str) -> None:
    made = await deputies(world)
    before = await made.state()
    channel = {"news": world.news, "quiet": made.quiet}[to]
    told = await made.ask("topic edit", name=MINE, channel=channel)
    assert "You lack" in told.text
    panel = await made.ask("topic edit", name=MINE)
    place = await made.deputy.click(panel.message, label="Channel")
    assert place.response is not None
    menu = place.response.components[1]["components"][0]["custom_id"]
    told = reply(await made.deputy.select(place.response, [channel], custom_id=menu))
    assert "You lack" in told.text
    assert await made.state() == before


async def test_a_role_is_mentioned_only_for_who_may_mention_it(world: World) -> None:
    made = await deputies(world)
    role, free = world.guild.create_role("Everybody here"), world.guild.create_role("Open", mentionable=True)
    before = await made.state()
    told = await made.ask("topic edit", name=MINE, mention=role)
    assert f"You lack **Mention @everyone, @here, and All Roles** in <#{made.own.id}>" in told.text
    assert await made.state() == before
    assert f"**Mention**: <@&{free.id}>" in (await made.ask("topic edit", name=MINE, mention=free)).text


async def test_what_a_topic_mentions_goes_along_only_to_where_the_person_may_mention_it(world: World) -> None:
    made = await deputies(world)
    role = world.guild.create_role("Everybody here")
    other = world.guild.create_text_channel("other", overwrites={made.deputy: Overwrite(manage_channels=True)})
    await world.ask("topic edit", name=MINE, mention=role)
    told = await made.ask("topic edit", name=MINE, channel=other)
    assert f"You lack **Mention @everyone, @here, and All Roles** in <#{other.id}>" in told.text
    # What somebody else asked for stays; a change of something else does not ask for it again.
    assert "is changed" in (await made.ask("topic edit", name=MINE, colour="#112233")).text


@pytest.mark.parametrize(("option", "right"), [("own_names", "Manage Webhooks"), ("threads", "Create Public Threads")])
async def test_webhooks_and_threads_are_used_only_for_who_may_use_them(world: World, option: str, right: str) -> None:
    made = await deputies(world)
    channel = world.bot.get_channel(made.own.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, create_public_threads=False)
    await channel.set_permissions(channel.guild.me, create_public_threads=True, manage_webhooks=True)
    await world.env.settle()
    before = await made.state()
    assert f"You lack **{right}**" in (await made.ask("topic edit", name=MINE, **{option: True})).text
    assert await made.state() == before


async def test_every_managing_command_is_among_these(world: World) -> None:
    tried = {*NAMING_A_TOPIC, *SOURCE_COMMANDS, *SERVER, *ELSEWHERE}
    for command in world.bot.tree.walk_commands():
        if not isinstance(command, discord.app_commands.Command):
            continue
        needed = (command.root_parent or command).default_permissions
        if needed is not None:
            assert command.qualified_name in tried, f"{command.qualified_name} has no test here"
