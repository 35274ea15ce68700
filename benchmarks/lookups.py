"""How long healthy names wait for their look-up while dead ones block, with the bot's look-ups and with a plain thread pool.

The operating system's look-up is replaced by one that takes 2 ms for a healthy name, and blocks for a dead one. In a second
part, what a look-up costs that takes no time at all.

Usage: python benchmarks/lookups.py [--dead 60] [--healthy 500] [--seconds 5]
"""

import argparse
import asyncio
import socket
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.clock import SystemClock
from bot.feeds.http.dns import AddressInfo, DnsResolver

OURS = "the bot's look-ups"
Find = Callable[[str], Awaitable[object]]


def system(seconds: float) -> Callable[[str, int, int, int], list[AddressInfo]]:
    def look_up(name: str, _port: int, _family: int, kind: int) -> list[AddressInfo]:
        if name.startswith("dead"):
            time.sleep(seconds)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        time.sleep(0.002)
        return [(socket.AF_INET, kind, 6, "", ("203.0.113.7", 0))]

    return look_up


async def waits(find: Find, dead: int, healthy: int) -> list[float]:
    """Seconds that each healthy name waited; they arrive 500 a second, the dead ones before them."""

    async def timed(name: str) -> float:
        begun = time.perf_counter()
        await find(name)
        return time.perf_counter() - begun

    lost = [asyncio.create_task(timed(f"dead-{number}.example")) for number in range(dead)]
    await asyncio.sleep(0.1)
    tasks = []
    for number in range(healthy):
        tasks.append(asyncio.create_task(timed(f"healthy-{number}.example")))
        await asyncio.sleep(0.002)
    found = await asyncio.gather(*tasks)
    await asyncio.gather(*lost, return_exceptions=True)
    return found


async def cost(find: Find, count: int) -> float:
    """CPU milliseconds per look-up of ever new names, 50 at a time."""
    begun = time.process_time()
    for first in range(0, count, 50):
        await asyncio.gather(*(find(f"name-{number}.example") for number in range(first, first + 50)))
    return (time.process_time() - begun) * 1000 / count


def show(name: str, found: list[float]) -> None:
    cuts = statistics.quantiles(found, n=100)
    print(f"  {name:<22} median {cuts[49] * 1000:8.1f} ms   99 of 100 {cuts[98] * 1000:8.1f} ms")


async def compare(dead: int, healthy: int, seconds: float) -> None:
    pool = ThreadPoolExecutor(max_workers=16)
    loop = asyncio.get_running_loop()
    blocking = system(seconds)
    instant: list[AddressInfo] = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.7", 0))]
    lookups, quick = DnsResolver(SystemClock(), blocking), DnsResolver(SystemClock(), lambda *_: instant)
    print(f"{dead} dead names that block for {seconds:g} s, then {healthy} healthy ones; a healthy one waits")
    in_pool = await waits(
        lambda name: loop.run_in_executor(pool, blocking, name, 0, 0, socket.SOCK_STREAM), dead, healthy
    )
    show("16 threads in a pool", in_pool)
    show(OURS, await waits(lambda name: lookups.find(name, 0), dead, healthy))
    print("CPU for a look-up that takes no time, and for one that is remembered")
    plain = await cost(lambda _: loop.run_in_executor(pool, lambda: instant), 2000)
    print(f"  {'16 threads in a pool':<22} {plain:.3f} ms")
    fresh, again = (
        await cost(lambda name: quick.find(name, 0), 2000),
        await cost(lambda name: quick.find(name, 0), 2000),
    )
    print(f"  {OURS:<22} {fresh:.3f} ms, {again:.3f} ms")
    await lookups.close()
    await quick.close()
    pool.shutdown()


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--dead", type=int, default=60)
    options.add_argument("--healthy", type=int, default=500)
    options.add_argument("--seconds", type=float, default=5)
    given = options.parse_args()
    asyncio.run(compare(given.dead, given.healthy, given.seconds))


if __name__ == "__main__":
    main()
