"""Look-ups of names: dead ones stall nobody, answers are remembered for seconds, private ones are refused."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.feeds.http.dns import (
    FOUND_SECONDS,
    MAX_REMEMBERED,
    QUICK,
    SLOW,
    SLOW_SECONDS,
    UNKNOWN_SECONDS,
    AddressInfo,
    DnsResolver,
)
from bot.feeds.http.ssrf_guard import BlockedAddressError, Guard, GuardedResolver
from tests.fakes import FakeClock


class NameServer:
    """Answers like the operating system, in whatever thread asks; names may be dead, and then it blocks."""

    def __init__(self) -> None:
        self._addresses: dict[str, tuple[str, ...]] = {}
        self._dead: set[str] = set()
        self._over = threading.Event()
        self._changed = threading.Condition()
        self.asked: Counter[str] = Counter()

    def put(self, name: str, *addresses: str) -> None:
        self._addresses[name] = addresses

    def kill(self, name: str) -> None:
        """Nobody answers for this name: the look-up hangs until `give_up`."""
        self._dead.add(name)

    def give_up(self) -> None:
        self._over.set()

    async def was_asked_for(self, count: int) -> None:
        """Wait until so many names were asked for."""

        def wait() -> bool:
            with self._changed:
                return self._changed.wait_for(lambda: len(self.asked) >= count, timeout=10)

        assert await asyncio.to_thread(wait)

    def look_up(self, name: str, port: int, family: int, kind: int) -> list[AddressInfo]:
        with self._changed:
            self.asked[name] += 1
            self._changed.notify_all()
        if name in self._dead:
            self._over.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if name not in self._addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, kind, 6, "", (address, port)) for address in self._addresses[name]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def names() -> NameServer:
    server = NameServer()
    server.put("blog.example", "203.0.113.7")
    return server


@pytest.fixture
async def lookups(names: NameServer, clock: FakeClock) -> AsyncIterator[DnsResolver]:
    async with AsyncExitStack() as stack:
        made = DnsResolver(clock, names.look_up)
        stack.push_async_callback(made.close)
        stack.callback(names.give_up)
        yield made


async def find(lookups: DnsResolver, name: str) -> list[str]:
    return [str(item[4][0]) for item in await lookups.find(name, socket.AF_UNSPEC)]


async def test_dead_names_do_not_keep_a_good_one_waiting(lookups: DnsResolver, names: NameServer) -> None:
    dead = [f"dead-{number}.example" for number in range(QUICK - 1)]
    for name in dead:
        names.kill(name)
    waiting = [asyncio.create_task(find(lookups, name)) for name in dead]
    await names.was_asked_for(len(dead))
    assert await find(lookups, "blog.example") == ["203.0.113.7"]
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_names_that_were_slow_before_wait_for_each_other_and_for_nobody_else(
    lookups: DnsResolver, names: NameServer, clock: FakeClock
) -> None:
    slow = [f"slow-{number}.example" for number in range(SLOW + 5)]
    for name in slow:
        lookups._slow[name] = 10**9  # as after a look-up of over three seconds, see below
        names.kill(name)
    waiting = [asyncio.create_task(find(lookups, name)) for name in slow]
    await names.was_asked_for(SLOW)
    assert await find(lookups, "blog.example") == ["203.0.113.7"]
    assert len(names.asked) == SLOW + 1
    names.give_up()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert len(names.asked) == len(slow) + 1


async def test_a_name_is_known_as_slow_after_it_was(lookups: DnsResolver, names: NameServer, clock: FakeClock) -> None:
    names.kill("slow.example")
    task = asyncio.create_task(find(lookups, "slow.example"))
    await names.was_asked_for(1)
    clock.advance(SLOW_SECONDS + 1)
    names.give_up()
    with pytest.raises(socket.gaierror):
        await task
    assert "slow.example" in lookups._slow
    clock.advance(60)
    names._dead.clear()
    names.put("slow.example", "203.0.113.8")
    assert await find(lookups, "slow.example") == ["203.0.113.8"]
    assert "slow.example" not in lookups._slow


async def test_stuck_threads_do_not_keep_the_process_from_ending(lookups: DnsResolver, names: NameServer) -> None:
    names.kill("dead.example")
    task = asyncio.create_task(find(lookups, "dead.example"))
    await names.was_asked_for(1)
    [thread] = [thread for thread in threading.enumerate() if thread.name == "look-up dead.example"]
    assert thread.daemon
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_feeds_of_one_host_share_a_look_up(lookups: DnsResolver, names: NameServer) -> None:
    found = await asyncio.gather(*(find(lookups, "blog.example") for _ in range(20)))
    assert (found, names.asked["blog.example"]) == ([["203.0.113.7"]] * 20, 1)


async def test_who_gives_up_waiting_leaves_the_look_up_to_the_others(lookups: DnsResolver, names: NameServer) -> None:
    first, second = (asyncio.create_task(find(lookups, "blog.example")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == ["203.0.113.7"]
    assert names.asked["blog.example"] == 1


async def test_an_answer_counts_for_seconds_only(lookups: DnsResolver, names: NameServer, clock: FakeClock) -> None:
    await find(lookups, "blog.example")
    names.put("blog.example", "203.0.113.99")
    clock.advance(FOUND_SECONDS - 1)
    assert await find(lookups, "blog.example") == ["203.0.113.7"]
    clock.advance(2)
    assert await find(lookups, "blog.example") == ["203.0.113.99"]


async def test_an_unknown_name_is_not_asked_for_again_at_once(
    lookups: DnsResolver, names: NameServer, clock: FakeClock
) -> None:
    for _ in range(3):
        with pytest.raises(socket.gaierror, match="not known"):
            await find(lookups, "nowhere.example")
    assert names.asked["nowhere.example"] == 1
    clock.advance(UNKNOWN_SECONDS + 1)
    names.put("nowhere.example", "203.0.113.5")
    assert await find(lookups, "nowhere.example") == ["203.0.113.5"]


async def test_a_name_that_no_resolver_takes_is_unknown(clock: FakeClock) -> None:
    lookups = DnsResolver(clock)  # the system's own, which refuses it before asking anybody
    with pytest.raises(socket.gaierror):
        await find(lookups, f"{'a' * 70}.example")
    await lookups.close()


async def test_private_addresses_are_left_out_on_every_look_up(lookups: DnsResolver, names: NameServer) -> None:
    resolver = GuardedResolver(lookups, Guard(allow_private=False))
    names.put("mixed.example", "10.0.0.1", "203.0.114.7")
    names.put("inside.example", "10.0.0.1", "169.254.169.254")
    assert [item["host"] for item in await resolver.resolve("mixed.example", 443)] == ["203.0.114.7"]
    for _ in range(2):  # the second time from memory
        with pytest.raises(BlockedAddressError):
            await resolver.resolve("inside.example", 443)


async def test_a_name_that_turns_private_is_refused_then(
    lookups: DnsResolver, names: NameServer, clock: FakeClock
) -> None:
    resolver = GuardedResolver(lookups, Guard(allow_private=False))
    names.put("rebinding.example", "203.0.114.7")
    assert await resolver.resolve("rebinding.example", 80)
    names.put("rebinding.example", "127.0.0.1")
    clock.advance(FOUND_SECONDS + 1)
    with pytest.raises(BlockedAddressError):
        await resolver.resolve("rebinding.example", 80)


async def test_the_proxys_own_name_may_lead_into_the_operators_network(lookups: DnsResolver, names: NameServer) -> None:
    resolver = GuardedResolver(lookups, Guard(allow_private=False), trusted="proxy.internal")
    names.put("proxy.internal", "10.0.0.1")
    assert [item["host"] for item in await resolver.resolve("proxy.internal", 3128)] == ["10.0.0.1"]


async def test_names_that_were_slow_are_forgotten_where_very_many_come(lookups: DnsResolver) -> None:
    for number in range(MAX_REMEMBERED + 1):
        lookups._remember_slow(f"slow-{number}.example")
    assert len(lookups._slow) <= MAX_REMEMBERED
    assert "slow-0.example" not in lookups._slow
    assert f"slow-{MAX_REMEMBERED}.example" in lookups._slow
