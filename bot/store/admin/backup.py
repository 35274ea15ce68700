"""Copies of a database: made while the bot works, checked, numbered by time, and put back. Blocking: call them in a thread."""

import contextlib
import os
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import StoreError
from bot.store.engine.database import owned
from bot.store.engine.migrate import back_up, known

KEPT = 7
"""Copies in a folder; the oldest beyond them goes."""
_STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"riverpost-\d{8}-\d{6}\.db")


def folder_of(database: Path) -> Path:
    """Where copies go where nobody says where."""
    return database.parent / "backups"


def make(database: Path, target: Path | None, *, now: datetime, kept: int = KEPT) -> Path:
    """Copy the database, check the copy, and only then give it its name.

    Args:
        target: a file that does not exist yet, or a folder. A folder keeps the newest `kept`; None means `folder_of`.

    Returns:
        The copy.

    Raises:
        StoreError: there is no database, the copy cannot be written, or it is damaged; says what to do.
    """
    if not database.is_file():
        raise StoreError(f"there is no database at {database}, so there is nothing to copy; check store.url")
    folder = target if target is not None and target.is_dir() else folder_of(database) if target is None else None
    copy = folder / f"riverpost-{now.strftime(_STAMP)}.db" if folder is not None else target
    assert copy is not None, "a file was named where no folder is"
    if copy.exists():
        raise StoreError(f"{copy} is there already; name another file, or remove it first")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    try:
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        back_up(database, unfinished)
        _check(unfinished)
        unfinished.rename(copy)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the copy {copy} could not be made: {error}") from error
    finally:
        _remove(unfinished, *_helpers(unfinished))
    if folder is not None:
        _rotate(folder, kept)
    return copy


def restore(database: Path, copy: Path, *, now: datetime) -> Path | None:
    """Put a copy in the database's place.

    Returns:
        What was in its place, under a name of its own; None where there was nothing.

    Raises:
        StoreInUse: the bot is running.
        StoreError: the copy is no database of Riverpost, is damaged, or is from a newer version; nothing was changed.
    """
    if not copy.is_file():
        raise StoreError(f"there is no file {copy}; name a copy that `backup` made")
    _check(copy)
    _check_schema(copy)
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with owned(database):
        unfinished = database.with_name(f"{database.name}.restoring")
        try:
            back_up(copy, unfinished)
            before = None
            if database.exists():
                before = database.with_name(f"{database.name}.before-restore-{now.strftime(_STAMP)}")
                # With what its log holds: a copy of the file alone would miss that.
                back_up(database, before)
            for each in _helpers(database):
                each.unlink(missing_ok=True)
            unfinished.replace(database)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{copy} could not be put in the place of {database}: {error}") from error
        finally:
            _remove(unfinished, *_helpers(unfinished))
    return before


def newest(folder: Path) -> Path | None:
    """The copy that was made last."""
    return max(_copies(folder), default=None)


def made_at(copy: Path) -> datetime:
    """When a copy with a name of `make`'s was made."""
    return datetime.strptime(copy.stem.removeprefix("riverpost-"), _STAMP).replace(tzinfo=UTC)


def _copies(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if _NAME.fullmatch(each.name)] if folder.is_dir() else []


def _rotate(folder: Path, kept: int) -> None:
    _remove(*sorted(_copies(folder))[:-kept])


def _remove(*files: Path) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()


def _helpers(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal"))


def _check(path: Path) -> None:
    """Raise StoreError where the file is no whole database."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path} is no database that can be read: {error}") from error
    if found != ["ok"]:
        raise StoreError(f"{path} is damaged ({found[0]}); use another copy")


def _check_schema(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)) as connection:
        try:
            (current,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except (sqlite3.OperationalError, TypeError):
            raise StoreError(f"{path} is no database of Riverpost; name a copy that `backup` made") from None
    if current not in known():
        raise StoreError(f"{path} is from a newer Riverpost (schema {current}); install that version first")


def _quoted(path: Path) -> str:
    return os.fspath(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
