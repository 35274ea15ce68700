"""/why, for everything that can become of an article, and for no other server's articles."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from bot.model import MessagePayload

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

import discord

from bot.model import ClaimedFeed, DigestSchedule, FailureKind, FetchFailed, PollKind, PostPlan, TopicOptions
from tests.builders import EVERY, at, entry, new, read_outcome, viewer
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply

AREA = "why"
LINK = "https://blog.example/100"


async def feed(world: World) -> ClaimedFeed:
    return await world.store.feeds.ensure(FEED, now=world.clock.now())


async def brings(world: World, *titles: str, skip: str | None = None) -> None:
    """The blog lists these as new, the first with `LINK`."""
    listed = [replace(new(100 + n, title=title, published=at(n)), skip_reason=skip) for n, title in enumerate(titles)]
    await world.store.entries.apply(read_outcome(await feed(world), *listed, now=at(100)))


async def planned(world: World, *, size: int = 1) -> int:
    """The next message of the channel is planned; its row's id."""
    found = await world.store.deliveries.waiting(world.news.id, limit=size)
    topic = found[0][0].topic
    plan = PostPlan(
        topic.id,
        world.news.id,
        world.guild.id,
        f"n{found[0][0].id}",
        MessagePayload(),
        tuple(each.id for each, _ in found),
    )
    assert await world.store.posts.plan(plan, now=world.clock.now())
    post = await world.store.posts.first_open(world.news.id)
    assert post is not None
    return post.id


async def posted(world: World, message_id: int | None, *, size: int = 1) -> None:
    post_id = await planned(world, size=size)
    await world.store.posts.posted(post_id, channel_id=world.news.id, message_id=message_id, now=world.clock.now())


async def drained(world: World) -> None:
    """The sample is out of the way."""
    await world.followed()
    await posted(world, 1000)


async def why(world: World, link: str = LINK) -> str:
    told = await world.ask("why", link=link)
    assert told.private
    return told.text.replace(str(world.guild.id), "<guild>").replace(str(world.news.id), "<news>")


async def test_posted_with_the_way_there(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud")
    await posted(world, 2000)
    golden.check(AREA, "posted", await why(world))


@pytest.mark.parametrize(
    "link",
    [
        "http://www.blog.example/100/?utm_source=rss&fbclid=1",
        "<https://blog.example/100>",
        "blog.example/100",
        "https://blog.example/100#comments",
        "https://mia:secret@blog.example/100",
    ],
)
async def test_the_link_may_have_any_form(world: World, link: str) -> None:
    await drained(world)
    await brings(world, "Cloud")
    await posted(world, 2000)
    found = await why(world, link)
    assert "Posted in" in found
    assert "secret" not in found


async def test_the_link_of_a_message_names_all_its_articles(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud", "Rain")
    await posted(world, 2000, size=2)
    for host in ("discord.com", "ptb.discord.com", "discordapp.com"):
        found = await why(world, f"https://{host}/channels/{world.guild.id}/{world.news.id}/2000")
        assert found.count("Posted in") == 2
    # A forum's post has a channel of its own.
    assert (await why(world, f"https://discord.com/channels/{world.guild.id}/2000")).count("Posted in") == 2
    golden.check(
        AREA, "an unknown message", await why(world, f"https://discord.com/channels/{world.guild.id}/{world.news.id}/1")
    )
    golden.check(
        AREA, "another server's message", await why(world, f"https://discord.com/channels/1/{world.news.id}/2000")
    )
    assert "not of this server" in await why(world, f"https://discord.com/channels/@me/{world.news.id}/2000")


async def test_posted_and_deleted_since(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud")
    await posted(world, None)
    golden.check(AREA, "deleted since", await why(world))


async def test_waiting_in_the_queue(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud", "Rain", "Snow")
    golden.check(AREA, "next in the queue", await why(world))
    golden.check(AREA, "in the queue", await why(world, "https://blog.example/102"))
    post_id = await planned(world)
    golden.check(AREA, "being posted", await why(world))
    later = world.clock.now() + timedelta(minutes=1)
    await world.store.posts.later(post_id, due_at=later, error="Discord answered 503", unsure=True)
    golden.check(AREA, "tried and put off", await why(world))


async def test_waiting_for_a_held_channel_and_a_paused_topic(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud")
    now = world.clock.now()
    await world.store.deliveries.hold(world.news.id, "Send Messages is missing.", now=now, probe_at=now)
    golden.check(AREA, "the channel is held", await why(world))
    await world.ask("topic pause", name="Networks")
    golden.check(AREA, "the topic is paused", await why(world))


async def test_a_paused_source(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud")
    await world.ask("source pause", source="A blog")
    golden.check(AREA, "the source is paused", await why(world))


async def test_left_out_by_a_filter(world: World) -> None:
    await drained(world)
    await world.ask("filter set", topic="Networks", expression="cloud -sponsored")
    await world.ask("filter set", topic="Networks", source="A blog", expression="-(rain OR snow)")
    await brings(world, "Sponsored cloud", "Sun", "Cloud and snow")
    golden.check(AREA, "left out by the topic's filter", await why(world))
    golden.check(AREA, "left out for what is missing", await why(world, "https://blog.example/101"))
    golden.check(AREA, "left out by the source's filter", await why(world, "https://blog.example/102"))


async def test_a_copy_that_the_source_lists_beside_the_article(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud", skip="copy")
    golden.check(AREA, "a copy", await why(world))


async def test_the_same_story(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud", "Cloud again")
    waiting = [each.id for each, _ in await world.store.deliveries.waiting(world.news.id, limit=2)]
    await world.store.stories.settle(
        waiting, {waiting[1]: waiting[0]}, now=world.clock.now(), edit_within=timedelta(days=2)
    )
    golden.check(AREA, "the same story, waiting", await why(world, "https://blog.example/101"))
    await posted(world, 2000)
    golden.check(AREA, "the same story, posted", await why(world, "https://blog.example/101"))


async def test_posted_in_the_channel_for_another_topic(world: World) -> None:
    await drained(world)
    other = await world.store.topics.create(
        guild_id=world.guild.id, name="Clouds", channel_id=world.news.id, backfill=0, now=world.clock.now()
    )
    assert other is not None
    await world.store.topics.subscribe(other.id, (await feed(world)).id, added_by=None, now=world.clock.now())
    await brings(world)
    await brings(world, "Cloud")
    post_id = await planned(world)
    golden.check(AREA, "on its way for another topic", await why(world))
    await world.store.posts.posted(post_id, channel_id=world.news.id, message_id=2000, now=world.clock.now())
    golden.check(AREA, "posted for another topic", await why(world))
    topic = await world.store.topics.get(world.guild.id, "Networks")
    assert topic is not None
    await world.store.topics.delete(topic.id, now=world.clock.now())
    golden.check(AREA, "posted for a topic that is gone", await why(world))


async def test_the_same_story_for_another_topic(world: World) -> None:
    now = world.clock.now()
    await drained(world)
    await brings(world, "Cloud")
    [(first, _)] = await world.store.deliveries.waiting(world.news.id, limit=2)
    await posted(world, 2000)
    other = await world.store.topics.create(
        guild_id=world.guild.id, name="Clouds", channel_id=world.news.id, backfill=0, now=now
    )
    assert other is not None
    second = await world.store.feeds.ensure("https://copies.example/feed", now=now)
    await world.store.topics.subscribe(other.id, second.id, added_by=None, now=now)
    for listed in ((), (new(300, published=now),)):
        await world.store.entries.apply(read_outcome(second, *listed, now=now, title="Copies"))
    [(copy, _)] = await world.store.deliveries.waiting(world.news.id, limit=2)
    await world.store.stories.settle([copy.id], {copy.id: first.id}, now=now, edit_within=timedelta(days=2))
    golden.check(AREA, "the same story, posted for another topic", await why(world, "https://blog.example/300"))


async def test_an_archive_and_what_was_there_before(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud", skip="archive")
    golden.check(AREA, "an archive", await why(world))
    golden.check(AREA, "there before", await why(world, "https://blog.example/3"))


async def test_failed_and_dropped(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud")
    await world.store.posts.failed(await planned(world), "Discord answered 400: Invalid Form Body")
    golden.check(AREA, "failed", await why(world))
    page = await world.store.operating.failed(None, page=1, size=1)
    await world.store.operating.drop(None, page.articles[0].delivery_id)
    golden.check(AREA, "dropped", await why(world))


async def test_not_read_yet_and_no_more_followed(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud")
    second = await world.store.topics.create(
        guild_id=world.guild.id, name="Clouds", channel_id=world.closed.id, now=world.clock.now()
    )
    assert second is not None
    await world.store.topics.subscribe(second.id, (await feed(world)).id, added_by=None, now=world.clock.now())
    golden.check(AREA, "in two topics, one new", await why(world))
    await posted(world, 2000)
    await world.ask("unsubscribe", source="A blog", topic="Networks")
    await world.ask("topic delete", name="Clouds")
    await world.store.topics.delete(second.id, now=world.clock.now())
    assert "Posted in" in await why(world), "what was posted is known though its source is followed no more"
    assert "I do not know this article" in await why(world, "https://blog.example/3")


async def test_unknown(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    golden.check(AREA, "unknown, and nothing followed there", await why(world, "https://other.example/a"))
    await world.ask("subscribe", source=FEED, topic="Networks")
    golden.check(AREA, "unknown, of a source that is followed", await why(world))
    failure = FetchFailed(FailureKind.TIMEOUT, "The host did not answer in time.")
    broken = replace(read_outcome(await feed(world), now=at(100)), kind=PollKind.FAILED, failure=failure)
    await world.store.entries.apply(broken)
    golden.check(AREA, "unknown, of a source that fails", await why(world))
    await world.ask("source pause", source="A blog")
    golden.check(AREA, "unknown, of a paused source", await why(world))


@pytest.mark.parametrize("text", ["hello", "two words", "ftp://x.example/a", "https://", "https://localhost/a"])
async def test_what_is_no_link_is_said(world: World, text: str) -> None:
    golden.check(AREA, "no link", await why(world, text))


async def test_everybody_may_ask_and_other_servers_articles_are_unknown(world: World) -> None:
    await drained(world)
    await brings(world, "Cloud")
    await posted(world, 2000)
    assert "Posted in" in reply(await world.reader.slash(world.news, "why", link=LINK)).text
    other = world.env.create_guild("Others")
    place = other.create_text_channel("place")
    role = other.create_role("Managers", permissions=discord.Permissions(manage_channels=True))
    stranger = other.add_member(world.env.create_user("eve"), roles=[role])

    async def told(link: str) -> str:
        return reply(await stranger.slash(place, "why", link=link)).text

    assert "has no source from blog.example" in await told(LINK)
    for guild_id in (world.guild.id, other.id):
        found = await told(f"https://discord.com/channels/{guild_id}/{world.news.id}/2000")
        assert "Cloud" not in found
    # The other server follows the same source: it learns of its own topic only.
    theirs = await world.store.topics.create(
        guild_id=other.id, name="Theirs", channel_id=place.id, now=world.clock.now()
    )
    assert theirs is not None
    await world.store.topics.subscribe(theirs.id, (await feed(world)).id, added_by=None, now=world.clock.now())
    found = await told(LINK)
    assert "Theirs" in found
    assert "Networks" not in found
    assert "Posted" not in found


async def test_waiting_for_a_digest_and_for_the_end_of_quiet_hours(world: World) -> None:
    await drained(world)
    topic = await world.bot.services.topics.get(viewer(*EVERY, guild=world.guild.id), "Networks")
    world.clock.advance(14 * 3600)  # it began at midnight
    daily = TopicOptions(digest=DigestSchedule.DAILY, digest_minute=18 * 60)
    quiet = TopicOptions(quiet_from=13 * 60, quiet_to=20 * 60)
    await world.bot.services.topics.edit(topic, options=asdict(daily))
    await brings(world, "Cloud", "Rain")
    golden.check(AREA, "waits for a digest", await why(world))
    both = await world.bot.services.topics.edit(
        topic, options=asdict(replace(daily, quiet_from=13 * 60, quiet_to=20 * 60))
    )
    golden.check(AREA, "waits for a digest in quiet hours", await why(world))
    await world.bot.services.topics.edit(both, options=asdict(quiet))
    golden.check(AREA, "waits for the end of quiet hours", await why(world, "https://blog.example/101"))


async def test_many_articles_in_many_topics_are_told_in_as_many_messages_as_they_need(world: World) -> None:
    await world.followed()
    for number in range(9):
        await world.ask("topic create", name=f"Another topic, number {number}", channel=world.news)
        await world.ask("subscribe", source=FEED, topic=f"Another topic, number {number}")
    await posted(world, 1000, size=10)
    titles = [f"{number}: {'a headline as long as they are in newspapers ' * 2}" for number in range(5)]
    await brings(world, *titles)
    await posted(world, 2000, size=50)
    link = f"https://discord.com/channels/{world.guild.id}/{world.news.id}/2000"
    result = await world.manager.slash(world.news, "why", link=link)
    messages = [message for message in (result.response, *result.followups) if message is not None]
    shown = [embed for message in messages for embed in message.embeds]
    assert len(shown) == 5
    assert all("Something went wrong" not in (embed.description or "") for embed in shown)
    assert all(message.ephemeral for message in messages)


async def test_a_title_full_of_signs_and_a_very_long_link_are_no_hindrance(world: World) -> None:
    await drained(world)
    made = replace(entry(100, title="__*" * 60, published=at(0)), link="https://blog.example/" + "long-" * 500)
    listed = replace(new(100), entry=made)
    await world.store.entries.apply(read_outcome(await feed(world), listed, now=at(100)))
    await posted(world, 2000)
    told = await world.ask("why", link=f"https://discord.com/channels/{world.guild.id}/{world.news.id}/2000")
    assert "Posted in" in told.text
    assert told.message.embeds[0].url is None, "Discord takes no address over 2048 characters"


async def test_a_message_whose_number_is_too_large_is_unknown(world: World) -> None:
    told = await why(world, f"https://discord.com/channels/{world.guild.id}/{world.news.id}/{10**20 - 1}")
    assert "I know no article of that message" in told
