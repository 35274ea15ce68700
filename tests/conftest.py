from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Store
from tests.builders import START


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path}/riverpost.db", now=START, default_backfill=1)
    yield opened
    await opened.close()
