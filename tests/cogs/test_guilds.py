"""Servers that may not use the bot."""

import asyncio

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

from bot.config.settings import GuildsSettings
from tests.cogs.conftest import World, reply

SENTENCE = "This server may not use me"


async def test_a_blocked_server_is_told_and_left_and_its_commands_are_answered_so(world: World) -> None:
    world.bot._permits = GuildsSettings(block=(world.guild.id,)).permits
    assert SENTENCE in (await world.ask("topic list")).text
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    await world.bot.on_guild_join(guild)
    await world.env.settle()
    assert world.bot.get_guild(world.guild.id) is None


async def test_what_is_pressed_or_filled_in_there_does_nothing_and_is_answered_so(world: World) -> None:
    await world.followed()
    shown = await world.ask("topic edit", name="Networks")
    form = await world.manager.slash(world.news, "filter set", topic="Networks")
    assert form.modal is not None
    [field] = [each["component"]["custom_id"] for each in form.modal["components"]]
    world.bot._permits = GuildsSettings(block=(world.guild.id,)).permits
    assert SENTENCE in reply(await world.manager.click(shown.message, label="Channel")).text
    assert SENTENCE in reply(await world.manager.submit_modal(form, {field: "rain"})).text
    world.bot._permits = GuildsSettings().permits
    form = await world.manager.slash(world.news, "filter set", topic="Networks")
    assert "rain" not in str(form.modal)


async def test_one_that_was_unavailable_is_left_once_it_is_there(world: World) -> None:
    world.bot._permits = GuildsSettings(block=(world.guild.id,)).permits
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    guild.unavailable = True
    await world.bot.on_ready()
    assert world.bot.get_guild(world.guild.id) is guild
    guild.unavailable = False
    await asyncio.gather(world.bot.on_guild_available(guild), world.bot.on_ready())
    await world.env.settle()
    assert world.bot.get_guild(world.guild.id) is None


async def test_one_that_cannot_be_left_yet_is_told_once_and_left_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_guild_id: int) -> None:
        raise OSError("the network is down")

    world.bot._permits = GuildsSettings(block=(world.guild.id,)).permits
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    with monkeypatch.context() as patched:
        patched.setattr(world.bot.http, "leave_guild", refused)
        await asyncio.gather(world.bot.on_guild_available(guild), world.bot.on_ready())
        await world.bot.on_ready()
    assert len([each for each in world.news.history() if SENTENCE in each.content]) == 1
    await world.bot.on_ready()
    await world.env.settle()
    assert world.bot.get_guild(world.guild.id) is None


def test_a_list_of_allowed_servers_leaves_all_others_out() -> None:
    assert GuildsSettings().permits(5)
    assert GuildsSettings(allow=(5,)).permits(5)
    assert not GuildsSettings(allow=(5,)).permits(6)
    assert not GuildsSettings(block=(6,)).permits(6)
