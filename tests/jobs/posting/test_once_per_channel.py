"""An article that several topics bring to one channel is posted there once, whatever happens to any of them."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.feeds.identity import identify
from bot.model import ClaimedFeed, DigestSchedule, MatchedEntry, SendKind, SendResult, Topic
from bot.schedules import digest_times
from bot.store.schema.tables import deliveries
from tests.builders import entry, read_outcome
from tests.jobs.conftest import GUILD, Bot
from tests.jobs.discord import rate_limited

NEWS, TALK, LAB = 10, 20, 30
LOST = "lost"
REFUSED = SendResult(SendKind.REFUSED, code=200000, reason="AutoMod blocked the message")


async def edit(bot: Bot, topic: Topic, *, channel: int | None = None, **options: object) -> Topic:
    after = replace(topic.options, **options)  # type: ignore[arg-type]  # a test names the fields it means
    edited = await bot.store.changes.edit_topic(
        topic.id,
        name=None,
        channel_id=channel,
        colour=None,
        options=options,
        hours=digest_times.hours(after, bot.clock.now()) if options else None,
        now=bot.clock.now(),
    )
    assert edited is not None
    return edited


async def unsubscribe(bot: Bot, topic: Topic, feed: ClaimedFeed) -> None:
    await bot.store.topics.unsubscribe(topic.id, feed.id, now=bot.clock.now())


async def delete(bot: Bot, topic: Topic) -> None:
    await bot.store.topics.delete(topic.id, now=bot.clock.now())


async def both_here(bot: Bot) -> tuple[Topic, Topic, ClaimedFeed]:
    """Two topics that post one source in one channel."""
    one, two = await bot.topic("one", channel=NEWS), await bot.topic("two", channel=NEWS)
    return one, two, await bot.feed(one, two)


async def fates(bot: Bot, topic: Topic) -> Counter[str]:
    """How many of a topic's articles are in which state."""
    query = sa.select(deliveries.c.state).where(deliveries.c.topic_id == topic.id)
    async with bot.store._database.read() as connection:
        return Counter((await connection.execute(query)).scalars())


# --- one source in two topics -------------------------------------------------------------------------------


async def test_an_article_of_two_topics_is_posted_once(bot: Bot) -> None:
    _one, _two, feed = await both_here(bot)
    published = await bot.publish(feed, 2)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == published


async def test_very_many_come_once_too(bot: Bot) -> None:
    one, two, feed = await both_here(bot)
    published = await bot.publish(feed, 45)
    await bot.run(60)
    assert bot.discord.titles(NEWS) == published
    assert await fates(bot, one) + await fates(bot, two) == {"posted": 45, "skipped": 45}


async def test_each_channel_and_each_thread_of_it_has_it_once(bot: Bot) -> None:
    one, two, _feed = await both_here(bot)
    thread = await bot.topic("thread", channel=NEWS + 1)
    feed = await bot.feed(one, two, thread)
    published = await bot.publish(feed, 3)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == bot.discord.titles(NEWS + 1) == published


async def test_a_topic_that_is_to_repeat_posts_it_too_and_the_others_as_if_it_were_not_there(bot: Bot) -> None:
    one, two, feed = await both_here(bot)
    three = await bot.topic("three", channel=NEWS)
    await bot.feed(three)
    await edit(bot, two, repeats=True)
    published = await bot.publish(feed, 2)
    await bot.run(10)
    assert Counter(bot.discord.titles(NEWS)) == Counter(published * 2)
    posted = [(await fates(bot, each))["posted"] for each in (one, two, three)]
    assert posted[1] == 2
    assert posted[0] + posted[2] == 2


async def test_the_topic_that_mentions_a_role_posts_what_both_have(bot: Bot) -> None:
    _one, two, feed = await both_here(bot)
    await edit(bot, two, mention_role=77)
    await bot.publish(feed, 2)
    await bot.run(10)
    assert [message.shown.get("content") for message in bot.discord.in_channel(NEWS)] == ["<@&77>"] * 2


async def test_a_sample_for_a_second_topic_is_not_posted_again(bot: Bot) -> None:
    one = await bot.topic("one", channel=NEWS)
    feed = await bot.feed(one)
    published = await bot.publish(feed)
    await bot.run(10)
    two = await bot.store.topics.create(guild_id=GUILD, name="two", channel_id=NEWS, backfill=5, now=bot.clock.now())
    assert two is not None
    await bot.feed(two)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == published


async def test_a_digest_leaves_out_what_stands_in_the_channel(bot: Bot) -> None:
    _one, two, feed = await both_here(bot)
    await edit(bot, two, digest=DigestSchedule.HOURLY)
    only = await bot.feed(two, url="https://digest.example/feed")
    await bot.publish(feed, 2)
    [late] = await bot.publish(only)
    await bot.run(4000, step=60)
    digest = bot.discord.in_channel(NEWS)[-1]
    assert (len(bot.discord.in_channel(NEWS)), digest.titles) == (3, ["two: 1 article"])
    assert late in digest.text


async def test_what_came_in_a_digest_is_not_posted_by_itself(bot: Bot) -> None:
    one, two, feed = await both_here(bot)
    await edit(bot, two, digest=DigestSchedule.HOURLY)
    await bot.store.changes.pause_topic(one.id, paused=True)
    await bot.publish(feed, 3)
    await bot.run(4000, step=60)
    await bot.store.changes.pause_topic(one.id, paused=False)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == ["two: 3 articles"]
    assert await fates(bot, one) == {"skipped": 3}


# --- the topic that had it does not post it: the other's turn -----------------------------------------------


Before = Callable[[Bot, Topic, ClaimedFeed], Awaitable[object]]


async def pause_topic(bot: Bot, topic: Topic, _feed: ClaimedFeed) -> None:
    await bot.store.changes.pause_topic(topic.id, paused=True)


async def pause_source(bot: Bot, topic: Topic, feed: ClaimedFeed) -> None:
    await bot.store.changes.pause_source(GUILD, feed.id, paused=True, now=bot.clock.now(), visible={topic.id})


async def move_away(bot: Bot, topic: Topic, _feed: ClaimedFeed) -> None:
    await edit(bot, topic, channel=TALK)


async def delete_topic(bot: Bot, topic: Topic, _feed: ClaimedFeed) -> None:
    await delete(bot, topic)


async def stop_following(bot: Bot, topic: Topic, feed: ClaimedFeed) -> None:
    await unsubscribe(bot, topic, feed)


@pytest.mark.parametrize("planned", [False, True], ids=["waiting", "planned"])
@pytest.mark.parametrize("happens", [pause_topic, pause_source, move_away, delete_topic, stop_following])
async def test_the_other_topic_posts_what_this_one_does_not(bot: Bot, happens: Before, planned: bool) -> None:
    one, _two, feed = await both_here(bot)
    if not planned:
        bot.discord.obstruct(NEWS, "Send Messages")
    published = await bot.publish(feed)
    if planned:
        bot.discord.next_sends(rate_limited(30))
    await bot.run(5)
    assert bot.discord.titles(NEWS) == []
    await happens(bot, one, feed)
    bot.discord.clear(NEWS)
    await bot.run(4000, step=60)
    assert bot.discord.titles(NEWS) == published


@pytest.mark.parametrize("arrived", [False, True])
@pytest.mark.parametrize("happens", [pause_topic, move_away, delete_topic])
async def test_nobody_posts_what_may_have_arrived_before_that_is_known(
    bot: Bot, happens: Before, arrived: bool
) -> None:
    one, _two, feed = await both_here(bot)
    bot.discord.next_sends(LOST if arrived else SendResult(SendKind.UNKNOWN, reason="no answer", answered=False))
    published = await bot.publish(feed)
    await bot.run(1)
    await bot.restart()  # only the channel's history tells
    await happens(bot, one, feed)
    await bot.run(4000, step=60)
    assert bot.discord.titles(NEWS) == published
    assert bot.discord.titles(TALK) == ([] if arrived or happens is not move_away else published)


async def test_what_discord_refuses_of_one_topic_is_tried_by_the_other(bot: Bot) -> None:
    one, two, feed = await both_here(bot)
    bot.discord.next_sends(REFUSED)
    published = await bot.publish(feed)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == published
    assert (await fates(bot, one), await fates(bot, two)) == ({"failed": 1}, {"posted": 1})
    [failed] = (await bot.store.operating.failed(None, page=1, size=5)).articles
    await bot.store.operating.replay(None, failed.delivery_id)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == published


async def test_a_message_that_comes_to_nothing_keeps_nothing_from_another_topic_that_left(bot: Bot) -> None:
    one, two, feed = await both_here(bot)
    bot.discord.next_sends(rate_limited(30))
    published = await bot.publish(feed)
    await bot.run(5)
    assert await fates(bot, two) == {"skipped": 1}
    await edit(bot, two, channel=TALK)
    await bot.run(60)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == (published, published)
    assert await fates(bot, one) == {"posted": 1}


async def test_a_crash_between_any_two_steps_repeats_nothing_and_loses_nothing(bot: Bot) -> None:
    _one, _two, feed = await both_here(bot)
    published = await bot.publish(feed, 4)
    for _ in range(4):
        bot.discord.next_sends(LOST)
        await bot.run(0.5)
        await bot.restart()
    await bot.run(600, step=10)
    assert Counter(bot.discord.titles(NEWS)) == Counter(published)


# --- topics that come and go ----------------------------------------------------------------------------------


async def test_a_topic_that_comes_to_a_channel_leaves_out_what_stands_there(bot: Bot) -> None:
    one, two = await bot.topic("one", channel=NEWS), await bot.topic("two", channel=TALK)
    feed = await bot.feed(one, two)
    await bot.store.changes.pause_topic(two.id, paused=True)
    published = await bot.publish(feed, 12)
    await bot.run(10)
    await edit(bot, two, channel=NEWS)
    assert await fates(bot, two) == {"skipped": 12}, "and the figures say so"
    await bot.store.changes.pause_topic(two.id, paused=False)
    more = await bot.publish(feed)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == published + more


@pytest.mark.parametrize("leaves", [move_away, delete_topic])
async def test_what_a_topic_left_behind_in_a_channel_is_not_posted_there_again(bot: Bot, leaves: Before) -> None:
    one = await bot.topic("one", channel=NEWS)
    feed = await bot.feed(one)
    published = await bot.publish(feed, 2)
    await bot.run(10)
    await leaves(bot, one, feed)
    two = await bot.store.topics.create(guild_id=GUILD, name="two", channel_id=NEWS, backfill=5, now=bot.clock.now())
    assert two is not None
    await bot.feed(two)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == published


async def test_a_source_that_moves_to_another_topic_brings_nothing_that_stands_there(bot: Bot) -> None:
    one, two = await bot.topic("one", channel=NEWS), await bot.topic("two", channel=TALK)
    three = await bot.topic("three", channel=NEWS)
    feed = await bot.feed(one, two)
    await bot.store.changes.pause_topic(two.id, paused=True)
    published = await bot.publish(feed, 3)
    await bot.run(10)
    done = await bot.store.relocation.move(feed.id, old_topic_id=two.id, new_topic_id=three.id, now=bot.clock.now())
    assert done is not None
    assert done.waiting == 0
    await bot.run(10)
    assert bot.discord.titles(NEWS) == published


# --- one story of two sources -----------------------------------------------------------------------------------

TITLE = "Line card fault takes the northern exchange down"
TEXT = (
    "The operator of the northern exchange says that a faulty line card in Hamburg dropped routes for eleven "
    "minutes on Tuesday, and that traffic went by way of Frankfurt until engineers had replaced it."
)


async def tell(bot: Bot, feed: ClaimedFeed, number: int, *, title: str = TITLE) -> None:
    """A source publishes the story, under a link of its own."""
    link = f"https://{feed.id}.example/{number}"
    made = replace(
        entry(number, published=bot.clock.now()),
        title=title, text=TEXT, summary_html=TEXT, link=link,
        keys=identify.keys(guid=f"{feed.id}-{number}", link=link, title=title, html=TEXT),
    )  # fmt: skip
    outcome = read_outcome(feed, MatchedEntry(made, uid=str(number), known_id=None), now=bot.clock.now())
    await bot.store.entries.apply(replace(outcome, title=f"Source {feed.id}"))


async def two_sources(bot: Bot) -> tuple[Topic, Topic, ClaimedFeed, ClaimedFeed]:
    one, two = await bot.topic("one", channel=NEWS), await bot.topic("two", channel=NEWS)
    return one, two, await bot.feed(one), await bot.feed(two, url="https://other.example/feed")


async def test_a_story_of_two_sources_in_two_topics_of_a_channel_is_told_once_and_names_both(bot: Bot) -> None:
    _one, two, first, second = await two_sources(bot)
    await tell(bot, first, 1)
    await bot.run(10)
    await tell(bot, second, 1)
    await bot.run(10)
    assert bot.discord.titles(NEWS) == [TITLE]
    assert await fates(bot, two) == {"skipped": 1}
    assert await bot.store.edits.next(now=bot.clock.now()) is not None, "its message is to name the other source"


async def test_two_that_tell_it_at_the_same_time_tell_it_once(bot: Bot) -> None:
    _one, _two, first, second = await two_sources(bot)
    await tell(bot, second, 1)
    await tell(bot, first, 1)
    await tell(bot, first, 2, title="Something else happened on another day")
    await bot.run(20)
    assert sorted(bot.discord.titles(NEWS)) == sorted([TITLE, "Something else happened on another day"])


async def test_a_story_that_waits_behind_a_pause_keeps_no_other_topic_from_telling_it(bot: Bot) -> None:
    one, _two, first, second = await two_sources(bot)
    bot.discord.obstruct(NEWS, "Send Messages")
    await tell(bot, first, 1)
    await bot.run(2)
    await bot.store.changes.pause_topic(one.id, paused=True)
    bot.discord.clear(NEWS)
    await tell(bot, second, 1)
    await bot.run(4000, step=60)
    assert bot.discord.titles(NEWS) == [TITLE]
    await bot.store.changes.pause_topic(one.id, paused=False)
    await bot.run(20)
    assert bot.discord.titles(NEWS) == [TITLE]


async def test_a_story_of_a_topic_that_repeats_is_told_by_both(bot: Bot) -> None:
    one, _two, first, second = await two_sources(bot)
    await edit(bot, one, repeats=True)
    await tell(bot, first, 1)
    await tell(bot, second, 1)
    await bot.run(20)
    assert bot.discord.titles(NEWS) == [TITLE, TITLE]
