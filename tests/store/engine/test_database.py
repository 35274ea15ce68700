"""The file itself: one owner, migrations, errors with names."""

import asyncio
import contextlib
import os
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.config.settings import LimitsSettings
from bot.errors import StoreBusy, StoreError, StoreInUse, StoreTooNew, TookTooLong
from bot.store.engine import migrate
from bot.store.engine.database import READERS, Database, Turns
from bot.store.engine.migrate import upgrade
from bot.store.schema import tables
from tests.builders import START
from tests.opening import open_store


async def test_a_second_process_cannot_own_the_file(tmp_path: Path) -> None:
    first = await open_store(f"sqlite:///{tmp_path}/a.db", now=START)
    with pytest.raises(StoreInUse, match=r"another Riverpost uses the database .*a\.db: stop it first"):
        await open_store(f"sqlite:///{tmp_path}/a.db", now=START)
    await first.close()
    again = await open_store(f"sqlite:///{tmp_path}/a.db", now=START)
    await again.close()


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    upgrade(tmp_path / "a.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/a.db")
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    engine.dispose()
    assert [change for change in difference if "entries_search" not in str(change)] == []


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    upgrade(path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=r"newer Riverpost .schema 9999"):
        upgrade(path)
    assert path.read_bytes() == before


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="folder of the database"):
        await open_store(f"sqlite:///{tmp_path}/file/a.db", now=START)


async def test_a_locked_database_is_named_and_stores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.engine.database.BUSY_SECONDS", 0.05)
    database = await Database.open(f"sqlite:///{tmp_path}/a.db", LimitsSettings())
    blocker = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="locked by another program"):
        async with database.write():
            pass
    blocker.execute("ROLLBACK")
    async with database.write() as connection:
        await connection.execute(sa.insert(tables.guilds).values(guild_id=1))
    blocker.close()
    await database.close()


async def test_closing_lets_what_is_under_way_end_and_refuses_what_comes_later(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path}/a.db", LimitsSettings())
    began, ended = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async with database.read() as connection:
            began.set()
            await asyncio.sleep(0.05)
            await connection.execute(sa.select(tables.guilds))
        ended.set()

    reading = asyncio.create_task(read())
    await began.wait()
    await database.close()
    assert ended.is_set()
    await reading
    for use in (database.read, database.write):
        with pytest.raises(StoreError, match="is closed"):
            async with use():
                pass


async def test_a_person_s_write_goes_before_batches() -> None:
    turns, order = Turns(), []

    async def work(name: str, *, urgent: bool) -> None:
        async with turns.take(urgent=urgent):
            order.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(
        work("first", urgent=False),
        work("batch", urgent=False),
        work("person", urgent=True),
        work("late", urgent=False),
    )
    assert order == ["first", "person", "batch", "late"]


async def test_a_cancelled_wait_for_the_writer_blocks_nobody() -> None:
    turns = Turns()
    async with turns.take(urgent=False):
        waiter = asyncio.create_task(turns._acquire(urgent=True))
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
    async with asyncio.timeout(1), turns.take(urgent=False):
        pass


async def test_a_reader_that_finds_all_connections_in_use_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.engine.database.POOL_SECONDS", 0.05)
    database = await Database.open(f"sqlite:///{tmp_path}/a.db", LimitsSettings())
    async with contextlib.AsyncExitStack() as taken:
        for _ in range(READERS):
            _ = await taken.enter_async_context(database.read())
        with pytest.raises(StoreBusy, match=r"all connections to the database .* are in use"):
            async with database.read():
                pass
        async with database.search() as connection:  # searches have connections of their own
            assert await connection.scalar(sa.select(sa.literal(1))) == 1
    await database.close()


ENDLESS = sa.text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")


async def test_a_search_is_ended_at_its_time_limit_and_its_connection_stays_well(tmp_path: Path) -> None:
    limits = LimitsSettings(search_seconds=0.05, searches_at_once=1)
    database = await Database.open(f"sqlite:///{tmp_path}/a.db", limits)
    for _ in range(2):
        with pytest.raises(TookTooLong, match="took too long"):
            async with database.search() as connection:
                await connection.execute(ENDLESS)
    async with database.search() as connection:
        assert await connection.scalar(sa.select(sa.literal(1))) == 1
    await database.close()


async def test_a_search_that_nobody_waits_for_any_more_ends(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path}/a.db", LimitsSettings(search_seconds=60, searches_at_once=1))
    began = asyncio.Event()

    async def search() -> None:
        async with database.search() as connection:
            began.set()
            await connection.execute(ENDLESS)

    task = asyncio.create_task(search())
    await began.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), database.search() as connection:
        assert await connection.scalar(sa.select(sa.literal(1))) == 1
    await database.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_nobody_else_on_the_machine_reads_what_is_stored(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        folder = tmp_path / "data"
        store = await open_store(f"sqlite:///{folder}/a.db")
        await store.guilds.choose_language(1, "de")
        modes = {each.name: mode(each) for each in [folder, *folder.iterdir()]}
        assert modes == {"data": 0o700, "a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600, "a.db.lock": 0o600}
        await store.close()
    finally:
        os.umask(before)


async def test_files_of_earlier_versions_become_private_and_other_programs_files_stay(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    others = [folder / name for name in ("a.db2", "notes.txt")]
    ours = [folder / name for name in ("a.db", "a.db.before-0015", "a.db-wal")]
    for each in [*others, *ours]:
        each.touch()
        each.chmod(0o644)
    await (await open_store(f"sqlite:///{folder}/a.db")).close()
    assert [mode(each) for each in others] == [0o644, 0o644]
    assert {mode(each) for each in ours if each.exists()} == {0o600}
    assert mode(folder) == 0o755


def test_the_backup_before_a_migration_is_private(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        path = tmp_path / "a.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        upgrade(path)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            migrate.back_up(path, tmp_path / "a.db.before-1")
        assert mode(tmp_path / "a.db.before-1") == 0o600
    finally:
        os.umask(before)
