"""Connections and transactions: one writer in turn, separate readers, one owner of the file, errors named in one place."""

import asyncio
import contextlib
import fcntl
import heapq
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.addresses import registrable_domain
from bot.config.settings import LimitsSettings
from bot.errors import StoreBusy, StoreError, StoreFull, StoreInUse, TookTooLong
from bot.store.engine.fast_driver import Connection, connect
from bot.store.engine.migrate import upgrade

BUSY_SECONDS = 5.0
POOL_SECONDS = 30.0
"""How long a read waits for a connection."""
READERS = 4
FOLDER, FILE = 0o700, 0o600
"""Only the user who runs the bot reads what is stored: addresses of feeds hold passwords, and feeds are private."""
CLOSING_SECONDS = 2.0
"""For statements under way when the database is closed; they take milliseconds."""


def path_of(url: str) -> Path:
    """The file behind a `sqlite:///path` address.

    Raises:
        StoreError: the address is of another database.
    """
    prefix = "sqlite:///"
    if not url.startswith(prefix) or len(url) == len(prefix):
        raise StoreError(f"store.url: only sqlite:///PATH is supported so far, not {url.split('://', 1)[0]}://")
    return Path(url[len(prefix) :])


def make_private(path: Path) -> None:
    """Make the database's file before SQLite does, and take it, its helpers and older backups from everybody else.

    So is its folder, unless something else lies there too.

    Raises:
        StoreError: the file cannot be made.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE))
    except OSError as error:
        raise StoreError(f"the database {path} cannot be used: {error.strerror}") from error
    folder = path.parent
    ours = [each for each in folder.iterdir() if re.fullmatch(rf"{re.escape(path.name)}([-.].*)?", each.name)]
    alone = len(ours) == len(list(folder.iterdir()))
    with contextlib.suppress(OSError):  # somebody else's: SQLite says what does not work
        for each in ours:
            each.chmod(FILE)
        if alone:
            folder.chmod(FOLDER)


@contextlib.contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Turn what the driver reports about the database's surroundings into a `StoreError`.

    A wrong statement or a broken constraint is a bug of ours and stays what it is.
    """
    try:
        yield
    except sa.exc.OperationalError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreBusy(f"the database {path} is locked by another program; nothing was stored") from error
        if name.startswith("SQLITE_FULL"):
            raise StoreFull(f"no room left on the disk for {path}; nothing was stored") from error
        if name.startswith("SQLITE_INTERRUPT"):
            raise TookTooLong(f"a search in the database {path} took too long and was ended") from error
        raise StoreError(f"the database {path} failed: {error.orig}") from error
    except sa.exc.TimeoutError as error:
        raise StoreBusy(f"all connections to the database {path} are in use; nothing was read or stored") from error
    except sa.exc.DatabaseError as error:
        if isinstance(error, sa.exc.IntegrityError | sa.exc.ProgrammingError):
            raise
        raise StoreError(f"the database {path} failed: {error.orig}") from error


def bring_up_to_date(path: Path) -> str | None:
    """`upgrade` for who runs no bot: the file is owned meanwhile.

    Raises:
        StoreInUse: another process owns it.
        StoreTooNew: a newer Riverpost wrote it.
        StoreError: it cannot be opened.
    """
    with owned(path), named_errors(path):
        make_private(path)
        return upgrade(path)


@contextlib.contextmanager
def owned(path: Path) -> Iterator[None]:
    """Own the file for the block: no bot starts with it.

    Raises:
        StoreInUse: another process owns it.
    """
    lock = _own(path)
    try:
        yield
    finally:
        os.close(lock)


class Turns:
    """A lock that lets a person's write go before batches; first come, first served within a rank."""

    def __init__(self) -> None:
        self._taken = False
        self._count = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @contextlib.asynccontextmanager
    async def take(self, *, urgent: bool) -> AsyncIterator[None]:
        await self._acquire(urgent=urgent)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, *, urgent: bool) -> None:
        if not self._taken:
            self._taken = True
            return
        self._count += 1
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (0 if urgent else 1, self._count, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()  # the turn was ours already: hand it on
            raise

    def _release(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False


class Database:
    """An open SQLite file. Made by `Database.open`, ended by `close`."""

    def __init__(
        self,
        path: Path,
        lock: int,
        writer: AsyncConnection,
        engines: tuple[AsyncEngine, AsyncEngine, AsyncEngine],
        *,
        search_seconds: float,
    ) -> None:
        self.path = path
        self._lock = lock
        self._writer = writer
        self._engines = engines
        self._search_seconds = search_seconds
        self._turns = Turns()
        self._in_use = 0
        self._free = asyncio.Event()
        self._free.set()
        self._closed = False

    @classmethod
    async def open(cls, url: str, limits: LimitsSettings) -> "Database":
        """Own the file, bring its schema up to date, and connect.

        Args:
            limits: how long a search may take, and how many run at the same time.

        Raises:
            StoreInUse: another process owns it.
            StoreTooNew: a newer Riverpost wrote it.
            StoreError: it cannot be opened.
        """
        path = path_of(url)
        lock = _own(path)
        try:
            with named_errors(path):
                make_private(path)
                await asyncio.to_thread(registrable_domain.load)
                await asyncio.to_thread(upgrade, path)
                write_engine = _engine(path, begin="BEGIN IMMEDIATE")
                read_engine = _engine(path, begin="BEGIN", readers=READERS)
                search_engine = _engine(path, begin="BEGIN", readers=limits.searches_at_once, bounded=True)
                writer = await write_engine.connect()
        except BaseException:
            os.close(lock)
            raise
        engines = (write_engine, read_engine, search_engine)
        return cls(path, lock, writer, engines, search_seconds=limits.search_seconds)

    async def close(self) -> None:
        """Let what is under way end, a gateway event's for instance; what comes later is refused."""
        self._closed = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._free.wait(), CLOSING_SECONDS)
        await self._writer.close()
        for engine in self._engines:
            await engine.dispose()
        os.close(self._lock)

    @contextlib.asynccontextmanager
    async def write(self, *, urgent: bool = False) -> AsyncIterator[AsyncConnection]:
        """One transaction of the only writer, committed at the end of the block.

        Args:
            urgent: a person waits for it; it goes before batches.

        Raises:
            StoreError: nothing of the block was stored.
        """
        async with self._turns.take(urgent=urgent):
            with self._used(), named_errors(self.path):
                async with self._writer.begin():
                    yield self._writer

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A short read on its own connection. Never await the network inside.

        Raises:
            StoreError: the database could not be read.
        """
        with self._used(), named_errors(self.path):
            async with self._engines[1].connect() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def search(self) -> AsyncIterator[AsyncConnection]:
        """A read that may take long, on connections apart from all others, ended at its time limit.

        Raises:
            TookTooLong: it was ended; it may have been told nothing.
            StoreError: the database could not be read.
        """
        with self._used(), named_errors(self.path):
            async with self._engines[2].connect() as connection:
                bounded = (await connection.get_raw_connection()).driver_connection
                assert isinstance(bounded, Connection)
                with bounded.at_most(self._search_seconds):
                    yield connection

    @contextlib.contextmanager
    def _used(self) -> Iterator[None]:
        if self._closed:
            raise StoreError(f"the database {self.path} is closed; nothing was read or stored")
        self._in_use += 1
        self._free.clear()
        try:
            yield
        finally:
            self._in_use -= 1
            if self._in_use == 0:
                self._free.set()


def _own(path: Path) -> int:
    """Take the lock that only one process has; it ends with the process, however that ends."""
    try:
        path.parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"the folder of the database {path} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreInUse(
            f"another Riverpost uses the database {path}: stop it first, or set another store.url"
        ) from error
    return lock


def _engine(path: Path, *, begin: str, readers: int = 0, bounded: bool = False) -> AsyncEngine:
    """Args: `readers` is how many connections may read at the same time; with 0 there is one, and it writes."""
    pool: dict[str, Any] = {"poolclass": NullPool}
    if readers:
        pool = {"pool_size": readers, "max_overflow": 0, "pool_timeout": POOL_SECONDS}
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        hide_parameters=True,  # an error names what was asked, not with which addresses
        async_creator=lambda: connect(path, timeout_seconds=BUSY_SECONDS, bounded=bounded),
        **pool,
    )

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, see on_begin
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "secure_delete=FAST",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        if readers:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    sa.event.listen(engine.sync_engine, "connect", on_connect)
    sa.event.listen(engine.sync_engine, "begin", on_begin)
    return engine
