"""What persons follow comes as private messages: each article once, with why, whatever happens between."""

from dataclasses import replace

import pytest

from bot.model import ClaimedFeed, Entry, Topic
from tests.builders import new, read_outcome
from tests.jobs.club import ANN, BEN, Club
from tests.jobs.conftest import Bot
from tests.jobs.discord import NO_ANSWER


@pytest.fixture
def club(bot: Bot) -> Club:
    return Club(bot)


@pytest.fixture
async def topic(bot: Bot) -> Topic:
    return await bot.topic("Networks", channel=10)


@pytest.fixture
async def feed(bot: Bot, topic: Topic) -> ClaimedFeed:
    made = await bot.feed(topic)
    bot.clock.advance(60)
    return made


# --- what comes, and why -------------------------------------------------------------------------------


async def test_what_matches_words_comes_once_and_says_why(club: Club, feed: ClaimedFeed) -> None:
    await club.follow(ANN, "bgp")
    await club.publish(feed, "BGP for beginners", "Tea for two")
    await club.run()
    assert club.titles(ANN) == ["BGP for beginners"]
    [message] = club.messages(ANN)
    assert message.shown["embeds"][0]["footer"]["text"] == "matches “bgp”"
    await club.publish(feed, "More BGP")
    await club.run()
    assert club.titles(ANN) == ["BGP for beginners", "More BGP"]
    assert club.doors.opened == [ANN], "the private channel is opened once and remembered"


async def test_an_article_of_two_follows_comes_once_with_both_reasons(
    club: Club, feed: ClaimedFeed, topic: Topic
) -> None:
    await club.follow(ANN, "bgp")
    await club.follow_source(ANN, feed)
    await club.follow_topic(BEN, topic)
    await club.publish(feed, "BGP for beginners")
    await club.run()
    assert club.titles(ANN) == ["BGP for beginners"]
    assert "matches “bgp”, A blog" in club.text(ANN)
    assert "you follow the topic Networks" in club.text(BEN)


async def test_the_same_article_in_two_topics_of_a_guild_comes_once(club: Club, bot: Bot) -> None:
    feed = await bot.feed(await bot.topic("a", channel=10), await bot.topic("b", channel=11))
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.publish(feed, "BGP for beginners")
    await club.run()
    assert club.titles(ANN) == ["BGP for beginners"]


async def test_nobody_sees_what_another_guild_follows(club: Club, bot: Bot, feed: ClaimedFeed) -> None:
    other = await bot.feed(await bot.topic("secret", channel=20, guild=2), url="https://secret.example/feed")
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.follow(BEN, "bgp", guild=2)
    await club.publish(feed, "BGP here")
    await club.publish(other, "BGP there")
    await club.run()
    assert (club.titles(ANN), club.titles(BEN)) == (["BGP here"], ["BGP there"])


async def test_a_sample_an_archive_a_copy_and_what_came_before_the_follow_are_not_new(club: Club, bot: Bot) -> None:
    topic = await bot.topic("a", channel=10)
    feed = await bot.store.feeds.ensure("https://blog.example/feed", now=bot.clock.now())
    await bot.store.topics.subscribe(topic.id, feed.id, added_by=None, now=bot.clock.now())
    await club.publish(feed, "BGP as a sample")
    bot.clock.advance(60)
    await club.publish(feed, "BGP before")
    await club.run()
    await club.follow(ANN, "bgp")
    old = [replace(new(number, title=f"BGP {number}"), skip_reason="archive") for number in range(900, 920)]
    copy = replace(new(899, title="BGP before"), skip_reason="copy")
    await bot.store.entries.apply(read_outcome(feed, *old, copy, now=bot.clock.now()))
    await club.publish(feed, "BGP after")
    await club.run()
    assert club.titles(ANN) == ["BGP after"]


async def test_ten_articles_share_a_message(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    names = [f"Article {number}" for number in range(13)]
    await club.publish(feed, *names)
    await club.run(20)
    assert club.titles(ANN) == names
    assert [len(message.titles) for message in club.messages(ANN)] == [10, 3]


async def test_very_many_at_once_come_as_a_list(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    await club.publish(feed, *(f"A title that is neither long nor short, number {number}" for number in range(100)))
    await club.run(20)
    [message] = club.messages(ANN)
    assert message.shown["embeds"][0]["title"] == "100 articles came for you"
    text = club.text(ANN)
    assert "number 99]" in text
    listed = text.count("](https://blog.example/")
    assert 30 < listed < 100
    assert f"and {100 - listed} more articles" in text


# --- exactly once ---------------------------------------------------------------------------------------


async def test_a_crash_at_any_step_before_sending_loses_and_repeats_nothing(club: Club, feed: ClaimedFeed) -> None:
    await club.follow(ANN, "bgp")
    await club.publish(feed, "BGP 1")
    await club.restart()
    await club.job.round()
    await club.restart()
    await club.publish(feed, "BGP 2")
    await club.job.round()
    await club.restart()
    await club.run()
    assert club.titles(ANN) == ["BGP 1", "BGP 2"]


@pytest.mark.parametrize("arrived", [True, False], ids=["it arrived", "it did not"])
async def test_a_message_whose_answer_was_lost_is_looked_for_after_a_crash(
    club: Club, feed: ClaimedFeed, *, arrived: bool
) -> None:
    await club.follow(ANN, "bgp")
    await club.bot.run(2)
    await club.publish(feed, "BGP 1")
    await club.bot.run(2)
    await club.job.round()
    club.bot.discord.next_sends("lost" if arrived else NO_ANSWER)
    await club.bot.run(0.5)
    club.bot.clock.advance(1000)
    await club.restart()
    await club.run(30)
    assert club.titles(ANN) == ["BGP 1"]
    whats = [each.what for each in club.bot.discord.requests if each.channel_id == 9000 + ANN]
    assert whats == (["send", "find"] if arrived else ["send", "find", "send"])


async def test_ids_that_sqlite_gives_again_hide_nothing_that_is_new(club: Club, bot: Bot, feed: ClaimedFeed) -> None:
    doomed = await bot.topic("doomed", channel=11)
    other = await bot.feed(doomed, url="https://other.example/feed")
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.publish(other, "Tea 1", "Tea 2", "Tea 3")
    await club.run()
    await bot.store.topics.delete(doomed.id, now=bot.clock.now())
    await club.publish(feed, "BGP 1")
    await club.run()
    assert club.titles(ANN) == ["BGP 1"]


async def test_what_is_deleted_between_looking_and_taking_hides_nothing_that_comes_then(
    club: Club, bot: Bot, feed: ClaimedFeed
) -> None:
    doomed = await bot.topic("doomed", channel=11)
    other = await bot.feed(doomed, url="https://other.example/feed")
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.publish(other, "Tea 1")
    cursor, _, _ = await bot.store.matching.new()
    await bot.store.topics.delete(doomed.id, now=bot.clock.now())
    await club.publish(feed, "BGP 1")
    assert await bot.store.matching.take([], cursor, now=bot.clock.now())
    assert not await bot.store.matching.take([], cursor, now=bot.clock.now()), "the cursor stands elsewhere now"
    await club.run()
    assert club.titles(ANN) == ["BGP 1"]


async def test_articles_of_one_link_come_in_messages_of_their_own(club: Club, bot: Bot, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    same = []
    for number in (1, 2, 3):
        made = new(number, published=bot.clock.now(), position=number)
        assert isinstance(made.entry, Entry)
        same.append(replace(made, entry=replace(made.entry, link="https://blog.example/changelog")))
    await bot.store.entries.apply(read_outcome(feed, *same, now=bot.clock.now()))
    await club.run(60)
    assert sorted(title for message in club.messages(ANN) for title in message.titles) == [
        "Article 1",
        "Article 2",
        "Article 3",
    ]
