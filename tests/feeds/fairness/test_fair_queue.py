"""Fair shares: nobody gets less than a share while others hold more, nothing is idle while it is wanted, all come."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.fairness.fair_queue import REMEMBERED, RESERVED_EACH, FairLimit, FairQueue


class Pool:
    """Slots that tenants want, as the parts that use limit and queue together do it."""

    def __init__(self, capacity: int, reserve: int) -> None:
        self.limit = FairLimit(capacity, reserve=reserve)
        self.queue: FairQueue[int] = FairQueue(self.limit.held)
        self.running: list[int] = []
        self.served: Counter[int] = Counter()

    def want(self, tenant: int) -> None:
        self.queue.add(tenant, tenant)
        self.fill()

    def finish(self, place: int) -> None:
        tenant = self.running.pop(place % len(self.running))
        self.limit.give_back(tenant)
        self.queue.charge(tenant, 1)
        self.fill()

    def fill(self) -> None:
        while (tenant := self.queue.next_tenant()) is not None and self.limit.admits(tenant):
            least = min(self.limit.held(other) for other in range(6) if self.queue.waiting(other))
            assert self.limit.held(tenant) == least
            assert self.queue.pop() == tenant
            self.limit.take(tenant)
            self.queue.charge(tenant, 0.05)
            self.running.append(tenant)
            self.served[tenant] += 1


steps = st.lists(st.one_of(st.integers(0, 5), st.integers(-60, -1)), max_size=120)


@given(steps=steps, capacity=st.integers(1, 12), reserve=st.integers(0, 6))
def test_slots_go_to_whoever_holds_least_and_none_is_idle_that_may_be_had(
    steps: list[int], capacity: int, reserve: int
) -> None:
    pool = Pool(capacity, reserve)
    for step in steps:
        if step >= 0:
            pool.want(step)
        elif pool.running:
            pool.finish(step)
        assert len(pool.running) == pool.limit.total <= capacity
        waiting = [tenant for tenant in range(6) if pool.queue.waiting(tenant)]
        # Whatever is free is the reserve, and all that wait have had their part of it.
        assert not any(pool.limit.admits(tenant) for tenant in waiting)
        if waiting and pool.limit.total < capacity:
            assert capacity - pool.limit.total <= pool.limit.reserve
            assert min(pool.limit.held(tenant) for tenant in waiting) >= RESERVED_EACH


@given(demands=st.lists(st.integers(0, 40), min_size=6, max_size=6), capacity=st.integers(1, 12))
def test_over_time_nobody_gets_less_than_a_share_while_others_get_more(demands: list[int], capacity: int) -> None:
    pool = Pool(capacity, 0)
    for tenant, demand in enumerate(demands):
        for _ in range(demand):
            pool.want(tenant)
    while pool.running:
        pool.finish(0)  # all take equally long
        for tenant in range(6):
            if pool.queue.waiting(tenant):
                # Somebody came first and had all that was free then.
                assert pool.served[tenant] >= max(pool.served.values()) - capacity - 1
    assert pool.served == Counter({tenant: demand for tenant, demand in enumerate(demands) if demand})


def test_a_newcomer_finds_a_slot_though_one_tenant_wants_all() -> None:
    pool = Pool(8, 2)
    for _ in range(20):
        pool.want(1)
    assert Counter(pool.running) == {1: 6}
    pool.want(2)
    assert Counter(pool.running) == {1: 6, 2: 1}


def test_many_tenants_that_want_all_keep_the_reserve_from_none_that_has_little() -> None:
    pool = Pool(16, 8)
    for tenant in (1, 2, 3):
        for _ in range(20):
            pool.want(tenant)
    assert Counter(pool.running) == {1: 8, 2: 2, 3: 2}
    pool.want(4)
    pool.want(4)
    assert pool.limit.held(4) == 2


def test_of_tenants_that_hold_equally_much_the_one_that_used_least_is_next() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.add(1, "long")
    queue.add(2, "short")
    queue.charge(1, 19)
    assert [queue.pop(), queue.pop()] == ["short", "long"]


def test_who_used_nothing_for_long_has_no_credit_for_it() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(10):
        queue.add(1, f"steady {number}")
        assert queue.pop() == f"steady {number}"
        queue.charge(1, 1)
    for number in range(3):
        queue.add(2, f"newcomer {number}")
        queue.add(1, f"steady {number}")
    order = []
    while len(queue):
        order.append(queue.pop().split()[0])
        queue.charge({"newcomer": 2, "steady": 1}[order[-1]], 1)
    assert order[:4].count("steady") >= 1


def test_a_suspended_tenant_is_passed_over_until_it_is_resumed() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.add(1, "one")
    queue.add(1, "two")
    queue.add(2, "other")
    assert queue.pop() == "one"
    queue.suspend(1)
    assert queue.pop() == "other"
    assert queue.next_tenant() is None
    queue.resume(1)
    assert queue.pop() == "two"


def test_tenants_that_went_are_forgotten() -> None:
    queue: FairQueue[int] = FairQueue()
    for tenant in range(5 * REMEMBERED):
        queue.add(tenant, tenant)
        queue.pop()
        queue.charge(tenant, 0.001)
    assert len(queue._used) <= REMEMBERED + 1


def test_a_limit_for_each_holds_though_nobody_else_wants_any() -> None:
    limit = FairLimit(10, most_each=3)
    for _ in range(3):
        assert limit.admits(1)
        limit.take(1)
    assert not limit.admits(1)
    assert limit.admits(2)
