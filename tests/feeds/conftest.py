from pathlib import Path

import pytest

from bot.store.migrate import upgrade


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file without anything in it but the tables; to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    upgrade(path)
    return path
