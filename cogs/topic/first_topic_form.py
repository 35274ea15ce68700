"""The form for a server's first topic: its name and its channel."""

from typing import Any

import discord

from bot.i18n.translation import _
from bot.model import Need
from cogs.ui import authority, params, permissions
from cogs.ui.replies import report, safe, say

MAX_NAME = 50
SECONDS = 900.0


class FirstTopic(discord.ui.Modal):
    """Makes a topic as `/topic create` does."""

    def __init__(self) -> None:
        super().__init__(title=_("A first topic"), timeout=SECONDS)
        self._name: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="name", placeholder=_("for example: Network engineering"), max_length=MAX_NAME
        )
        self._channel: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="channel",
            channel_types=[discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum],
        )
        self.add_item(discord.ui.Label(text=_("What it is about"), component=self._name))
        self.add_item(discord.ui.Label(text=_("Where its articles are posted"), component=self._channel))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild = params.guild_of(interaction)
        channel_id = self._channel.values[0].id
        await authority.require_channel(authority.member_of(interaction), channel_id, Need.MANAGE)
        await permissions.require(guild, channel_id)
        topic = await params.services_of(interaction.client).topics.create(
            guild_id=guild.id, name=self._name.value, channel_id=channel_id, created_by=interaction.user.id
        )
        await say(
            interaction,
            _(
                "The topic **{topic}** flows into {channel} now. Next, give it a source: `/subscribe` takes the address "
                "of any site, blog or podcast."
            ).format(topic=safe(topic.name), channel=f"<#{topic.channel_id}>"),
        )

    async def on_error(  # type: ignore[override]  # discord.py's own for a modal
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        await report(interaction, error)
