"""A rate limit for each server: how much of something it may ask for within a window of time. Kept in memory."""

from collections import deque
from datetime import timedelta

from bot.clock import Clock
from bot.errors import UserError
from bot.i18n.translation import _

MINUTE = 60.0
DAY = 86_400.0


class RateLimit:
    """A sliding window for each server. A restart of the bot begins anew."""

    def __init__(self, most: int, seconds: float, clock: Clock) -> None:
        """A server may take `most` within any `seconds`."""
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._taken: dict[int, deque[tuple[float, int]]] = {}

    def take(self, guild_id: int, cost: int = 1) -> float:
        """Count a request. Returns 0 if it is allowed, else after how many seconds it will be; then it does not count.

        A request that costs more than the whole limit is allowed where nothing was taken within the window.
        """
        now = self._clock.monotonic()
        self._taken = {guild: taken for guild, taken in self._taken.items() if taken[-1][0] > now - self._seconds}
        taken = self._taken.get(guild_id, deque())
        while taken and taken[0][0] <= now - self._seconds:
            taken.popleft()
        room = self._most - sum(each for _at, each in taken)
        if taken and cost > room:
            for at, each in taken:
                room += each
                if cost <= room:
                    return at + self._seconds - now
            return taken[-1][0] + self._seconds - now
        taken.append((now, cost))
        self._taken[guild_id] = taken
        return 0.0

    def check(self, guild_id: int, what: str, cost: int = 1) -> None:
        """`take`, for a person.

        Args:
            what: what there was too much of, as a whole sentence in the reader's language.

        Raises:
            UserError: it is not allowed now; says when it will be.
        """
        wait = self.take(guild_id, cost)
        if wait > 0:
            moment = self._clock.now() + timedelta(seconds=wait)
            again = _("Try again {moment}.").format(moment=f"<t:{int(moment.timestamp()) + 1}:R>")
            raise UserError(f"{what} {again}")
