"""The form for a server's first topic: the sites to read, and the channel to post in."""

from typing import Any

import discord

from bot.errors import UserError
from bot.i18n.translation import _
from bot.services.sources.subscriptions import addresses_in
from cogs.source import subscribe
from cogs.ui.replies import report

SECONDS = 900.0
MAX_SITES = 1_500


class FirstTopic(discord.ui.Modal):
    """Makes a topic, named after its channel, and subscribes it: the first article comes seconds later.

    Args:
        channel: where the form was asked for; chosen beforehand where a topic can post there.
    """

    def __init__(self, channel: discord.abc.Snowflake | None = None) -> None:
        super().__init__(title=_("A first topic"), timeout=SECONDS)
        self._sites: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="sites",
            style=discord.TextStyle.paragraph,
            placeholder=_("for example: example.com"),
            max_length=MAX_SITES,
        )
        self._channel: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="channel",
            channel_types=[discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum],
            default_values=[discord.SelectDefaultValue(id=channel.id, type=discord.SelectDefaultValueType.channel)]
            if channel is not None
            else [],
        )
        self.add_item(
            discord.ui.Label(
                text=_("Sites to read"),
                description=_("The addresses of sites, blogs or podcasts, one a line"),
                component=self._sites,
            )
        )
        self.add_item(discord.ui.Label(text=_("Where their articles are posted"), component=self._channel))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        if not self._channel.values:
            raise UserError(_("Choose a channel in the form: that is where the articles are posted."))
        channel = self._channel.values[0]
        name = str(getattr(channel, "name", None) or "")
        await subscribe.into_new(interaction, channel.id, name, addresses_in(self._sites.value))

    async def on_error(  # type: ignore[override]  # discord.py's own for a modal
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        await report(interaction, error)
