"""What the bot needs in a channel, and what of it is missing."""

from typing import Any

import discord

from bot.errors import UserError

NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}


def require(guild: discord.Guild, channel_id: int) -> None:
    """Raises UserError that names each missing permission, or says that the channel is gone."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        raise UserError("I cannot see that channel. Give me View Channel there, or choose another channel.")
    given = channel.permissions_for(guild.me)
    missing = [label for name, label in NEEDED.items() if not getattr(given, name)]
    if missing:
        names = ", ".join(f"**{label}**" for label in missing)
        raise UserError(
            f"I lack {names} in <#{channel_id}>. Open the channel's settings → Permissions, add me, allow these, and try again."
        )


def may_manage(interaction: discord.Interaction[Any]) -> bool:
    """Whether the person may manage channels where the button is."""
    return interaction.permissions.manage_channels or interaction.permissions.administrator
