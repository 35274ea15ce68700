"""The prices that polls are planned with: one for all feeds, and one of its own for each server that follows many.

Busy feeds take more polls than quiet ones, and what they take the price takes from the others. A server with very many busy
feeds pays for them itself: its feeds come to the budget by their own price, and nobody else's is asked less for it. Pure:
what was planned is told, the time is handed in.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.feeds.scheduling import poll_price
from bot.feeds.scheduling.poll_price import PollPrice

ALL = 0
"""Stands for the price of all feeds where a server's id would stand."""
MANY = 100.0
"""A server with so many feeds gets a price of its own, and keeps it until it has fewer than half of that."""
SMOOTHING = 0.8
"""What is known of how many feeds a server has counts so much beside what the last hour says."""


class PriceKeeper:
    """Tells the price of a poll; told what was planned with it, it learns.

    Args:
        budget: polls a feed and day.
        now: minutes since the epoch.
    """

    def __init__(self, budget: float, now: float) -> None:
        self._budget = budget
        self._known = {ALL: poll_price.begin(budget, now)}
        self._minutes: defaultdict[int, float] = defaultdict(float)
        """For each server, for how long polls of this hour were planned: as long as its feeds are many."""
        self._feeds: dict[int, float] = {}

    @property
    def known(self) -> Mapping[int, PollPrice]:
        """All prices with their evidence, by server."""
        return self._known

    def price(self, servers: Sequence[int] = ()) -> float:
        """The price for a feed that was claimed for the first of these servers."""
        return self._known[self._payer(servers)].price

    def learn(self, wait_minutes: float, servers: Sequence[int] = ()) -> None:
        """A poll was planned at the price that holds now."""
        payer = self._payer(servers)
        known = self._known[payer]
        self._known[payer] = poll_price.planned(known, known.price, wait_minutes)
        if servers:
            self._minutes[servers[0]] += wait_minutes

    def resume(self, stored: Mapping[int, PollPrice], now: float) -> None:
        """Go on with what an earlier process knew."""
        for server, known in stored.items():
            self._known[server] = poll_price.resumed(known, self._budget, now)
            if server != ALL:
                self._feeds[server] = MANY

    def steer(self, now: float) -> bool:
        """Go on to the next hour's prices where it is time. Whether it was."""
        last = self._known[ALL].at
        if not poll_price.is_due(self._known[ALL], now):
            return False
        if (
            now - last <= 60 * poll_price.MOST_HOURS
        ):  # else there was an outage, which tells nothing of who follows what
            self._count(now - last)
        for server, known in self._known.items():
            self._known[server] = poll_price.steered(known, self._budget, now)
        return True

    def _count(self, passed_minutes: float) -> None:
        """Give servers with many feeds their own price, and let go of those that have few."""
        if passed_minutes <= 0:
            return
        for server in self._minutes.keys() | self._feeds.keys():
            seen = self._minutes[server] / passed_minutes
            if server in self._feeds:
                seen = SMOOTHING * self._feeds[server] + (1 - SMOOTHING) * seen
            self._feeds[server] = seen
            if seen >= MANY and server not in self._known:
                self._known[server] = self._known[ALL]
            elif seen < MANY / 2:
                self._known.pop(server, None)
        self._feeds = {server: count for server, count in self._feeds.items() if count >= 1}
        self._minutes.clear()

    def _payer(self, servers: Sequence[int]) -> int:
        return servers[0] if servers and servers[0] in self._known else ALL
