"""What tests of several folders share, and how the generated ones are run."""

from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import psutil
import pytest
import structlog

from bot.store import Store
from tests.builders import START
from tests.opening import open_store, share_statements

# The same examples each time, and none is timed: a run says what the code does, not what chance or the machine did.
# New ones are looked for with `scripts/test --hypothesis-profile=explore`.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", derandomize=False, deadline=None)
hypothesis.settings.load_profile("steady")

share_statements()
# Rich would draw each traceback with the lines around, in colours: up to half a second for one that is only logged.
structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core, since those with whole bots mostly wait for them; few, since each takes 300 MB."""
    return min(4, 2 * (psutil.cpu_count() or 1))


LONGEST_FIRST = (
    "tests/e2e/test_kinds.py",
    "tests/wire/test_kinds_campaign.py",
    "tests/wire/test_campaign.py",
    "tests/e2e/",
    "tests/wire/",
    "tests/jobs/",
    "tests/cogs/",
)
"""Where tests take long; one that is begun last keeps the other processes waiting for it."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long, where tests are shared out to processes."""
    if not hasattr(config, "workerinput"):
        return

    def rank(item: pytest.Item) -> int:
        places = (number for number, place in enumerate(LONGEST_FIRST) if item.nodeid.startswith(place))
        return next(places, len(LONGEST_FIRST))

    items.sort(key=rank)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/riverpost.db", now=START, default_backfill=1)
    yield opened
    await opened.close()
