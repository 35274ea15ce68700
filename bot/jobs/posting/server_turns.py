"""Whose turn it is: servers that have something to send take turns, however much each of them has."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from bot.feeds.fairness.fair_queue import FairLimit
from bot.model import ReadyChannel

RESERVED = 4
"""Channels beside each other that are kept for servers of which none or one is served."""
REMEMBERED = 200
"""Servers whose last turn is known. Whoever is not among them comes before all that are."""


class ServerTurns:
    """Remembers which servers had a turn, and chooses whose channels are served next."""

    def __init__(self) -> None:
        self._lately: dict[int, None] = {}

    @property
    def lately(self) -> Sequence[int]:
        """Longest ago first."""
        return tuple(self._lately)

    def choose(self, ready: Iterable[ReadyChannel], busy: Counter[int], *, most: int) -> list[ReadyChannel]:
        """Of what is ready, in its order, so much that no server has all that can be served at the same time.

        Args:
            busy: how many channels of which server are served now.
            most: channels that are served at the same time.
        """
        room = FairLimit(max(1, most), reserve=RESERVED)
        for server in busy.elements():
            room.take(server)
        chosen = []
        for each in ready:
            if room.admits(each.server):
                room.take(each.server)
                chosen.append(each)
        return chosen

    def had(self, server: int) -> None:
        """The server has its turn now."""
        self._lately.pop(server, None)
        self._lately[server] = None
        if len(self._lately) > REMEMBERED:
            del self._lately[next(iter(self._lately))]


class OfServer(Protocol):
    """Something that is to be done in a server."""

    @property
    def guild_id(self) -> int: ...


Task = TypeVar("Task", bound=OfServer)


class ServerRound:
    """For what is done one after the other: one thing of each server that has something, before any has another."""

    def __init__(self) -> None:
        self._had: set[int] = set()

    async def next(self, find: Callable[[Collection[int]], Awaitable[Task | None]]) -> Task | None:
        """What is to be done next.

        Args:
            find: what comes first of all servers but these.
        """
        found = await find(self._had)
        if found is None and self._had:
            self._had.clear()
            found = await find(())
        if found is not None:
            self._had.add(found.guild_id)
        return found
