"""/follow words, source and topic; /following, /unfollow: what comes to one person as a private message."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import logs
from bot.i18n.translation import _
from bot.model import STANDARD_ZONE, FollowKind
from bot.services import Services
from bot.services.personal.follows import FollowsNow
from cogs.follow.buttons import FollowButton, closed_text, hidden_of, name_of, page_of, try_again
from cogs.follow.params import Hour, follows, timed, when_of
from cogs.ui import params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, safe, say

log = logs.get(__name__)


@app_commands.guild_only()
class FollowCommands(commands.GroupCog, group_name="follow", group_description="Get what you care about by DM"):
    """Following, in servers only: what comes is what the server follows."""

    def __init__(self, services: Services) -> None:
        self._personal = services.personal

    @app_commands.command(description="Get every article with these words as a private message")
    @app_commands.describe(query='Words, "phrases", -not, OR, title:word, as for /filter')
    @timed
    async def words(
        self, interaction: Interaction, query: str, when: str | None = None, hour: Hour | None = None,
        zone: str | None = None,
    ) -> None:  # fmt: skip
        await interaction.response.defer(ephemeral=True)
        viewer, wish = await viewer_of(interaction), when_of(interaction, when, hour, zone)
        await _show(interaction, await self._personal.follow_words(viewer, query, wish))

    @app_commands.command(description="Get every article of a source as a private message")
    @app_commands.describe(source="A source of this server")
    @app_commands.autocomplete(source=params.sources)
    @timed
    async def source(
        self, interaction: Interaction, source: str, when: str | None = None, hour: Hour | None = None,
        zone: str | None = None,
    ) -> None:  # fmt: skip
        await interaction.response.defer(ephemeral=True)
        viewer, wish = await viewer_of(interaction), when_of(interaction, when, hour, zone)
        await _show(interaction, await self._personal.follow_source(viewer, source, wish))

    @app_commands.command(description="Get every article of a topic as a private message")
    @app_commands.describe(topic="A topic of this server")
    @app_commands.autocomplete(topic=params.topics)
    @timed
    async def topic(
        self, interaction: Interaction, topic: str, when: str | None = None, hour: Hour | None = None,
        zone: str | None = None,
    ) -> None:  # fmt: skip
        await interaction.response.defer(ephemeral=True)
        viewer, wish = await viewer_of(interaction), when_of(interaction, when, hour, zone)
        await _show(interaction, await self._personal.follow_topic(viewer, topic, wish))


class PersonalCommands(commands.Cog):
    """What somebody follows, wherever it is asked for: it concerns nobody else."""

    def __init__(self, services: Services) -> None:
        self._personal = services.personal

    @app_commands.command(description="Show what you follow, and change or stop it")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def following(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        embed, view = await page_of(self._personal, interaction.client, interaction.user.id)
        await say(interaction, embeds=[embed], view=view)

    @app_commands.command(description="Stop following something")
    @app_commands.describe(what="What to stop following")
    @app_commands.autocomplete(what=follows)
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def unfollow(self, interaction: Interaction, what: str) -> None:
        await interaction.response.defer(ephemeral=True)
        mine = (await self._personal.following(interaction.user.id))[1]
        hidden = await hidden_of(interaction.client, interaction.user.id, mine)
        gone = await self._personal.stop(interaction.user.id, what, unnamed=hidden)
        await say(
            interaction,
            _("You no longer follow {name}. What was sent stays.").format(name=f"**{safe(name_of(gone, hidden))}**"),
        )

    @commands.Cog.listener()
    async def on_app_command_completion(self, interaction: Interaction, command: Any) -> None:
        """Say once, behind whatever was asked, that private messages do not arrive; /following shows it anyway."""
        if getattr(command, "qualified_name", "") in {"following", "forget me"}:
            return
        try:
            person = await self._personal.news_of_closed(interaction.user.id)
            if person is not None:
                await say(interaction, closed_text(person), view=try_again())
        except Exception as error:  # noqa: BLE001 - the command itself was answered
            log.warning("nobody could be told of closed private messages", error=str(error))


async def _show(interaction: Interaction, now: FollowsNow) -> None:
    name = f"**{safe(name_of(now.follow))}**"
    if now.already:
        text = _("You follow {name} already.").format(name=name)
    else:
        text = {
            FollowKind.WORDS: _("You follow {name}: every new article here that matches comes to you."),
            FollowKind.SOURCE: _("You follow {name}: every new article of it comes to you."),
            FollowKind.TOPIC: _("You follow {name}: everything new in it comes to you."),
        }[now.follow.kind].format(name=name)
    if now.next_digest is not None:
        text += "\n" + _("It comes in your daily digest, the next one {moment} ({hour:02}:00, {zone}).").format(
            moment=discord.utils.format_dt(now.next_digest, "R"),
            hour=now.person.hour,
            zone=now.person.zone or STANDARD_ZONE,
        )
        if now.person.zone is None:
            text += " " + _("To have it in your own time, use the command again with `zone`.")
    else:
        text += "\n" + _("It comes as a private message from me, as soon as it is there.")
    await say(interaction, text)


async def setup(bot: commands.Bot) -> None:
    services = params.services_of(bot)
    await bot.add_cog(FollowCommands(services))
    await bot.add_cog(PersonalCommands(services))
    bot.add_dynamic_items(FollowButton)
