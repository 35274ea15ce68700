"""Who reads: every command, suggestion, button and menu that shows something starts here."""

from typing import Any

import discord
from discord import app_commands

from bot.delivery.access import Access
from bot.errors import RightsUnknown, UserError
from bot.model import Viewer
from bot.words import _


async def viewer_of(interaction: discord.Interaction[Any]) -> Viewer:
    """The person and the topics that this person may read, as Discord has it now.

    Raises:
        app_commands.NoPrivateMessage: it is no server.
    """
    if interaction.guild is None or not isinstance(interaction.user, discord.Member):
        raise app_commands.NoPrivateMessage
    return await access_of(interaction.client).viewer(interaction.user)


async def viewer_in(interaction: discord.Interaction[Any], guild_id: int) -> Viewer:
    """The same for a server that the person acts on from elsewhere, as by a button of a private message.

    Raises:
        UserError: the person is not there any more.
        RightsUnknown: Discord does not answer.
    """
    if interaction.guild_id == guild_id:
        return await viewer_of(interaction)
    found = await access_of(interaction.client).of(guild_id, interaction.user.id)
    if found is None:
        raise RightsUnknown(
            _("Discord does not tell me just now what you may see and do there. Please try again in a minute.")
        )
    if not found.is_member:
        raise UserError(_("You are not in that server any more."))
    return found


def access_of(client: Any) -> Access:
    access = client.access
    assert isinstance(access, Access)
    return access
