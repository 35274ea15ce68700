"""/import and /export: lists of feeds in and out."""

import io
from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot import logs
from bot.errors import UserError
from bot.feeds.opml.opml import MAX_BYTES
from bot.i18n.translation import _, many, retold
from bot.model import ImportReport, Need
from bot.services import Services
from bot.services.transfer import import_report
from bot.services.transfer.exporter import Export
from cogs.topic.edit import Channel
from cogs.ui import bot_permissions, member_permissions, params
from cogs.ui.member_permissions import topics_of
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, safe

log = logs.get(__name__)

SECONDS_BETWEEN = 3.0
"""Between two changes of the message that shows how far an import is."""
MAX_WATCH_SECONDS = 14 * 60.0
"""Discord takes changes of an answer for 15 minutes."""
NOT_FOLLOWED = "not-followed.txt"
LISTS = "feeds.opml"
MAX_NAMED = 15
"""Sources that an export names as left out: a message may have 2,000 characters."""


@app_commands.guild_only()
class ImportingCommands(commands.Cog):
    """Lists of feeds."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(name="import", description="Follow every feed of a list (OPML) from another feed reader")
    @app_commands.describe(
        file="The list, an OPML file; without it: how the last import went",
        topic="The topic that gets the feeds; made if it does not exist",
        folders="Make each folder of the list a topic of its own",
        channel="Where new topics post; this channel if you choose none",
    )
    @app_commands.autocomplete(topic=params.topics)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def import_list(
        self,
        interaction: Interaction,
        file: discord.Attachment | None = None,
        topic: str | None = None,
        folders: bool = False,
        channel: Channel | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = params.guild_of(interaction)
        importing, viewer = self._services.importing, await viewer_of(interaction)
        if file is None:
            await _show(interaction, await importing.last(viewer))
            return
        if file.size > MAX_BYTES:
            raise UserError(
                _("That file is larger than {size} MB. Split it into several lists.").format(
                    size=MAX_BYTES // 1_000_000
                )
            )
        place = channel.id if channel is not None else interaction.channel_id or 0

        async def allow(names: frozenset[str]) -> None:
            await self._require(interaction, names, place)

        begun = await importing.begin(
            guild_id=guild.id,
            viewer=viewer,
            channel_id=place,
            body=await file.read(),
            topic=topic,
            folders=folders,
            added_by=interaction.user.id,
            language=str(interaction.locale),
            allow=allow,
        )
        try:
            await self._watch(interaction, begun.id)
        except discord.HTTPException as error:
            # The answer was dismissed, or Discord is down: the import goes on, and its end is told privately.
            log.info("an import is no longer watched", number=begun.id, error=str(error))

    async def _require(self, interaction: Interaction, names: frozenset[str], place: int) -> None:
        """Ask what the person and the bot may do in the channels of the topics that exist, and where others are made.

        Raises:
            UserError: something stands in the way; it says what.
        """
        member = member_permissions.member_of(interaction)
        found = await self._services.topics.all(await viewer_of(interaction))
        topics = {each.topic.name.casefold(): each.topic for each in found}
        existing = [topics[name.casefold()] for name in names if name.casefold() in topics]
        if len(existing) < len(names):
            await member_permissions.require_channel(member, place, Need.MANAGE)
            await bot_permissions.require(member.guild, place)
        for topic in existing:
            await member_permissions.require_topic(member, topic, Need.POST)
            await bot_permissions.require(member.guild, topic.channel_id)

    async def _watch(self, interaction: Interaction, import_id: int) -> None:
        """Show how far it is until it is over, or until Discord takes no more changes."""
        importing = self._services.importing
        steps = int(MAX_WATCH_SECONDS / SECONDS_BETWEEN)
        for _step in range(steps):
            tally = await importing.tally(import_id)
            if tally.is_over:
                await _show(interaction, await importing.report(import_id))
                await importing.told(import_id)
                return
            if tally.goes_on_at is not None:
                text = _("I will send you a private message when it is done.")
                await interaction.edit_original_response(content=f"{import_report.progress(tally)}\n{text}")
                return
            await interaction.edit_original_response(content=import_report.progress(tally))
            await importing.wait(import_id, SECONDS_BETWEEN)
        text = _(
            "This takes longer than Discord lets me change this message. It goes on by itself; I will send you a private "
            "message when it is done, and `/import` without a file shows how far it is."
        )
        await interaction.edit_original_response(content=f"{import_report.progress(tally)}\n{text}")

    @app_commands.command(description="Get this server's sources as a list (OPML) for another feed reader")
    @app_commands.describe(
        topic="Only this topic",
        secrets="Write the passwords and keys of private feeds too; whoever has the file can read those feeds",
    )
    @app_commands.autocomplete(topic=params.topics)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def export(self, interaction: Interaction, topic: str | None = None, secrets: bool = False) -> None:
        await interaction.response.defer(ephemeral=True)
        revealed = {each.name for each in await topics_of(interaction, Need.MANAGE)} if secrets else set()
        if secrets and not revealed:
            raise UserError(_("Passwords and keys are only for people who may manage the topics' channels."))
        made = await self._services.exporting.export(await viewer_of(interaction), topic, revealed=revealed)
        await interaction.edit_original_response(content=exported(made), attachments=[_file(LISTS, made.body)])


def exported(made: Export) -> str:
    """What is said to a list: how much it holds, and what it lacks."""
    said = [
        many(
            "Here is {n} source. Any feed reader can import this file, and so can I with `/import`.",
            "Here are {n} sources. Any feed reader can import this file, and so can I with `/import`.",
            made.sources,
        )
    ]
    if made.with_secrets:
        said.append(_("⚠️ It holds passwords or keys: whoever has the file can read those feeds. Keep it to yourself."))
    if made.masked:
        names = ", ".join(f"**{safe(name, 80)}**" for name in made.masked[:MAX_NAMED])
        if more := max(0, len(made.masked) - MAX_NAMED):
            names += " " + many("and {n} more", "and {n} more", more)
        said.append(
            many(
                "The password or key in the address of this source is left out: {names}.",
                "The passwords or keys in the addresses of these sources are left out: {names}.",
                len(made.masked),
            ).replace("{names}", names)
        )
        said.append(_("`/export secrets:True` writes them too."))
    return "\n".join(said)


async def _show(interaction: Interaction, report: ImportReport) -> None:
    """What came of an import so far; failed feeds in the message while they fit, else in a file."""
    if not report.tally.is_over:
        text = f"{import_report.progress(report.tally)}\n{_('It goes on; I will tell you when it is done.')}"
        await interaction.edit_original_response(content=text)
        return
    text = import_report.summary(report, [f"**{safe(name)}**" for name in report.topics])
    files: Sequence[discord.File] = ()
    if report.failed and import_report.fits(report):
        text += "\n" + "\n".join(f"- <{each.url}>: {safe(retold(each.problem), 300)}" for each in report.failed)
    elif report.failed:
        files = [_file(NOT_FOLLOWED, import_report.failures_file(report))]
    await interaction.edit_original_response(content=text, attachments=files)


def _file(name: str, body: bytes) -> discord.File:
    return discord.File(io.BytesIO(body), name)


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(ImportingCommands(params.services_of(bot)))
