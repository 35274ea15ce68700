"""An event loop whose time jumps to the next timer as soon as nothing else is going on: days pass in milliseconds."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any, TypeVar, TypeVarTuple, Unpack

import aiosqlite.core

Result = TypeVar("Result")
Parts = TypeVarTuple("Parts")
START = datetime(2026, 6, 1, tzinfo=UTC)
SETTLE_SECONDS = 0.0005
"""Of real time, for what a socket on loopback has not delivered yet."""


class _Selector(selectors.DefaultSelector):
    """Instead of waiting for a timer it moves the loop's time there, unless a socket or a thread has something to say."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        while self.loop.threads_at_work:
            if found := super().select(5.0):
                return found
        found = super().select(SETTLE_SECONDS)
        if found or timeout is None:
            return found
        self.loop.passed += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while the executor is at something."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.threads_at_work = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.passed

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Parts]], Result], *args: *Parts
    ) -> asyncio.Future[Result]:
        self.threads_at_work += 1
        running = super().run_in_executor(executor, func, *args)
        running.add_done_callback(self._over)
        return running

    def _over(self, _: object) -> None:
        self.threads_at_work -= 1


class _Inline(SimpleQueue[Any]):
    """What is meant for the thread of a SQLite connection is done at once; its result comes in the next turn.

    That is quicker than a thread, and the order of events is the same in every run.
    """

    def put_nowait(self, item: Any) -> None:
        future, function = item
        loop = future.get_loop()
        try:
            result = function()
        except Exception as error:  # noqa: BLE001 - handed on, as the thread would
            loop.call_soon(aiosqlite.core.set_exception, future, error)
            return
        loop.call_soon(aiosqlite.core.set_result, future, result)
        if result is aiosqlite.core._STOP_RUNNING_SENTINEL:
            super().put_nowait((None, lambda: result))  # the idle thread ends


class VirtualClock:
    """`bot.clock.Clock` on the running loop's time."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def chance(self) -> float:
        return 0.5


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run something in virtual time to its end."""
    with _without_threads(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


@contextmanager
def _without_threads() -> Iterator[None]:
    plain = aiosqlite.core.SimpleQueue  # type: ignore[attr-defined]  # imported there, not exported
    aiosqlite.core.SimpleQueue = _Inline  # type: ignore[attr-defined]
    try:
        yield
    finally:
        aiosqlite.core.SimpleQueue = plain  # type: ignore[attr-defined]
