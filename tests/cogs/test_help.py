"""/help fits the person; a server is welcomed once, with buttons that work for as long as the message stands."""

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.config.settings import Pack
from bot.messages import welcome
from bot.posting.discord.reachable_channels import ReachableChannels
from bot.services.guilds.events import GuildEvents
from bot.services.guilds.welcome import Welcoming
from cogs.help import catalogue
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.speech import discord_in
from tests.cogs.test_notices import loop


def invite(world: World) -> None:
    """From now on the bot hears of servers that invite it."""
    welcoming = Welcoming(
        world.store,
        ReachableChannels(world.bot),
        world.bot.services.languages,
        world.clock,
        on_planned=lambda: world.woken.append("notices"),
    )
    world.bot._guild_events = GuildEvents(world.store, world.clock, on_probe=lambda: None, welcome=welcoming.joined)


async def joined(world: World, guild: simcord.GuildHandle) -> None:
    """The bot was invited there, and the notices' loop ran."""
    found = world.bot.get_guild(guild.id)
    assert found is not None
    await world.bot.on_guild_join(found)
    await loop(world).round()
    await world.env.settle()


async def welcomed(world: World) -> discord.Message:
    """The welcome in the server's channel."""
    invite(world)
    await joined(world, world.guild)
    message = world.news.last_message
    assert message is not None
    return message


async def test_a_manager_finds_everything_and_a_reader_what_readers_may(world: World) -> None:
    managers = await world.ask("help")
    readers = reply(await world.reader.slash(world.news, "help"))
    assert managers.private
    assert readers.private
    assert "topic create:" in managers.text
    assert "topic create:" not in readers.text
    assert "</latest:" in readers.text
    for name, shown in (("a manager asks for help", managers), ("a reader asks for help", readers)):
        golden.check("help", name, without_numbers(world, shown.text))


def without_numbers(world: World, text: str) -> str:
    for name, number in world.bot.tree.published.items():  # type: ignore[attr-defined]
        text = text.replace(f":{number}>", f":ID of {name}>")
    return text


async def test_help_is_in_german(world: World) -> None:
    with discord_in(world, "de"):
        shown = await world.ask("help")
    golden.check("help", "a manager asks for help, in German", without_numbers(world, shown.text))


async def test_in_a_private_message_help_shows_what_works_there(world: World) -> None:
    shown = reply(await world.reader.user.slash("help"))
    assert "</help:" in shown.text
    assert "</latest:" not in shown.text
    golden.check("help", "somebody asks for help in a private message", without_numbers(world, shown.text))


async def test_commands_that_discord_has_not_numbered_yet_are_named(world: World) -> None:
    world.bot.tree.published = {}  # type: ignore[attr-defined]
    with discord_in(world, "de"):
        shown = await world.ask("help")
    assert "`/thema anlegen` · Legt ein Thema an" in shown.text


async def test_a_server_is_welcomed_once(world: World) -> None:
    message = await welcomed(world)
    [embed] = message.embeds
    golden.check("help", "the welcome", f"{embed.title}\n{embed.description}")
    assert world.woken == ["notices"]
    await joined(world, world.guild)  # as after a removal that was no longer than 30 days
    await world.bot.on_ready()
    await loop(world).round()
    assert world.news.last_message == message


async def test_a_server_that_has_topics_or_no_channel_to_write_in_is_not_welcomed(world: World) -> None:
    invite(world)
    await world.followed()
    await joined(world, world.guild)
    shut = world.env.create_guild("Shut")
    nobody = discord.PermissionOverwrite(send_messages=False)
    shut.create_text_channel("announcements", overwrites={shut.default_role: nobody})
    await joined(world, shut)
    assert world.woken.count("notices") == 0
    talk = shut.create_text_channel("talk")
    await joined(world, shut)  # invited again, when there is a place
    assert talk.last_message is not None


async def test_the_welcome_is_in_the_servers_language(world: World) -> None:
    invite(world)
    german = world.env.create_guild("Leserunde", preferred_locale="de")
    channel = german.create_text_channel("allgemein")
    await joined(world, german)
    assert channel.last_message is not None
    [embed] = channel.last_message.embeds
    golden.check("help", "the welcome in a German server", f"{embed.title}\n{embed.description}")


async def test_a_first_topic_with_its_first_article_is_made_by_a_form_with_two_fields(world: World) -> None:
    message = await welcomed(world)
    form = await world.manager.click(message, label="Make a first topic")
    assert form.modal is not None
    assert len(form.modal["components"]) == 2
    told = reply(await world.manager.submit_modal(form, {"sites": FEED, "channel": [world.news]}))
    assert told.private
    golden.check("help", "a first topic is made", told.text)
    made = await world.store.topics.get(world.guild.id, "news")
    assert made is not None
    assert made.channel_id == world.news.id
    assert len(await world.store.deliveries.waiting(world.news.id, limit=9)) == 1
    # The next one has its own name, though its channel is the same.
    form = await world.manager.click(message, label="Make a first topic")
    again = reply(await world.manager.submit_modal(form, {"sites": FEED, "channel": [world.news]}))
    assert "I made the topic **News 2**" in again.text


async def test_a_first_topic_that_cannot_be_made_leaves_nothing_behind(world: World) -> None:
    message = await welcomed(world)
    form = await world.manager.click(message, label="Make a first topic")
    shut = reply(await world.manager.submit_modal(form, {"sites": FEED, "channel": [world.closed]}))
    assert "I lack **Embed Links**, **Read Message History**" in shut.text
    form = await world.manager.click(message, label="Make a first topic")
    nothing = reply(
        await world.manager.submit_modal(form, {"sites": "https://nothing.example", "channel": [world.news]})
    )
    assert "I found no feed at https://nothing.example" in nothing.text
    assert await world.store.topics.all(world.guild.id) == ()


async def test_a_first_topic_needs_the_right_to_manage_channels(world: World) -> None:
    message = await welcomed(world)
    told = await world.reader.click(message, label="Make a first topic")
    assert told.modal is None
    golden.check("help", "a first topic without the right to it", reply(told).text)


async def test_the_packs_are_shown(world: World) -> None:
    message = await welcomed(world)
    world.bot.services.packs._packs = ()
    none = reply(await world.reader.click(message, label="Browse starter packs"))
    golden.check("help", "there are no packs", without_numbers(world, none.text))
    world.bot.services.packs._packs = (
        Pack(
            name="Networks",
            description="What network engineers read",
            feeds=("https://a.example/f", "https://b.example/f"),
        ),
        Pack(name="*Stars*", feeds=("https://c.example/f",)),
    )
    some = reply(await world.reader.click(message, label="Browse starter packs"))
    assert some.private
    golden.check("help", "the packs", without_numbers(world, some.text))


async def test_the_help_button_shows_what_the_presser_may_do(world: World) -> None:
    message = await welcomed(world)
    told = reply(await world.reader.click(message, label="Help"))
    asked = reply(await world.reader.slash(world.news, "help"))
    assert told.text == asked.text
    assert told.private


def test_the_welcome_has_three_buttons_and_a_number_to_find_it_by() -> None:
    body = welcome.payload(number="abc123").to_dict()
    [row] = body["components"]
    assert [each["custom_id"] for each in row["components"]] == [
        "riverpost:welcome:topic",
        "riverpost:welcome:packs",
        "riverpost:welcome:help",
    ]
    assert body["embeds"][0]["footer"]["text"] == "Riverpost abc123"


async def test_help_that_is_too_long_for_one_message_takes_several(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "line", lambda leaf, _published: f"{leaf.qualified_name} {'x' * 500}")
    told = await world.manager.slash(world.news, "help")
    messages = [each for each in (told.response, *told.followups) if each is not None]
    said = "\n".join(embed.description or "" for each in messages for embed in each.embeds)
    assert len(messages) > 1
    assert all(sum(len(embed) for embed in each.embeds) <= 6000 for each in messages)
    assert all(name in said for name in ("topic create", "source resume", "latest", "status language"))
