"""/source show, retry, pause, resume, rename, move."""

from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import _, many
from bot.model import Need, Viewer
from bot.services import Services
from bot.services.sources.source_management import Move, SourceView
from cogs.source import panel
from cogs.ui import bot_permissions, member_permissions, params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, safe, say


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class SourceManagementCommands(commands.GroupCog, group_name="source", group_description="One source of this server"):
    """Tending sources."""

    def __init__(self, services: Services) -> None:
        self._tending = services.tending
        self._services = services

    @app_commands.command(
        description="Open a source: how it is doing, with buttons to check, pause, rename, filter and remove it"
    )
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=params.sources)
    async def show(self, interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await panel.show(interaction, source)

    @app_commands.command(description="Check a source at once, also one that failed or was gone")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=params.sources)
    async def retry(self, interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await say(interaction, retried(await self._tending.retry(*await self._managed(interaction, source))))

    @app_commands.command(description="Pause a source; what comes meanwhile is kept for later")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=params.sources)
    async def pause(self, interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await say(interaction, paused(await self._tending.pause(*await self._managed(interaction, source))))

    @app_commands.command(description="Let a paused source go on, with what was kept")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=params.sources)
    async def resume(self, interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        found = await self._tending.resume(*await self._managed(interaction, source))
        text = _("**{source}** goes on in **{topics}**; what was kept comes now.")
        await say(interaction, text.format(source=safe(found.title), topics=safe(found.topics)))

    @app_commands.command(description="Call a source by a name of your own, in its posts too")
    @app_commands.describe(source="The source", name="What to call it; leave it out for its own name")
    @app_commands.autocomplete(source=params.sources)
    async def rename(self, interaction: Interaction, source: str, name: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        member_permissions.require_server(interaction)  # the name is the server's, in whatever topic
        found = await self._tending.rename(await viewer_of(interaction), source, name)
        if name and name.strip():
            text = _("It is called **{name}** on this server now, also in what is posted from now on.")
        else:
            text = _("It goes by its own name again: **{name}**.")
        await say(interaction, text.format(name=safe(found.title)))

    @app_commands.command(description="Move a source to another topic; what waits goes along")
    @app_commands.describe(
        source="The source",
        topic="The topic that gets it",
        from_topic="The topic it leaves, if several have it",
    )
    @app_commands.autocomplete(source=params.every_source, topic=params.topics, from_topic=params.topics)
    async def move(self, interaction: Interaction, source: str, topic: str, from_topic: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = params.guild_of(interaction)
        target = await member_permissions.topic_named(interaction, topic, Need.MANAGE)
        viewer, number = await self._managed(interaction, source, topic=from_topic)
        await bot_permissions.require(guild, target.channel_id)
        await say(interaction, _moved(await self._tending.move(viewer, number, old=from_topic, new=target)))

    async def _managed(self, interaction: Interaction, source: str, *, topic: str | None = None) -> tuple[Viewer, str]:
        member, viewer = member_permissions.member_of(interaction), await viewer_of(interaction)
        return await member_permissions.require_source(member, self._services, viewer, source, topic=topic)


def _moved(done: Move) -> str:
    names = {"source": safe(done.title), "old": safe(done.old), "new": safe(done.new.name)}
    channel = f"<#{done.new.channel_id}>"
    if done.joined:
        said = _("**{new}** had **{source}** already; **{old}** no longer has it.").format(**names)
    else:
        said = _("**{source}** moved from **{old}** to **{new}**. What it publishes goes to {channel} now.").format(
            **names, channel=channel
        )
    if done.waiting:
        said += " " + many(
            "{n} article that waited goes there too.", "{n} articles that waited go there too.", done.waiting
        )
    return said + " " + _("What was posted is not posted again.")


def retried(found: SourceView) -> str:
    return _("**{source}** is checked now. `/source show` says how it went.").format(source=safe(found.title))


def paused(found: SourceView) -> str:
    text = _("**{source}** is paused in **{topics}**. What comes meanwhile is kept; `/source resume` lets it go on.")
    return text.format(source=safe(found.title), topics=safe(found.topics))


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(SourceManagementCommands(params.services_of(bot)))
