"""One host, one request at a time, with a pause between; and rest when the host asks for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.feeds.hosts import FORGET_FROM, HostGate
from tests.fakes import FakeClock


class Visits:
    """Requests that begin when they may, end when they are told, and note the time of both."""

    def __init__(self, gate: HostGate, clock: FakeClock) -> None:
        self._gate = gate
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self.began: list[tuple[str, float]] = []

    async def visit(self, name: str, host: str = "a", *, urgent: bool = False) -> None:
        self._ends[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._visit(name, host, urgent=urgent))
        await settle()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await settle()

    async def give_up(self, name: str) -> None:
        self._tasks[name].cancel()
        await settle()

    async def end_all(self) -> None:
        for end in self._ends.values():
            end.set()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    @property
    def order(self) -> list[str]:
        return [name for name, _ in self.began]

    async def _visit(self, name: str, host: str, *, urgent: bool) -> None:
        async with self._gate.turn(host, urgent=urgent):
            self.began.append((name, self._clock.monotonic()))
            await self._ends[name].wait()


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


def visits(stack: AsyncExitStack, clock: FakeClock, *, interval: float = 1, connections: int = 1) -> Visits:
    gate = HostGate(clock, interval_seconds=interval, connections=connections)
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
    gate = HostGate(clock, interval_seconds=1, connections=1)
    assert gate.throttled("a", 120) == 120
    assert (gate.paused_for("a"), gate.paused_for("b")) == (120, 0)
    clock.advance(100)
    assert gate.throttled("a", 5) == 5
    assert gate.paused_for("a") == 20
    clock.advance(20)
    assert gate.paused_for("a") == 0


async def test_a_host_that_throttles_again_and_again_without_a_number_rests_longer(clock: FakeClock) -> None:
    gate = HostGate(clock, interval_seconds=1, connections=1)
    rests = [gate.throttled("a", None) for _ in range(12)]
    assert (rests[:4], rests[-1]) == ([300, 600, 1200, 2400], 24 * 3600)
    gate.answered("a")
    assert gate.throttled("a", None) == 300
    assert gate.throttled("a", 10**9) == 24 * 3600


async def test_hosts_that_are_idle_are_forgotten_but_not_those_that_rest(clock: FakeClock) -> None:
    gate = HostGate(clock, interval_seconds=1, connections=1)
    gate.throttled("resting", 10**6)
    for number in range(5 * FORGET_FROM):
        async with gate.turn(f"host-{number}", urgent=False):
            clock.advance(1)
    assert len(gate._hosts) <= 2 * FORGET_FROM
    assert gate.paused_for("resting") > 0
