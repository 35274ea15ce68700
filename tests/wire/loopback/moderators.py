"""What people with rights do to the bot and to roles in the loopback Discord."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from tests.wire.loopback.world import Guild, Role


class Moderators:
    """Verbs of a test.

    Args:
        dispatch: sends an event to the bot over the gateway.
    """

    def __init__(self, clock: Clock, dispatch: Callable[[str, dict[str, Any]], Awaitable[None]]) -> None:
        self._clock = clock
        self._dispatch = dispatch

    async def time_out(self, guild: Guild, seconds: float) -> None:
        """A moderator gives the bot a time-out; Discord tells nobody when it ends."""
        guild.timed_out_until = self._clock.now() + timedelta(seconds=seconds)
        await self._tell_of_member(guild)

    async def end_time_out(self, guild: Guild) -> None:
        guild.timed_out_until = None
        await self._tell_of_member(guild)

    async def _tell_of_member(self, guild: Guild) -> None:
        await self._dispatch("GUILD_MEMBER_UPDATE", guild.own_member_json() | {"guild_id": str(guild.id)})

    async def lose_member(self, guild: Guild) -> None:
        """A guild comes without the bot's own member."""
        await self._dispatch("GUILD_CREATE", guild.as_json() | {"members": []})

    async def create_role(self, guild: Guild, name: str) -> Role:
        role = guild.role(name)
        await self._dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role.as_json})
        return role

    async def delete_role(self, guild: Guild, role: Role, *, told: bool = True) -> None:
        """A role is gone; `told` is false where the bot is not connected to hear of it."""
        guild.roles.remove(role)
        if told:
            await self._dispatch("GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": role.id})
