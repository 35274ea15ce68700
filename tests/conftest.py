"""What tests of several folders share, and how the generated ones are run."""

from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest

from bot.store import Store
from tests.builders import START

# The same examples each time, and none is timed: a run says what the code does, not what chance or the machine did.
# New ones are looked for with `scripts/test --hypothesis-profile=explore`.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", derandomize=False, deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path}/riverpost.db", now=START, default_backfill=1)
    yield opened
    await opened.close()
