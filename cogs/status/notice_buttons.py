"""The buttons of notices. Their ids say what they act on, so they work after a restart and in a private message."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Self

import discord
from discord.ext import commands

from bot.errors import UserError
from bot.i18n.translation import _, many
from bot.messages.notice import ALL
from bot.model import Viewer
from bot.permissions.authority import manages_server
from bot.permissions.member_rights import member_in
from bot.services import Services
from cogs.source.management import paused, retried
from cogs.ui import bot_permissions, member_permissions, params
from cogs.ui.reader_access import access_of
from cogs.ui.replies import report, safe, say

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
            member = await _member(interaction, self.guild_id)
            viewer = await access_of(interaction.client).viewer(member)
            services = params.services_of(interaction.client)
            assert interaction.message is not None, "buttons stand under messages"
            await services.operating.check_notice(self.guild_id, interaction.message.id)
            mine = await member_permissions.managing(member, services, viewer)
            if not (mine.topics or manages_server(member)):
                raise _no_manager()
            act = ACTIONS[self.action]
            await say(interaction, await act(services, member, viewer, mine, self.subject))
        except Exception as error:  # noqa: BLE001 - every error is answered, and a bug logged by `report`
            await report(interaction, error)


async def _member(interaction: discord.Interaction[Any], guild_id: int) -> discord.Member:
    """Who pressed, in the guild that the button acts on.

    Raises:
        UserError: they are not there any more, or may do nothing there.
        RightsUnknown: Discord does not answer.
    """
    guild: discord.Guild | None = interaction.client.get_guild(guild_id)
    if guild is None or (interaction.guild_id is not None and interaction.guild_id != guild_id):
        raise UserError(_("I am not in that server any more."))
    if interaction.guild_id is not None:
        return member_permissions.member_of(interaction)
    # A private message says nothing of rights in a server.
    return member_permissions.awake(await member_in(guild, interaction.user.id))


def _no_manager() -> UserError:
    return UserError(_("You need the permission Manage Channels for this. Ask somebody who runs the server."))


async def _probe(services: Services, member: discord.Member, _viewer: Viewer, mine: Viewer, channel_id: int) -> str:
    managed = {each.topic.channel_id for each in await services.topics.all(mine)}
    if channel_id != ALL and channel_id not in managed:
        raise _no_manager()
    channels = managed if channel_id == ALL else {channel_id}
    held = sum([await services.operating.try_again(member.guild.id, each) for each in channels])
    if held == 0:
        return _("Nothing is held there any more: everything goes on.")
    if channel_id != ALL and member.guild.get_channel(channel_id) is not None:
        await bot_permissions.require(member.guild, channel_id)
    return _("I try again now. If it works, what waited comes, and my notice says so.")


async def _retry(services: Services, member: discord.Member, viewer: Viewer, mine: Viewer, feed_id: int) -> str:
    if feed_id == ALL:
        count = await services.tending.retry_failing(mine)
        return many(
            "{n} source is checked now. `/sources` says how it went.",
            "{n} sources are checked now. `/sources` says how it went.",
            count,
        )
    return retried(await services.tending.retry(*await _source(services, member, viewer, feed_id)))


async def _pause(services: Services, member: discord.Member, viewer: Viewer, _mine: Viewer, feed_id: int) -> str:
    return paused(await services.tending.pause(*await _source(services, member, viewer, feed_id)))


async def _unsubscribe(services: Services, member: discord.Member, viewer: Viewer, _mine: Viewer, feed_id: int) -> str:
    found = await services.tending.unsubscribe(*await _source(services, member, viewer, feed_id))
    return _("**{source}** is removed from **{topic}**. What was posted stays.").format(
        topic=safe(found.topics), source=safe(found.title)
    )


async def _source(services: Services, member: discord.Member, viewer: Viewer, feed_id: int) -> tuple[Viewer, str]:
    return await member_permissions.require_source(member, services, viewer, str(feed_id))


Act = Callable[[Services, discord.Member, Viewer, Viewer, int], Awaitable[str]]
"""Takes who pressed, what they see, what of it they may manage, and the channel or source."""
ACTIONS: dict[str, Act] = {
    "probe": _probe,
    "retry": _retry,
    "pause": _pause,
    "unsubscribe": _unsubscribe,
}


async def setup(bot: commands.Bot) -> None:
    bot.add_dynamic_items(NoticeButton)
