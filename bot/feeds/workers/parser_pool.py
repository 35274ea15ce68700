"""Reads documents in worker processes, so that a hostile one costs nobody but itself."""

from typing import cast

from bot.errors import ParseError
from bot.feeds.fairness import tenants
from bot.feeds.fairness.parser_queue import Lane, ParserQueue
from bot.feeds.incremental import item_scanner
from bot.feeds.incremental.item_scanner import INLINE_BYTES, Item
from bot.feeds.workers import messages
from bot.feeds.workers.messages import LARGE_BYTES, Answer, Bug, Kind, Task, Unreadable
from bot.feeds.workers.process_pool import WorkerDied, WorkerPool
from bot.i18n.translation import N_
from bot.model import FailureKind, ParsedFeed

LONG_BYTES = 512 * 1024
"""From this size on a document waits with those that take long."""
ATTEMPTS = 2
"""A worker that dies between two documents takes the next one with it, once."""


class ParserPool:
    """Reads documents in a `WorkerPool`, within a time for each."""

    def __init__(self, *, workers: int = 2, timeout_seconds: float = 5.0, memory_megabytes: int = 512) -> None:
        """`memory_megabytes` bounds each worker's address space, not what it really uses."""
        self._timeout_seconds = timeout_seconds
        self._pool = WorkerPool(workers=workers, memory_megabytes=memory_megabytes, most_seconds=timeout_seconds)
        self._queue = ParserQueue(workers)

    async def start(self) -> None:
        """Start the workers now; harmless if they run. The event loop goes on meanwhile."""
        await self._pool.start()

    async def scan(self, body: bytes) -> tuple[Item, ...] | None:
        """The document's items unread, None where it has to be read whole. Large documents are scanned in a worker."""
        if len(body) <= INLINE_BYTES:
            return item_scanner.scan(body)
        try:
            answer = await self._once(Task(Kind.SCAN, self._timeout_seconds), body)
        except (TimeoutError, WorkerDied):
            return None
        return None if isinstance(answer, Bug) else cast("tuple[Item, ...] | None", answer)

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        """The feed that `body` is, or raise `ParseError`; `url` is where it came from, after redirects.

        Cancelling gives the document up, and with it the worker if it had begun.
        """
        return await self._parse(Task(Kind.READ, self._timeout_seconds, url, content_type), body)

    async def parse_first(
        self, body: bytes, url: str, content_type: str | None, *, newest: int, posted: int
    ) -> ParsedFeed:
        """The same for a feed that is read for the first time: only `newest` entries in full, see `feeds.parsing.first_poll_parser`."""
        return await self._parse(Task(Kind.READ, self._timeout_seconds, url, content_type, (newest, posted)), body)

    async def close(self) -> None:
        """Stop at once, whatever is under way: those calls of `parse` end with CancelledError. Harmless if repeated."""
        self._queue.close()
        await self._pool.close()

    async def _parse(self, task: Task, body: bytes) -> ParsedFeed:
        try:
            answer = await self._answer(task, body)
        except TimeoutError as error:
            seconds = f"{self._timeout_seconds:g}"
            message = N_("Reading the feed took longer than {seconds} s and was stopped.").format(seconds=seconds)
            raise ParseError(message, kind=FailureKind.PARSE_TIMEOUT) from error
        except WorkerDied as error:
            message = N_("Reading the feed made the reader crash; the document was given up.")
            raise ParseError(message, kind=FailureKind.PARSE_CRASH) from error
        if isinstance(answer, Unreadable):
            raise messages.refused(answer)
        if isinstance(answer, Bug):
            raise RuntimeError(f"a parser worker failed in an unforeseen way:\n{answer.text}")  # noqa: TRY004 - a bug
        assert isinstance(answer, ParsedFeed), "an answer of another kind is refused where it arrives"
        return answer

    async def _answer(self, task: Task, body: bytes) -> Answer:
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._once(task, body)
            except WorkerDied:
                continue
        return await self._once(task, body)

    async def _once(self, task: Task, body: bytes) -> Answer:
        async with self._queue.turn(_lane(task, body)):
            return await self._pool.run(task, body)


def _lane(task: Task, body: bytes) -> Lane:
    usage = tenants.current()
    if len(body) >= LARGE_BYTES and task.kind is Kind.READ:
        return Lane.LARGE
    if usage is not None and usage.for_person:
        return Lane.PERSON
    return Lane.LONG if task.first is not None or len(body) >= LONG_BYTES else Lane.QUICK
