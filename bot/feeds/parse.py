"""Reads documents in worker processes, so that a hostile one costs nobody but itself."""

import asyncio
import concurrent.futures
import multiprocessing
import pickle
import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

import pebble

from bot.errors import ParseError
from bot.feeds import scan, workers
from bot.feeds.scan import INLINE_BYTES, Item
from bot.feeds.workers import Unreadable
from bot.model import FailureKind, ParsedFeed
from bot.words import N_

_T = TypeVar("_T")

TASKS_PER_WORKER = 500
"""Then it is replaced, so that what a parser leaks does not add up."""
ATTEMPTS = 2
"""A worker that dies between two documents takes the next one with it, once."""
_JOIN_SECONDS = 5.0


class ParserPool:
    """Worker processes that end with this one. Starts them at the first document or at `start`."""

    def __init__(self, *, workers: int = 2, timeout_seconds: float = 5.0, memory_megabytes: int = 512) -> None:
        """`memory_megabytes` bounds each worker's address space, not what it really uses."""
        self._workers = workers
        self._timeout_seconds = timeout_seconds
        self._memory_megabytes = memory_megabytes
        self._pool: pebble.ProcessPool | None = None
        self._starting: asyncio.Lock = asyncio.Lock()
        self._large: asyncio.Lock = asyncio.Lock()
        self._running: set[concurrent.futures.Future[Any]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the workers now; harmless if they run. The event loop goes on meanwhile."""
        async with self._starting:
            if self._closed:
                raise RuntimeError("the parser pool is closed")
            if self._pool is None:
                self._pool = await asyncio.to_thread(self._started)

    async def scan(self, body: bytes) -> tuple[Item, ...] | None:
        """The document's items unread, None where it has to be read whole. Large documents are scanned in a worker."""
        if len(body) <= INLINE_BYTES:
            return scan.scan(body)
        try:
            items: tuple[Item, ...] | None = await self._run(scan.scan, body)
        except (TimeoutError, concurrent.futures.TimeoutError, pebble.ProcessExpired, BrokenProcessPool):
            return None
        return items

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        """The feed that `body` is, or raise `ParseError`; `url` is where it came from, after redirects.

        Cancelling gives the document up, and with it the worker if it had begun.
        """
        return await self._parse(body, url, content_type)

    async def parse_first(
        self, body: bytes, url: str, content_type: str | None, *, newest: int, posted: int
    ) -> ParsedFeed:
        """The same for a feed that is read for the first time: only `newest` entries in full, see `feeds.archive`."""
        return await self._parse(body, url, content_type, (newest, posted))

    async def _parse(self, *document: Any) -> ParsedFeed:
        for attempt in range(1, ATTEMPTS + 1):
            pool = self._pool
            try:
                return await self._parse_once(*document)
            except (pebble.ProcessExpired, BrokenProcessPool) as error:
                if isinstance(error, BrokenProcessPool):
                    await self._drop(pool or self._pool)
                if attempt == ATTEMPTS:
                    message = N_("Reading the feed made the reader crash; the document was given up.")
                    raise ParseError(message, kind=FailureKind.PARSE_CRASH) from error
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Stop at once, whatever is under way: those calls of `parse` end with CancelledError. Harmless if repeated."""
        async with self._starting:
            self._closed = True
            pool, self._pool = self._pool, None
            # A stopped pool forgets what it was reading: nobody would be told.
            for future in tuple(self._running):
                future.cancel()
            if pool is not None:
                await asyncio.to_thread(_stop, pool)

    async def _parse_once(self, body: bytes, *rest: Any) -> ParsedFeed:
        try:
            if len(body) < workers.LARGE_BYTES:
                outcome: ParsedFeed | Unreadable = await self._run(workers.read, body, *rest)
            else:
                async with self._large:
                    answer: bytes = await self._run(workers.read_large, body, *rest)
                outcome = await asyncio.to_thread(pickle.loads, answer)
        except (TimeoutError, concurrent.futures.TimeoutError) as error:
            seconds = f"{self._timeout_seconds:g}"
            message = N_("Reading the feed took longer than {seconds} s and was stopped.").format(seconds=seconds)
            raise ParseError(message, kind=FailureKind.PARSE_TIMEOUT) from error
        if isinstance(outcome, Unreadable):
            raise ParseError(outcome.message, kind=outcome.kind)
        return outcome

    async def _run(self, work: Callable[..., _T], *document: object) -> _T:
        while (pool := self._pool) is None:
            await self.start()
        try:
            future = pool.schedule(work, args=document, timeout=self._timeout_seconds)
        except RuntimeError as error:
            # Somebody killed the workers while none of them had a document; pebble gives such a pool up.
            raise BrokenProcessPool("the pool has no workers left") from error
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        result: _T = await asyncio.wrap_future(future)
        return result

    async def _drop(self, pool: pebble.ProcessPool | None) -> None:
        """Stop a pool that is beyond use; the next document starts another."""
        async with self._starting:
            if pool is not None and self._pool is pool:
                self._pool = None
                await asyncio.to_thread(_stop, pool)

    def _started(self) -> pebble.ProcessPool:
        pool = pebble.ProcessPool(
            max_workers=self._workers,
            max_tasks=TASKS_PER_WORKER,
            initializer=workers.start,
            initargs=[self._memory_megabytes],
            context=_context(),
        )
        assert pool.active  # asking starts it
        return pool


def _context() -> multiprocessing.context.BaseContext:
    """Workers are forked from a small server that has the parser loaded: they share its memory, and none of ours."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bot.feeds.archive"])
    return context


def _stop(pool: pebble.ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call] # pebble has hints for some methods only
    pool.join(timeout=_JOIN_SECONDS)
