"""/topic create, with a starter pack if one is wanted."""

from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import _
from bot.model import Need
from bot.services import Services
from cogs.topic import packs
from cogs.topic.edit import Channel
from cogs.ui import bot_permissions, member_permissions, params
from cogs.ui.replies import Interaction, safe, say


class CreateCommand(commands.Cog):
    """A part of the group /topic."""

    _services: Services

    @app_commands.command(description="Make a topic whose articles are posted in a channel")
    @app_commands.describe(
        name="What it is about, for example: Network engineering",
        channel="Where its articles are posted: a text, announcement, forum or media channel, or a thread",
        colour="The colour of its articles, for example #2f6f9f",
        pack="A set of sources to begin with",
    )
    @app_commands.autocomplete(pack=params.packs)
    async def create(
        self,
        interaction: Interaction,
        name: str,
        channel: Channel,
        colour: str | None = None,
        pack: str | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = params.guild_of(interaction)
        await member_permissions.require_channel(member_permissions.member_of(interaction), channel.id, Need.MANAGE)
        await bot_permissions.require(guild, channel.id)
        chosen = self._services.packs.get(pack) if pack is not None else None  # before anything is made
        topic = await self._services.topics.create(
            guild_id=guild.id, name=name, channel_id=channel.id, colour=colour, created_by=interaction.user.id
        )
        if chosen is None:
            said = _("The topic **{topic}** posts in <#{channel}> now. Add a source to it: `/subscribe`")
            await say(interaction, said.format(topic=safe(topic.name), channel=channel.id))
            return

        found = await packs.take(interaction, chosen, topic)
        await interaction.edit_original_response(content=packs.told(topic, chosen, found))
