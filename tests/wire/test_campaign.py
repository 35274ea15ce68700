"""Five hundred runs under random faults: each article once in its channel, in order, and the ledger says so.

A failing seed is run alone with `python benchmarks/campaign.py --virtual --seed S`.
"""

from pathlib import Path

import pytest

from tests.wire import campaign

PER_TEST = 25


@pytest.mark.parametrize("first", range(0, 500, PER_TEST))
def test_each_article_is_once_in_its_channel_whatever_goes_wrong(quick_disk: Path, first: int) -> None:
    total = campaign.many(range(first, first + PER_TEST), quick_disk)
    print(total.text())  # noqa: T201 - shown by pytest -rP
    assert total.problems == []
    assert total.counts["runs"] == PER_TEST
    assert min(total.counts[name] for name in ("retries", "look-ups", "kills", "faults")) > 0
