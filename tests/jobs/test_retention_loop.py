"""The loop that deletes what is kept no longer: soon, in pieces, and without a standstill."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.config.settings import StoreSettings
from bot.jobs.maintenance import RetentionJob
from bot.store import Store
from tests.builders import START, new, read_outcome
from tests.fakes import FakeClock
from tests.opening import open_store


async def left(store: Store, articles: int, url: str = "https://blog.example/feed") -> None:
    """A source with so many articles that was unsubscribed just now."""
    topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    assert topic is not None
    feed = await store.feeds.ensure(url, now=START)
    await store.topics.subscribe(topic.id, feed.id, added_by=7, now=START)
    await store.entries.apply(read_outcome(feed, *(new(number) for number in range(articles))))
    await store.topics.unsubscribe(topic.id, feed.id, now=START)


async def feeds(store: Store) -> int:
    async with store._database.read() as connection:
        return await connection.scalar(sa.text("SELECT count(*) FROM feeds")) or 0


async def run(job: RetentionJob, clock: FakeClock, seconds: float) -> int:
    """Let it work for so long; how many rounds that were."""
    end, rounds = clock.monotonic() + seconds, 0
    while clock.monotonic() < end:
        clock.advance(await job.round())
        rounds += 1
    return rounds


async def test_what_goes_at_once_is_gone_within_ten_seconds(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/a.db", kept=StoreSettings(unfollowed_days=0))
    clock = FakeClock(START)
    job = RetentionJob(store, timedelta(days=365), clock)
    await run(job, clock, 20)
    await left(store, 3)
    await run(job, clock, 10)
    assert await feeds(store) == 0
    await store.close()


async def test_much_is_deleted_in_pieces_and_little_is_looked_for_seldom(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/a.db", kept=StoreSettings(unfollowed_days=0))
    clock = FakeClock(START)
    job = RetentionJob(store, timedelta(days=365), clock)
    await left(store, 400)
    assert await run(job, clock, 12) > 8, "of some articles each"
    assert await feeds(store) == 0
    await run(job, clock, 60)
    assert await run(job, clock, 60) <= 16
    await store.close()


async def test_the_search_index_forgets_the_words_and_goes_on_working(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/a.db", kept=StoreSettings(unfollowed_days=0))
    clock = FakeClock(START)
    job = RetentionJob(store, timedelta(days=365), clock)
    await left(store, 120)
    await run(job, clock, 60)
    async with store._database.write() as connection:
        await connection.execute(sa.text("INSERT INTO entries_search(entries_search) VALUES ('integrity-check')"))
        found = sa.text("SELECT count(*) FROM entries_search WHERE entries_search MATCH 'article OR text'")
        assert await connection.scalar(found) == 0
    await store.close()
