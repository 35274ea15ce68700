"""Bring a database file to the newest schema, after a backup copy; refuse one from the future."""

import functools
import os
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import NullPool

from bot.errors import StoreTooNew
from bot.words.indexed import FUNCTIONS

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def script() -> tuple[AlembicConfig, ScriptDirectory]:
    """A configuration of its own for each caller, and the revisions, which are read once."""
    return _config(), _scripts()


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@functools.cache
def _scripts() -> ScriptDirectory:
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
