"""Who reads: every command, suggestion, button and menu that shows something starts here."""

from typing import Any

import discord
from discord import app_commands

from bot.model import Viewer
from bot.permissions.readable_topics import Access


async def viewer_of(interaction: discord.Interaction[Any]) -> Viewer:
    """The person and the topics that this person may read, as Discord has it now.

    Raises:
        app_commands.NoPrivateMessage: it is no server.
    """
    if interaction.guild is None or not isinstance(interaction.user, discord.Member):
        raise app_commands.NoPrivateMessage
    return await access_of(interaction.client).viewer(interaction.user)


def access_of(client: Any) -> Access:
    access = client.access
    assert isinstance(access, Access)
    return access
