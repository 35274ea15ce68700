"""Forty runs in which topics have filters, quiet hours, digests and twin stories: each article once, whatever goes wrong."""

from pathlib import Path

import pytest

from tests.wire import campaign
from tests.wire.crossings import Crossings

PER_TEST = 10


@pytest.mark.parametrize("first", range(0, 40, PER_TEST))
def test_each_story_is_told_once_or_left_out_by_the_filter(
    quick_disk: Path,
    first: int,
) -> None:
    total = campaign.many(range(first, first + PER_TEST), quick_disk, of=Crossings)
    print(total.text(), dict(total.counts))  # noqa: T201 - shown by pytest -rP
    assert total.problems == []
    assert total.counts["runs"] == PER_TEST
    crossed = ("left out", "told by two", "digests", "named", "rows", "kills", "faults")
    assert min(total.counts[name] for name in crossed) > 0
