from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.engine.migrate import upgrade
from tests.feeds.history import Follower
from tests.wire.feedserver import FeedServer


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file without anything in it but the tables; to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    upgrade(path)
    return path


@pytest.fixture
async def follower(tmp_path: Path, empty_database: Path) -> AsyncIterator[Follower]:
    opened = await Follower.open(tmp_path / "riverpost.db", like=empty_database)
    yield opened
    await opened.store.close()


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def elsewhere() -> AsyncIterator[FeedServer]:
    """Another host: politeness goes by name, credentials and validators by name and port."""
    async with FeedServer(host="127.0.0.2") as running:
        yield running
