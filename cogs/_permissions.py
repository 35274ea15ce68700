"""What the bot needs in a channel, and what of it is missing."""

from typing import Any

import discord

from bot.errors import UserError
from bot.model import TopicOptions

NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}

NEEDED_IN_THREADS = {
    "view_channel": "View Channel",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}


def require(guild: discord.Guild, channel_id: int) -> None:
    """Raises UserError that names each missing permission, or says that the channel is gone."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        raise UserError("I cannot see that channel. Give me View Channel there, or choose another channel.")
    given = channel.permissions_for(guild.me)
    needed = NEEDED_IN_THREADS if isinstance(channel, discord.Thread) else NEEDED
    missing = [label for name, label in needed.items() if not getattr(given, name)]
    if missing:
        names = ", ".join(f"**{label}**" for label in missing)
        raise UserError(
            f"I lack {names} in <#{channel_id}>. Open the channel's settings → Permissions, add me, allow these, and try again."
        )


def require_for_options(guild: discord.Guild, channel_id: int, options: TopicOptions) -> None:
    """Raises UserError where what a topic is to do cannot be done in its channel, and says what is missing."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        return  # `require` says so where the channel is chosen
    here, text = channel.mention, isinstance(channel, discord.TextChannel)
    if options.publish and not (isinstance(channel, discord.TextChannel) and channel.is_news()):
        raise UserError(
            f"{here} is no announcement channel, so nothing can be published from it. "
            "Make it one in its settings → Overview, or choose another channel."
        )
    if options.threads and not text:
        raise UserError(f"Threads under articles are for text channels, which {here} is not.")
    if options.own_names and not text:
        raise UserError(f"Names and pictures of sources are for text channels, which {here} is not.")
    given = channel.permissions_for(guild.me)
    wanted = {
        "**Create Public Threads**": options.threads and not given.create_public_threads,
        "**Manage Webhooks**": options.own_names and not given.manage_webhooks,
    }
    missing = [label for label, lacks in wanted.items() if lacks]
    if missing:
        raise UserError(
            f"For that I need {' and '.join(missing)} in {here}. Open the channel's settings → Permissions, add me, allow that, and try again."
        )


def may_manage(interaction: discord.Interaction[Any]) -> bool:
    """Whether the person may manage channels where the button is."""
    return interaction.permissions.manage_channels or interaction.permissions.administrator
