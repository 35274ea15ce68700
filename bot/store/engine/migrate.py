"""Bring a database file to the newest schema, after a backup copy; refuse one from the future.

Alembic is loaded only where something is missing: that takes a tenth of a start's time.
"""

import contextlib
import functools
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from bot.errors import StoreTooNew
from bot.words.index_words import FUNCTIONS

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@functools.cache
def newest() -> str:
    """The revision of the newest schema: the name of each step's file begins with its own."""
    return max(known())


@functools.cache
def known() -> frozenset[str]:
    """The revisions of all schemas that this program knows."""
    return frozenset(step.name.partition("_")[0] for step in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def script() -> "tuple[AlembicConfig, ScriptDirectory]":
    """A configuration of its own for each caller, and the revisions, which are read once."""
    return _config(), _scripts()


def _config() -> "AlembicConfig":
    from alembic.config import Config as AlembicConfig  # noqa: PLC0415 - see above

    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@functools.cache
def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    return ScriptDirectory.from_config(_config())


def upgrade(path: Path) -> str | None:
    """Apply what is missing, in one transaction. Blocking: call it in a thread.

    A file that has a schema already is copied to `NAME.before-REVISION` first.

    Returns:
        The revision it was brought to, or None if nothing was missing.

    Raises:
        StoreTooNew: its revision is unknown to this program.
        sqlalchemy.exc.DatabaseError: the file cannot be read or written.
    """
    if _revision(path) == newest():
        return None
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    config, scripts = script()
    head = scripts.get_current_head()
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": 5.0},
        hide_parameters=True,
    )

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for name, arguments, function in FUNCTIONS:
            connection.create_function(name, arguments, function, deterministic=True)

    sa.event.listen(engine, "connect", on_connect)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            if current == head:
                return None
            if current is not None and current not in {step.revision for step in scripts.walk_revisions()}:
                raise StoreTooNew(
                    f"the database {path} was written by a newer Riverpost (schema {current}, this one knows {head}): "
                    "install the newer version again, or restore a backup"
                )
            connection.rollback()
            if current is not None:
                back_up(path, path.with_name(f"{path.name}.before-{head}"))
            with connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    finally:
        engine.dispose()
    return head


def _revision(path: Path) -> str | None:
    """What the file says of its schema; None where that cannot be read, of which `upgrade` then finds the reason."""
    if not path.is_file():
        return None
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=5.0)) as connection:
            rows: list[tuple[str]] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return None
    return rows[0][0] if len(rows) == 1 else None


def back_up(path: Path, copy: Path) -> None:
    """Copy a database, for its owner alone."""
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    copy.chmod(0o600)
    source, target = sqlite3.connect(path), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
