"""The buttons of the welcome. Their ids say what they do, so they work for as long as the message stands."""

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.messages import welcome
from cogs.help import cog as help_
from cogs.topic import packs
from cogs.topic.first_topic_form import FirstTopic
from cogs.ui import member_permissions
from cogs.ui.replies import report

PATTERN = rf"riverpost:welcome:(?P<what>{welcome.TOPIC}|{welcome.PACKS}|{welcome.HELP})"
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
                await packs.show(interaction)
        except Exception as error:  # noqa: BLE001 - every error is answered, and a bug logged by `report`
            await report(interaction, error)


async def _first_topic(interaction: discord.Interaction[Any]) -> None:
    member_permissions.require_manager(interaction)
    channel = interaction.channel
    await interaction.response.send_modal(FirstTopic(channel if isinstance(channel, PLACES) else None))


async def setup(bot: commands.Bot) -> None:
    bot.add_dynamic_items(WelcomeButton)
