"""Five hundred runs under random faults: each article once in its channel, in order, and the ledger says so.

A failing seed is run alone with `python benchmarks/campaign.py --virtual --seed S`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import discord
import pytest
import yarl

from tests.wire import campaign

PER_TEST = 25


@pytest.fixture
def quick_disk() -> Iterator[Path]:
    """A folder in memory where there is one: every commit is synced, and nothing here survives a loss of power."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.mark.parametrize("first", range(0, 500, PER_TEST))
def test_each_article_is_once_in_its_channel_whatever_goes_wrong(
    quick_disk: Path, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9"))
    total = campaign.many(range(first, first + PER_TEST), quick_disk)
    print(total.text())  # noqa: T201 - shown by pytest -rP
    assert total.problems == []
    assert total.counts["runs"] == PER_TEST
    assert min(total.counts[name] for name in ("retries", "look-ups", "kills", "faults")) > 0
