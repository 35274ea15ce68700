"""Fair shares of something that is scarce: how many each tenant holds, and who is next. Pure.

A tenant is a server that uses the bot. Its number is all that is known here.
"""

import heapq
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")

RESERVED_EACH = 2
"""How many of the reserve one tenant may hold."""
SECOND = 2
"""With so many tenants that wait, there is an order to keep."""
REMEMBERED = 2_000
"""Tenants whose use is kept in mind before idle ones are forgotten."""


class FairLimit:
    """So many may be held at the same time.

    One tenant alone may hold all but the reserve. The reserve is for tenants that hold less than `RESERVED_EACH`,
    so that a newcomer need not wait for anybody to finish.
    """

    __slots__ = ("_held", "capacity", "most_each", "reserve", "total")

    def __init__(self, capacity: int, *, reserve: int = 0, most_each: int | None = None) -> None:
        """`most_each` bounds what one tenant may hold even if nobody else wants any."""
        self.capacity = capacity
        self.reserve = min(reserve, capacity - 1)
        self.most_each = most_each
        self.total = 0
        self._held: dict[int, int] = {}

    def held(self, tenant: int) -> int:
        return self._held.get(tenant, 0)

    def admits(self, tenant: int) -> bool:
        """Whether the tenant may take one more."""
        free = self.capacity - self.total
        if free > self.reserve and self.most_each is None:
            return True  # by far the most frequent
        mine = self._held.get(tenant, 0)
        if free <= 0 or (self.most_each is not None and mine >= self.most_each):
            return False
        return free > self.reserve or mine < RESERVED_EACH

    def take(self, tenant: int) -> None:
        self.total += 1
        self._held[tenant] = self._held.get(tenant, 0) + 1

    def give_back(self, tenant: int) -> None:
        self.total -= 1
        left = self._held[tenant] - 1
        if left:
            self._held[tenant] = left
        else:
            del self._held[tenant]


class FairQueue(Generic[Item]):
    """What waits, tenant by tenant.

    Next is the tenant that holds least; among equals the one that used least; among these the one that came first.
    A tenant's own items keep their order. Who comes back after a while has no credit for not having used anything.
    """

    __slots__ = ("_floor", "_heap", "_held", "_length", "_order", "_place", "_suspended", "_used", "_waiting")

    def __init__(self, held: Callable[[int], int] = lambda _tenant: 0) -> None:
        """`held` says how much a tenant holds; call `changed` when it does."""
        self._held = held
        self._waiting: dict[int, deque[Item]] = {}
        self._suspended: set[int] = set()
        self._used: dict[int, float] = {}
        self._floor = 0.0
        self._heap: list[tuple[int, float, int, int]] = []
        self._order = 0
        self._place: dict[int, int] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def waiting(self, tenant: int) -> int:
        found = self._waiting.get(tenant)
        return len(found) if found else 0

    def others_wait(self, tenant: int) -> bool:
        """Whether anything of another tenant waits."""
        return len(self._waiting) > (tenant in self._waiting)

    def used(self, tenant: int) -> float:
        """What counts as used; at least as much as whoever was next last had used."""
        return max(self._used.get(tenant, 0.0), self._floor)

    def add(self, tenant: int, item: Item, *, first: bool = False) -> None:
        """Behind what the tenant has here already, or before it."""
        own = self._waiting.get(tenant)
        if own is None:
            own = self._waiting[tenant] = deque()
            self._used[tenant] = self.used(tenant)
            if len(self._waiting) == SECOND:
                self._heap = []
                self._push(next(iter(self._waiting)))
            self._line_up(tenant)
            self._forget()
        if first:
            own.appendleft(item)
        else:
            own.append(item)
        self._length += 1

    def charge(self, tenant: int, amount: float) -> None:
        """The tenant used so much: others go before it for as long."""
        used, floor = self._used.get(tenant, 0.0), self._floor
        self._used[tenant] = max(floor, used) + amount
        if self._waiting:
            self.changed(tenant)

    def changed(self, tenant: int) -> None:
        """What the tenant holds is another number now."""
        if len(self._waiting) >= SECOND and tenant in self._waiting and tenant not in self._suspended:
            self._push(tenant)

    def suspend(self, tenant: int) -> None:
        """Pass over the tenant until `resume`."""
        self._suspended.add(tenant)

    def resume(self, tenant: int) -> None:
        if tenant in self._suspended:
            self._suspended.remove(tenant)
            self.changed(tenant)

    def next_tenant(self) -> int | None:
        """Whose item `pop` would give; None where nothing waits that is not suspended."""
        if len(self._waiting) < SECOND:
            for tenant in self._waiting:
                return None if tenant in self._suspended else tenant
            return None
        while self._heap:
            held, used, place, tenant = self._heap[0]
            if (
                tenant in self._waiting
                and tenant not in self._suspended
                and place == self._place[tenant]
                and used == self._used[tenant]
                and held == self._held(tenant)
            ):
                return tenant
            heapq.heappop(self._heap)
        return None

    def pop(self) -> Item:
        """The next item. Charges nothing."""
        tenant = self.next_tenant()
        assert tenant is not None, "nothing waits"
        own = self._waiting[tenant]
        item = own.popleft()
        self._length -= 1
        self._floor = max(self._floor, self._used[tenant])
        if len(self._waiting) >= SECOND:
            heapq.heappop(self._heap)
        if own:
            self._line_up(tenant)
        else:
            del self._waiting[tenant], self._place[tenant]
        return item

    def _line_up(self, tenant: int) -> None:
        """Behind all that wait."""
        self._order += 1
        self._place[tenant] = self._order
        self._push(tenant)

    def _push(self, tenant: int) -> None:
        if len(self._waiting) < SECOND:
            return  # it is next anyway, and lines up once there is another
        heapq.heappush(self._heap, (self._held(tenant), self._used[tenant], self._place[tenant], tenant))

    def _forget(self) -> None:
        """The half of those that do not wait that used least counts as equal from now on."""
        if len(self._used) <= max(REMEMBERED, 2 * len(self._waiting)):
            return
        idle = sorted(used for tenant, used in self._used.items() if tenant not in self._waiting)
        self._floor = max(self._floor, idle[len(idle) // 2])
        self._used = {
            tenant: used for tenant, used in self._used.items() if used > self._floor or tenant in self._waiting
        }
