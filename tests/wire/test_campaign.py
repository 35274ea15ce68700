"""Runs under random faults: each article once in its channel, in order, and the ledger says so.

Every test run plays the first seeds. With RIVERPOST_SEEDS=all, as for a nightly run, it is five hundred of them. A failing seed is run alone with `python benchmarks/campaign.py --virtual --seed S`.
"""

import os
from pathlib import Path

import pytest

from tests.wire import campaign

PER_TEST = 25


def seeds(usual: int, nightly: int) -> range:
    """The first seed of each test."""
    return range(0, nightly if os.environ.get("RIVERPOST_SEEDS") == "all" else usual, PER_TEST)


@pytest.mark.parametrize("first", seeds(100, 500))
def test_each_article_is_once_in_its_channel_whatever_goes_wrong(quick_disk: Path, first: int) -> None:
    total = campaign.many(range(first, first + PER_TEST), quick_disk)
    print(total.text())  # noqa: T201 - shown by pytest -rP
    assert total.problems == []
    assert total.counts["runs"] == PER_TEST
    assert min(total.counts[name] for name in ("retries", "look-ups", "kills", "faults")) > 0
