"""Every text of the program is in every catalogue, with its values and under names that Discord takes."""

import io
import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.gateway.client import RiverpostBot
from bot.gateway.command_translation import CommandTranslator
from bot.i18n import translation
from scripts import catalogues, offline
from scripts.catalogues import Key, Text
from tests.wire.loopback.openapi import OPENAPI, schema_problems
from tests.wire.loopback.rules import broken_command_rules

LANGUAGES = [source.stem for source in catalogues.catalogues()]
TYPED = re.compile(r"[-_'\w]{1,32}")


@pytest.fixture(scope="module")
def known() -> dict[Key, Text]:
    return catalogues.texts()


def catalogue(text: str) -> Catalog:
    return read_po(io.BytesIO(text.encode()), locale="de")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_text_and_no_other(language: str, known: dict[Key, Text]) -> None:
    found = list(catalogues.problems(known, catalogues.read(translation.FOLDER / f"{language}.po")))
    assert found == [], "see bot/locale/README.md for how texts are added"


def test_german_is_among_the_languages() -> None:
    assert "de" in LANGUAGES


def test_texts_of_all_kinds_are_found(known: dict[Key, Text]) -> None:
    assert (None, "Continue reading") in known
    assert known[None, "A source is gone"].other == "{n} sources are gone"
    assert (None, "The host cannot be reached.") in known
    assert (translation.COMMAND, "subscribe") in known
    assert (translation.OPTION, "query") in known
    assert known[None, "Show what you can do here"].is_description


def test_a_text_is_found_inside_another_and_one_that_is_put_together_is_refused() -> None:
    source = 'f"[{_(\'Inside\')}]" + many("{n} cat", "{n} cats", count) + _(stored) + N_("Later")'
    assert set(catalogues.marked(source)) == {("Inside", None), ("{n} cat", "{n} cats"), ("Later", None)}
    for together in ('_(f"No {thing}")', '_("No " + thing)'):
        with pytest.raises(SyntaxError, match="one plain string"):
            list(catalogues.marked(together))


@pytest.mark.parametrize(
    ("one", "string", "problem"),
    [
        ("Wait {seconds} s.", "Warte {sekunden} s.", "other values in braces"),
        ("Wait {seconds} s.", "Warte.", "other values in braces"),
        ("Wait.", "", "no translation"),
        ("See /topic list.", "Siehe /topic list.", "names commands in another way"),
    ],
)
def test_what_is_wrong_with_a_translation_is_said(one: str, string: str, problem: str) -> None:
    known: dict[Key, Text] = {
        (None, one): Text(None, one),
        (translation.COMMAND, "topic"): Text(translation.COMMAND, "topic"),
    }
    made = catalogue('msgctxt "command"\nmsgid "topic"\nmsgstr "thema"\n')
    made.add(one, string)
    assert [each for each in catalogues.problems(known, made) if problem in each]


def test_a_text_that_is_gone_and_a_name_that_discord_refuses_are_said() -> None:
    known: dict[Key, Text] = {(translation.OPTION, "new_name"): Text(translation.OPTION, "new_name")}
    made = catalogue('msgctxt "option"\nmsgid "new_name"\nmsgstr "Neuer Name"\n\nmsgid "Gone."\nmsgstr "Weg."\n')
    said = "\n".join(catalogues.problems(known, made))
    assert "is not used any more: 'Gone.'" in said
    assert "is no name that Discord takes" in said


def test_what_is_missing_is_printed_to_be_filled_in_and_merged() -> None:
    known: dict[Key, Text] = {
        (None, "One"): Text(None, "One", places={"a.py"}),
        (None, "Two"): Text(None, "Two", places={"a.py"}),
    }
    before = catalogue('msgid "One"\nmsgstr "Eins"\n\nmsgid "Gone"\nmsgstr "Weg"\n')
    todo = catalogues.fragment("de", known, before)
    assert 'msgid "Two"\nmsgstr ""' in todo
    assert "One" not in todo
    filled = catalogue(todo.replace('msgid "Two"\nmsgstr ""', 'msgid "Two"\nmsgstr "Zwei"'))
    merged = catalogues.merged("de", known, before, filled)
    assert list(catalogues.problems(known, catalogue(merged))) == []
    assert "Gone" not in merged
    assert catalogues.merged("de", known, catalogue(merged)) == merged


async def payloads() -> list[dict[str, Any]]:
    bot: RiverpostBot = await offline.load()
    translator = CommandTranslator()
    return [await each.get_translated_payload(bot.tree, translator) for each in offline.top_level(bot)]


def options(payload: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """What stands on one level, for each level."""
    listed = payload.get("options") or []
    yield listed
    for each in listed:
        yield from options(each)


def shown(item: dict[str, Any], language: str, what: str) -> str:
    """What a person with a Discord of this language sees."""
    return str((item.get(f"{what}_localizations") or {}).get(language) or item[what])


async def test_commands_and_options_are_named_as_discord_takes_it_in_every_language() -> None:
    listed = await payloads()
    for language in ("en-US", *LANGUAGES):
        for kind in discord.AppCommandType:
            names = [shown(each, language, "name") for each in listed if each["type"] == kind.value]
            assert len(names) == len(set(names)), language
        slash = [each for each in listed if each["type"] == discord.AppCommandType.chat_input.value]
        for level in [slash, *(level for each in slash for level in options(each))]:
            names = [shown(each, language, "name") for each in level]
            assert len(names) == len(set(names)), (language, names)
            for each in level:
                name, description = shown(each, language, "name"), shown(each, language, "description")
                assert TYPED.fullmatch(name), (language, name)
                assert name == name.lower(), (language, name)
                assert 1 <= len(description) <= 100, (language, description)


async def test_a_command_is_no_longer_than_discord_takes_it_with_its_longest_translations() -> None:
    for command in await payloads():
        items = [command, *(each for level in options(command) for each in level)]
        total = sum(
            max(len(text) for text in (item.get(what) or "", *(item.get(f"{what}_localizations") or {}).values()))
            for item in items
            for what in ("name", "description")
        )
        assert total <= 8000, command["name"]


async def test_the_commands_are_as_discords_published_interface_wants_them() -> None:
    if not OPENAPI.exists():
        pytest.skip(f"{OPENAPI} is absent: the commands are not held to Discord's published interface")
    listed = await payloads()
    assert schema_problems("PUT", "/applications/1/commands", {}, listed) == []
    assert broken_command_rules(listed) == []


async def test_german_names_and_descriptions_are_sent_with_the_commands() -> None:
    [topic] = [each for each in await payloads() if each["name"] == "topic"]
    assert topic["name_localizations"] == {"de": "thema"}
    create = next(each for each in topic["options"] if each["name"] == "create")
    assert create["name_localizations"] == {"de": "anlegen"}
    assert create["description_localizations"]["de"].startswith("Legt ein Thema an")
    channel = next(each for each in create["options"] if each["name"] == "channel")
    assert channel["name_localizations"] == {"de": "kanal"}
