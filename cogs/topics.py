"""/topic create, edit, list, pause, resume, delete."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.model import TopicOptions
from bot.services import Services
from cogs import _params, _permissions
from cogs._replies import COLOUR, Interaction, report, safe, say
from cogs._views import Confirm

Channel = discord.TextChannel | discord.ForumChannel | discord.Thread
"""What articles can be posted in; forum channels include media channels."""


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class TopicCommands(commands.GroupCog, group_name="topic", group_description="Topics: named streams of articles"):
    """Managing topics."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(description="Make a topic whose articles flow into a channel")
    @app_commands.describe(
        name="What it is about, for example: Network engineering",
        channel="Where its articles are posted: a text, announcement, forum or media channel, or a thread",
        colour="The colour of its articles, for example #2f6f9f",
    )
    async def create(self, interaction: Interaction, name: str, channel: Channel, colour: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = _params.guild_of(interaction)
        _permissions.require(guild, channel.id)
        topic = await self._services.topics.create(
            guild_id=guild.id,
            name=name,
            channel_id=channel.id,
            colour=colour,
            created_by=interaction.user.id,
        )
        await say(
            interaction,
            f"The topic **{safe(topic.name)}** flows into <#{channel.id}> now. Add a source to it: `/subscribe`",
        )

    @app_commands.command(name="list", description="Show the topics of this server")
    async def list_(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        found = await self._services.topics.all(_params.guild_of(interaction).id)
        if not found:
            await say(interaction, "There is no topic yet. Make one with `/topic create`.")
            return
        lines = [
            f"**{safe(each.topic.name)}** → <#{each.topic.channel_id}> · {_many(each.sources, 'source')}, "
            f"{_many(each.posted, 'article')} posted{' · paused' if each.topic.paused else ''}"
            for each in found
        ]
        embed = discord.Embed(title=_many(len(found), "topic"), description="\n".join(lines)[:4096], colour=COLOUR)
        await say(interaction, embeds=[embed])

    @app_commands.command(
        description="Change a topic: its name, its channel, its colour, or how its articles are posted"
    )
    @app_commands.describe(
        name="The topic to change",
        new_name="What it is called from now on",
        channel="Where its articles are posted from now on",
        colour="The colour of its articles, for example #2f6f9f",
        mention="The role to mention with each message; @everyone means nobody",
        publish="In an announcement channel: publish each message to the servers that follow it",
        threads="In a text channel: a thread under each article",
        own_names="In a text channel: each source posts under its own name and picture",
    )
    @app_commands.autocomplete(name=_params.topics)
    async def edit(
        self,
        interaction: Interaction,
        name: str,
        new_name: str | None = None,
        channel: Channel | None = None,
        colour: str | None = None,
        mention: discord.Role | None = None,
        publish: bool | None = None,
        threads: bool | None = None,
        own_names: bool | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = _params.guild_of(interaction)
        topic = await self._services.topics.get(guild.id, name)
        if channel is not None:
            _permissions.require(guild, channel.id)
        options: dict[str, object] = {
            key: value
            for key, value in (("publish", publish), ("threads", threads), ("own_names", own_names))
            if value is not None
        }
        if mention is not None:
            options["mention_role"] = None if mention.is_default() else mention.id
        channel_id = channel.id if channel is not None else None
        # What was asked for before is checked again only where the channel is another.
        before = TopicOptions() if channel is None else topic.options
        asked = replace(before, **options)  # type: ignore[arg-type]  # the keys are its fields
        _permissions.require_for_options(guild, channel_id or topic.channel_id, asked)
        edited = await self._services.topics.edit(
            topic, name=new_name, channel_id=channel_id, colour=colour, options=options
        )
        await say(
            interaction,
            f"The topic **{safe(edited.name)}** flows into <#{edited.channel_id}>.{_in_words(edited.options)}",
        )

    @app_commands.command(description="Post nothing in a topic for a while; what comes is kept")
    @app_commands.describe(name="The topic to pause")
    @app_commands.autocomplete(name=_params.topics)
    async def pause(self, interaction: Interaction, name: str) -> None:
        await interaction.response.defer(ephemeral=True)
        topic = await self._services.topics.get(_params.guild_of(interaction).id, name)
        await self._services.topics.pause(topic)
        await say(
            interaction,
            f"The topic **{safe(topic.name)}** is paused. What comes meanwhile is kept; `/topic resume` lets it go on.",
        )

    @app_commands.command(description="Let a paused topic go on, with what was kept")
    @app_commands.describe(name="The topic to resume")
    @app_commands.autocomplete(name=_params.topics)
    async def resume(self, interaction: Interaction, name: str) -> None:
        await interaction.response.defer(ephemeral=True)
        topic = await self._services.topics.get(_params.guild_of(interaction).id, name)
        await self._services.topics.resume(topic)
        await say(interaction, f"The topic **{safe(topic.name)}** goes on; what was kept comes now, oldest first.")

    @app_commands.command(description="Delete a topic; messages that were posted stay")
    @app_commands.describe(name="The topic to delete")
    @app_commands.autocomplete(name=_params.topics)
    async def delete(self, interaction: Interaction, name: str) -> None:
        await interaction.response.defer(ephemeral=True)
        services = self._services
        summary = await services.topics.summary(_params.guild_of(interaction).id, name)

        async def confirmed() -> str:
            await services.topics.delete(summary.topic)
            return f"The topic **{safe(summary.topic.name)}** is deleted."

        await say(
            interaction,
            f"Delete the topic **{safe(summary.topic.name)}** with {_many(summary.sources, 'source')}? "
            f"{_many(summary.posted, 'article')} posted in <#{summary.topic.channel_id}> stay there; "
            "nothing new will be posted.",
            view=Confirm(interaction.user.id, "Delete", confirmed),
        )


def _in_words(options: TopicOptions) -> str:
    said = [
        f"mention <@&{options.mention_role}>" if options.mention_role is not None else "",
        "are published to the servers that follow the channel" if options.publish else "",
        "each get a thread" if options.threads else "",
        "come under their sources' own names" if options.own_names else "",
    ]
    parts = [part for part in said if part]
    return f" Its articles {', '.join(parts)}." if parts else ""


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


async def setup(bot: commands.Bot) -> None:
    bot.tree.reporter = report  # type: ignore[attr-defined]  # the tree is an AnsweringTree, see bot.client
    await bot.add_cog(TopicCommands(_params.services_of(bot)))
