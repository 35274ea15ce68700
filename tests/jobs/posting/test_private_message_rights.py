"""Private messages show only what the person may read at the moment in which they are sent."""

import pytest

from bot.model import ClaimedFeed, PostKind, SendKind, SendResult, Topic
from tests.jobs.club import ANN, Club
from tests.jobs.conftest import GUILD, Bot

HOUR, GONE = 3600.0, "No longer followed"


@pytest.fixture
async def topic(bot: Bot) -> Topic:
    return await bot.topic("Staff", channel=10)


@pytest.fixture
async def feed(bot: Bot, topic: Topic) -> ClaimedFeed:
    made = await bot.feed(topic)
    bot.clock.advance(60)
    return made


@pytest.fixture
def club(bot: Bot) -> Club:
    return Club(bot)


@pytest.mark.parametrize("kind", ["topic", "source"])
async def test_a_follow_that_may_no_longer_be_read_ends_with_one_sentence(
    club: Club, feed: ClaimedFeed, topic: Topic, kind: str
) -> None:
    await (club.follow_topic(ANN, topic) if kind == "topic" else club.follow_source(ANN, feed))
    await club.publish(feed, "One")
    await club.run()
    assert club.titles(ANN) == ["One"]
    club.viewers.hidden.add(topic.id)
    await club.publish(feed, "Two", "Three")
    await club.run()
    await club.publish(feed, "Four")
    await club.run()
    assert club.titles(ANN) == ["One", GONE]
    said = str(club.messages(ANN)[-1].shown)
    assert "is not shown to you there any more" in said
    assert [word for word in ("Two", "Three", "Four", "Staff") if word in said] == []
    assert await club.bot.store.follows.of(ANN) == ()
    assert await club.sends_to(ANN) == 2


async def test_words_find_nothing_in_topics_that_are_hidden_and_go_on_in_the_others(
    club: Club, bot: Bot, feed: ClaimedFeed, topic: Topic
) -> None:
    other = await bot.feed(await bot.topic("News", channel=20), url="https://other.example/feed")
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    club.viewers.hidden.add(topic.id)
    await club.publish(feed, "BGP in secret")
    await club.publish(other, "BGP for all")
    await club.run()
    assert club.titles(ANN) == ["BGP for all"]
    assert len(await bot.store.follows.of(ANN)) == 1


async def test_a_source_that_another_visible_topic_follows_goes_on(
    club: Club, bot: Bot, feed: ClaimedFeed, topic: Topic
) -> None:
    news = await bot.topic("News", channel=20)
    await bot.store.topics.subscribe(news.id, feed.id, added_by=None, now=bot.clock.now())
    await club.follow_source(ANN, feed)
    await club.follow_topic(ANN, topic)
    club.viewers.hidden.add(topic.id)
    await club.publish(feed, "One")
    await club.run()
    assert club.titles(ANN) == [GONE, "One"]
    assert [each.kind.value for each in await bot.store.follows.of(ANN)] == ["source"]
    assert "Staff" not in club.text(ANN)


async def test_what_was_planned_before_the_right_was_taken_is_not_sent(
    club: Club, bot: Bot, feed: ClaimedFeed, topic: Topic
) -> None:
    await club.follow_source(ANN, feed)
    bot.discord.refuse(9000 + ANN, SendResult(SendKind.NOT_SENT, reason="Discord does not answer"))
    await club.publish(feed, "One")
    await club.run()
    assert await planned(bot) == [PostKind.PERSONAL]
    bot.discord.clear(9000 + ANN)
    club.viewers.hidden.add(topic.id)
    await club.run(HOUR, step=60)
    assert "One" not in club.text(ANN)
    assert "is not shown to you there any more" in club.text(ANN)


async def planned(bot: Bot) -> list[str]:
    async with bot.store._database.read() as connection:
        found = await connection.exec_driver_sql("SELECT kind FROM posts WHERE state = 'planned'")
        return [row[0] for row in found.all()]


async def test_a_planned_message_waits_while_nobody_can_tell(club: Club, bot: Bot, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    await club.publish(feed, "One")
    while await club.job.round() == 0:
        pass
    club.viewers.unknown.add(GUILD)
    await club.run(HOUR, step=60)
    assert club.messages(ANN) == []
    club.viewers.unknown.clear()
    await club.run(HOUR, step=60)
    assert club.titles(ANN) == ["One"]


async def test_a_source_unsubscribed_in_a_hidden_topic_leaves_nothing_for_a_digest(
    club: Club, bot: Bot, feed: ClaimedFeed, topic: Topic
) -> None:
    await club.follow(ANN, "bgp", daily=True)
    club.viewers.hidden.add(topic.id)
    await club.publish(feed, "BGP in secret")
    await club.run()
    await bot.store.topics.unsubscribe(topic.id, feed.id, now=bot.clock.now())
    await club.run(86_400, step=600)
    assert club.messages(ANN) == []
