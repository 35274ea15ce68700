"""The file itself: one owner, migrations, errors with names."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.errors import StoreBusy, StoreError, StoreInUse, StoreTooNew
from bot.store import Store, schema
from bot.store.database import Database, Turns
from bot.store.migrate import upgrade
from tests.builders import START


async def test_a_second_process_cannot_own_the_file(tmp_path: Path) -> None:
    first = await Store.open(f"sqlite:///{tmp_path}/a.db", now=START)
    with pytest.raises(StoreInUse, match=r"another Riverpost uses the database .*a\.db: stop it first"):
        await Store.open(f"sqlite:///{tmp_path}/a.db", now=START)
    await first.close()
    again = await Store.open(f"sqlite:///{tmp_path}/a.db", now=START)
    await again.close()


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    upgrade(tmp_path / "a.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/a.db")
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), schema.metadata)
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
        await Store.open(f"sqlite:///{tmp_path}/file/a.db", now=START)


async def test_a_locked_database_is_named_and_stores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.05)
    database = await Database.open(f"sqlite:///{tmp_path}/a.db")
    blocker = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="locked by another program"):
        async with database.write():
            pass
    blocker.execute("ROLLBACK")
    async with database.write() as connection:
        await connection.execute(sa.insert(schema.guilds).values(guild_id=1))
    blocker.close()
    await database.close()


async def test_closing_lets_what_is_under_way_end_and_refuses_what_comes_later(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path}/a.db")
    began, ended = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async with database.read() as connection:
            began.set()
            await asyncio.sleep(0.05)
            await connection.execute(sa.select(schema.guilds))
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
