"""/source show, retry, pause, resume."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.model import FeedState, SourceStatus
from bot.services import Services
from bot.services.tending import Tended
from cogs import _params
from cogs._replies import COLOUR, Interaction, ago, safe, say


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class TendingCommands(commands.GroupCog, group_name="source", group_description="One source that is followed"):
    """Tending sources."""

    def __init__(self, services: Services) -> None:
        self._tending = services.tending

    @app_commands.command(description="Show how a source is doing")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=_params.sources)
    async def show(self, interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        found = await self._tending.find(_params.guild_of(interaction).id, source)
        await say(interaction, embeds=[_embed(found)])

    @app_commands.command(description="Ask a source at once, also one that failed or was gone")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=_params.sources)
    async def retry(self, interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await say(interaction, retried(await self._tending.retry(_params.guild_of(interaction).id, source)))

    @app_commands.command(description="Pause a source; what comes meanwhile is kept for later")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=_params.sources)
    async def pause(self, interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await say(interaction, paused(await self._tending.pause(_params.guild_of(interaction).id, source)))

    @app_commands.command(description="Let a paused source go on, with what was kept")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=_params.sources)
    async def resume(self, interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        found = await self._tending.resume(_params.guild_of(interaction).id, source)
        await say(interaction, f"**{safe(found.title)}** goes on in **{safe(found.topics)}**; what was kept comes now.")


def retried(found: Tended) -> str:
    return f"**{safe(found.title)}** is asked now. `/source show` says how it went."


def paused(found: Tended) -> str:
    return (
        f"**{safe(found.title)}** is paused in **{safe(found.topics)}**. What comes meanwhile is kept; "
        "`/source resume` lets it go on."
    )


def _embed(found: Tended) -> discord.Embed:
    first = found.sources[0]
    embed = discord.Embed(title=safe(found.title, 200), description=f"<{found.url}>", colour=COLOUR)
    for name, value in (
        ("State", "\n".join(f"{safe(each.topic, 60)}: {_state(each)}" for each in found.sources)[:1024]),
        ("Last good answer", ago(first.last_success_at)),
        ("Next look", "not planned" if first.state is not FeedState.ACTIVE else ago(first.next_poll_at)),
        ("Newest article", ago(first.last_article_at)),
        ("Articles in 28 days", f"{first.articles_last_28_days:,}"),
    ):
        embed.add_field(name=name, value=value)
    return embed


def _state(source: SourceStatus) -> str:
    if source.state is FeedState.PAUSED:
        return "⏸️ paused"
    if source.state is FeedState.GONE:
        return "⛔ gone: its host says that it was removed for good"
    if source.failures:
        return f"⚠️ failed {source.failures:,} times: {safe(source.last_error or 'no reason given', 300)}"
    return "✅ well" if source.last_success_at else "⏳ first check soon"


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(TendingCommands(_params.services_of(bot)))
