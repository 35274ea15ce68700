"""Servers that may not use the bot."""

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

from bot.config.settings import GuildsSettings
from tests.cogs.conftest import World


async def test_a_blocked_server_is_told_and_left_and_its_commands_are_answered_so(world: World) -> None:
    world.bot._permits = GuildsSettings(block=(world.guild.id,)).permits
    assert "This server may not use me" in (await world.ask("topic list")).text
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    await world.bot.on_guild_join(guild)
    await world.env.settle()
    assert world.bot.get_guild(world.guild.id) is None


def test_a_list_of_allowed_servers_leaves_all_others_out() -> None:
    assert GuildsSettings().permits(5)
    assert GuildsSettings(allow=(5,)).permits(5)
    assert not GuildsSettings(allow=(5,)).permits(6)
    assert not GuildsSettings(block=(6,)).permits(6)
