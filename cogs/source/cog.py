"""/subscribe, /unsubscribe, /sources."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import _
from bot.model import Need, Topic
from bot.services import Services
from bot.services.sources.subscriptions import Followed, addresses_in, title_of
from cogs.source import source_list, subscribe_replies
from cogs.ui import authority, params, permissions
from cogs.ui.replies import Interaction, safe, say
from cogs.ui.viewer import viewer_of
from cogs.ui.views import Choose, Pages


@app_commands.guild_only()
class FollowingCommands(commands.Cog):
    """Managing what a topic follows."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(description="Follow a site or feed in a topic")
    @app_commands.describe(
        source="The address of a site or of its feed, or several with spaces between", topic="Where its articles go"
    )
    @app_commands.autocomplete(topic=params.topics)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def subscribe(self, interaction: Interaction, source: str, topic: str) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = params.guild_of(interaction)
        chosen = await authority.topic_named(interaction, topic, Need.POST)
        await permissions.require(guild, chosen.channel_id)
        following, person = self._services.following, interaction.user.id
        viewer = await viewer_of(interaction)
        addresses = addresses_in(source)
        if len(addresses) > 1:
            tried = await following.subscribe_each(viewer=viewer, topic=topic, sources=addresses, added_by=person)
            await say(interaction, embeds=[subscribe_replies.outcomes(chosen, tried)])
            return
        answer = await following.subscribe(viewer=viewer, topic=topic, source=addresses[0], added_by=person)
        if isinstance(answer, Followed):
            await subscribe_replies.show(interaction, answer)
            return
        feeds = answer.found

        async def required(press: discord.Interaction[Any]) -> Topic:
            return await authority.present_topic(press, chosen, Need.POST)

        async def picked(press: discord.Interaction[Any], index: int) -> None:
            current = await required(press)
            await permissions.require(guild, current.channel_id)
            await subscribe_replies.show(press, await following.choose(current, feeds[index], added_by=press.user.id))

        question = _("That site has {n} feeds. Which one shall **{topic}** follow?")
        await say(
            interaction,
            question.format(n=len(feeds), topic=safe(chosen.name)),
            view=Choose(person, subscribe_replies.options(feeds), picked, required=required),
        )

    @app_commands.command(description="Stop following a source in a topic")
    @app_commands.describe(source="What to stop following", topic="The topic that follows it")
    @app_commands.autocomplete(topic=params.topics, source=params.sources)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def unsubscribe(self, interaction: Interaction, source: str, topic: str) -> None:
        await interaction.response.defer(ephemeral=True)
        chosen = await authority.topic_named(interaction, topic, Need.MANAGE)
        gone = await self._services.following.unsubscribe(chosen, source)
        await say(
            interaction,
            _("**{topic}** no longer follows **{source}**. What was posted stays.").format(
                topic=safe(gone.topic), source=safe(title_of(gone))
            ),
        )

    @app_commands.command(description="Show what this server follows, and how it is doing")
    @app_commands.describe(topic="Only this topic")
    @app_commands.autocomplete(topic=params.topics)
    @app_commands.guild_only()
    async def sources(self, interaction: Interaction, topic: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        following = self._services.following

        async def page(turning: Interaction, number: int) -> tuple[list[discord.Embed], int, int]:
            found = await following.sources(await viewer_of(turning), topic)
            pages = max(1, -(-len(found) // source_list.PER_PAGE))
            number = min(max(1, number), pages)
            return [source_list.page(found, number)], number, pages

        await Pages(interaction.user.id, page, dated=False).first(interaction)


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(FollowingCommands(params.services_of(bot)))
