"""What a search may cost, and what is said when it would cost more."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.config.settings import LimitsSettings
from bot.errors import TookTooLong, UserError
from bot.model import Scope
from bot.services.limits.concurrency import Turns
from bot.services.reading.search import Search
from bot.services.reading.timeline import Place, Reading
from bot.store import Store
from bot.store.reading.search_query import Query, parse
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


class SlowAtBeginnings:
    """A store in which words are found in no time, and none is there, and what begins so takes too long."""

    def __init__(self) -> None:
        self.search = self.search_index = self
        self.asked: list[str] = []

    async def places(self, _scope: object, query: Query, **_: object) -> list[int]:
        self.asked.append(query.expression)
        if any(term.beginning for term in query.terms):
            raise TookTooLong("a search took too long")
        return []

    async def is_whole(self) -> bool:
        return True

    async def at(self, _hits: object) -> tuple[()]:
        return ()


async def test_longer_words_that_nobody_asked_for_are_left_out_where_they_cost_too_much() -> None:
    store: Any = SlowAtBeginnings()
    search = Search(
        store, Place(Scope(1, frozenset({1}))), parse("artic"), since=None, turns=Turns(LimitsSettings()), reader=ANN
    )
    assert (await search.page(viewer(1), 1)).total == 0
    assert store.asked == ['("artic")', '("artic" *)']
    assert not search.loosened
