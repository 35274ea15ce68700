"""A source that moves to another topic takes along what waits, and is posted nowhere twice; a source with another name."""

import random
from collections import Counter

import pytest

from bot.model import ClaimedFeed, Topic
from bot.store.moves.move_source import MovedSource
from tests.jobs.conftest import Bot
from tests.jobs.discord import rate_limited

NEWS, TALK, LAB = 10, 20, 30
LOST = "lost"


async def move(bot: Bot, feed: ClaimedFeed, old: Topic, new: Topic) -> MovedSource | None:
    return await bot.store.relocation.move(feed.id, old_topic_id=old.id, new_topic_id=new.id, now=bot.clock.now())


async def two(bot: Bot) -> tuple[Topic, Topic]:
    return await bot.topic("news", channel=NEWS), await bot.topic("talk", channel=TALK)


async def test_what_was_posted_stays_and_what_comes_goes_to_the_new_topic(bot: Bot) -> None:
    news, talk = await two(bot)
    feed = await bot.feed(news)
    before = await bot.publish(feed, 3)
    await bot.run(10)
    assert await move(bot, feed, news, talk) == MovedSource(0, joined=False)
    after = await bot.publish(feed, 2)
    await bot.run(10)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == (before, after)


async def test_what_waits_goes_along_also_from_a_message_that_was_planned(bot: Bot) -> None:
    news, talk = await two(bot)
    moving, staying = await bot.feed(news), await bot.feed(news, url="https://other.example/feed")
    ours = await bot.publish(moving, 2)
    theirs = await bot.publish(staying, 2)
    bot.discord.next_sends(rate_limited(30))
    await bot.run(1)
    assert bot.discord.titles(NEWS) == []
    assert len(await bot.store.deliveries.waiting(NEWS, limit=9)) < 4, "some of it is planned"
    done = await move(bot, moving, news, talk)
    await bot.run(4000)
    assert done == MovedSource(2, joined=False)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == (theirs, ours)


async def test_what_waits_behind_a_paused_topic_waits_in_the_new_one(bot: Bot) -> None:
    news, talk = await two(bot)
    feed = await bot.feed(news)
    await bot.store.changes.pause_topic(news.id, paused=True)
    waiting = await bot.publish(feed, 12)
    assert await move(bot, feed, news, talk) == MovedSource(12, joined=False)
    await bot.run(10)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == ([], waiting)


async def test_a_paused_source_moves_with_what_its_pause_holds(bot: Bot) -> None:
    news, talk = await two(bot)
    feed = await bot.feed(news)
    await bot.store.changes.pause_source(1, feed.id, paused=True, now=bot.clock.now())
    held = await bot.publish(feed, 2)
    await move(bot, feed, news, talk)
    await bot.run(10)
    assert bot.discord.titles(TALK) == []
    await bot.store.changes.pause_source(1, feed.id, paused=False, now=bot.clock.now())
    await bot.run(10)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == ([], held)


async def test_into_a_topic_that_follows_it_already_nothing_is_repeated(bot: Bot) -> None:
    news, talk = await two(bot)
    feed = await bot.feed(news, talk)
    await bot.store.changes.pause_topic(news.id, paused=True)
    both = await bot.publish(feed, 2)
    await bot.run(10)
    assert await move(bot, feed, news, talk) == MovedSource(0, joined=True)
    await bot.store.changes.pause_topic(news.id, paused=False)
    later = await bot.publish(feed)
    await bot.run(10)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == ([], both + later)


async def test_a_message_of_which_nobody_knows_whether_it_arrived_is_settled_where_it_was(bot: Bot) -> None:
    news, talk = await two(bot)
    feed = await bot.feed(news)
    sent = await bot.publish(feed)
    bot.discord.next_sends(LOST)
    await bot.run(1)
    await move(bot, feed, news, talk)
    await bot.run(200)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == (sent, [])


async def test_a_source_that_is_not_followed_there_cannot_leave(bot: Bot) -> None:
    news, talk = await two(bot)
    feed = await bot.feed(talk)
    assert await move(bot, feed, news, talk) is None


async def test_a_declared_source_that_moved_is_not_brought_back_by_the_file(bot: Bot) -> None:
    talk = await bot.topic("talk", channel=TALK)

    async def declare() -> None:
        await bot.store.topics.declare(
            guild_id=1, name="news", channel_id=NEWS, feed_urls=["https://blog.example/feed"], backfill=0,
            now=bot.clock.now(),
        )  # fmt: skip

    await declare()
    news = await bot.store.topics.get(1, "news")
    assert news is not None
    await move(bot, await bot.feed(news), news, talk)
    await declare()
    sources = await bot.store.topics.sources(1, now=bot.clock.now())
    assert [source.topic for source in sources] == ["talk"]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_each_article_is_posted_once(bot: Bot, seed: int) -> None:
    chance = random.Random(seed)
    topics = [await bot.topic(name, channel=number) for name, number in (("a", NEWS), ("b", TALK), ("c", LAB))]
    at, feed, published = topics[0], await bot.feed(topics[0]), list[str]()
    for _ in range(25):
        what = chance.choice(["publish", "publish", "move", "move", "run", "lose", "pause", "resume", "rest", "go on"])
        if what == "publish":
            published += await bot.publish(feed, chance.randint(1, 4))
        elif what == "move":
            target = chance.choice(topics)
            if target is not at:
                assert await move(bot, feed, at, target) is not None
                at = target
        elif what == "lose":
            bot.discord.next_sends(LOST)
        elif what in {"pause", "resume"}:
            await bot.store.changes.pause_topic(chance.choice(topics).id, paused=what == "pause")
        elif what in {"rest", "go on"}:
            await bot.store.changes.pause_source(1, feed.id, paused=what == "rest", now=bot.clock.now())
        await bot.run(chance.choice([0.5, 3, 90]))
    for topic in topics:
        await bot.store.changes.pause_topic(topic.id, paused=False)
    await bot.store.changes.pause_source(1, feed.id, paused=False, now=bot.clock.now())
    await bot.run(4000, step=5)
    posted = Counter(title for channel in (NEWS, TALK, LAB) for title in bot.discord.titles(channel))
    assert posted == Counter(published)


async def test_a_source_posts_under_the_name_that_its_server_gave_it_and_other_servers_notice_nothing(bot: Bot) -> None:
    here, there = await bot.topic("news", channel=NEWS), await bot.topic("news", channel=TALK, guild=2)
    feed = await bot.feed(here, there)
    await bot.store.names.give(1, feed.id, "Our blog")
    await bot.publish(feed)
    await bot.run(10)
    author = [bot.discord.in_channel(channel)[0].shown["embeds"][0]["author"]["name"] for channel in (NEWS, TALK)]
    assert author == ["Our blog", "A blog"]
    named = [(await bot.store.topics.sources(guild, now=bot.clock.now()))[0] for guild in (1, 2)]
    assert [(each.title, each.own_title) for each in named] == [("Our blog", "A blog"), ("A blog", "A blog")]
    await bot.store.names.give(1, feed.id, None)
    await bot.publish(feed)
    await bot.run(10)
    assert bot.discord.in_channel(NEWS)[1].shown["embeds"][0]["author"]["name"] == "A blog"
