"""/subscribe, /unsubscribe, /sources."""

from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import _
from bot.model import Need
from bot.services import Services
from bot.services.sources.source_lookup import title_of
from bot.services.sources.subscriptions import addresses_in
from cogs.source import subscribe
from cogs.source.panel import SourcePages
from cogs.ui import member_permissions, params
from cogs.ui.replies import Interaction, safe, say


@app_commands.guild_only()
class FollowingCommands(commands.Cog):
    """Managing what a topic follows."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(description="Subscribe a topic to a site, blog, podcast or feed")
    @app_commands.describe(
        source="The address of a site or of its feed, or several with spaces between",
        topic="Where its articles go; without it, the topic of this channel, which is made if there is none",
    )
    @app_commands.autocomplete(topic=params.topics)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def subscribe(self, interaction: Interaction, source: str, topic: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        await subscribe.subscribe(interaction, addresses_in(source), topic)

    @app_commands.command(description="Remove a source from a topic")
    @app_commands.describe(source="The source to remove", topic="The topic that has it")
    @app_commands.autocomplete(topic=params.topics, source=params.sources)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def unsubscribe(self, interaction: Interaction, source: str, topic: str) -> None:
        await interaction.response.defer(ephemeral=True)
        chosen = await member_permissions.topic_named(interaction, topic, Need.MANAGE)
        gone = await self._services.following.unsubscribe(chosen, source)
        await say(
            interaction,
            _("**{source}** is removed from **{topic}**. What was posted stays.").format(
                topic=safe(gone.topic), source=safe(title_of(gone))
            ),
        )

    @app_commands.command(description="Show the topics and sources of this server, and how they are doing")
    @app_commands.describe(topic="Only this topic")
    @app_commands.autocomplete(topic=params.topics)
    @app_commands.guild_only()
    async def sources(self, interaction: Interaction, topic: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        await SourcePages(interaction.user.id, self._services, topic).first(interaction)


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(FollowingCommands(params.services_of(bot)))
