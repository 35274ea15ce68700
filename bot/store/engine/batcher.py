"""Many small writes in one transaction: whoever comes while one is running shares the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot import logs

log = logs.get(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 256
PATIENCE_SECONDS = 0.25
"""How long what is in no hurry may be held back to share a transaction."""


LIGHT, MAX_WEIGHT = 25, 500
"""Up to which weight an item is light, and what the light ones of a batch may weigh together."""


class Batcher(Generic[Item, Result]):
    """Collects items and hands them to `run` together; there is no waiting when nothing is running.

    `run` returns one result per item, in order; an item that failed alone has its exception there.
    What `run` raises, every item of that batch raises.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        weigh: Callable[[Item], int] | None = None,
    ) -> None:
        """`weigh` says how much there is to do for an item, see `_take`; without it all are alike."""
        self._run = run
        self._weigh = weigh
        self._patience = patience_seconds
        self._queue: list[tuple[Item, Callable[[Result | Exception], None]]] = []
        self._worker: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._pressing = False
        """Whether what is queued is to be written now, because somebody waits for it or it has waited its time."""

    async def submit(self, item: Item, *, patient: bool = False) -> Result:
        """Returns once the item's batch was committed; a patient one lets others come first, see `submit_soon`.

        Cancelling gives up the answer only: what was submitted is written all the same.
        """
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

        def settle(result: Result | Exception) -> None:
            if answer.done():
                return
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)

        if patient:
            self.submit_soon(item, settle)
        else:
            self._queue.append((item, settle))
            self._start()
        return await answer

    def submit_soon(self, item: Item, settle: Callable[[Result | Exception], None]) -> None:
        """Have the item written with the next batch that is full, or that somebody waits for, or in a moment.

        Args:
            settle: called with what came of it, once its batch was committed. Must not raise.
        """
        self._queue.append((item, settle))
        if len(self._queue) >= MOST:
            self._start()
        else:
            self._start_later()

    async def drain(self) -> None:
        """Wait until everything submitted so far is written."""
        if self._queue:
            self._start()
        if self._worker is not None:
            await asyncio.wait([self._worker])

    def _start(self) -> None:
        self._pressing = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())

    def _start_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._patience, self._start)

    def _take(self) -> list[tuple[Item, Callable[[Result | Exception], None]]]:
        """The next batch: what is light, as far as it goes together, and of what is heavy one, so that none waits for many."""
        if self._weigh is None:
            batch, self._queue = self._queue[:MOST], self._queue[MOST:]
            return batch
        taken: list[tuple[Item, Callable[[Result | Exception], None]]] = []
        left: list[tuple[Item, Callable[[Result | Exception], None]]] = []
        weight, heavy = 0, False
        for waiting in self._queue:
            own = self._weigh(waiting[0])
            fits = not heavy if own > LIGHT else weight + own <= MAX_WEIGHT
            if fits and len(taken) < MOST:
                taken.append(waiting)
                heavy = heavy or own > LIGHT
                weight += 0 if own > LIGHT else own
            else:
                left.append(waiting)
        self._queue = left
        return taken

    async def _work(self) -> None:
        while self._pressing or len(self._queue) >= MOST:
            batch = self._take()
            self._pressing = self._pressing and bool(self._queue)
            try:
                results: Sequence[Result | Exception] = await self._run([item for item, _ in batch])
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for this batch
                results = [error] * len(batch)
            for (_, settle), result in zip(batch, results, strict=True):
                try:
                    settle(result)
                except Exception:
                    # The others of the batch are to hear of theirs, and the next batch is to be written.
                    log.exception("what was written could not be told to who handed it in")
        if self._queue:
            self._start_later()
