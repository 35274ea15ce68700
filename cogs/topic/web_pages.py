"""A topic's pages on the web: asked for with /topic edit."""

import discord
from discord import app_commands

from bot.errors import UserError
from bot.i18n.translation import _
from bot.model import Topic, WebAccess
from bot.permissions.public_channels import everyone_views
from bot.services.publishing.publish_topic import Publishing
from cogs.ui import member_permissions
from cogs.ui.replies import Interaction, safe

CHOICES = [
    app_commands.Choice(name="Nobody", value=WebAccess.PRIVATE.value),
    app_commands.Choice(name="Who has the link", value=WebAccess.UNLISTED.value),
    app_commands.Choice(name="Everybody", value=WebAccess.PUBLIC.value),
    app_commands.Choice(name="Everybody and search engines", value=WebAccess.INDEXED.value),
]


async def publish(interaction: Interaction, publishing: Publishing, topic: Topic, access: WebAccess) -> str:
    """Put the topic on the web or take it back. What is said of it.

    Raises:
        UserError: the person may not decide that, or the channel is not everybody's.
    """
    member = member_permissions.require_server(interaction)
    if access is not WebAccess.PRIVATE:
        _require_open(member.guild, topic.channel_id)
    published = await publishing.publish(topic, access, by=member.id)
    if published is None:
        return _("**{topic}** is not on the web.").format(topic=safe(topic.name))
    said = {
        WebAccess.UNLISTED: _(
            "**{topic}** is on the web for whoever has this link, which nobody can guess: {address}\n"
            "To make it invalid, choose this again for a new link, or take the pages back."
        ),
        WebAccess.PUBLIC: _("**{topic}** is on the web for everybody: {address}"),
        WebAccess.INDEXED: _("**{topic}** is on the web for everybody, search engines included: {address}"),
    }[access]
    return said.format(topic=safe(topic.name), address=publishing.address(published))


def _require_open(guild: discord.Guild, channel_id: int) -> None:
    if not everyone_views(guild, channel_id):
        raise UserError(
            _(
                "Only topics whose channel everybody in the server can see may be on the web. Let @everyone have "
                "View Channel in {channel} first; a thread will not do."
            ).format(channel=f"<#{channel_id}>")
        )
