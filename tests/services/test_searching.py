"""What a search may cost, and what is said when it would cost more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import LimitsSettings
from bot.errors import UserError
from bot.services.reading import Reading
from bot.store import Store
from tests.builders import START, new, read_outcome, viewer
from tests.fakes import FakeClock
from tests.opening import open_store

HURRIED = LimitsSettings(search_seconds=0.000_001)
ANN = 71


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An archive in which each search takes more steps than none."""
    opened = await open_store(f"sqlite:///{tmp_path}/a.db", default_backfill=0, limits=HURRIED)
    topic = await opened.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    assert topic is not None
    feed = await opened.feeds.ensure("https://blog.example/feed", now=START)
    await opened.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    await opened.entries.apply(read_outcome(feed, *(new(number) for number in range(400))))
    yield opened
    await opened.close()


@pytest.mark.parametrize("best", [False, True], ids=["newest first", "best first"])
@pytest.mark.parametrize("typed", ["article", "art*", "article text", "-spam article OR text"])
async def test_a_search_that_takes_too_long_says_what_to_type_instead(store: Store, typed: str, best: bool) -> None:
    reading = Reading(store, LimitsSettings(), FakeClock(START))
    place = await reading.place(viewer(1))
    for _ in range(5):  # more than there are connections: none is lost
        with pytest.raises(UserError, match=r"too much to search\. Use words with more letters"):
            await reading.search(place, typed, reader=ANN, best=best).page(viewer(1), 1)
    assert (await reading.river(place).page(viewer(1), 1)).total == 400, "the river has no such limit"


async def test_longer_words_that_nobody_asked_for_are_left_out_where_they_cost_too_much(store: Store) -> None:
    reading = Reading(store, LimitsSettings(), FakeClock(START))
    search = reading.search(await reading.place(viewer(1)), "artic", reader=ANN)
    assert (await search.page(viewer(1), 1)).total == 0
    assert not search.loosened
