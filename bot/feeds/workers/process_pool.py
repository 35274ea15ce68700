"""Worker processes that read documents: as many as there may be, each replaced when it has died, hung or served long.

Who calls `run` waits for a free worker, first come first served; whoever wants another order queues before it.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bot import logs
from bot.feeds.workers import messages
from bot.feeds.workers.messages import ANSWER, KILL, ORDER, START, Answer, BadAnswerError, Task

log = logs.get(__name__)

TASKS_PER_WORKER = 500
"""Then it is replaced, so that what a parser leaks does not add up."""
START_SECONDS = 30.0
END_SECONDS = 5.0
BUFFER_BYTES = 1024 * 1024
LARGE_ANSWER_BYTES = 256 * 1024
"""Longer answers are decoded in a thread."""
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
KEPT_PREFIXES = ("LC_", "PYTHON", "MALLOC_")
"""What Python needs to start and find its packages. All else, tokens among it, stays with the bot."""
_FOLDER = Path(__file__).parents[3]


class WorkerDied(Exception):  # noqa: N818 - reads better than WorkerDiedError
    """The worker ended, or sent what no sound worker sends, before it had answered."""


class WorkerPool:
    """Workers that end with this process. The first are started by `start`, or by the first document."""

    def __init__(self, *, workers: int, memory_megabytes: int, most_seconds: float) -> None:
        """`memory_megabytes` bounds each worker's address space; `most_seconds` is the longest that a task may have."""
        self._most_workers = workers
        self._memory_megabytes = memory_megabytes
        self._processor_seconds = int(TASKS_PER_WORKER * (most_seconds + 1)) + 10
        self._room = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._server: _Server | None = None
        self._starting = asyncio.Lock()
        self._numbers = 0
        self._told = False
        self._closed = False

    async def start(self) -> None:
        """Start all workers now; harmless if they run. The event loop goes on meanwhile."""
        while len(self._idle) + len(self._busy) < self._most_workers:
            self._idle.append(await self._new())

    async def run(self, task: Task, body: bytes) -> Answer:
        """The worker's answer. Cancelling gives the worker up with its document.

        Raises:
            TimeoutError: it took longer than the task may; the worker was stopped.
            WorkerDied: the worker died.
            asyncio.CancelledError: also when the pool is closed meanwhile.
        """
        async with self._room:
            worker = await self._free()
            self._busy.add(worker)
            try:
                async with asyncio.timeout(task.seconds):
                    data = await worker.ask(task, body)
            except BaseException as error:
                self._give_up(worker)
                if self._closed:
                    raise asyncio.CancelledError from error
                raise
            self._busy.discard(worker)
            if worker.served >= TASKS_PER_WORKER or self._closed:
                worker.close()
            else:
                self._idle.append(worker)
        try:
            if len(data) < LARGE_ANSWER_BYTES:
                return messages.decode_answer(data, task.kind)
            return await asyncio.to_thread(messages.decode_answer, data, task.kind)
        except BadAnswerError as error:
            log.error("a parser worker gave an answer without sense", error=str(error))
            raise WorkerDied(str(error)) from error

    async def close(self) -> None:
        """Stop at once, whatever is under way: those calls of `run` end with CancelledError. Harmless if repeated."""
        self._closed = True
        for worker in (*self._idle, *self._busy):
            worker.close()
        self._idle.clear()
        async with self._starting:
            server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(server.stop)

    async def _free(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            worker.close()
        return await self._new()

    def _give_up(self, worker: "_Worker") -> None:
        self._busy.discard(worker)
        worker.close()
        if self._server is not None:
            self._server.order(KILL, worker.number)
        # Whatever killed it may have killed those that had nothing to do as well, and nobody has noticed yet.
        for other in self._idle:
            other.close()
        self._idle.clear()

    async def _new(self) -> "_Worker":
        """Start a worker, and its server where there is none or it is no more."""
        async with asyncio.timeout(START_SECONDS):
            for _ in range(2):
                server = await self._started()
                self._numbers += 1
                ours, theirs = socket.socketpair()
                with theirs:
                    if not server.order(START, self._numbers, theirs):
                        ours.close()
                        continue
                worker = _Worker(self._numbers, *await asyncio.open_unix_connection(sock=ours, limit=BUFFER_BYTES))
                try:
                    missing = await worker.greeting()
                except (WorkerDied, BadAnswerError):
                    worker.close()
                    continue
                except BaseException:
                    worker.close()
                    raise
                self._tell(missing)
                return worker
        raise WorkerDied("no parser worker can be started")

    async def _started(self) -> "_Server":
        async with self._starting:
            if self._closed:
                raise RuntimeError("the pool is closed")
            if self._server is None or not self._server.is_alive:
                if self._server is not None:
                    await asyncio.to_thread(self._server.stop)
                self._server = await asyncio.to_thread(_Server, self._memory_megabytes, self._processor_seconds)
            return self._server

    def _tell(self, missing: tuple[str, ...]) -> None:
        if missing and not self._told:
            self._told = True
            log.warning("parser workers run without some of their walls", missing=", ".join(missing))


class _Server:
    """The process that workers are forked from, see `feeds.workers.fork_server`."""

    def __init__(self, memory_megabytes: int, processor_seconds: int) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            numbers = (theirs.fileno(), memory_megabytes, processor_seconds)
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "bot.feeds.workers.fork_server", *map(str, numbers)],
                cwd=_FOLDER,
                env=environment(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._channel.setblocking(False)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def order(self, what: bytes, number: int, channel: socket.socket | None = None) -> bool:
        """Whether the order could be given."""
        try:
            socket.send_fds(self._channel, [ORDER.pack(what, number)], [channel.fileno()] if channel else [])
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End it and all workers, and wait for that."""
        self._channel.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Worker:
    """One worker process, as the bot sees it: a number and a channel."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.served = 0
        self._reader = reader
        self._writer = writer

    @property
    def is_alive(self) -> bool:
        return not self._reader.at_eof() and not self._writer.is_closing()

    async def greeting(self) -> tuple[str, ...]:
        """Its first frame: the walls that it does not have."""
        return messages.decode_walls(await self._frame(messages.most_bytes(b"")))

    async def ask(self, task: Task, body: bytes) -> bytes:
        self.served += 1
        try:
            self._writer.writelines(messages.encode_task(task, body))
            await self._writer.drain()
        except OSError as error:
            raise WorkerDied("the worker is gone") from error
        return await self._frame(messages.most_bytes(body))

    async def _frame(self, most: int) -> bytes:
        try:
            (length,) = ANSWER.unpack(await self._reader.readexactly(ANSWER.size))
            if length > most:
                raise WorkerDied(f"the worker's answer has {length} bytes")
            return await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise WorkerDied("the worker ended") from error

    def close(self) -> None:
        """It ends by itself, unless it has a document to read."""
        self._writer.transport.abort()


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """What of the bot's environment its workers have."""
    kept = {name: value for name, value in ours.items() if name in KEPT_VARIABLES or name.startswith(KEPT_PREFIXES)}
    kept["PYTHONPATH"] = os.pathsep.join([str(_FOLDER), *filter(None, [ours.get("PYTHONPATH")])])
    return kept
