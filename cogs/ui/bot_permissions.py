"""What the bot needs in a channel, and what of it is missing."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.errors import UserError
from bot.i18n.translation import N_, _
from bot.model import Need, Topic, TopicOptions
from bot.permissions.member_rights import channel_of
from bot.posting.discord.own_member import is_known_in
from bot.services.topics.topic_options import changed
from cogs.ui import member_permissions

NEEDED = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "embed_links": N_("Embed Links"),
    "read_message_history": N_("Read Message History"),
}

NEEDED_IN_THREADS = {
    "view_channel": N_("View Channel"),
    "send_messages_in_threads": N_("Send Messages in Threads"),
    "embed_links": N_("Embed Links"),
    "read_message_history": N_("Read Message History"),
}


async def require(guild: discord.Guild, channel_id: int) -> None:
    """Raises UserError that names each missing permission, or says that the channel is gone."""
    channel = await channel_of(guild, channel_id)
    if channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
        raise UserError(_("I cannot see that channel. Give me View Channel there, or choose another channel."))
    if not is_known_in(guild):
        raise UserError(_("Discord has not told me yet what I may do in this server. Try again in a minute."))
    given = channel.permissions_for(guild.me)
    needed = NEEDED_IN_THREADS if isinstance(channel, discord.Thread) else NEEDED
    missing = [label for name, label in needed.items() if not getattr(given, name)]
    if missing:
        names = ", ".join(f"**{_(label)}**" for label in missing)
        raise UserError(
            _(
                "I lack {permissions} in {channel}. "
                "Open the channel's settings → Permissions, add me, allow these, and try again."
            ).format(permissions=names, channel=f"<#{channel_id}>")
        )


async def require_for_options(guild: discord.Guild, channel_id: int, options: TopicOptions) -> None:
    """Raises UserError where what a topic is to do cannot be done in its channel, and says what is missing."""
    if not (options.publish or options.threads or options.own_names):
        return
    channel = await channel_of(guild, channel_id)
    if channel is None or not is_known_in(guild):
        return  # `require` says so where the channel is chosen
    here, text = channel.mention, isinstance(channel, discord.TextChannel)
    if options.publish and not (isinstance(channel, discord.TextChannel) and channel.is_news()):
        raise UserError(
            _(
                "{channel} is no announcement channel, so nothing can be published from it. "
                "Make it one in its settings → Overview, or choose another channel."
            ).format(channel=here)
        )
    if options.threads and not text:
        raise UserError(_("Threads under articles are for text channels, which {channel} is not.").format(channel=here))
    if options.own_names and not text:
        raise UserError(
            _("Names and pictures of sources are for text channels, which {channel} is not.").format(channel=here)
        )
    given = channel.permissions_for(guild.me)
    wanted = {
        _("Create Public Threads"): options.threads and not given.create_public_threads,
        _("Manage Webhooks"): options.own_names and not given.manage_webhooks,
    }
    missing = [f"**{label}**" for label, lacks in wanted.items() if lacks]
    if missing:
        raise UserError(
            _(
                "For that I need {permissions} in {channel}. "
                "Open the channel's settings → Permissions, add me, allow that, and try again."
            ).format(permissions=", ".join(missing), channel=here)
        )


async def require_change(
    member: discord.Member, topic: Topic, channel_id: int | None, options: Mapping[str, Any]
) -> None:
    """Ask what the person and the bot may do, before a topic gets another channel or other options.

    Raises:
        UserError: something stands in the way; it says what.
    """
    if channel_id is not None:
        await member_permissions.require_channel(member, channel_id, Need.MANAGE)
        await require(member.guild, channel_id)
    # What was asked for before is checked again only where the channel is another.
    asked = changed(TopicOptions() if channel_id is None else topic.options, options)
    target = channel_id or topic.channel_id
    if asked.mention_role is not None or asked.publish or asked.threads or asked.own_names:
        await member_permissions.require_channel(member, target, Need.MANAGE, asked)
    await require_for_options(member.guild, target, asked)


def may_manage(interaction: discord.Interaction[Any]) -> bool:
    """Whether the person may manage channels where the button is."""
    return interaction.permissions.manage_channels or interaction.permissions.administrator
