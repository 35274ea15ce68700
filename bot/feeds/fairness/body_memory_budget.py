"""How many bytes of documents may be in memory at the same time, shared fairly among servers. Pure."""

from bot.feeds.fairness.tenants import Usage

SMALL_BYTES = 1_000_000
"""What every server may have under way, however full it is: all but a few feeds are smaller."""


class TooManyBytesError(Exception):
    """This document would pass its server's share; it may come when others are done."""


class BodyBudget:
    """Counts bodies from their first byte until what they were for is done.

    One server alone may fill the budget. Once it is full, each server may still have its equal share of it, so that who
    filled it keeps nobody out: in all there is never more than twice the budget, and `SMALL_BYTES` for each server.
    Nobody waits for room, since that would hold a connection and a slot: what finds none is given up and comes again.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._owners: dict[Usage, tuple[int, int]] = {}
        """The server that each counts for, and its bytes."""
        self._of_server: dict[int, int] = {}
        self.total = 0

    def grow(self, usage: Usage, size: int) -> None:
        """Count more bytes until `usage` ends.

        Raises:
            TooManyBytesError: there is no room for them.
        """
        owner, own = self._owners.get(usage) or (self._lightest(usage.guilds), 0)
        mine = self._of_server.get(owner, 0) + size
        if mine > SMALL_BYTES and self.total + size > self._most_bytes:
            servers = len(self._of_server) + (owner not in self._of_server)
            if mine > self._most_bytes / servers:
                raise TooManyBytesError
        if not own:
            usage.at_end(self, lambda: self._release(usage))
        self._owners[usage] = (owner, own + size)
        self._of_server[owner] = mine
        self.total += size

    def _lightest(self, guilds: tuple[int, ...]) -> int:
        return min(guilds, key=lambda guild: self._of_server.get(guild, 0))

    def _release(self, usage: Usage) -> None:
        owner, own = self._owners.pop(usage)
        self.total -= own
        left = self._of_server[owner] - own
        if left:
            self._of_server[owner] = left
        else:
            del self._of_server[owner]
