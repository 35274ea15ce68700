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
from tests.paths import ROOT

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


SLOW = (
    "tests/cogs",
    "tests/e2e",
    "tests/jobs",
    "tests/sandbox",
    "tests/wire",
    "tests/excerpts/test_markdown_safety.py",
    "tests/feeds/discovery/test_platforms.py",
    "tests/feeds/identity/test_identity_properties.py",
    "tests/feeds/incremental/test_item_scanner.py",
    "tests/feeds/opml/test_opml.py",
    "tests/feeds/opml/test_red_rss_cog.py",
    "tests/feeds/parsing/test_first_read_of_archives.py",
    "tests/feeds/parsing/test_hostile_documents.py",
    "tests/feeds/test_corpus.py",
    "tests/feeds/test_histories.py",
    "tests/feeds/workers/test_parser_pool.py",
    "tests/store/moves/test_feed_moves.py",
    "tests/store/moves/test_subscription_handover.py",
    "tests/test_lists.py",
    "tests/test_wheel.py",
)
"""What `--fast` leaves out: folders that drive whole loops, commands or processes, and modules over two seconds of CPU."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast", action="store_true", help="leave out what takes long, as CONTRIBUTING.md says: for while you work"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `--fast`, do not even import what is slow."""
    fast = config.getoption("--fast") and collection_path.is_relative_to(ROOT)
    return True if fast and collection_path.relative_to(ROOT).as_posix() in SLOW else None


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
