"""Where two features meet: each article is posted once all the same, or held."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.feeds.identity import identify
from bot.filters.evaluate import judge
from bot.model import ClaimedFeed, MatchedEntry, MessagePayload, PostPlan
from bot.store.schema.tables import deliveries
from tests.builders import entry, read_outcome
from tests.jobs.club import ANN, Club
from tests.jobs.conftest import Bot
from tests.jobs.discord import rate_limited
from tests.jobs.posting.test_digest_planner import DAILY, DAY, HOUR, listed, options
from tests.opening import open_store

NEWS, TALK = 10, 20
OTHER = "https://other.example/feed"
STORY = "Line card fault takes the northern exchange down"
TEXT = (
    "The operator of the northern exchange says that a faulty line card in Hamburg dropped routes for eleven "
    "minutes on Tuesday, and that traffic went by way of Frankfurt until engineers had replaced it."
)


def told(number: int, source: str, *, bot: Bot, title: str = STORY, text: str = TEXT) -> MatchedEntry:
    """The same story, as a source tells it."""
    link = f"https://{source}.example/{number}"
    keys = identify.keys(guid=f"{source}-{number}", link=link, title=title, html=text)
    made = replace(
        entry(number, published=bot.clock.now()), keys=keys, guid=f"{source}-{number}", link=link, title=title,
        summary_html=text, text=text,
    )  # fmt: skip
    return MatchedEntry(entry=made, uid=f"{source}-{number}", known_id=None)


async def publish(bot: Bot, feed: ClaimedFeed, *items: MatchedEntry) -> None:
    await bot.store.entries.apply(read_outcome(feed, *items, now=bot.clock.now()))


async def states(bot: Bot) -> list[tuple[str, str | None]]:
    async with bot.store._database.read() as connection:
        found = await connection.execute(sa.select(deliveries.c.state, deliveries.c.reason).order_by(deliveries.c.id))
        return [(row.state, row.reason) for row in found.all()]


async def filtering(bot: Bot) -> None:
    """Start again with filters that are asked."""
    await bot.store.close()
    bot.store = await open_store(f"sqlite:///{bot.path}", now=bot.clock.now(), default_backfill=0, judge=judge)
    bot.__post_init__()


# --- what a person does while a message is about to leave ----------------------------------------------


async def test_a_topic_that_moves_right_before_its_message_leaves_has_it_in_the_new_channel_only(bot: Bot) -> None:
    topic = await bot.topic()
    feed = await bot.feed(topic)
    titles = await bot.publish(feed)
    bot.discord.next_sends(rate_limited(30))
    await bot.run(1)

    async def moves() -> None:
        await bot.store.changes.edit_topic(topic.id, name=None, channel_id=TALK, colour=None, now=bot.clock.now())

    bot.clock.advance(29)
    bot.discord.meanwhile(moves)
    await bot.run(120)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == ([], titles)


async def test_a_source_that_moves_right_before_its_message_leaves_is_posted_in_the_new_topic_only(bot: Bot) -> None:
    news, talk = await bot.topic("news"), await bot.topic("talk", channel=TALK)
    feed = await bot.feed(news)
    titles = await bot.publish(feed)
    bot.discord.next_sends(rate_limited(30))
    await bot.run(1)

    async def moves() -> None:
        await bot.store.relocation.move(feed.id, old_topic_id=news.id, new_topic_id=talk.id, now=bot.clock.now())

    bot.clock.advance(29)
    bot.discord.meanwhile(moves)
    await bot.run(120)
    assert (bot.discord.titles(NEWS), bot.discord.titles(TALK)) == ([], titles)


async def test_what_is_on_its_way_to_somebody_who_is_forgotten_does_not_count_for_the_next_message(bot: Bot) -> None:
    club = Club(bot)
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await club.follow(ANN, "one")
    bot.clock.advance(1)
    await club.publish(feed, "One")
    while await club.job.round() == 0:
        pass
    door = 9000 + ANN
    theirs = await bot.store.posts.first_open(door)
    assert theirs is not None
    assert await bot.store.posts.attempt(theirs.id, channel_id=door, now=bot.clock.now())
    await bot.store.follows.forget(ANN)
    [(waiting, _)] = await bot.store.deliveries.waiting(NEWS, limit=9)
    plan = PostPlan(topic.id, NEWS, 1, "n", MessagePayload(({"title": "One"},)), (waiting.id,))
    assert await bot.store.posts.plan(plan, now=bot.clock.now())
    await bot.store.posts.posted(theirs.id, channel_id=door, message_id=5, now=bot.clock.now())
    ours = await bot.store.posts.first_open(NEWS)
    assert ours is not None
    assert ours.id != theirs.id
    assert ours.deliveries == (waiting.id,)
    assert await bot.store.posts.first_open(door) is None


async def test_who_is_forgotten_right_before_a_message_leaves_is_sent_nothing(bot: Bot) -> None:
    club = Club(bot)
    topic = await bot.topic()
    feed = await bot.feed(topic)
    await club.follow(ANN, "one")
    bot.clock.advance(1)
    await club.publish(feed, "One")
    await bot.run(5)
    while await club.job.round() == 0:
        pass

    async def forgets() -> None:
        await bot.store.follows.forget(ANN)

    assert await bot.store.posts.first_open(9000 + ANN) is not None
    bot.discord.meanwhile(forgets)
    await club.run()
    assert club.titles(ANN) == []


# --- digests -------------------------------------------------------------------------------------------


async def test_a_source_that_leaves_a_planned_digest_does_not_put_the_rest_of_it_off(bot: Bot) -> None:
    news, talk = await bot.topic("news"), await bot.topic("talk", channel=TALK)
    moving, staying = await bot.feed(news), await bot.feed(news, url=OTHER)
    await options(bot, news, **DAILY)
    ours, theirs = await bot.publish(moving), await bot.publish(staying)
    await bot.run(6 * HOUR - 1, step=600)
    bot.discord.next_sends(rate_limited(60))
    await bot.run(10)
    assert await bot.store.posts.first_open(NEWS) is not None
    await bot.store.relocation.move(moving.id, old_topic_id=news.id, new_topic_id=talk.id, now=bot.clock.now())
    await bot.run(180)
    assert listed(bot, theirs) == [1]
    assert bot.discord.titles(TALK) == ours


async def test_what_a_digest_told_is_not_told_again_and_its_correction_changes_no_digest(bot: Bot) -> None:
    topic = await bot.topic()
    first, second = await bot.feed(topic), await bot.feed(topic, url=OTHER)
    await options(bot, topic, **DAILY)
    one = told(1, "one", bot=bot)
    await publish(bot, first, one)
    await bot.run(6 * HOUR + 5, step=600)
    await publish(bot, second, told(2, "two", bot=bot))
    [known] = await bot.store.entries.newest(first.id, 9)
    corrected = replace(told(1, "one", bot=bot, text=f"{TEXT} Corrected.").entry, position=0)
    await publish(bot, first, replace(one, entry=corrected, known_id=known.entry_id, changed=True))
    assert await bot.store.edits.next(now=bot.clock.now()) is None
    await bot.run(DAY + 60, step=300)
    assert listed(bot, [STORY]) == [1]
    assert await states(bot) == [("posted", None), ("skipped", "same story")]


async def test_a_twin_that_waits_for_the_digest_is_told_when_the_other_goes(bot: Bot) -> None:
    topic = await bot.topic()
    first, second = await bot.feed(topic), await bot.feed(topic, url=OTHER)
    await options(bot, topic, **DAILY)
    await publish(bot, first, told(1, "one", bot=bot))
    await publish(bot, second, told(2, "two", bot=bot))
    await bot.run(6 * HOUR - 1, step=600)
    bot.discord.obstruct(NEWS, "no access")
    await bot.run(10)
    await bot.store.topics.unsubscribe(topic.id, first.id, now=bot.clock.now())
    bot.discord.clear(NEWS)
    await bot.run(2 * DAY, step=600)
    assert listed(bot, [STORY]) == [1]


# --- one story once ------------------------------------------------------------------------------------


async def test_a_story_that_comes_back_while_its_source_is_paused_waits_for_the_end_of_the_pause(bot: Bot) -> None:
    topic = await bot.topic()
    first, second = await bot.feed(topic), await bot.feed(topic, url=OTHER)
    await publish(bot, first, told(1, "one", bot=bot))
    bot.clock.advance(1)
    await publish(bot, second, told(2, "two", bot=bot))
    bot.discord.next_sends(rate_limited(60))
    await bot.run(5)
    assert [state for state, _ in await states(bot)] == ["planned", "skipped"]
    await bot.store.changes.pause_source(1, second.id, paused=True, now=bot.clock.now())
    post = await bot.store.posts.first_open(NEWS)
    assert post is not None
    await bot.store.posts.failed(post.id, "refused")
    await bot.run(5)
    assert bot.discord.messages == []
    await bot.store.changes.pause_source(1, second.id, paused=False, now=bot.clock.now())
    await bot.run(5)
    assert bot.discord.titles(NEWS) == [STORY]


# --- filters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("joined", [False, True])
async def test_what_goes_along_with_a_source_is_asked_of_the_new_topic_s_filter(bot: Bot, *, joined: bool) -> None:
    await filtering(bot)
    news, talk = await bot.topic("news"), await bot.topic("talk", channel=TALK)
    feed = await bot.feed(news)
    await bot.store.changes.pause_topic(news.id, paused=True)
    titles = await bot.publish(feed, 3)
    if joined:
        await bot.store.topics.subscribe(talk.id, feed.id, added_by=None, now=bot.clock.now())
    await bot.store.filters.set(talk.id, None, f'-"{titles[1]}"')
    done = await bot.store.relocation.move(feed.id, old_topic_id=news.id, new_topic_id=talk.id, now=bot.clock.now())
    await bot.run(10)
    assert done is not None
    assert done.waiting == 2
    assert bot.discord.titles(TALK) == [titles[0], titles[2]]
