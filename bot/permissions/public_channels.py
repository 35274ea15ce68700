"""What everybody may see of a server, as Discord says at this moment."""

import discord


class PublicChannels:
    """Asks what the client knows, never Discord: a page does not wait for it."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def name_of(self, guild_id: int) -> str | None:
        """The server's name; None where nothing is known of it now."""
        guild = self._guild(guild_id)
        return guild.name if guild is not None else None

    def everyone_views(self, guild_id: int, channel_id: int) -> bool | None:
        """Whether @everyone may view a channel; None where nobody can tell now."""
        guild = self._guild(guild_id)
        return None if guild is None else everyone_views(guild, channel_id)

    def _guild(self, guild_id: int) -> discord.Guild | None:
        guild = self._client.get_guild(guild_id)
        return None if guild is None or guild.unavailable else guild


def everyone_views(guild: discord.Guild, channel_id: int) -> bool:
    """Whether @everyone may view a channel.

    A channel that the bot does not know is gone, or hidden from it. Threads do not count: those that are archived are in
    no cache.
    """
    channel = guild.get_channel(channel_id)
    return channel is not None and channel.permissions_for(guild.default_role).view_channel
