"""Two feeds that become one where filters, pauses and one story once had their say about their articles before."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.filters.evaluate import judge
from bot.model import DeliveryState, FollowKind, MessagePayload, PostPlan, Topic, Wish
from bot.store.schema.personal_tables import personal_deliveries
from bot.store.schema.tables import deliveries, entries
from tests.builders import START
from tests.opening import open_store
from tests.store.moves.test_feed_moves import GUILD, NEW, OLD, Reader, articles


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    store = await open_store(f"sqlite:///{tmp_path}/a.db", now=START, default_backfill=0, judge=judge)
    yield Reader(store)
    await store.close()


async def both(reader: Reader) -> Topic:
    """A topic that follows both, read once."""
    topic = await reader.topic("news", OLD, NEW)
    await reader.poll(OLD, *articles(1))
    await reader.poll(NEW, *articles(1))
    return topic


async def ids(reader: Reader) -> dict[str, int]:
    """By address, what waits from each feed."""
    found = await reader.store.deliveries.waiting(sum(b"news"), limit=9)
    by_feed = {delivery.article.feed_id: delivery.id for delivery, _ in found}
    return {url: by_feed[feed_id] for url in (OLD, NEW) if (feed_id := (await reader.feed(url)).id) in by_feed}


async def meet(reader: Reader) -> None:
    """The feed at the old address stays, and takes in the other."""
    await reader.poll(OLD, *articles(2, 1), moved_to=NEW)


async def test_what_the_filter_of_one_feed_left_out_comes_from_the_other_that_wants_it(reader: Reader) -> None:
    topic = await both(reader)
    await reader.store.filters.set(topic.id, (await reader.feed(OLD)).id, "nothing-of-this")
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll(NEW, *articles(2, 1))
    assert await reader.waiting(topic) == ["Article 2"]
    await meet(reader)
    assert await reader.waiting(topic) == ["Article 2"]


@pytest.mark.parametrize("rests", [OLD, NEW])
async def test_what_rested_with_one_feed_goes_on_with_the_one_that_does_not_rest(reader: Reader, rests: str) -> None:
    topic = await both(reader)
    await reader.store.changes.pause_source(GUILD, (await reader.feed(rests)).id, paused=True, now=reader.clock.now())
    await reader.poll(rests, *articles(2, 1))
    assert await reader.waiting(topic) == []
    await meet(reader)
    assert await reader.waiting(topic) == ["Article 2"]


async def test_where_both_rest_what_they_hold_waits_for_the_end_of_the_pause(reader: Reader) -> None:
    topic = await both(reader)
    for url in (OLD, NEW):
        feed = await reader.feed(url)
        await reader.store.changes.pause_source(GUILD, feed.id, paused=True, now=reader.clock.now())
        await reader.poll(url, *articles(2, 1))
    await meet(reader)
    assert await reader.waiting(topic) == []
    feed = await reader.feed(OLD)
    await reader.store.changes.pause_source(GUILD, feed.id, paused=False, now=reader.clock.now())
    assert await reader.waiting(topic) == ["Article 2"]


async def test_a_story_in_a_planned_message_of_the_feed_that_went_waits_again_if_that_comes_to_nothing(
    reader: Reader,
) -> None:
    topic = await both(reader)
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll(NEW, *articles(2, 1))
    here, there = (await ids(reader)).values()
    now = reader.clock.now()
    await reader.store.stories.settle([here, there], {here: there}, now=now, edit_within=timedelta(days=2))
    plan = PostPlan(topic.id, topic.channel_id, GUILD, "n", MessagePayload(({"title": "Article 2"},)), (there,))
    assert await reader.store.posts.plan(plan, now=now)
    await meet(reader)
    post = await reader.store.posts.first_open(topic.channel_id)
    assert post is not None
    assert post.size == 1
    await reader.store.posts.dissolve(post.id, "a person moved the topic", singly=False)
    assert await reader.waiting(topic) == ["Article 2"]


async def test_what_one_feed_told_a_person_does_not_come_from_the_other_too(reader: Reader) -> None:
    await both(reader)
    await reader.store.follows.add(7, GUILD, Wish(FollowKind.WORDS, daily=False, words="article"), now=START)
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll(NEW, *articles(2, 1))
    there = (await reader.feed(NEW)).id
    async with reader.store._database.write() as connection:
        found = await connection.execute(
            sa.select(deliveries.c.entry_id, entries.c.feed_id)
            .join(entries, entries.c.id == deliveries.c.entry_id)
            .order_by(deliveries.c.id)
        )
        for row in found.all():
            state = DeliveryState.POSTED if row.feed_id == there else DeliveryState.WAITING
            await connection.execute(
                sa.insert(personal_deliveries).values(
                    user_id=7, entry_id=row.entry_id, state=state, at_once=True, order_at=START, order_position=0,
                    created_at=START,
                )
            )  # fmt: skip
    await meet(reader)
    waiting, _ = await reader.store.personal.waiting(7, at_once=True, limit=9)
    assert waiting == ()


async def test_the_counts_behind_the_pages_are_right_after_corrections_and_a_merger(reader: Reader) -> None:
    await both(reader)
    await reader.poll(OLD, *articles(4, 3, 2, 1))
    await reader.poll(NEW, *articles(5, 2, 1))
    await meet(reader)
    counted = "SELECT feed_id, sum(articles) FROM river_counts WHERE level = 35 GROUP BY 1 HAVING sum(articles) > 0"
    async with reader.store._database.read() as connection:
        kept = (await connection.execute(sa.text(counted))).all()
        true = (await connection.execute(sa.text("SELECT feed_id, count(*) FROM entries GROUP BY 1"))).all()
        found = sa.text("SELECT count(*) FROM entries_search WHERE entries_search MATCH 'title:article'")
        hits = await connection.scalar(found)
    assert [tuple(row) for row in kept] == [tuple(row) for row in true]
    assert hits == true[0][1] == 5
