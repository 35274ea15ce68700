"""Politeness to hosts, and fairness among the servers that share this bot.

A request begins when its host, its host's address and domain, and a slot are free at the same moment: nobody holds one
of them while waiting for another. Which of the waiting requests that is, `feeds.fairness.fair_queue` says.
"""

import asyncio
from collections.abc import Collection

from bot.clock import Clock
from bot.config.settings import STANDARD_SHARES, FairnessSettings
from bot.feeds.fairness import tenants
from bot.feeds.fairness.fair_queue import FairLimit
from bot.feeds.fairness.request_admission import Lane, Place, Ticket
from bot.feeds.fairness.tenants import NOBODY
from bot.feeds.http.retry_after import HostRest

FORGET_FROM = 1000
"""Hosts that are kept in mind before idle ones are forgotten."""
PLACE_RESERVE = 4
"""Of an address's or domain's connections, for tenants that have few of them."""


class HostQueue:
    """Hands out turns. A slow host delays only its own, and a server with slow hosts only itself.

    Whoever waits, be it for another request's end or for the pause, waits in one queue per host: a person's request
    that comes meanwhile goes before all that have not begun.
    """

    def __init__(
        self, clock: Clock, *, interval_seconds: float, connections: int, shares: FairnessSettings = STANDARD_SHARES
    ) -> None:
        self._clock = clock
        self._interval = interval_seconds
        self._connections = connections
        self._shares = shares
        kept = shares.reserved_slots
        self._polls = Lane(FairLimit(shares.poll_slots, reserve=kept))
        self._commands = Lane(
            FairLimit(
                shares.command_slots,
                reserve=min(kept, shares.command_slots // 2),
                most_each=shares.command_slots_per_server,
            )
        )
        self._background = Lane(FairLimit(shares.background_slots, reserve=min(kept, shares.background_slots // 2)))
        self._hosts: dict[str, Place] = {}
        self._shared: dict[str, Place] = {}
        """Addresses and domains."""
        self._stirred: list[Place] = []
        self._is_working = False
        self._forget_from = FORGET_FROM

    def paused_for(self, host: str) -> float:
        """Seconds for which the host asked to be left alone, 0 if it did not."""
        known = self._hosts.get(host)
        return 0.0 if known is None or known.rest is None else known.rest.remaining(self._clock)

    def throttled(self, host: str, asked_seconds: float | None) -> float:
        """The host asked for rest: 429, or 503 with Retry-After. How long it rests, in seconds, at most a day."""
        place = self._host(host)
        if place.rest is None:
            place.rest = HostRest()
        return place.rest.begin(asked_seconds, self._clock)

    def answered(self, host: str, tenant: int = NOBODY, *, well: bool = True) -> None:
        """The host answered without asking for rest. `well`: it has what the tenant asked for."""
        place = self._hosts.get(host)
        if place is not None:
            if place.rest is not None:
                place.rest.answered()
            place.answered(tenant, well=well)

    def turn(self, host: str, *, urgent: bool, background: bool = False, shared_with: Collection[str] = ()) -> "_Turn":
        """Wait for a turn and hold it for the block; a person's request goes before the queue.

        It counts for the servers of `tenants.current`. Cancelling while waiting gives the place up.

        Args:
            background: it is no poll, and nobody waits for it.
            shared_with: what the host has in common with others, its address and its domain.
        """
        lane = self._commands if urgent else self._background if background else self._polls
        usage = tenants.current()
        tenant = lane.lightest(usage.guilds) if usage is not None else NOBODY
        places = [self._host(host), *[self._shared.get(name) or self._shared_place(name) for name in shared_with]]
        return _Turn(self, Ticket(tenant, lane, places, urgent, usage))

    async def close(self) -> None:
        """Nobody is let in any more."""
        timers = [place.timer for place in self._hosts.values() if place.timer is not None]
        for timer in timers:
            timer.cancel()
        await asyncio.gather(*timers, return_exceptions=True)

    def _host(self, name: str) -> Place:
        place = self._hosts.get(name)
        if place is None:
            place = self._hosts[name] = Place(self._connections, interval=self._interval)
        return place

    def _shared_place(self, name: str) -> Place:
        place = self._shared.get(name)
        if place is None:
            is_domain = name.startswith("domain ")
            most = self._shares.per_domain_connections if is_domain else self._shares.per_address_connections
            place = self._shared[name] = Place(most, reserve=min(PLACE_RESERVE, most // 2))
        return place

    # --- one request's way ---

    async def enter(self, ticket: Ticket) -> None:
        now = self._clock.monotonic()
        lane = ticket.lane
        if not len(lane.queue) and lane.limit.admits(ticket.tenant):
            for place in ticket.places:
                if not place.admits(ticket, now) or place.has_waiting:
                    break
            else:
                ticket.begin(now)
                return
        ticket.future = asyncio.get_running_loop().create_future()
        self._line_up(ticket, now)
        if self._stirred or lane.limit.total < lane.limit.capacity:
            self._work(lane)
        try:
            await ticket.future
        except asyncio.CancelledError:
            if ticket.began is not None:  # its turn had come already: hand it on
                self.leave(ticket)
            else:
                self._withdraw(ticket)
                self._work(lane)
            raise

    def _line_up(self, ticket: Ticket, now: float) -> None:
        """Behind those that wait at one of its places, or where there is no room for it."""
        for place in ticket.places:
            if place.has_waiting:
                place.park(ticket, first=False)
                self._stir(place)
                return
        self._route(ticket, now)

    def leave(self, ticket: Ticket) -> None:
        assert ticket.began is not None, "it never began"
        lane = ticket.lane
        seconds = self._clock.monotonic() - ticket.began
        lane.give_back(ticket, seconds)
        if ticket.usage is not None:
            ticket.usage.transfer_seconds += seconds
        for place in ticket.places:
            place.give_back(ticket)
            if place.queues is not None:
                self._stir(place)
        if self._stirred or len(lane.queue):
            self._work(lane)
        self._forget_idle()

    def _route(self, ticket: Ticket, now: float) -> None:
        """To the first place that has no room for it; else to wait for a slot alone."""
        for place in ticket.places:
            if not place.admits(ticket, now):
                place.park(ticket, first=bool(ticket.offered_by))
                self._wait_for_pause(place, now)
                self._withdraw(ticket)
                return
        ticket.lane.queue.add(ticket.tenant, ticket)

    def _withdraw(self, ticket: Ticket) -> None:
        """It is not about to begin: let the places where it was next look for another."""
        if not ticket.offered_by:
            return
        offered, ticket.offered_by = ticket.offered_by, ()
        for place in offered:
            place.resume(ticket)
            self._stir(place)

    def _stir(self, place: Place) -> None:
        if place.has_waiting:
            self._stirred.append(place)

    def _work(self, lane: Lane | None = None) -> None:
        """Begin whatever can begin now, because a place was stirred or something of the lane came or went."""
        if self._is_working:
            return
        self._is_working = True
        try:
            while True:
                while self._stirred:
                    self._offer(self._stirred.pop())
                if lane is not None:
                    self._drain(lane)
                if not self._stirred:
                    return
        finally:
            self._is_working = False

    def _offer(self, place: Place) -> None:
        """One waiting request of each tenant may try, as long as the place has room."""
        now = self._clock.monotonic()
        while place.is_open(now) and (ticket := place.next_waiting()) is not None:
            self._route(ticket, now)
            self._drain(ticket.lane)
        if place.has_waiting:
            self._wait_for_pause(place, now)

    def _drain(self, lane: Lane) -> None:
        while (tenant := lane.queue.next_tenant()) is not None and lane.limit.admits(tenant):
            ticket = lane.queue.pop()
            if ticket.gave_up:
                continue
            now = self._clock.monotonic()
            for place in ticket.places:
                if not place.admits(ticket, now):
                    place.park(ticket, first=True)
                    self._wait_for_pause(place, now)
                    self._withdraw(ticket)
                    break
            else:
                ticket.begin(now)
                self._withdraw(ticket)
                assert ticket.future is not None, "it waited"
                ticket.future.set_result(None)

    def _wait_for_pause(self, place: Place, now: float) -> None:
        room = place.limit.total < place.limit.capacity  # else it looks again when a request ends
        if room and place.timer is None and place.next_start > now:
            place.timer = asyncio.create_task(self._stir_later(place))

    async def _stir_later(self, place: Place) -> None:
        while (wait := place.next_start - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        place.timer = None
        self._stir(place)
        self._work()

    def _forget_idle(self) -> None:
        if len(self._hosts) + len(self._shared) < self._forget_from:
            return
        now = self._clock.monotonic()
        self._hosts = {name: place for name, place in self._hosts.items() if not place.is_idle(now)}
        self._shared = {name: place for name, place in self._shared.items() if not place.is_idle(now)}
        self._forget_from = max(FORGET_FROM, 2 * (len(self._hosts) + len(self._shared)))


class _Turn:
    """A class, because a generator made into a context manager takes longer than everything else here."""

    __slots__ = ("_gate", "ticket")

    def __init__(self, gate: HostQueue, ticket: Ticket) -> None:
        self._gate, self.ticket = gate, ticket

    async def __aenter__(self) -> Ticket:
        await self._gate.enter(self.ticket)
        return self.ticket

    async def __aexit__(self, *_: object) -> None:
        self._gate.leave(self.ticket)
