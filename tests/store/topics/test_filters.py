"""Filters at work while polls are stored: what waits, what is skipped and why, at which cost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.model import (
    ClaimedFeed,
    DeliveryState,
    FilterScope,
    FilterSet,
    MatchedEntry,
    Meeting,
    PollKind,
    Rejection,
    Topic,
)
from bot.services.topics.topic_filters import Filtering
from bot.store import Store
from bot.store.schema.tables import deliveries, entries
from tests.builders import EVERY, START, at, new, read_outcome
from tests.fakes import FakeClock
from tests.opening import open_store

GUILD, CHANNEL = 1, 10
BLOG = "https://blog.example/feed"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/a.db", now=START, default_backfill=1)
    yield opened
    await opened.close()


async def topic(store: Store, name: str = "news", *, backfill: int = 0, channel: int = CHANNEL) -> Topic:
    made = await store.topics.create(guild_id=GUILD, name=name, channel_id=channel, backfill=backfill, now=START)
    assert made is not None
    return made


async def followed(store: Store, *topics: Topic, url: str = BLOG, read: bool = True) -> ClaimedFeed:
    feed = await store.feeds.ensure(url, now=START)
    for each in topics:
        await store.topics.subscribe(each.id, feed.id, added_by=None, now=START)
    if read:
        await store.entries.apply(read_outcome(feed))
    return feed


async def fates(store: Store, topic: Topic) -> dict[str, str | None]:
    """By title: None where it waits, else why it is skipped."""
    query = (
        sa.select(entries.c.title, deliveries.c.state, deliveries.c.reason)
        .join(entries, entries.c.id == deliveries.c.entry_id)
        .where(deliveries.c.topic_id == topic.id)
        .order_by(deliveries.c.id)
    )
    async with store._database.read() as connection:
        found = (await connection.execute(query)).all()
    assert all((row.state == DeliveryState.SKIPPED) is (row.reason is not None) for row in found)
    return {row.title: row.reason for row in found}


def titled(number: int, title: str, *, minutes: int = 1) -> MatchedEntry:
    return new(number, title=title, published=at(minutes))


async def test_what_the_topics_filter_does_not_want_is_skipped_with_the_term(store: Store) -> None:
    made = await topic(store)
    feed = await followed(store, made)
    assert await store.filters.set(made.id, None, "cloud -sponsored")
    applied = await store.entries.apply(
        read_outcome(feed, titled(1, "Cloud news"), titled(2, "Sponsored cloud"), titled(3, "Rain"), now=at(2))
    )
    assert (applied.stored, applied.queued) == (3, 1)
    assert await fates(store, made) == {
        "Cloud news": None,
        "Sponsored cloud": "filter of the topic: found: -sponsored",
        "Rain": "filter of the topic: missing: cloud",
    }


async def test_a_sources_filter_concerns_this_source_in_this_topic_only(store: Store) -> None:
    first, second = await topic(store, "one"), await topic(store, "two", channel=20)
    blog, other = await followed(store, first, second), await followed(store, first, url="https://other.example/feed")
    await store.filters.set(first.id, blog.id, "cloud")
    await store.entries.apply(read_outcome(blog, titled(1, "Rain"), now=at(2)))
    await store.entries.apply(read_outcome(other, titled(2, "Snow"), now=at(2)))
    assert await fates(store, first) == {"Rain": "filter of the source: missing: cloud", "Snow": None}
    assert await fates(store, second) == {"Rain": None}


async def test_both_filters_must_let_an_article_through(store: Store) -> None:
    made = await topic(store)
    feed = await followed(store, made)
    await store.filters.set(made.id, None, "cloud")
    await store.filters.set(made.id, feed.id, "-rain")
    await store.entries.apply(
        read_outcome(feed, titled(1, "Cloud"), titled(2, "Cloud and rain"), titled(3, "Sun"), now=at(2))
    )
    found = await fates(store, made)
    assert found["Cloud"] is None
    assert found["Cloud and rain"] == "filter of the source: found: -rain"
    assert found["Sun"] == "filter of the topic: missing: cloud"


async def test_a_filter_that_cannot_be_read_lets_everything_through(store: Store) -> None:
    made = await topic(store)
    feed = await followed(store, made)
    await store.filters.set(made.id, None, "(cloud")
    await store.entries.apply(read_outcome(feed, titled(1, "Rain"), now=at(2)))
    assert await fates(store, made) == {"Rain": None}


async def test_a_sample_is_the_newest_that_the_filter_wants(store: Store) -> None:
    made = await topic(store, backfill=2)
    feed = await followed(store, made, read=False)
    await store.filters.set(made.id, None, "cloud")
    listed = [titled(n, f"Cloud {n}" if n in {3, 4, 6} else f"Rain {n}", minutes=-n) for n in range(1, 8)]
    applied = await store.entries.apply(read_outcome(feed, *listed))
    assert applied.queued == 2
    assert set(await fates(store, made)) == {"Cloud 3", "Cloud 4"}


async def test_a_sample_from_stored_articles_obeys_the_filter_too(store: Store) -> None:
    first, second = await topic(store, "one"), await topic(store, "two", channel=20, backfill=1)
    feed = await followed(store, first)
    await store.entries.apply(
        read_outcome(feed, titled(1, "Cloud", minutes=-9), titled(2, "Rain", minutes=-2), now=at(1))
    )
    await store.topics.subscribe(second.id, feed.id, added_by=None, now=at(2))
    await store.filters.set(second.id, feed.id, "cloud")
    await store.entries.apply(replace(read_outcome(feed, now=at(3)), kind=PollKind.UNCHANGED))
    assert await fates(store, second) == {"Cloud": None}


async def test_an_archive_is_skipped_as_such_whatever_the_filter_says(store: Store) -> None:
    made = await topic(store)
    feed = await followed(store, made)
    await store.filters.set(made.id, None, "cloud")
    await store.entries.apply(read_outcome(feed, replace(titled(1, "Rain"), skip_reason="archive"), now=at(2)))
    assert await fates(store, made) == {"Rain": "archive"}


async def test_what_a_paused_source_brings_comes_later_only_if_the_filter_wants_it(store: Store) -> None:
    made = await topic(store)
    feed = await followed(store, made)
    await store.filters.set(made.id, None, "cloud")
    await store.changes.pause_source(GUILD, feed.id, paused=True, now=at(1))
    await store.entries.apply(read_outcome(feed, titled(1, "Rain"), titled(2, "Cloud"), now=at(2)))
    await store.changes.pause_source(GUILD, feed.id, paused=False, now=at(3))
    assert await fates(store, made) == {"Rain": "filter of the topic: missing: cloud", "Cloud": None}


async def test_a_filter_that_is_set_during_a_pause_is_asked_about_what_the_pause_holds(store: Store) -> None:
    made = await topic(store)
    feed = await followed(store, made)
    await store.changes.pause_source(GUILD, feed.id, paused=True, now=at(1))
    await store.entries.apply(read_outcome(feed, titled(1, "Rain"), titled(2, "Cloud"), now=at(2)))
    filtering = Filtering(store, FakeClock(at(3)), on_queued=lambda: None)
    assert await filtering.set(await filtering.place(made, str(feed.id)), "cloud") == 1
    await store.changes.pause_source(GUILD, feed.id, paused=False, now=at(4))
    assert await fates(store, made) == {"Rain": "filter of the source: missing: cloud", "Cloud": None}


@pytest.mark.parametrize(
    ("ours", "theirs", "kept"),
    [("cloud", "rain", "(cloud) OR (rain)"), ("cloud", "cloud", "cloud"), ("cloud", None, None), (None, "rain", None)],
)
async def test_of_two_feeds_that_become_one_comes_what_either_filter_wants(
    store: Store, ours: str | None, theirs: str | None, kept: str | None
) -> None:
    made = await topic(store)
    here, there = await followed(store, made), await followed(store, made, url="https://blog.example/atom")
    await store.filters.set(made.id, here.id, ours)
    await store.filters.set(made.id, there.id, theirs)
    listed = (titled(1, "Cloud"), titled(2, "Rain"), titled(3, "Sun"))
    met = read_outcome(there, *listed, now=at(2), moved_to=here.url, meeting=Meeting(here.id, listed))
    await store.entries.apply(met)
    assert (await store.filters.of(made.id, here.id)).source == kept
    assert (await fates(store, made))["Rain"] == (None if kept != "cloud" else "filter of the source: missing: cloud")
    assert (await fates(store, made))["Cloud"] is None


async def test_without_filters_nobody_is_asked_and_nothing_more_is_read(tmp_path: Path) -> None:
    def refuse(article: object, filters: object) -> list[Rejection | None]:
        raise AssertionError

    statements: list[str] = []
    store = await open_store(f"sqlite:///{tmp_path}/b.db", now=START, judge=refuse)
    made = await topic(store)
    feed = await followed(store, made)

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = store._database._writer.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", count)
    await store.entries.apply(read_outcome(feed, titled(1, "Rain"), now=at(2)))
    without = len(statements)
    sa.event.remove(engine, "before_cursor_execute", count)
    assert await fates(store, made) == {"Rain": None}
    await store.close()
    statements.clear()
    store = await open_store(f"sqlite:///{tmp_path}/b.db", now=START)
    await store.filters.set(made.id, None, "rain")
    engine = store._database._writer.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", count)
    await store.entries.apply(read_outcome(feed, titled(2, "Cloud"), now=at(3)))
    sa.event.remove(engine, "before_cursor_execute", count)
    assert len(statements) == without
    assert (await fates(store, made))["Cloud"] == "filter of the topic: missing: rain"
    await store.close()


async def test_a_filter_outlives_a_restart(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/b.db", now=START, default_backfill=0)
    made = await topic(store)
    feed = await followed(store, made)
    await store.filters.set(made.id, feed.id, "cloud")
    await store.close()
    store = await open_store(f"sqlite:///{tmp_path}/b.db", now=at(1), default_backfill=0)
    await store.entries.apply(read_outcome(feed, titled(1, "Rain"), titled(2, "Cloud"), now=at(2)))
    assert await fates(store, made) == {"Cloud": None, "Rain": "filter of the source: missing: cloud"}
    await store.close()


async def test_what_is_set_is_listed_by_topic_and_source(store: Store) -> None:
    first, second = await topic(store, "one"), await topic(store, "Two", channel=20)
    feed = await followed(store, first, second)
    assert await store.filters.all(GUILD, EVERY) == ()
    await store.filters.set(second.id, None, "rain")
    await store.filters.set(first.id, feed.id, "cloud")
    await store.filters.set(first.id, None, "news")
    assert await store.filters.all(GUILD, EVERY) == (
        FilterSet("one", None, "news"),
        FilterSet("one", "A blog", "cloud"),
        FilterSet("Two", None, "rain"),
    )
    assert await store.filters.all(GUILD, {second.id}) == (FilterSet("Two", None, "rain"),)
    assert await store.filters.all(GUILD + 1, EVERY) == ()


async def test_a_filter_of_what_is_not_there_is_not_set(store: Store) -> None:
    made = await topic(store)
    assert not await store.filters.set(made.id, 99, "cloud")
    assert not await store.filters.set(99, None, "cloud")


@pytest.mark.parametrize("scope", FilterScope)
@pytest.mark.parametrize("term", ["cloud", "-(a OR b)", 'title:"x: found: y"', ""])
@pytest.mark.parametrize("found", [True, False])
def test_a_reason_is_read_as_it_was_written(scope: FilterScope, term: str, found: bool) -> None:
    out = Rejection(scope, term, found)
    assert Rejection.read(out.reason) == out


def test_other_reasons_are_no_filters() -> None:
    for reason in (None, "archive", "same story", "source paused"):
        assert Rejection.read(reason) is None
