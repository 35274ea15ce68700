"""What may wait in a topic, and what one source and server may bring in a day."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.model import ClaimedFeed, ProblemKind, RestReason
from bot.store import Store
from bot.store.schema.tables import entries, feeds, topics
from tests.builders import START, at, entry, new, read_outcome
from tests.store.intake.floods import SMALL, dated, events, fates, followed, opened, replace_limits


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path) as made:
        yield made


# --- what waits ----------------------------------------------------------------------------------------


async def test_of_what_waits_in_a_topic_the_oldest_beyond_the_limit_are_skipped_and_counted(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed, [topic] = await followed(store, "news")
        _, [neighbour] = await followed(store, "quiet", guild=2)
        await store.changes.pause_topic(topic.id, paused=True)
        await store.changes.pause_topic(neighbour.id, paused=True)
        for poll in range(3):
            await store.entries.apply(read_outcome(feed, *dated(10 * poll, 4, start=10 * poll), now=at(10 * poll + 5)))
        assert await fates(store, topic) == {
            **dict.fromkeys(["0", "1", "2", "3"], "crowded"),
            **dict.fromkeys(["10", "11", "12", "13", "20", "21", "22", "23"], "waiting"),
        }
        assert await events(store) == {("crowded", topic.id): 4}
        assert await events(store, 2) == {("crowded", neighbour.id): 4}
        trouble = (await store.notices.untold(now=at(60)))[0]
        assert (trouble.kind, trouble.topics, trouble.articles) == (ProblemKind.CROWDED, ("news",), 4)


async def test_a_limit_that_was_lowered_holds_with_the_next_article(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        feed, [topic] = await followed(store, "news")
        await store.entries.apply(read_outcome(feed, *dated(0, 45), now=at(50)))
        assert Counter((await fates(store, topic)).values()) == {"waiting": 45}
    async with opened(tmp_path, SMALL) as store:
        await store.entries.apply(read_outcome(feed, *dated(100, 1, start=60), now=at(70)))
        assert Counter((await fates(store, topic)).values()) == {"waiting": 8, "crowded": 38}


async def test_what_moves_into_a_topic_counts_there(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed, [topic] = await followed(store, "news")
        other, [target] = await followed(store, "target", url="https://other.example/feed")
        await store.filters.set(target.id, None, "-*3")
        await store.entries.apply(read_outcome(feed, *dated(0, 5), now=at(10)))
        await store.entries.apply(read_outcome(other, *dated(100, 5, start=50), now=at(60)))
        moved = await store.relocation.move(feed.id, old_topic_id=topic.id, new_topic_id=target.id, now=at(70))
        assert moved is not None
        found = await fates(store, target)
        assert Counter(found.values())["waiting"] == 8
        assert found["3"].startswith("filter of the topic")
        assert found["103"].startswith("filter of the topic")


# --- of one day -------------------------------------------------------------------------------------------


async def resting(store: Store, feed: ClaimedFeed) -> tuple[datetime | None, RestReason | None]:
    async with store._database.read() as connection:
        row = (await connection.execute(sa.select(feeds).where(feeds.c.id == feed.id))).one()
    return row.rests_until, row.rest_reason


MIDNIGHT = START.replace(hour=0) + timedelta(days=1)


async def test_a_source_that_brings_too_much_in_a_day_rests_until_the_next_and_is_told_of_once(tmp_path: Path) -> None:
    async with opened(tmp_path, replace_limits(articles_per_source_per_day=12)) as store:
        feed, _ = await followed(store, "news")
        for poll in range(2):
            await store.entries.apply(read_outcome(feed, *dated(10 * poll, 6), now=at(poll)))
        assert await resting(store, feed) == (MIDNIGHT, RestReason.SOURCE)
        assert await store.feeds.claim_due(now=at(60), limit=5) == ()
        await store.changes.retry_sources([feed.id], now=at(60))
        assert await store.feeds.claim_due(now=at(60), limit=5) == (), "asking at once does not end it"
        await store.entries.apply(read_outcome(feed, now=at(61)))
        assert await store.feeds.claim_due(now=at(200), limit=5) == (), "nor does a poll that was under way"
        assert ("resting", feed.id) in await events(store)
        [due] = await store.feeds.claim_due(now=MIDNIGHT + timedelta(hours=2), limit=5)
        assert due.id == feed.id
        await store.entries.apply(read_outcome(feed, *dated(50, 6), now=MIDNIGHT + timedelta(hours=2)))
        [source] = await store.topics.sources(1, now=MIDNIGHT + timedelta(hours=2))
        assert source.rests_until is None


async def test_what_a_source_lists_when_it_is_first_read_says_nothing_of_a_day(tmp_path: Path) -> None:
    async with opened(tmp_path, replace_limits(articles_per_source_per_day=12)) as store:
        feed = await store.feeds.ensure("https://blog.example/feed", now=START)
        topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
        assert topic is not None
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(feed, *dated(0, 300)))
        assert await resting(store, feed) == (None, None)


async def test_a_server_over_its_budget_lets_only_those_sources_rest_that_nobody_else_has_room_for(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, replace_limits(stored_megabytes_per_day=0.02)) as store:
        loud, _ = await followed(store, "loud", guild=1, url="https://loud.example/feed")
        own, _ = await followed(store, "own", guild=1, url="https://own.example/feed")
        shared, _ = await followed(store, "shared", guild=1, url="https://shared.example/feed")
        await followed(store, "shared", guild=2, url="https://shared.example/feed")
        quiet, _ = await followed(store, "quiet", guild=2, url="https://quiet.example/feed")
        big = [replace(item, entry=replace(item.parsed, text="word " * 1_000)) for item in dated(0, 3)]
        await store.entries.apply(read_outcome(loud, *big, now=at(1)))
        assert [await resting(store, each) for each in (loud, own)] == 2 * [(MIDNIGHT, RestReason.SERVER)]
        assert [await resting(store, each) for each in (shared, quiet)] == 2 * [(None, None)]
        assert await store.amounts.is_over(1, now=at(2))
        assert not await store.amounts.is_over(2, now=at(2))
        assert await events(store) == {("storage", 0): 0}
        assert await events(store, 2) == {}
        [trouble] = await store.notices.untold(now=at(2))
        assert (trouble.kind, trouble.topics) == (ProblemKind.STORAGE, ())
        # What both follow counts for the one that has room: with the other's budget used up too, it rests.
        more = [replace(item, entry=replace(item.parsed, text="word " * 1_000)) for item in dated(100, 3)]
        await store.entries.apply(read_outcome(shared, *more, now=at(3)))
        assert await resting(store, shared) == (MIDNIGHT, RestReason.SERVER)
        # Somebody with room who follows it wakes it.
        third = await store.topics.create(guild_id=3, name="third", channel_id=33, now=at(4))
        assert third is not None
        await store.topics.subscribe(third.id, shared.id, added_by=None, now=at(4))
        assert shared.id in {due.id for due in await store.feeds.claim_due(now=at(5), limit=9)}
        assert not await store.amounts.is_over(1, now=MIDNIGHT)
        await store.upkeep.prune(now=MIDNIGHT + timedelta(days=3), keep=timedelta(days=365))
        async with store._database.read() as connection:
            assert await connection.scalar(sa.text("SELECT count(*) FROM stored_amounts")) == 0


async def test_texts_of_one_article_are_cut_and_addresses_that_are_too_long_are_left_out(store: Store) -> None:
    feed, _ = await followed(store, "news")
    huge = replace(
        entry(1), guid="g" * 9_000, title="t" * 9_000, author="a" * 9_000, text="x" * 200_000, summary_html="y" * 200_000,
        link="https://a.example/" + "l" * 9_000, image_url="https://a.example/" + "i" * 9_000, categories=("c" * 900,) * 90,
    )  # fmt: skip
    await store.entries.apply(read_outcome(feed, replace(new(1), entry=huge), now=at(1)))
    [article] = await store.entries.newest(feed.id)
    assert (len(article.title), len(article.author or ""), len(article.text)) == (2_000, 500, 100_000)
    assert (article.link, article.image_url, len(article.categories)) == (None, None, 50)
    async with store._database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.length(entries.c.guid))) == 4_000
        assert await connection.scalar(sa.select(sa.func.count()).select_from(topics)) == 1
