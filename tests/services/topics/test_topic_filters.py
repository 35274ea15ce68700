"""Setting filters while articles wait that tell one story, and by the thousand."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import FilterError, UserError
from bot.model import Topic
from bot.services.topics.topic_filters import Filtering
from bot.store import Store
from bot.store.topics.filters import CHUNK
from tests.builders import START, at, new, read_outcome
from tests.fakes import FakeClock
from tests.opening import open_store

FEED, OTHER = "https://blog.example/feed", "https://other.example/feed"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/a.db", now=START, default_backfill=0)
    yield opened
    await opened.close()


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def filtering(store: Store, woken: list[str]) -> Filtering:
    return Filtering(store, FakeClock(START), on_queued=lambda: woken.append("deliver"))


async def followed(store: Store) -> Topic:
    topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    assert topic is not None
    for url in (FEED, OTHER):
        feed = await store.feeds.ensure(url, now=START)
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(feed, title=url))
    return topic


async def waiting(store: Store) -> list[str]:
    return [delivery.article.title for delivery, _ in await store.deliveries.waiting(10, limit=10_000)]


async def one_story(store: Store) -> None:
    """Both sources bring it; the second is to tell it."""
    for number, url in ((1, FEED), (2, OTHER)):
        feed = await store.feeds.ensure(url, now=START)
        await store.entries.apply(
            read_outcome(feed, new(number, title=f"Cloud {number}", published=at(number)), now=at(9))
        )
    first, second = [delivery.id for delivery, _ in await store.deliveries.waiting(10, limit=9)]
    await store.stories.settle([first, second], {first: second}, now=at(10), edit_within=timedelta(days=2))
    assert await waiting(store) == ["Cloud 2"]


async def news(store: Store) -> Topic:
    found = await store.topics.get(1, "news")
    assert found is not None
    return found


async def test_where_the_one_that_tells_a_story_is_left_out_the_other_tells_it(
    store: Store, filtering: Filtering, woken: list[str]
) -> None:
    await followed(store)
    await one_story(store)
    assert await filtering.set(await filtering.place(await news(store), OTHER), "-cloud") == 1
    assert await waiting(store) == ["Cloud 1"]
    assert woken == ["deliver"]


async def test_what_comes_back_so_is_asked_too(store: Store, filtering: Filtering) -> None:
    await followed(store)
    await one_story(store)
    assert await filtering.set(await filtering.place(await news(store)), "-cloud") == 2
    assert await waiting(store) == []


async def test_thousands_that_wait_are_all_asked(store: Store, filtering: Filtering) -> None:
    await followed(store)
    feed = await store.feeds.ensure(FEED, now=START)
    count = 2 * CHUNK + 10
    listed = [new(n, title=f"{'Cloud' if n % 10 == 0 else 'Rain'} {n}", published=at(n)) for n in range(count)]
    for first in range(0, count, 50):  # so many are posted of one poll
        await store.entries.apply(read_outcome(feed, *listed[first : first + 50], now=at(count)))
    skipped = await filtering.set(await filtering.place(await news(store)), "cloud")
    assert skipped == count - count // 10
    assert all(title.startswith("Cloud") for title in await waiting(store))


async def test_a_wrong_filter_changes_nothing(store: Store, filtering: Filtering) -> None:
    await followed(store)
    place = await filtering.place(await news(store))
    await filtering.set(place, "cloud")
    with pytest.raises(FilterError):
        await filtering.set(place, "cloud OR")
    with pytest.raises(FilterError):
        await filtering.trial(place, "cloud OR")
    assert await filtering.text(place) == "cloud"


async def test_a_source_that_is_followed_no_more_has_no_filter(store: Store, filtering: Filtering) -> None:
    topic = await followed(store)
    place = await filtering.place(await news(store), FEED)
    assert place.feed_id is not None
    await store.topics.unsubscribe(topic.id, place.feed_id, now=START)
    with pytest.raises(UserError, match="does not have this source"):
        await filtering.set(place, "cloud")
