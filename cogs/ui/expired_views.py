"""Answers presses on buttons, menus and forms that a former process showed, or whose time is over."""

from typing import Any

import discord
from discord.ext import commands

from bot import logs
from bot.gateway.view_store import EVENT, ReportingViewStore
from bot.i18n.translation import N_, _
from cogs.ui.replies import EXPIRED, say

log = logs.get(__name__)

FORM_EXPIRED = N_("This form has expired, so nothing was changed. Use the command again for a new one.")


class Expired(commands.Cog):
    """Nothing that people press stays without an answer."""

    @commands.Cog.listener(f"on_{EVENT}")
    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Say so to who pressed, and take away what is dead."""
        views: ReportingViewStore = interaction.client.views
        message = interaction.message
        form = interaction.type is discord.InteractionType.modal_submit
        try:
            if message is not None and views.has_view(message.id):
                if not form:
                    # Pressed twice: the first press has changed what stands there.
                    await interaction.response.defer()
                    return
            elif message is not None:
                await interaction.response.edit_message(view=views.living(message))
            await say(interaction, _(FORM_EXPIRED if form else EXPIRED))
        except discord.HTTPException as error:
            log.warning("a press on what has expired could not be answered", error=str(error))


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(Expired())
