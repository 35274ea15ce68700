"""/topic create, edit, list, pause, resume, test, delete. What creates and edits is in modules of its own."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import _, many
from bot.model import Need, TopicSummary
from bot.services import Services
from cogs.topic.create import CreateCommand
from cogs.topic.edit import EditCommand
from cogs.topic.test_post import sample, try_out
from cogs.ui import member_permissions, params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import COLOUR, Interaction, report, safe, say
from cogs.ui.views import Confirm, Pages

PER_PAGE = 12
"""Topics, which fit into an embed however long their names are."""


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class TopicCommands(
    CreateCommand,
    EditCommand,
    commands.GroupCog,
    group_name="topic",
    group_description="Topics: named streams of articles",
):
    """Managing topics."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(name="list", description="Show the topics of this server")
    async def list_(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        topics = self._services.topics

        async def page(turning: Interaction, number: int) -> tuple[list[discord.Embed], int, int]:
            found = await topics.all(await viewer_of(turning))
            pages = max(1, -(-len(found) // PER_PAGE))
            number = min(max(1, number), pages)
            lines = [_line(each) for each in found[(number - 1) * PER_PAGE : number * PER_PAGE]]
            title = many("{n} topic", "{n} topics", len(found))
            return [discord.Embed(title=title, description="\n".join(lines), colour=COLOUR)], number, pages

        if not await topics.all(await viewer_of(interaction)):
            await say(interaction, _("There is no topic yet. Make one with `/topic create`."))
            return
        await Pages(interaction.user.id, page, dated=False).first(interaction)

    @app_commands.command(description="Post nothing in a topic for a while; what comes is kept")
    @app_commands.describe(name="The topic to pause")
    @app_commands.autocomplete(name=params.topics)
    async def pause(self, interaction: Interaction, name: str) -> None:
        await interaction.response.defer(ephemeral=True)
        topic = await member_permissions.topic_named(interaction, name, Need.MANAGE)
        await self._services.topics.pause(topic)
        said = _("The topic **{topic}** is paused. What comes meanwhile is kept; `/topic resume` lets it go on.")
        await say(interaction, said.format(topic=safe(topic.name)))

    @app_commands.command(description="Let a paused topic go on, with what was kept")
    @app_commands.describe(name="The topic to resume")
    @app_commands.autocomplete(name=params.topics)
    async def resume(self, interaction: Interaction, name: str) -> None:
        await interaction.response.defer(ephemeral=True)
        topic = await member_permissions.topic_named(interaction, name, Need.MANAGE)
        await self._services.topics.resume(topic)
        said = _("The topic **{topic}** goes on; what was kept comes now, oldest first.")
        await say(interaction, said.format(topic=safe(topic.name)))

    @app_commands.command(description="Post a sample in a topic's channel to see that it works, and remove it again")
    @app_commands.describe(name="The topic to test")
    @app_commands.autocomplete(name=params.topics)
    async def test(self, interaction: Interaction, name: str) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = params.guild_of(interaction)
        topic = await member_permissions.topic_named(interaction, name, Need.POST)
        embed = sample(topic, await self._services.topics.newest(topic))
        await say(interaction, await try_out(guild, topic, embed), embeds=[embed])

    @app_commands.command(description="Delete a topic; messages that were posted stay")
    @app_commands.describe(name="The topic to delete")
    @app_commands.autocomplete(name=params.topics)
    async def delete(self, interaction: Interaction, name: str) -> None:
        await interaction.response.defer(ephemeral=True)
        services = self._services
        summary = await services.topics.summary(await member_permissions.topic_named(interaction, name, Need.MANAGE))
        shown = safe(summary.topic.name)

        async def required(press: discord.Interaction[Any]) -> None:
            await member_permissions.present_topic(press, summary.topic, Need.MANAGE)

        async def confirmed() -> str:
            await services.topics.delete(summary.topic)
            return _("The topic **{topic}** is deleted.").format(topic=shown)

        question = _(
            "Delete the topic **{topic}** with {sources}? {articles} posted in <#{channel}> stay there; "
            "nothing new will be posted."
        ).format(
            topic=shown,
            sources=many("{n} source", "{n} sources", summary.sources),
            articles=many("{n} article", "{n} articles", summary.posted),
            channel=summary.topic.channel_id,
        )
        await say(interaction, question, view=Confirm(interaction.user.id, _("Delete"), confirmed, required=required))


def _line(each: TopicSummary) -> str:
    said = _("**{topic}** → <#{channel}> · {sources}, {articles} posted").format(
        topic=safe(each.topic.name),
        channel=each.topic.channel_id,
        sources=many("{n} source", "{n} sources", each.sources),
        articles=many("{n} article", "{n} articles", each.posted),
    )
    return said + (" · " + _("paused") if each.topic.paused else "")


async def setup(bot: commands.Bot) -> None:
    bot.tree.reporter = report  # type: ignore[attr-defined]  # the tree is an AnsweringTree, see bot.gateway.client
    await bot.add_cog(TopicCommands(params.services_of(bot)))
