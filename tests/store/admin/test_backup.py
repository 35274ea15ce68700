"""Copies of the database: whole, private, and put back only where nothing is lost by it."""

import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError, StoreInUse
from bot.store import Store
from bot.store.admin import backup
from tests.builders import START
from tests.opening import open_store


async def kept_name(store: Store, name: str) -> None:
    await store.topics.create(guild_id=1, name=name, channel_id=2, colour=None, created_by=None, limit=50, now=START)


def leftovers(folder: Path) -> list[Path]:
    return [*folder.glob("*restor*"), *folder.glob("*unfinished*")]


def names(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT name FROM topics ORDER BY id")]
    finally:
        connection.close()


async def test_a_copy_has_what_the_running_bot_wrote_last_and_is_its_owners_alone(store: Store, tmp_path: Path) -> None:
    await kept_name(store, "Clouds")
    copy = backup.make(store._database.path, None, now=START)
    assert copy == tmp_path / "backups" / "riverpost-20260101-120000.db"
    assert names(copy) == ["Clouds"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    assert [each.name for each in copy.parent.iterdir()] == [copy.name]


async def test_a_folder_keeps_the_newest_copies_and_nothing_else_of_it_is_touched(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "riverpost-notes.db").write_text("mine")
    for hour in range(5):
        backup.make(store._database.path, folder, now=START + timedelta(hours=hour), kept=3)
    found = sorted(each.name for each in folder.iterdir())
    assert found == [*(f"riverpost-20260101-1{hour}0000.db" for hour in (4, 5, 6)), "riverpost-notes.db"]
    newest = backup.newest(folder)
    assert newest is not None
    assert newest.name == "riverpost-20260101-160000.db"


async def test_a_copy_is_never_written_over_a_file(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(StoreError, match="is there already"):
        backup.make(store._database.path, tmp_path / "copy.db", now=START)
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_without_a_database_there_is_nothing_to_copy(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no database at .*check store\.url"):
        backup.make(tmp_path / "none.db", None, now=START)


async def test_a_restored_copy_goes_on_and_what_was_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "riverpost.db"
    store = await open_store(f"sqlite:///{path}", now=START, default_backfill=1)
    await kept_name(store, "Before")
    copy = backup.make(path, tmp_path / "copy.db", now=START)
    await kept_name(store, "After")
    with pytest.raises(StoreInUse):
        backup.restore(path, copy, now=START)
    await store.close()
    before = backup.restore(path, copy, now=START)
    assert before is not None
    assert (names(path), names(before)) == (["Before"], ["Before", "After"])
    store = await open_store(f"sqlite:///{path}", now=START, default_backfill=1)
    await kept_name(store, "Again")
    await store.close()
    assert names(path) == ["Before", "Again"]


async def test_a_copy_is_put_back_where_nothing_is_yet(store: Store, tmp_path: Path) -> None:
    copy = backup.make(store._database.path, tmp_path / "copy.db", now=START)
    assert backup.restore(tmp_path / "new" / "riverpost.db", copy, now=START) is None
    assert names(tmp_path / "new" / "riverpost.db") == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "there is no file"),
        (lambda path: path.write_bytes(b"no database at all, but some words" * 100), "no database that can be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:40_960] + bytes(4096) + path.read_bytes()[45_056:]), "damaged|malformed"),
        (lambda path: _run(path, "DROP TABLE alembic_version"), "no database of Riverpost"),
        (lambda path: _run(path, "UPDATE alembic_version SET version_num = '9999'"), "from a newer Riverpost"),
    ],
    ids=["missing", "something else", "damaged", "foreign", "newer"],
)  # fmt: skip
async def test_what_is_no_whole_copy_is_refused_and_nothing_is_changed(
    tmp_path: Path, spoil: object, said: str
) -> None:
    path = tmp_path / "riverpost.db"
    store = await open_store(f"sqlite:///{path}", now=START, default_backfill=1)
    await kept_name(store, "Clouds")
    copy = backup.make(path, tmp_path / "copy.db", now=START)
    spoil(copy)  # type: ignore[operator]
    await store.close()
    with pytest.raises(StoreError, match=said):
        backup.restore(path, copy, now=START)
    assert names(path) == ["Clouds"]
    assert leftovers(tmp_path) == []


def _run(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
