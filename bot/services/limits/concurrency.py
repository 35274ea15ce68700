"""Turns at what costs much: one at a time for each person, few for each guild, some in all; the others wait shortly."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.config.settings import LimitsSettings
from bot.errors import UserError
from bot.i18n.translation import _

MAX_WAITING = 200
"""Of all guilds."""


@dataclass(eq=False, slots=True)
class _Wish:
    guild_id: int
    user_id: int
    granted: asyncio.Future[None]


class Turns:
    """Grants turns in the order in which they are asked for; who has to wait for a person or guild holds up nobody else."""

    def __init__(self, limits: LimitsSettings) -> None:
        self._limits = limits
        self._of_person: Counter[int] = Counter()
        self._of_guild: Counter[int] = Counter()
        self._waiting: list[_Wish] = []

    @contextlib.asynccontextmanager
    async def take(self, guild_id: int, user_id: int) -> AsyncIterator[None]:
        """Have one turn for the block. It is waited for as long as two searches may take.

        Raises:
            UserError: it did not come, or the person waits for another already; says what to do.
        """
        wish = _Wish(guild_id, user_id, asyncio.get_running_loop().create_future())
        await self._wait(wish)
        try:
            yield
        finally:
            self._give_back(wish)

    async def _wait(self, wish: _Wish) -> None:
        if any(each.user_id == wish.user_id for each in self._waiting):
            raise UserError(_("Your last search is not done yet. Wait a moment, then try again."))
        if len(self._waiting) >= MAX_WAITING:
            raise UserError(_busy())
        self._waiting.append(wish)
        self._grant()
        try:
            async with asyncio.timeout(2 * self._limits.search_seconds):
                await asyncio.shield(wish.granted)
        except BaseException as error:
            if wish in self._waiting:
                self._waiting.remove(wish)
            else:  # granted in the very moment in which it was given up
                self._give_back(wish)
            if isinstance(error, TimeoutError):
                raise UserError(self._why(wish)) from error
            raise

    def _give_back(self, wish: _Wish) -> None:
        self._of_person[wish.user_id] -= 1
        self._of_guild[wish.guild_id] -= 1
        self._of_person, self._of_guild = +self._of_person, +self._of_guild  # without those that have none
        self._grant()

    def _why(self, wish: _Wish) -> str:
        if self._of_person[wish.user_id]:
            return _("Your last search is not done yet. Wait a moment, then try again.")
        return _busy()

    def _grant(self) -> None:
        for wish in tuple(self._waiting):
            if sum(self._of_guild.values()) >= self._limits.searches_at_once:
                return
            if self._of_person[wish.user_id] or self._of_guild[wish.guild_id] >= self._limits.searches_per_guild:
                continue
            self._waiting.remove(wish)
            self._of_person[wish.user_id] += 1
            self._of_guild[wish.guild_id] += 1
            wish.granted.set_result(None)


def _busy() -> str:
    return _("Many people are searching right now. Try again in a moment.")
