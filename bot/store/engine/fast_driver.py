"""aiosqlite with one trip to its thread per statement.

SQLAlchemy makes a cursor, executes, fetches all rows and closes the cursor: with aiosqlite's own, that is four trips, and
each costs more than most statements here.
"""

import contextlib
import math
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, cast

import aiosqlite

from bot.words.index_words import FUNCTIONS

STEPS = 1_000
"""Of SQLite's machine, between two looks at the clock: some 0.05 ms."""


class Cursor:
    """As much of aiosqlite's cursor as SQLAlchemy uses; rows are fetched with the statement, so none can be streamed."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        await self._run(lambda cursor: cursor.execute(sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Self:
        await self._run(lambda cursor: cursor.executemany(sql, parameters))
        return self

    async def fetchall(self) -> list[Any]:
        """What the statement gave; once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """The real cursor was closed with the statement."""

    async def _run(self, statement: Callable[[sqlite3.Cursor], Any]) -> None:
        self._rows, self.description, self.rowcount, self.lastrowid = await self._connection.run(statement)


class Connection(aiosqlite.Connection):
    """A connection whose cursors are `Cursor`s, and whose statements can be given a time limit."""

    deadline = math.inf
    """By the performance counter, which no sandbox stops. A statement that is at work then is interrupted."""

    @contextlib.contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """All statements of the block together may take so long."""
        self.deadline = time.perf_counter() + seconds
        try:
            yield
        finally:
            # A statement that is still at work is one whose answer nobody waits for any more.
            self.deadline = 0.0

    def is_late(self) -> bool:
        """Whether the time is over. SQLite asks in the connection's thread, every `STEPS` steps of its machine."""
        return time.perf_counter() >= self.deadline

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy enters it, and does not await it
        return Cursor(self)

    async def run(self, statement: Callable[[sqlite3.Cursor], Any]) -> tuple[list[Any], Any, int, int | None]:
        """Run it with a cursor in the connection's thread: rows, description, row count and last row's id.

        Cancelling gives up the answer only.
        """
        answer = await self._execute(_whole, self._conn, statement)  # type: ignore[no-untyped-call]
        return cast("tuple[list[Any], Any, int, int | None]", answer)


def _whole(
    connection: sqlite3.Connection, statement: Callable[[sqlite3.Cursor], Any]
) -> tuple[list[Any], Any, int, int | None]:
    cursor = connection.cursor()
    try:
        statement(cursor)
        rows = cursor.fetchall() if cursor.description else []
        return rows, cursor.description, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()


async def connect(path: Path, *, timeout_seconds: float, bounded: bool = False) -> Connection:
    """Open the file.

    Args:
        timeout_seconds: how long a statement waits for another program's lock.
        bounded: `Connection.at_most` works with it.
    """
    connection = Connection(lambda: sqlite3.connect(path, timeout=timeout_seconds, check_same_thread=False), 64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: a connection left open must not hold the process
    opened = cast("Connection", await connection)
    for name, arguments, function in FUNCTIONS:
        await opened.create_function(name, arguments, function, deterministic=True)
    if bounded:
        await opened.set_progress_handler(opened.is_late, STEPS)
    return opened
