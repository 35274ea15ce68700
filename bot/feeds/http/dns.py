"""Names to addresses, in threads that nothing else waits for: a name that nobody answers for stalls only itself.

The operating system's look-up cannot be given up: a dead name holds its thread for half a minute and more. So it never
runs on asyncio's default executor, each look-up has a thread of its own that does not keep the process from ending,
and names that were slow before wait for each other, not for the rest.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from bot.clock import Clock
from bot.feeds.fairness.fair_semaphore import FairSemaphore

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""As `socket.getaddrinfo` gives it."""
Lookup = Callable[[str, int, int, int], list[AddressInfo]]

QUICK, SLOW = 128, 8
"""Look-ups at the same time: of names that were not slow before, and of those that were. A quarter more is kept for
servers that have few of them, so that one server's dead names delay only its own."""
SLOW_SECONDS = 3.0
SLOW_REMEMBERED_SECONDS = 24 * 3600.0
FOUND_SECONDS, UNKNOWN_SECONDS, TROUBLE_SECONDS = 30.0, 60.0, 5.0
"""How long an answer counts: addresses, "there is no such name", "no answer". Shorter than any polling interval."""
MAX_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class _Answer:
    until: float
    found: list[AddressInfo]
    error: OSError | None


def _system_lookup(name: str, port: int, family: int, kind: int) -> list[AddressInfo]:
    return cast("list[AddressInfo]", socket.getaddrinfo(name, port, family, kind))


class DnsResolver:
    """Looks names up, each name once at a time, and remembers the answers for seconds."""

    def __init__(self, clock: Clock, lookup: Lookup | None = None) -> None:
        self._clock = clock
        self._lookup = lookup or _system_lookup
        self._lanes = {
            False: FairSemaphore(QUICK + QUICK // 4, reserve=QUICK // 4),
            True: FairSemaphore(SLOW + SLOW // 4, reserve=SLOW // 4),
        }
        self._running: dict[tuple[str, int], asyncio.Task[_Answer]] = {}
        self._answers: dict[tuple[str, int], _Answer] = {}
        self._slow: dict[str, float] = {}

    def remembered(self, name: str, family: int = socket.AF_UNSPEC) -> list[AddressInfo] | None:
        """The addresses of a name that was looked up a moment ago, None where it must be looked up."""
        answer = self._answers.get((name, family))
        if answer is None or answer.error is not None or answer.until <= self._clock.monotonic():
            return None
        return answer.found

    async def find(self, name: str, family: int = socket.AF_UNSPEC) -> list[AddressInfo]:
        """The addresses of a name, with port 0.

        Cancelling gives up the answer, not the look-up, which goes on for whoever asks next.

        Raises:
            OSError: a `socket.gaierror` in most cases; there is no such name, or nobody answered.
        """
        key = (name, family)
        answer = self._answers.get(key)
        if answer is None or answer.until <= self._clock.monotonic():
            task = self._running.get(key)
            if task is None:
                task = self._running[key] = asyncio.create_task(self._look_up(key))
                task.add_done_callback(lambda _: self._running.pop(key, None))
            answer = await asyncio.shield(task)
        if answer.error is not None:
            # A fresh copy: raising the same object again and again would let its traceback grow.
            raise type(answer.error)(*answer.error.args)
        return answer.found

    async def close(self) -> None:
        """Give up what is under way. Threads that are stuck are left behind; they do not keep the process from ending."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_up(self, key: tuple[str, int]) -> _Answer:
        name, family = key
        lane = self._lanes[self._slow.get(name, 0.0) > self._clock.monotonic()]
        tenant = await lane.acquire()
        begun = self._clock.monotonic()
        loop = asyncio.get_running_loop()
        result: asyncio.Future[list[AddressInfo]] = loop.create_future()

        def work() -> None:
            try:
                found, error = self._lookup(name, 0, family, socket.SOCK_STREAM), None
            except Exception as caught:  # noqa: BLE001 - handed to whoever waits
                found, error = [], caught
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(done, found, error)

        def done(found: list[AddressInfo], error: Exception | None) -> None:
            lane.release(tenant)  # here, not when the waiter gives up: it counts threads
            if self._clock.monotonic() - begun > SLOW_SECONDS:
                self._remember_slow(name)
            else:
                self._slow.pop(name, None)
            if result.done():
                return
            if error is None:
                result.set_result(found)
            else:
                result.set_exception(error)

        threading.Thread(target=work, name=f"look-up {name}", daemon=True).start()
        return self._remember(key, await _outcome(result))

    def _remember_slow(self, name: str) -> None:
        """For a day, unless many more come: then those that were slow longest ago are forgotten."""
        self._slow.pop(name, None)
        if len(self._slow) >= MAX_REMEMBERED:
            for oldest in list(self._slow)[: MAX_REMEMBERED // 10]:
                del self._slow[oldest]
        self._slow[name] = self._clock.monotonic() + SLOW_REMEMBERED_SECONDS

    def _remember(self, key: tuple[str, int], outcome: list[AddressInfo] | OSError) -> _Answer:
        now = self._clock.monotonic()
        if isinstance(outcome, OSError):
            unknown = isinstance(outcome, socket.gaierror) and outcome.errno == socket.EAI_NONAME
            answer = _Answer(now + (UNKNOWN_SECONDS if unknown else TROUBLE_SECONDS), [], outcome)
        else:
            answer = _Answer(now + FOUND_SECONDS, outcome, None)
        if len(self._answers) >= MAX_REMEMBERED:
            self._answers = {known: old for known, old in self._answers.items() if old.until > now}
        if len(self._answers) >= MAX_REMEMBERED:
            self._answers.clear()
        self._answers[key] = answer
        return answer


async def _outcome(result: asyncio.Future[list[AddressInfo]]) -> list[AddressInfo] | OSError:
    try:
        return await result
    except OSError as error:
        return error
    except UnicodeError as error:
        # The system's resolver refuses names with labels that are empty or too long.
        return socket.gaierror(socket.EAI_NONAME, str(error))
