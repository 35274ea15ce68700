"""What one request waits for: a place at its host, at its host's address and domain, and one of the slots. Pure."""

import asyncio
from dataclasses import dataclass

from bot.feeds.fairness.fair_queue import FairLimit, FairQueue
from bot.feeds.fairness.tenants import Usage
from bot.feeds.http.retry_after import HostRest

URGENT_IN_A_ROW = 4
"""Requests of persons that go before those of polls at a place; then one of these goes."""
FAILING_COSTS = 8.0
"""How many turns at a host one turn counts for a tenant whose addresses fail there."""
FAILING_FROM = 0.5
"""Of a tenant's last answers of the host, weighed by age."""
WEIGHT_OF_LAST = 0.2
SLOT_SECONDS = 0.05
"""What a request counts as using at least, so that requests without length take turns."""


class Place:
    """A host, or an address or a domain with many hosts: so many requests at a time, and who waits there.

    Args:
        interval: seconds between two beginnings.
    """

    __slots__ = ("_bad", "_urgent_in_a_row", "interval", "limit", "next_start", "queues", "rest", "timer")

    def __init__(self, connections: int, *, reserve: int = 0, interval: float = 0.0) -> None:
        self.limit = FairLimit(connections, reserve=reserve)
        self.interval = interval
        self.next_start = 0.0
        self.rest: HostRest | None = None
        """None while it never asked for any."""
        self.queues: dict[bool, FairQueue[Ticket]] | None = None
        """By whether a person waits; made when somebody does."""
        self.timer: asyncio.Task[None] | None = None
        self._urgent_in_a_row = 0
        self._bad: dict[int, float] | None = None

    def is_open(self, now: float) -> bool:
        """Whether it takes another request at all."""
        return self.limit.total < self.limit.capacity and self.next_start <= now

    def admits(self, ticket: "Ticket", now: float) -> bool:
        return self.next_start <= now and self.limit.admits(ticket.tenant)

    @property
    def has_waiting(self) -> bool:
        return self.queues is not None and any(map(len, self.queues.values()))

    def park(self, ticket: "Ticket", *, first: bool) -> None:
        """Let it wait here, behind or before what its tenant has here."""
        if self.queues is None:
            self.queues = {}
        queue = self.queues.get(ticket.urgent)
        if queue is None:
            queue = self.queues[ticket.urgent] = FairQueue(self.limit.held)
        queue.add(ticket.tenant, ticket, first=first)

    def next_waiting(self) -> "Ticket | None":
        """Take out who is next, None where nobody is that this place admits. Its tenant's others wait until `resume`."""
        if self.queues is None:
            return None
        polls_first = self._urgent_in_a_row >= URGENT_IN_A_ROW
        for urgent in (not polls_first, polls_first):
            queue = self.queues.get(urgent)
            while queue and (tenant := queue.next_tenant()) is not None and self.limit.admits(tenant):
                ticket = queue.pop()
                if not ticket.gave_up:
                    queue.suspend(tenant)
                    ticket.offered_by += (self,)
                    return ticket
        return None

    def resume(self, ticket: "Ticket") -> None:
        """What was taken out has begun, or waits elsewhere: its tenant's others may come."""
        if self.queues is not None and (queue := self.queues.get(ticket.urgent)) is not None:
            queue.resume(ticket.tenant)

    def take(self, ticket: "Ticket", now: float) -> None:
        self.limit.take(ticket.tenant)
        self.next_start = now + self.interval
        self._urgent_in_a_row = self._urgent_in_a_row + 1 if ticket.urgent else 0
        if self.queues is None:
            return
        is_failing = self._bad is not None and self._bad.get(ticket.tenant, 0.0) > FAILING_FROM
        cost = FAILING_COSTS if is_failing else 1.0
        for urgent, queue in self.queues.items():
            if urgent == ticket.urgent:
                queue.charge(ticket.tenant, cost)
            else:
                queue.changed(ticket.tenant)

    def give_back(self, ticket: "Ticket") -> None:
        self.limit.give_back(ticket.tenant)
        if self.queues is not None:
            for queue in self.queues.values():
                queue.changed(ticket.tenant)

    def answered(self, tenant: int, *, well: bool) -> None:
        """What the host said to one of the tenant's addresses."""
        if self._bad is None:
            if well:
                return
            self._bad = {}
        bad = self._bad.get(tenant, 0.0)
        if well and not bad:
            return
        bad += ((0.0 if well else 1.0) - bad) * WEIGHT_OF_LAST
        if bad < 0.05:
            self._bad.pop(tenant, None)
        else:
            self._bad[tenant] = bad

    def is_idle(self, now: float) -> bool:
        busy = self.limit.total or self.has_waiting or self.timer is not None or self.next_start > now
        return not busy and (self.rest is None or self.rest.is_over(now))


class Lane:
    """Requests of one kind under way, and those of them that wait for nothing but a slot."""

    __slots__ = ("limit", "queue")

    def __init__(self, limit: FairLimit) -> None:
        self.limit = limit
        self.queue: FairQueue[Ticket] = FairQueue(limit.held)

    def lightest(self, tenants: tuple[int, ...]) -> int:
        """Of those that share a request, the one that holds and used least: it counts for that one."""
        if len(tenants) == 1:
            return tenants[0]
        return min(
            tenants,
            key=lambda tenant: (self.limit.held(tenant) + self.queue.waiting(tenant), self.queue.used(tenant)),
        )

    def take(self, ticket: "Ticket") -> None:
        self.limit.take(ticket.tenant)
        self.queue.charge(ticket.tenant, SLOT_SECONDS)

    def give_back(self, ticket: "Ticket", seconds: float) -> None:
        self.limit.give_back(ticket.tenant)
        if seconds > SLOT_SECONDS:
            self.queue.charge(ticket.tenant, seconds - SLOT_SECONDS)
        else:
            self.queue.changed(ticket.tenant)


@dataclass(slots=True, eq=False)
class Ticket:
    """One request that wants a turn."""

    tenant: int
    lane: Lane
    places: list[Place]
    urgent: bool
    usage: Usage | None
    began: float | None = None
    future: asyncio.Future[None] | None = None
    offered_by: tuple[Place, ...] = ()
    """The places where it waited and that wait for it to begin."""

    @property
    def gave_up(self) -> bool:
        return self.future is not None and self.future.done()

    def begin(self, now: float) -> None:
        self.began = now
        for place in self.places:
            place.take(self, now)
        self.lane.take(self)
