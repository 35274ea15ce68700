"""The form in which a filter is written, with the one that is set in it."""

from dataclasses import replace
from typing import Any

import discord

from bot.i18n.translation import _
from bot.model import Need
from bot.services.topics.topic_filters import Filtering, Place
from cogs.filter import texts
from cogs.ui import member_permissions
from cogs.ui.replies import report, say

LONGEST = 1_000
EXAMPLE = 'cloud (security OR "zero day") -sponsored title:release*'


class FilterModal(discord.ui.Modal):
    """Sets the filter of one place; what cannot be read is said with what was typed, so that nothing is lost."""

    def __init__(self, filtering: Filtering, place: Place, present: str) -> None:
        super().__init__(title=_("Filter"))
        self._filtering = filtering
        self._place = place
        self.expression: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=present or None, placeholder=EXAMPLE, max_length=LONGEST
        )
        self.add_item(
            discord.ui.Label(
                text=_("Post only what this lets through"),
                description=_('Words, "phrases", -without, OR, (groups), title: author: category:, begin*'),
                component=self.expression,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        # The form may have stood open for long.
        place = replace(
            self._place, topic=await member_permissions.present_topic(interaction, self._place.topic, Need.MANAGE)
        )
        text = self.expression.value.strip()
        skipped = await self._filtering.set(place, text)
        trial = await self._filtering.trial(place)
        await say(interaction, texts.was_set(place, text, trial, skipped))

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:  # type: ignore[override]  # as discord.py has it
        await report(interaction, error)
