"""/latest and /search: pages of articles, for the reader alone."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import _
from bot.services import Services
from cogs.ui import params
from cogs.ui.article_list import hit_note, hit_page, river
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, safe
from cogs.ui.views import Pages


@app_commands.guild_only()
class ReadingCommands(commands.Cog):
    """Reading what came."""

    def __init__(self, services: Services) -> None:
        self._reading = services.reading

    @app_commands.command(description="Read the newest articles, page by page")
    @app_commands.describe(topic="Only this topic", source="Only this source")
    @app_commands.autocomplete(topic=params.topics, source=params.sources)
    @app_commands.guild_only()
    async def latest(self, interaction: Interaction, topic: str | None = None, source: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        place = await self._reading.place(await viewer_of(interaction), topic, source)
        await river(interaction, self._reading.river(place), place.source or place.topic)

    @app_commands.command(description="Search all articles")
    @app_commands.describe(
        query='Words, "phrases", -not, OR; net* for all that begins so',
        topic="Only this topic",
        source="Only this source",
        since="Only what is not older",
        order="What comes first",
    )
    @app_commands.choices(
        since=[
            app_commands.Choice(name="the last day", value="day"),
            app_commands.Choice(name="the last week", value="week"),
            app_commands.Choice(name="the last month", value="month"),
            app_commands.Choice(name="the last year", value="year"),
        ],
        order=[
            app_commands.Choice(name="newest first", value="newest"),
            app_commands.Choice(name="best first", value="best"),
        ],
    )
    @app_commands.autocomplete(topic=params.topics, source=params.sources)
    @app_commands.guild_only()
    async def search(
        self,
        interaction: Interaction,
        query: app_commands.Range[str, 1, 200],
        topic: str | None = None,
        source: str | None = None,
        since: str | None = None,
        order: str = "newest",
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        place = await self._reading.place(await viewer_of(interaction), topic, source)
        search = self._reading.search(place, query, reader=interaction.user.id, period=since, best=order == "best")
        names = [_("“{query}”").format(query=safe(query, 100)), place.topic, place.source]
        title = " · ".join(name if index == 0 else safe(name, 60) for index, name in enumerate(names) if name)

        async def page(turning: Interaction, number: int) -> tuple[list[discord.Embed], int, int]:
            found = await search.page(await viewer_of(turning), number)
            note = hit_note(search)
            return [hit_page(found, title, search.query, note)], found.number, found.pages

        await Pages(interaction.user.id, page).first(interaction)


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(ReadingCommands(params.services_of(bot)))
