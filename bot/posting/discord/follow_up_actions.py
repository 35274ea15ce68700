"""What is asked of Discord once a message is posted: to publish it, to make a thread under it."""

from typing import Final

import discord

from bot.model import FollowUp, FollowUpKind, SendKind, SendResult
from bot.posting.discord.error_mapping import result_of
from bot.posting.discord.request_monitor import in_background

ALREADY = frozenset({40033, 160004})
"""It was published before; it has a thread already."""
ARCHIVE_AFTER_MINUTES: Final = 1440


class FollowUpExecutor:
    """Works through a connected client. Each request is made once, see `watch.in_background`."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def do(self, follow_up: FollowUp) -> SendResult:
        """One request. What was done already counts as done; never raises but CancelledError."""
        channel = self._client.get_partial_messageable(follow_up.channel_id, guild_id=follow_up.guild_id)
        message = channel.get_partial_message(follow_up.message_id)
        try:
            async with in_background():
                if follow_up.kind is FollowUpKind.PUBLISH:
                    await message.publish()
                else:
                    await message.create_thread(name=follow_up.name, auto_archive_duration=ARCHIVE_AFTER_MINUTES)
        except discord.HTTPException as error:
            if error.code in ALREADY:
                return SendResult(SendKind.POSTED, message_id=follow_up.message_id, code=error.code)
            return result_of(error, self._client)
        except Exception as error:  # noqa: BLE001 - every error has a name in result_of
            return result_of(error, self._client)
        return SendResult(SendKind.POSTED, message_id=follow_up.message_id)
