"""/filter set, test, clear, show."""

from discord import app_commands
from discord.ext import commands

from bot.model import Need
from bot.services import Services
from cogs.filter import texts
from cogs.filter.modal import FilterModal
from cogs.ui import member_permissions, params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, say

LONGEST = 1_000


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class FilterCommands(commands.GroupCog, group_name="filter", group_description="Post only what you want"):
    """Filters of topics and of single sources."""

    def __init__(self, services: Services) -> None:
        self._filtering = services.filtering

    @app_commands.command(name="set", description="Post only what has certain words, or does not have them")
    @app_commands.describe(
        topic="The topic",
        source="Only what this source brings to the topic",
        expression='For example: cloud (security OR "zero day") -sponsored title:release*; leave it out for a form',
    )
    @app_commands.autocomplete(topic=params.topics, source=params.sources)
    async def set_(
        self,
        interaction: Interaction,
        topic: str,
        source: str | None = None,
        expression: app_commands.Range[str, 1, LONGEST] | None = None,
    ) -> None:
        if expression is not None:
            await interaction.response.defer(ephemeral=True)
        chosen = await member_permissions.topic_named(interaction, topic, Need.MANAGE)
        place = await self._filtering.place(chosen, source)
        if expression is None:
            # A form is an answer of its own: nothing may be said before it.
            await interaction.response.send_modal(
                FilterModal(self._filtering, place, await self._filtering.text(place))
            )
            return
        skipped = await self._filtering.set(place, expression)
        trial = await self._filtering.trial(place)
        await say(interaction, texts.was_set(place, expression.strip(), trial, skipped))

    @app_commands.command(description="Show what a filter does with the last articles; nothing is changed")
    @app_commands.describe(
        topic="The topic",
        source="Only this source's articles",
        expression="The filter to try; else the one that is set",
    )
    @app_commands.autocomplete(topic=params.topics, source=params.sources)
    async def test(
        self,
        interaction: Interaction,
        topic: str,
        source: str | None = None,
        expression: app_commands.Range[str, 1, LONGEST] | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        place = await self._filtering.place(await member_permissions.topic_named(interaction, topic, Need.VIEW), source)
        await say(interaction, embeds=[texts.tried(await self._filtering.trial(place, expression))])

    @app_commands.command(description="Remove a filter, so that everything is posted again")
    @app_commands.describe(topic="The topic", source="Remove the filter of this source")
    @app_commands.autocomplete(topic=params.topics, source=params.sources)
    async def clear(self, interaction: Interaction, topic: str, source: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        place = await self._filtering.place(
            await member_permissions.topic_named(interaction, topic, Need.MANAGE), source
        )
        await say(interaction, texts.was_cleared(place, await self._filtering.clear(place)))

    @app_commands.command(description="Show the filters that are set")
    @app_commands.describe(topic="Only this topic's")
    @app_commands.autocomplete(topic=params.topics)
    async def show(self, interaction: Interaction, topic: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        found = await self._filtering.all(await viewer_of(interaction), topic)
        await say(interaction, embeds=[texts.listed(found)])


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(FilterCommands(params.services_of(bot)))
