"""The panel of a source: opened by its command or from the list, and its buttons ask for rights at each press."""

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord

from bot.model import FeedState
from tests.cogs.conftest import World, reply
from tests.cogs.deputies import MINE, OTHER_FEED, deputies
from tests.cogs.test_presses import take_rights


async def states(world: World) -> list[FeedState]:
    return [each.state for each in await world.store.topics.sources(world.guild.id, now=world.clock.now())]


async def test_a_source_is_opened_from_the_list_and_managed_by_buttons(world: World) -> None:
    await world.followed()
    listed = await world.ask("sources")
    [source] = await world.store.topics.sources(world.guild.id, now=world.clock.now())
    opened = reply(await world.manager.select(listed.message, [str(source.feed_id)], custom_id="open"))
    assert opened.private
    assert "A blog" in opened.text
    await world.manager.click(opened.message, label="Pause")
    assert await states(world) == [FeedState.PAUSED]
    shown = await world.ask("source show", source="a bl")
    await world.manager.click(shown.message, label="Resume")
    assert await states(world) == [FeedState.ACTIVE]
    await world.manager.click(shown.message, label="Check now")
    assert "poll" in world.woken


async def test_a_source_is_renamed_and_filtered_by_forms(world: World) -> None:
    await world.followed()
    shown = await world.ask("source show", source="A blog")
    form = await world.manager.click(shown.message, label="Rename …")
    await world.manager.submit_modal(form, {"name": "Cables"})
    [source] = await world.store.topics.sources(world.guild.id, now=world.clock.now())
    assert source.title == "Cables"
    form = await world.manager.click(shown.message, label="Filter …")
    assert form.modal is not None
    assert form.modal["title"] == "Filter"


async def test_a_source_is_removed_after_a_question(world: World) -> None:
    await world.followed()
    shown = await world.ask("source show", source="A blog")
    asked = reply(await world.manager.click(shown.message, label="Remove …"))
    assert "Remove **A blog** from **Networks**?" in asked.text
    assert len(await states(world)) == 1
    await world.manager.click(asked.message, label="Remove")
    assert await states(world) == []


async def test_a_reader_opens_a_source_without_buttons(world: World) -> None:
    await world.followed()
    listed = reply(await world.reader.slash(world.news, "sources"))
    [source] = await world.store.topics.sources(world.guild.id, now=world.clock.now())
    opened = reply(await world.reader.select(listed.message, [str(source.feed_id)], custom_id="open"))
    assert "A blog" in opened.text
    assert not opened.message.components


@pytest.mark.parametrize("label", ["Check now", "Pause", "Rename …", "Filter …", "Remove …"])
async def test_every_button_asks_for_rights_at_its_press(world: World, label: str) -> None:
    made = await deputies(world)
    await made.ask("subscribe", source=OTHER_FEED, topic=MINE)
    shown = await made.ask("source show", source="Other")
    assert {item["label"] for row in shown.message.components for item in row["components"]} >= {label}
    await take_rights(made)
    before = await made.state()
    told = await made.deputy.click(shown.message, label=label)
    assert told.modal is None
    assert "You lack **Send Messages**" in reply(told).text
    assert await made.state() == before


async def test_a_rename_asks_again_when_its_form_is_sent(world: World) -> None:
    await world.followed()
    shown = await world.ask("source show", source="A blog")
    form = await world.manager.click(shown.message, label="Rename …")
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    member = await guild.fetch_member(world.manager.id)
    await member.remove_roles(*[discord.Object(role.id) for role in member.roles[1:]])
    await world.env.settle()
    told = reply(await world.manager.submit_modal(form, {"name": "Mine"}))
    assert "This counts for the whole server" in told.text
    [source] = await world.store.topics.sources(world.guild.id, now=world.clock.now())
    assert source.title == "A blog"
