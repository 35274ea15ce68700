"""One host, one request at a time, with a pause between; and rest when the host asks for it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.settings import STANDARD_SHARES, FairnessSettings
from bot.feeds.fairness.tenants import working_for
from bot.feeds.http.host_queue import FORGET_FROM, HostQueue
from tests.fakes import FakeClock


class Visits:
    """Requests that begin when they may, end when they are told, and note the time of both."""

    def __init__(self, gate: HostQueue, clock: FakeClock) -> None:
        self.gate = gate
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self.began: list[tuple[str, float]] = []
        self.host_of: dict[str, str] = {}
        self.running: list[str] = []
        self.waiting: list[str] = []

    async def visit(
        self,
        name: str,
        host: str = "a",
        *,
        urgent: bool = False,
        server: int | tuple[int, ...] = 0,
        shared_with: Sequence[str] = (),
    ) -> None:
        self._ends[name] = asyncio.Event()
        self.host_of[name] = host
        self.waiting.append(name)
        with working_for(*(server if isinstance(server, tuple) else (server,))):
            visit = self._visit(name, host, urgent=urgent, shared_with=shared_with)
            self._tasks[name] = asyncio.create_task(visit)
        await settle()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await settle()

    async def give_up(self, name: str) -> None:
        self._tasks[name].cancel()
        if name in self.waiting:
            self.waiting.remove(name)
        await settle()

    async def end_all(self) -> None:
        for end in self._ends.values():
            end.set()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    @property
    def order(self) -> list[str]:
        return [name for name, _ in self.began]

    async def _visit(self, name: str, host: str, *, urgent: bool, shared_with: Sequence[str]) -> None:
        async with self.gate.turn(host, urgent=urgent, shared_with=shared_with):
            self.began.append((name, self._clock.monotonic()))
            self.waiting.remove(name)
            self.running.append(name)
            await self._ends[name].wait()
            self.running.remove(name)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


def visits(
    stack: AsyncExitStack,
    clock: FakeClock,
    *,
    interval: float = 1,
    connections: int = 1,
    shares: FairnessSettings = STANDARD_SHARES,
) -> Visits:
    gate = HostQueue(clock, interval_seconds=interval, connections=connections, shares=shares)
    stack.push_async_callback(gate.close)
    made = Visits(gate, clock)
    stack.push_async_callback(made.end_all)
    return made


async def test_a_host_has_one_request_at_a_time(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=0)
    for name in ("first", "second", "third"):
        await to.visit(name)
    assert to.order == ["first"]
    await to.end("first")
    assert to.order == ["first", "second"]


async def test_as_many_at_a_time_as_are_allowed(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=0, connections=2)
    for name in ("first", "second", "third"):
        await to.visit(name)
    assert to.order == ["first", "second"]


async def test_requests_begin_at_least_the_interval_apart(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=5)
    for name in ("first", "second", "third"):
        await to.visit(name)
        await to.end(name)
    assert to.began == [("first", 0), ("second", 5), ("third", 10)]


async def test_several_connections_keep_the_pause_as_well(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=5, connections=3)
    for name in ("first", "second", "third"):
        await to.visit(name)
    assert to.began == [("first", 0), ("second", 5), ("third", 10)]


async def test_a_host_that_was_left_alone_long_enough_is_asked_at_once(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=5)
    await to.visit("first")
    clock.advance(60)
    await to.end("first")
    await to.visit("second")
    assert (to.began, clock.slept) == ([("first", 0), ("second", 60)], [])


async def test_a_slow_host_delays_only_its_own(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock)
    await to.visit("slow", "slow.example")
    await to.visit("behind it", "slow.example")
    await to.visit("other", "other.example")
    assert to.began == [("slow", 0), ("other", 0)]


async def test_a_person_goes_before_all_that_wait(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=0)
    for name in ("running", "one", "two"):
        await to.visit(name)
    await to.visit("person", urgent=True)
    await to.visit("another person", urgent=True)
    for name in ("running", "person", "another person", "one"):
        await to.end(name)
    assert to.order == ["running", "person", "another person", "one", "two"]


async def test_a_person_goes_before_a_request_that_waits_for_the_pause_to_end(stack: AsyncExitStack) -> None:
    class Standing(FakeClock):
        """Time passes only when the test says so."""

        def __init__(self) -> None:
            super().__init__()
            self.rung = asyncio.Event()

        async def sleep(self, seconds: float) -> None:
            await self.rung.wait()
            self.advance(seconds)

    clock = Standing()
    to = visits(stack, clock, interval=5)
    await to.visit("first")
    await to.end("first")
    await to.visit("poll")
    await to.visit("person", urgent=True)
    assert to.order == ["first"]
    clock.rung.set()
    await settle()
    assert to.order == ["first", "person"]


async def test_who_gives_up_waiting_loses_nobody_their_turn(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=0)
    for name in ("running", "one", "two", "three"):
        await to.visit(name)
    await to.give_up("one")
    await to.end("running")
    await to.give_up("two")
    assert to.order == ["running", "two", "three"]


async def test_who_gives_up_in_the_moment_of_its_turn_hands_it_on(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=0)
    for name in ("running", "one", "two"):
        await to.visit(name)
    to._ends["running"].set()
    await asyncio.sleep(0)  # the turn was given to `one`, which has not run yet
    await to.give_up("one")
    assert to.order[-1] == "two"


async def test_a_host_rests_as_long_as_it_asked_and_no_other_with_it(clock: FakeClock) -> None:
    gate = HostQueue(clock, interval_seconds=1, connections=1)
    assert gate.throttled("a", 120) == 120
    assert (gate.paused_for("a"), gate.paused_for("b")) == (120, 0)
    clock.advance(100)
    assert gate.throttled("a", 5) == 5
    assert gate.paused_for("a") == 20
    clock.advance(20)
    assert gate.paused_for("a") == 0


async def test_a_host_that_throttles_again_and_again_without_a_number_rests_longer(clock: FakeClock) -> None:
    gate = HostQueue(clock, interval_seconds=1, connections=1)
    rests = [gate.throttled("a", None) for _ in range(12)]
    assert (rests[:4], rests[-1]) == ([300, 600, 1200, 2400], 24 * 3600)
    gate.answered("a")
    assert gate.throttled("a", None) == 300
    assert gate.throttled("a", 10**9) == 24 * 3600


async def test_hosts_that_are_idle_are_forgotten_but_not_those_that_rest(clock: FakeClock) -> None:
    gate = HostQueue(clock, interval_seconds=1, connections=1)
    gate.throttled("resting", 10**6)
    for number in range(5 * FORGET_FROM):
        async with gate.turn(f"host-{number}", urgent=False):
            clock.advance(1)
    assert len(gate._hosts) <= 2 * FORGET_FROM
    assert gate.paused_for("resting") > 0


async def test_addresses_of_one_server_at_a_host_do_not_delay_another_servers_there(
    stack: AsyncExitStack, clock: FakeClock
) -> None:
    to = visits(stack, clock, interval=0)
    for number in range(500):
        await to.visit(f"made up {number}", server=1)
    await to.visit("feed", server=2)
    await to.end("made up 0")
    await to.end("made up 1")
    assert to.order == ["made up 0", "made up 1", "feed"]


async def test_a_server_whose_addresses_fail_at_a_host_yields_to_one_whose_do_not(
    stack: AsyncExitStack, clock: FakeClock
) -> None:
    to = visits(stack, clock, interval=0)
    await to.visit("first", server=3)
    for _ in range(10):
        to.gate.answered("a", 1, well=False)
        to.gate.answered("a", 2, well=True)
    for number in range(40):
        await to.visit(f"1/{number}", server=1)
        await to.visit(f"2/{number}", server=2)
    for _ in range(27):
        await to.end(to.order[-1])
    served = [name.partition("/")[0] for name in to.order]
    assert served.count("1") <= 5
    assert served.count("2") >= 20


async def test_one_servers_slow_hosts_leave_slots_to_others(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, shares=FairnessSettings(poll_slots=8, reserved_slots=2))
    for number in range(20):
        await to.visit(f"slow {number}", f"host-{number}.example", server=1)
    assert len(to.order) == 6
    await to.visit("quick", "quick.example", server=2)
    assert to.order[-1] == "quick"


async def test_no_slot_is_held_while_a_request_waits_for_its_host(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=0, shares=FairnessSettings(poll_slots=3, reserved_slots=0))
    for number in range(10):
        await to.visit(f"crowd {number}", "crowd.example")
    for number in range(2):
        await to.visit(f"other {number}", f"other-{number}.example")
    assert to.order == ["crowd 0", "other 0", "other 1"]


async def test_a_host_is_not_held_while_a_request_waits_for_a_slot(stack: AsyncExitStack, clock: FakeClock) -> None:
    to = visits(stack, clock, interval=0, shares=FairnessSettings(poll_slots=4, reserved_slots=1))
    for number in range(6):
        await to.visit(f"slow {number}", f"slow-{number}.example", server=1)
    await to.visit("waits for a slot", "popular.example", server=1)
    await to.visit("another server's", "popular.example", server=2)
    assert to.order[-1] == "another server's"


async def test_names_on_one_address_share_its_connections_fairly(stack: AsyncExitStack, clock: FakeClock) -> None:
    shares = FairnessSettings(per_address_connections=4)
    to = visits(stack, clock, shares=shares)
    for number in range(20):
        await to.visit(f"wildcard {number}", f"{number}.example", server=1, shared_with=["address 192.0.2.1"])
    assert len(to.order) == 2
    await to.visit("neighbour", "neighbour.example", server=2, shared_with=["address 192.0.2.1"])
    assert to.order[-1] == "neighbour"
    for number in range(19):
        await to.end(f"wildcard {number}")
    assert len(to.order) == 21


async def test_a_request_that_several_servers_share_counts_for_the_one_that_has_least(
    stack: AsyncExitStack, clock: FakeClock
) -> None:
    to = visits(stack, clock, shares=FairnessSettings(poll_slots=4, reserved_slots=2))
    for number in range(10):
        await to.visit(f"slow {number}", f"slow-{number}.example", server=1)
    assert len(to.order) == 2
    await to.visit("shared", "shared.example", server=(1, 2))
    assert to.order[-1] == "shared"


async def test_persons_of_one_server_go_first_at_a_host_but_not_for_ever(
    stack: AsyncExitStack, clock: FakeClock
) -> None:
    to = visits(stack, clock, interval=0, shares=FairnessSettings(command_slots_per_server=20))
    await to.visit("running", server=1)
    await to.visit("poll", server=2)
    for number in range(12):
        await to.visit(f"person {number}", urgent=True, server=1)
    for _ in range(6):
        await to.end(to.order[-1])
    assert to.order[:5] == ["running", *(f"person {number}" for number in range(4))]
    assert to.order[5] == "poll"


async def test_commands_of_one_server_have_so_many_requests_and_leave_the_others_theirs(
    stack: AsyncExitStack, clock: FakeClock
) -> None:
    to = visits(stack, clock, shares=FairnessSettings(command_slots=6, command_slots_per_server=3))
    for number in range(10):
        await to.visit(f"one {number}", f"host-{number}.example", urgent=True, server=1)
    assert len(to.order) == 3
    await to.visit("two", "other.example", urgent=True, server=2)
    await to.visit("poll", "poll.example", server=1)
    assert to.order[3:] == ["two", "poll"]


async def test_who_gives_up_waiting_for_a_slot_leaves_the_host_to_the_next(
    stack: AsyncExitStack, clock: FakeClock
) -> None:
    to = visits(stack, clock, interval=0, shares=FairnessSettings(poll_slots=2, reserved_slots=0))
    await to.visit("a", "a.example")
    await to.visit("b", "b.example")
    for name in ("one", "two", "three"):
        await to.visit(name, "crowd.example")
    await to.give_up("one")
    await to.end("a")
    assert to.order[-1] == "two"
    await to.give_up("three")
    await to.end("two")
    await to.end("b")
    assert to.gate._polls.limit.total == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4), st.sampled_from(["come", "come", "end", "give up"])),
        max_size=80,
    )
)
def test_whatever_comes_and_goes_no_bound_is_passed_and_in_the_end_all_are_served(
    steps: list[tuple[int, int, str]],
) -> None:
    async def play() -> None:
        async with AsyncExitStack() as stack:
            clock = FakeClock()
            shares = FairnessSettings(poll_slots=4, reserved_slots=1, per_address_connections=3)
            to = visits(stack, clock, shares=shares)
            for number, (server, host, do) in enumerate(steps):
                if do == "come":
                    address = [f"address {host % 2}"]
                    await to.visit(f"{number}", f"host-{host}", server=server, shared_with=address)
                elif to.waiting and do == "give up":
                    await to.give_up(to.waiting[0])
                elif to.running:
                    await to.end(to.running[0])
                assert len(to.running) <= 4
                assert len({to.host_of[name] for name in to.running}) == len(to.running)
                assert max(Counter(int(to.host_of[name][5:]) % 2 for name in to.running).values(), default=0) <= 3
            for _ in range(len(steps)):
                if to.running:
                    await to.end(to.running[0])
            assert to.waiting == to.running == []
            assert not any(place.has_waiting and place.limit.total for place in to.gate._hosts.values())

    asyncio.run(play())
