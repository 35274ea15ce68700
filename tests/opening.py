"""Opens the store for tests as the bot does, with the configuration's defaults."""

import atexit
import functools
import shutil
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

from bot.config.settings import LimitsSettings, StoreSettings
from bot.filters import evaluate
from bot.model import Judge
from bot.store import Store
from bot.store.engine import database
from bot.store.engine.database import path_of
from bot.store.engine.migrate import upgrade
from bot.words.index_words import FUNCTIONS
from tests.builders import START

STATEMENTS = 5_000
"""That are kept compiled."""
_shared: list[tuple[Any, Any]] = []
"""A dialect, and the statements that were compiled for it; one pair, once there is an engine."""


def _engine(*arguments: Any, **options: Any) -> AsyncEngine:
    """Make an engine that uses what others of this process have compiled: the text is the same every time.

    SQLAlchemy keeps what it compiled with an engine, and each test has engines of its own; a quarter of the work of
    most tests was to compile the same statements again.
    """
    made = create_async_engine(*arguments, **options)
    if not _shared:
        _shared.append((made.sync_engine.dialect, LRUCache(STATEMENTS)))
    made.sync_engine.dialect, made.sync_engine._compiled_cache = _shared[0]
    return made


def share_statements() -> None:
    """Let all stores of this process share what is compiled."""
    vars(database)["create_async_engine"] = _engine


@functools.cache
def migrated() -> Path:
    """The file of an empty database of today's schema, made once a test process."""
    folder = tempfile.mkdtemp(prefix="riverpost-template")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder, "template.db")
    upgrade(path)
    return path


async def open_store(
    url: str,
    *,
    now: datetime = START,
    default_backfill: int = 1,
    judge: Judge = evaluate.judge,
    limits: LimitsSettings = LimitsSettings(),  # noqa: B008 - frozen
    kept: StoreSettings = StoreSettings(),  # noqa: B008 - frozen
) -> Store:
    """`Store.open` with the real judge and the default limits, where a test is about neither.

    A new database is a copy of one that was migrated once: migrating costs more than most tests do.
    """
    path = path_of(url)
    if not path.exists() and path.parent.is_dir():
        shutil.copyfile(migrated(), path)
    return await Store.open(url, now=now, default_backfill=default_backfill, judge=judge, limits=limits, kept=kept)


def open_file(path: Path) -> sqlite3.Connection:
    """The database's file, without the bot: with the functions that its triggers call."""
    connection = sqlite3.connect(path)
    for name, arguments, function in FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
    return connection


async def sweep(store: Store, *, now: datetime) -> None:
    """Delete all that is kept no longer, as the running bot does piece by piece."""
    for _ in range(10_000):
        if not (await store.retention.sweep(now=now)).more:
            break
    after: int | None = 0
    while after is not None:
        after, _swept = await store.retention.sweep_posts(after=after, now=now)
    await store.retention.begin_merging()
    while await store.retention.merge_index():
        pass
