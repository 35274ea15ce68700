"""/help: what a person may do here, with commands to click."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.excerpts import discord_limits
from bot.i18n.translation import _
from bot.messages import embed_packing
from cogs.help import catalogue
from cogs.ui.replies import COLOUR, Interaction, say

DESCRIPTION = 4096


class HelpCommands(commands.Cog):
    """Finding one's way."""

    @app_commands.command(description="Show what you can do here")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await show(interaction)


async def show(interaction: discord.Interaction[Any]) -> None:
    """Answer a deferred interaction with what the person may do."""
    tree: Any = interaction.client.tree
    listed = [command for kind in discord.AppCommandType for command in _commands(tree, kind)]
    embeds = [
        embed
        for heading, lines in catalogue.sections(listed, catalogue.Asker.of(interaction), tree.published)
        for embed in _embeds(heading, lines)
    ]
    embeds[-1].set_footer(text=_footer(interaction))
    while embeds:
        count = max(1, embed_packing.fit([embed_packing.size(dict(embed.to_dict())) for embed in embeds]))
        await say(interaction, embeds=embeds[:count])
        embeds = embeds[count:]


def _commands(tree: app_commands.CommandTree[Any], kind: discord.AppCommandType) -> list[Any]:
    known = {discord.AppCommandType.chat_input, discord.AppCommandType.message, discord.AppCommandType.user}
    return list(tree.get_commands(type=kind)) if kind in known else []


def _embeds(heading: str, lines: list[str]) -> list[discord.Embed]:
    """A heading with its lines, in as many embeds as they need."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if discord_limits.units("\n".join([*parts[-1], line])) > DESCRIPTION:
            parts.append([])
        parts[-1].append(line)
    return [
        discord.Embed(title=heading if number == 0 else None, description="\n".join(part), colour=COLOUR)
        for number, part in enumerate(parts)
    ]


def _footer(interaction: discord.Interaction[Any]) -> str:
    if interaction.guild_id is None:
        return _("In a server there is more: ask me there.")
    if interaction.permissions.manage_channels or interaction.permissions.administrator:
        return _("You see what is for managers too, since you may manage channels.")
    return _("Topics and sources are managed by who may manage channels here.")


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(HelpCommands())
