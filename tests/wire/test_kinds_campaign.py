"""What has no nonce, under the same random faults: forum posts and webhooks, each article once, in order."""

from pathlib import Path

import pytest

from tests.wire import campaign
from tests.wire.test_campaign import PER_TEST, seeds


@pytest.mark.parametrize("first", seeds(50, 100))
def test_each_article_is_once_in_its_forum_or_under_its_sources_name_whatever_goes_wrong(
    quick_disk: Path,
    first: int,
) -> None:
    total = campaign.many(range(first, first + PER_TEST), quick_disk, kinds=("forum", "webhook"))
    print(total.text())  # noqa: T201 - shown by pytest -rP
    assert total.problems == []
    assert total.counts["runs"] == PER_TEST
    assert min(total.counts[name] for name in ("retries", "look-ups", "kills", "faults")) > 0
