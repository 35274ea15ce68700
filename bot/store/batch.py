"""Many small writes in one transaction: whoever comes while one is running shares the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 100


class Batcher(Generic[Item, Result]):
    """Collects items and hands them to `run` together; there is no waiting when nothing is running.

    `run` returns one result per item, in order; an item that failed alone has its exception there.
    What `run` raises, every item of that batch raises.
    """

    def __init__(self, run: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]) -> None:
        self._run = run
        self._queue: list[tuple[Item, asyncio.Future[Result]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """Returns once the item's batch was committed.

        Cancelling gives up the answer only: what was submitted is written all the same.
        """
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append((item, answer))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await answer

    async def drain(self) -> None:
        """Wait until everything submitted so far is written."""
        if self._worker is not None:
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        while self._queue:
            batch, self._queue = self._queue[:MOST], self._queue[MOST:]
            try:
                results: Sequence[Result | Exception] = await self._run([item for item, _ in batch])
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for this batch
                results = [error] * len(batch)
            for (_, answer), result in zip(batch, results, strict=True):
                if answer.done():
                    continue
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)
