"""aiosqlite with one trip to its thread per statement."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.engine import fast_driver
from bot.store.engine.fast_driver import Connection, Cursor


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    made = await fast_driver.connect(tmp_path / "some.db", timeout_seconds=0.1)
    await made.cursor().execute("CREATE TABLE feeds (id INTEGER PRIMARY KEY, url TEXT UNIQUE)")
    yield made
    await made.close()


async def add(connection: Connection, *urls: str) -> Cursor:
    return await connection.cursor().executemany("INSERT INTO feeds (url) VALUES (?)", [(url,) for url in urls])


async def test_a_statement_brings_its_rows_and_names_and_its_cursor_is_closed(connection: Connection) -> None:
    await add(connection, "one", "two")
    cursor = await connection.cursor().execute("SELECT id, url FROM feeds WHERE id < ? ORDER BY id", (9,))
    assert await cursor.fetchall() == [(1, "one"), (2, "two")]
    assert [name for name, *_ in cursor.description] == ["id", "url"]
    assert await cursor.fetchall() == []


async def test_a_statement_without_rows_says_how_many_it_changed_and_the_last_id(connection: Connection) -> None:
    assert (await add(connection, "one", "two")).rowcount == 2
    inserted = await connection.cursor().execute("INSERT INTO feeds (url) VALUES (?)", ("three",))
    assert (inserted.lastrowid, inserted.description) == (3, None)
    updated = await connection.cursor().execute("UPDATE feeds SET url = url || '!' WHERE id > 1")
    assert updated.rowcount == 2


async def test_what_a_statement_breaks_is_raised_and_leaves_the_connection_well(connection: Connection) -> None:
    await add(connection, "one")
    with pytest.raises(sqlite3.IntegrityError, match=r"feeds\.url"):
        await add(connection, "one")
    await connection.rollback()
    cursor = await connection.cursor().execute("SELECT count(*) FROM feeds")
    assert await cursor.fetchall() == [(0,)]  # the first one was of the same transaction


async def test_a_statement_is_one_trip_to_the_thread(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    trips = 0
    plain = connection._tx.put_nowait

    def counted(item: object) -> None:
        nonlocal trips
        trips += 1
        plain(item)  # type: ignore[arg-type]

    monkeypatch.setattr(connection, "_tx", type("Queue", (), {"put_nowait": staticmethod(counted)})())
    cursor = await connection.cursor().__aenter__()
    await cursor.execute("SELECT url FROM feeds")
    await cursor.fetchall()
    await cursor.close()
    assert trips == 1
    monkeypatch.undo()
