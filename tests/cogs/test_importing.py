"""/import and /export as people use them."""

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

import asyncio
import re
from typing import Any

import discord
import simcord

from bot.feeds.opml import opml
from bot.model import Tally
from bot.posting.discord.direct_message import DirectMessenger
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.services.transfer import import_report
from bot.services.transfer.importer import anybody
from cogs.transfer import cog
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.jobs.importer import opml as listing

SITE = "https://site.example"


def check(area: str, name: str, text: str) -> None:
    """Hold a reply against its golden text; ids of channels differ from run to run."""
    golden.check(area, name, re.sub(r"<#\d+>", "<#channel>", text))


async def shown(world: World, file: bytes | None = None, **options: object) -> tuple[str, simcord.ResponseMessage]:
    """`/import`, worked off by the loop while the command watches; the answer at its end."""
    if file is not None:
        options["file"] = ("feeds.opml", file)
    asked = asyncio.ensure_future(world.manager.slash(world.news, "import", **options))
    while not asked.done():
        if "imports" in world.woken:
            world.woken.clear()
            await world.imports.round()
        await asyncio.sleep(0.01)
    answer = reply(await asked)
    assert answer.private
    return answer.text, answer.message


def file_of(world: World, message: simcord.ResponseMessage) -> tuple[str, str]:
    [attachment] = message.attachments
    data = world.env.backend.cdn.get(attachment.url)
    assert data is not None
    return attachment.filename, data.decode()


async def test_a_list_is_imported_and_what_failed_is_named(world: World) -> None:
    good = [world.documents.publish(f"{SITE}/{n}", f"Blog {n}") for n in range(3)]
    text, _ = await shown(world, listing([*good, f"{SITE}/dead"]), topic="Cloud")
    check("import", "a list with a dead feed", text)
    topic = await world.store.topics.get(world.guild.id, "Cloud")
    assert topic is not None
    assert topic.channel_id == world.news.id
    text, _ = await shown(world, listing([*good, f"{SITE}/dead"]), topic="Cloud")
    check("import", "the same list again", text)
    text, _ = await shown(world)
    check("import", "without a file", text)


async def test_many_failures_come_as_a_file(world: World) -> None:
    dead = [f"{SITE}/a-rather-long-address-{n}" for n in range(60)]
    text, message = await shown(world, listing(dead), topic="Cloud")
    check("import", "many dead feeds", text)
    name, content = file_of(world, message)
    assert name == "not-followed.txt"
    assert all(url in content for url in dead)
    check("import", "many dead feeds, the beginning of the file", content[:600])


async def test_the_message_shows_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    good = [world.documents.publish(f"{SITE}/{n}", f"Blog {n}") for n in range(4)]
    said: list[str] = []
    begun = asyncio.Event()
    edit = discord.Interaction.edit_original_response

    async def heard(interaction: discord.Interaction, **what: Any) -> discord.InteractionMessage:
        said.append(what["content"])
        begun.set()
        return await edit(interaction, **what)

    monkeypatch.setattr(discord.Interaction, "edit_original_response", heard)
    file = ("feeds.opml", listing(good))
    asked = asyncio.ensure_future(world.manager.slash(world.news, "import", file=file, topic="Cloud"))
    async with asyncio.timeout(30):
        await begun.wait()  # before anything is worked off
    await world.imports.round()
    await asked
    assert len(said) == 2
    check("import", "while it goes on", said[0])
    check("import", "far along", import_report.progress(Tally(500, 200, 10, 21)))


async def test_who_waits_longer_than_discord_takes_changes_is_told_privately(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = [world.documents.publish(f"{SITE}/{n}", f"Blog {n}") for n in range(2)]
    monkeypatch.setattr(cog, "MAX_WATCH_SECONDS", 3 * cog.SECONDS_BETWEEN)
    world.bot.services.importing._clock = world.clock  # the waiting passes at once
    asked = await world.ask("import", file=("feeds.opml", listing([*good, f"{SITE}/dead"])), topic="Cloud")
    check("import", "longer than Discord takes changes", asked.text)
    world.imports._teller = DirectMessenger(world.bot, CircuitBreaker(), world.clock)
    await world.imports.round()
    world.clock.advance(61)
    await world.imports.round()
    await world.imports.round()
    await world.env.settle()
    user = await world.bot.fetch_user(world.manager.id)
    [letter] = [message async for message in (await user.create_dm()).history()]
    check("import", "the private message", letter.content)


async def test_another_server_sees_nothing_of_it(world: World) -> None:
    await shown(world, listing([world.documents.publish(f"{SITE}/1", "Blog 1")]), topic="Cloud")
    other = world.env.create_guild("Others")
    channel = other.create_text_channel("news")
    role = other.create_role("Managers", permissions=discord.Permissions(manage_channels=True))
    manager = other.add_member(world.env.create_user("ola"), roles=[role])
    told = reply(await manager.slash(channel, "import"))
    assert told.text.strip().startswith("Nothing was imported here yet.")
    told = reply(await manager.slash(channel, "export"))
    assert told.text.strip().startswith("There is no source yet")
    told = reply(await manager.slash(channel, "source stats", source="Blog 1"))
    assert told.text.strip().startswith("This server has no such source.")


async def test_one_list_at_a_time_and_how_far_it_is_can_be_asked(world: World) -> None:
    good = [world.documents.publish(f"{SITE}/{n}", f"Blog {n}") for n in range(4)]
    await world.bot.services.importing.begin(
        guild_id=world.guild.id,
        viewer=None,
        channel_id=world.news.id,
        body=listing(good),
        topic="Cloud",
        folders=False,
        added_by=world.manager.id,
        allow=anybody,
    )
    world.woken.clear()
    check("import", "without a file, while it goes on", (await world.ask("import")).text)
    check("import", "a second list meanwhile", (await shown(world, listing(good), topic="Cloud"))[0])


async def test_folders_become_topics(world: World) -> None:
    first, second = (world.documents.publish(f"{SITE}/{n}", f"Blog {n}") for n in range(2))
    text, _ = await shown(world, listing([("Tech", [first]), ("*Music*", [second])]), folders=True)
    check("import", "folders as topics", text)
    names = [each.topic.name for each in await world.store.topics.all(world.guild.id)]
    assert names == ["*Music*", "Tech"]


@pytest.mark.parametrize(
    ("name", "body"),
    [("no list at all", b"hello"), ("an empty list", listing([])), ("a JSON file of something else", b'{"a": 1}')],
)
async def test_what_is_no_list_is_said(world: World, name: str, body: bytes) -> None:
    check("import", name, (await shown(world, body, topic="Cloud"))[0])
    assert await world.store.topics.all(world.guild.id) == ()


async def test_a_file_that_is_too_large_is_not_even_loaded(world: World) -> None:
    check("import", "too large", (await shown(world, b" " * 10_000_001, topic="Cloud"))[0])


async def test_without_a_file_and_without_an_import(world: World) -> None:
    check("import", "nothing imported yet", (await shown(world))[0])


async def test_a_channel_without_rights_is_refused_before_anything_is_read(world: World) -> None:
    text, _ = await shown(world, listing([FEED]), topic="Cloud", channel=world.closed)
    check("import", "rights are missing", text)


async def test_an_export_is_read_back_by_the_import(world: World) -> None:
    await world.followed()
    answer = await world.ask("export")
    check("import", "an export", answer.text)
    name, content = file_of(world, answer.message)
    assert name == "feeds.opml"
    [feed] = opml.read(content.encode()).feeds
    assert (feed.url, feed.title, feed.folders) == (FEED, "A blog", (("Networks",),))
    await world.ask("unsubscribe", source="A blog", topic="Networks")
    check("import", "nothing to export", (await world.ask("export")).text)
    check("import", "an export of no topic", (await world.ask("export", topic="Cloud")).text)
    world.documents.publish(FEED, "A blog")
    await shown(world, content.encode(), folders=True)
    assert [each.url for each in await world.store.topics.sources(world.guild.id, now=world.clock.now())] == [FEED]


async def test_only_who_may_manage_channels_imports_and_exports(world: World) -> None:
    assert {"import", "export"} <= set(world.manager.available_commands(world.news))
    assert not {"import", "export"} & set(world.reader.available_commands(world.news))
