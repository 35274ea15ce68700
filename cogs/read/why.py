"""/why: what became of an article."""

from discord import app_commands
from discord.ext import commands

from bot.messages import embed_packing
from bot.services import Services
from cogs.read import why_texts
from cogs.ui import params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, say


@app_commands.guild_only()
class WhyCommands(commands.Cog):
    """Asking why."""

    def __init__(self, services: Services) -> None:
        self._tracing = services.tracing

    @app_commands.command(description="Say where an article was posted, or why it was not")
    @app_commands.describe(link="The link of an article, or of one of my messages")
    @app_commands.guild_only()
    async def why(self, interaction: Interaction, link: app_commands.Range[str, 1, 2_000]) -> None:
        await interaction.response.defer(ephemeral=True)
        found = await self._tracing.why(await viewer_of(interaction), link)
        embeds = why_texts.embeds(found)
        while embeds:  # what became of several articles in many topics is more than one message holds
            count = embed_packing.fit([embed_packing.size(embed.to_dict()) for embed in embeds])
            await say(interaction, embeds=embeds[:count])
            embeds = embeds[count:]


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(WhyCommands(params.services_of(bot)))
