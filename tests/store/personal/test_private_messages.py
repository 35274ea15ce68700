"""What persons follow, where feeds meet, guilds go and rows grow old."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.model import DIRECT, FollowKind, Match, MessagePayload, PersonalPlan, PostKind, Wish
from bot.store import Store
from bot.store.admin.retention import GUILD_KEPT
from bot.store.schema.personal_tables import personal_deliveries
from bot.store.schema.tables import posts
from tests.builders import START, at, entry, new, read_outcome
from tests.opening import sweep
from tests.store.moves.test_feed_moves import NEW, OLD, Reader

ANN, GUILD, DOOR = 71, 1, 9071


@pytest.fixture
def reader(store: Store) -> Reader:
    return Reader(store)


async def follow(store: Store, wish: Wish, *, guild: int = GUILD) -> int:
    made, _ = await store.follows.add(ANN, guild, wish, now=START)
    return made.id


async def match_all(store: Store, *, now_minutes: float = 30) -> None:
    """What the loop does, for everything that is followed by source."""
    cursor, articles, follows = await store.matching.new()
    matches = [Match(f, a) for a in articles for f in follows if f.feed_id == a.article.feed_id]
    assert await store.matching.take(matches, cursor, now=at(now_minutes))


async def waiting(store: Store) -> list[str]:
    found, _ = await store.personal.waiting(ANN, at_once=True, limit=50)
    return [each.article.title for each in found]


async def test_when_two_feeds_become_one_follows_and_what_waits_go_on(reader: Reader) -> None:
    store = reader.store
    await reader.topic("old", OLD)
    await reader.topic("new", NEW)
    await reader.poll(OLD, entry(1))
    await reader.poll(NEW, entry(1))
    old, kept = await reader.feed(OLD), await reader.feed(NEW)
    await follow(store, Wish(FollowKind.SOURCE, daily=False, feed_id=old.id))
    await reader.poll(OLD, entry(2), entry(1))
    await match_all(store)
    assert await waiting(store) == ["Article 2"]
    await reader.poll(NEW, entry(2), entry(1))
    await reader.poll(OLD, entry(2), entry(1), moved_to=NEW)
    assert await waiting(store) == ["Article 2"]
    [followed] = await store.follows.of(ANN)
    assert followed.feed_id in {old.id, kept.id}
    await reader.poll(NEW, entry(3), entry(2), entry(1))
    await match_all(store)
    assert sorted(await waiting(store)) == ["Article 2", "Article 3"]


async def test_who_followed_both_feeds_follows_the_one_that_stays_once(reader: Reader) -> None:
    store = reader.store
    await reader.topic("old", OLD)
    await reader.topic("new", NEW)
    await reader.poll(OLD, entry(1))
    await reader.poll(NEW, entry(1))
    for url in (OLD, NEW):
        await follow(store, Wish(FollowKind.SOURCE, daily=False, feed_id=(await reader.feed(url)).id))
    await reader.poll(NEW, entry(2), entry(1))
    await match_all(store)
    await reader.poll(OLD, entry(2), entry(1), moved_to=NEW)
    assert len(await store.follows.of(ANN)) == 1
    await match_all(store)
    assert await waiting(store) == ["Article 2"]
    await reader.poll(NEW, entry(3), entry(2), entry(1))
    await match_all(store)
    assert sorted(await waiting(store)) == ["Article 2", "Article 3"]


async def test_a_source_that_nobody_can_see_any_more_and_a_deleted_topic_are_followed_no_longer(reader: Reader) -> None:
    store = reader.store
    topic = await reader.topic("news", NEW)
    await follow(store, Wish(FollowKind.TOPIC, daily=False, topic_id=topic.id))
    await store.topics.delete(topic.id, now=START)
    assert await store.follows.of(ANN) == ()


async def test_what_waits_only_for_a_topics_sake_does_not_come_after_the_topic_was_deleted(reader: Reader) -> None:
    store = reader.store
    topic = await reader.topic("old", OLD)
    await reader.poll(OLD, entry(1))
    await follow(store, Wish(FollowKind.TOPIC, daily=False, topic_id=topic.id))
    await reader.poll(OLD, entry(2), entry(1))
    cursor, articles, [followed] = await store.matching.new()
    assert await store.matching.take([Match(followed, each) for each in articles], cursor, now=at(30))
    assert await waiting(store) == ["Article 2"]
    await store.topics.delete(topic.id, now=at(31))
    assert await waiting(store) == []


async def test_a_guild_that_removed_the_bot_takes_its_follows_with_it_in_the_end(store: Store) -> None:
    await follow(store, Wish(FollowKind.WORDS, daily=False, words="bgp"))
    await follow(store, Wish(FollowKind.WORDS, daily=False, words="tea"), guild=2)
    await store.upkeep.guild_left(GUILD, now=START)
    await sweep(store, now=START + GUILD_KEPT + timedelta(days=1))
    assert [each.name for each in await store.follows.of(ANN)] == ["tea"]


async def test_what_was_sent_is_forgotten_after_its_time_with_its_message(reader: Reader) -> None:
    store = reader.store
    await reader.topic("news", NEW)
    await reader.poll(NEW, entry(1))
    await follow(store, Wish(FollowKind.SOURCE, daily=False, feed_id=(await reader.feed(NEW)).id))
    await reader.poll(NEW, entry(2), entry(1))
    await match_all(store)
    _, ids = await store.personal.waiting(ANN, at_once=True, limit=5)
    await store.personal.opened(ANN, DOOR)
    assert await store.personal.plan(PersonalPlan(ANN, DOOR, "n1", MessagePayload(), ids), now=at(30))
    assert not await store.personal.plan(PersonalPlan(ANN, DOOR, "n2", MessagePayload(), ids), now=at(30))
    claimed = await store.deliveries.claim_channels(now=at(31), limit=5)
    assert (DOOR, DIRECT) in {(work.channel_id, work.guild_id) for work in claimed}
    post = await store.posts.first_open(DOOR)
    assert post is not None
    assert (post.kind, post.topic_moved, post.size) == (PostKind.PERSONAL, False, 1)
    await store.posts.posted(post.id, channel_id=DOOR, message_id=5, now=at(32))
    assert await store.personal.prune(before=at(30)) == 0
    assert await store.personal.prune(before=at(31)) == 1
    async with store._database.read() as connection:
        for table in (personal_deliveries, posts):
            assert await connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


async def test_where_nobody_follows_anything_nothing_is_read_but_two_numbers(store: Store) -> None:
    topic = await store.topics.create(guild_id=GUILD, name="news", channel_id=10, now=START)
    assert topic is not None
    feed = await store.feeds.ensure(NEW, now=START)
    await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, now=START))
    await store.entries.apply(read_outcome(feed, *(new(n, position=n) for n in range(50)), now=at(1)))
    cursor, articles, follows = await store.matching.new()
    assert (cursor.at, cursor.to, articles, follows) == (0, 50, (), ())
    assert await store.matching.take([], cursor, now=at(1))
    assert (await store.matching.new())[0].to == 50
