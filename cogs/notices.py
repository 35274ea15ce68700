"""The buttons of notices. Their ids say what they act on, so they work after a restart and in a private message."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Self

import discord
from discord.ext import commands

from bot.delivery.notices import ALL
from bot.errors import UserError
from bot.model import Viewer
from bot.services import Services
from bot.words import _, many
from cogs import _params, _permissions
from cogs._replies import report, safe, say
from cogs._viewer import viewer_in
from cogs.tending import paused, retried

PATTERN = r"riverpost:(?P<action>probe|retry|pause|unsubscribe):(?P<guild>\d{1,20}):(?P<subject>\d{1,20})"


class NoticeButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=PATTERN):
    """Any button of a notice."""

    def __init__(self, button: discord.ui.Button[Any], *, action: str, guild_id: int, subject: int) -> None:
        super().__init__(button)
        self.action = action
        self.guild_id = guild_id
        self.subject = subject

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item, action=match["action"], guild_id=int(match["guild"]), subject=int(match["subject"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer always: discord.py only logs what is raised here."""
        try:
            await interaction.response.defer(ephemeral=True, thinking=True)
            guild = await _allowed(interaction, self.guild_id)
            assert interaction.message is not None, "buttons stand under messages"
            services = _params.services_of(interaction.client)
            await services.operating.check_notice(self.guild_id, interaction.message.id)
            viewer = await viewer_in(interaction, self.guild_id)
            await say(
                interaction,
                await ACTIONS[self.action](_params.services_of(interaction.client), guild, viewer, self.subject),
            )
        except Exception as error:  # noqa: BLE001 - every error is answered, and a bug logged by `report`
            await report(interaction, error)


async def _allowed(interaction: discord.Interaction[Any], guild_id: int) -> discord.Guild:
    """The guild that the button acts on.

    Raises:
        UserError: whoever pressed it may not manage channels there.
    """
    guild: discord.Guild | None = interaction.client.get_guild(guild_id)
    if guild is None or (interaction.guild_id is not None and interaction.guild_id != guild_id):
        raise UserError(_("I am not in that server any more."))
    if interaction.guild_id is not None:
        allowed = _permissions.may_manage(interaction)
    else:
        # A private message says nothing of rights in a server.
        try:
            member = await guild.fetch_member(interaction.user.id)
        except discord.NotFound:
            raise UserError(_("You are not in that server any more.")) from None
        allowed = member.guild_permissions.manage_channels
    if not allowed:
        raise UserError(_("You need the permission Manage Channels for this. Ask somebody who runs the server."))
    return guild


async def _probe(services: Services, guild: discord.Guild, _viewer: Viewer, channel_id: int) -> str:
    held = await services.operating.try_again(guild.id, channel_id)
    if held == 0:
        return _("Nothing is held there any more: everything goes on.")
    if channel_id != ALL and guild.get_channel(channel_id) is not None:
        await _permissions.require(guild, channel_id)
    return _("I try again now. If it works, what waited comes, and my notice says so.")


async def _retry(services: Services, _guild: discord.Guild, viewer: Viewer, feed_id: int) -> str:
    if feed_id == ALL:
        count = await services.tending.retry_failing(viewer)
        return many(
            "{n} source is asked now. `/sources` says how it went.",
            "{n} sources are asked now. `/sources` says how it went.",
            count,
        )
    return retried(await services.tending.retry(viewer, str(feed_id)))


async def _pause(services: Services, _guild: discord.Guild, viewer: Viewer, feed_id: int) -> str:
    return paused(await services.tending.pause(viewer, str(feed_id)))


async def _unsubscribe(services: Services, _guild: discord.Guild, viewer: Viewer, feed_id: int) -> str:
    found = await services.tending.unsubscribe(viewer, str(feed_id))
    return _("**{topic}** no longer follows **{source}**. What was posted stays.").format(
        topic=safe(found.topics), source=safe(found.title)
    )


ACTIONS: dict[str, Callable[[Services, discord.Guild, Viewer, int], Awaitable[str]]] = {
    "probe": _probe,
    "retry": _retry,
    "pause": _pause,
    "unsubscribe": _unsubscribe,
}


async def setup(bot: commands.Bot) -> None:
    bot.add_dynamic_items(NoticeButton)
