"""Everybody is answered in the language of their Discord, whatever they use; a server's channels have one language."""

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

from bot.messages import welcome
from cogs.ui.views import TIMEOUT_SECONDS
from tests.builders import entry
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.speech import discord_in
from tests.cogs.test_help import welcomed
from tests.cogs.test_notices import failing, last
from tests.fakes import found


async def test_two_people_are_answered_in_two_languages(world: World) -> None:
    with discord_in(world, "de"):
        german = await world.ask("topic pause", name="Nope")
    english = await world.ask("topic pause", name="Nope")
    with discord_in(world, "fr"):
        unknown = await world.ask("topic pause", name="Nope")
    golden.check("help", "an unknown topic, in German", german.text)
    golden.check("help", "an unknown topic, in English", english.text)
    assert unknown.text == english.text


async def test_a_button_is_answered_in_german(world: World) -> None:
    message = await welcomed(world)
    with discord_in(world, "de"):
        told = reply(await world.reader.click(message, custom_id=welcome.custom_id(welcome.TOPIC)))
    golden.check("help", "a first topic without the right to it, in German", told.text)


async def test_a_modal_is_shown_and_answered_in_german(world: World) -> None:
    message = await welcomed(world)
    with discord_in(world, "de"):
        shown = await world.manager.click(message, custom_id=welcome.custom_id(welcome.TOPIC))
        assert shown.modal is not None
        assert shown.modal["title"] == "Ein erstes Thema"
        told = reply(await world.manager.submit_modal(shown, {"sites": FEED, "channel": [world.news]}))
    golden.check("help", "a first topic is made, in German", told.text)


async def test_a_menu_is_answered_in_german_also_where_it_was_made_in_english(world: World) -> None:
    world.discovery.put("https://blog.example", found(FEED, "Posts", [entry(1)]), found(f"{FEED}/2", "Talks", []))
    await world.ask("topic create", name="Networks", channel=world.news)
    menu = await world.ask("subscribe", source="blog.example", topic="Networks")
    topic = await world.store.topics.get(world.guild.id, "Networks")
    assert topic is not None
    await world.store.topics.delete(topic.id, now=world.clock.now())
    with discord_in(world, "de"):
        told = reply(await world.manager.select(menu.message, ["1"]))
    assert "Ein Thema namens „Networks“ gibt es hier nicht." in told.text


async def test_what_is_offered_while_typing_is_in_german(world: World) -> None:
    with discord_in(world, "de"):
        german = await world.manager.autocomplete(world.news, "status language", "language", "")
    english = await world.manager.autocomplete(world.news, "status language", "language", "as the")
    assert next(each["name"] for each in german) == "Wie der Server in Discord eingestellt ist"
    assert {"Deutsch", "English"} <= {each["name"] for each in german}
    assert [each["name"] for each in english] == ["As the server is set in Discord"]


async def test_buttons_expire_in_the_language_they_were_made_in(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    with discord_in(world, "de"):
        question = await world.ask("topic delete", name="Networks")
    await world.env.advance_time(TIMEOUT_SECONDS + 1)
    golden.check("help", "buttons that have expired, in German", question.message.content)


async def test_a_server_chooses_the_language_of_what_stands_in_its_channels(world: World) -> None:
    told = await world.ask("status language", language="de")
    golden.check("help", "a server's language is chosen", told.text)
    languages = world.bot.services.languages
    assert await languages.of(world.guild.id) == "de"
    await world.ask("status language", language="-")
    assert await languages.of(world.guild.id) == "en-US"


async def test_a_language_that_is_not_spoken_is_refused(world: World) -> None:
    told = await world.ask("status language", language="tlh")
    golden.check("help", "a language that is not spoken", told.text)


async def test_a_notice_is_in_the_servers_language_and_its_button_answers_in_the_readers(world: World) -> None:
    await world.bot.services.languages.choose(world.guild.id, "de")
    await failing(world)
    [embed] = last(world).embeds
    golden.check("help", "a notice in a German server", f"{embed.title}\n{embed.description}")
    told = reply(await world.reader.click(last(world), label="Pausieren"))
    assert "You need the permission Manage Channels" in told.text


async def test_reasons_that_were_stored_in_english_are_shown_in_german(world: World) -> None:
    await failing(world)
    with discord_in(world, "de"):
        shown = await world.ask("status overview")
    fields = [field for embed in shown.message.embeds for field in embed.fields]
    golden.check(
        "help", "the status, in German", "\n".join([shown.text, *(f"{each.name}: {each.value}" for each in fields)])
    )
