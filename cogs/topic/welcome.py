"""The buttons of the welcome. Their ids say what they do, so they work for as long as the message stands."""

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.config.settings import Pack
from bot.excerpts import discord_limits
from bot.i18n.translation import _, many
from bot.messages import welcome
from cogs.help import catalogue
from cogs.help import cog as help_
from cogs.topic.first_topic_form import FirstTopic
from cogs.ui import authority, params
from cogs.ui.replies import COLOUR, report, safe, say

PATTERN = rf"riverpost:welcome:(?P<what>{welcome.TOPIC}|{welcome.PACKS}|{welcome.HELP})"
PACKS_SHOWN = 20
PLACES = (discord.TextChannel, discord.ForumChannel)
"""What the form's menu of channels offers."""


class WelcomeButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=PATTERN):
    """Any button of a welcome."""

    def __init__(self, button: discord.ui.Button[Any], what: str) -> None:
        super().__init__(button)
        self.what = what

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item, match["what"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer always: discord.py only logs what is raised here."""
        try:
            if self.what == welcome.TOPIC:
                await _first_topic(interaction)
                return
            await interaction.response.defer(ephemeral=True, thinking=True)
            if self.what == welcome.HELP:
                await help_.show(interaction)
            else:
                await say(interaction, embeds=[_packs(interaction.client)])
        except Exception as error:  # noqa: BLE001 - every error is answered, and a bug logged by `report`
            await report(interaction, error)


async def _first_topic(interaction: discord.Interaction[Any]) -> None:
    authority.require_manager(interaction)
    channel = interaction.channel
    await interaction.response.send_modal(FirstTopic(channel if isinstance(channel, PLACES) else None))


def _packs(client: Any) -> discord.Embed:
    """What whoever runs the bot has put together."""
    packs = params.services_of(client).packs.all()
    create = catalogue.mention("topic create", client.tree.published)
    if not packs:
        text = _("There are no starter packs here. Make a topic with {command}, then add any site to it.")
        return discord.Embed(description=text.format(command=create), colour=COLOUR)
    lines = [_pack(pack) for pack in packs[:PACKS_SHOWN]]
    lines.append(_("To take one, make a topic with {command} and choose the pack there.").format(command=create))
    return discord.Embed(
        title=_("Starter packs"),
        description=discord_limits.clip("\n\n".join(lines), discord_limits.EMBED_DESCRIPTION),
        colour=COLOUR,
    )


def _pack(pack: Pack) -> str:
    count = many("{n} source", "{n} sources", len(pack.feeds))
    return f"**{safe(pack.name, 80)}** · {count}\n{safe(pack.description, 120)}".rstrip()


async def setup(bot: commands.Bot) -> None:
    bot.add_dynamic_items(WelcomeButton)
