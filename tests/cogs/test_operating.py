"""/status, /source and what changes topics: as a person uses them, and nothing of one server in another."""

import pytest

from bot.model import MessagePayload

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import simcord

from bot.model import BlockReason, PostPlan
from tests.builders import at, entry, new, read_outcome
from tests.cogs.conftest import FEED, World, reply
from tests.fakes import found


async def fail_one(world: World, *, guild_id: int, title_number: int = 50, count: int = 1) -> None:
    """Articles that Discord refused, in the topic of that guild."""
    topic = (await world.store.topics.all(guild_id))[0].topic
    feed = await world.store.feeds.ensure(FEED, now=world.clock.now())
    listed = [new(title_number + index, published=at(index)) for index in range(count)]
    await world.store.entries.apply(read_outcome(feed, *listed, now=world.clock.now()))
    while waiting := await world.store.deliveries.waiting(topic.channel_id, limit=1):
        delivery = waiting[0][0]
        plan = PostPlan(
            topic_id=topic.id, channel_id=topic.channel_id, guild_id=guild_id, nonce=f"n{delivery.id}",
            payload=MessagePayload(), delivery_ids=(delivery.id,),
        )  # fmt: skip
        await world.store.posts.plan(plan, now=world.clock.now())
        post = await world.store.posts.first_open(topic.channel_id)
        assert post is not None
        await world.store.posts.failed(post.id, "Discord answered 400: Invalid Form Body")


async def other_server(world: World) -> int:
    """A second server whose topic follows the same blog, has a failed article and a held channel."""
    topic = await world.store.topics.create(guild_id=77, name="Secret", channel_id=770, now=world.clock.now())
    assert topic is not None
    feed = await world.store.feeds.ensure("https://secret.example/feed", now=world.clock.now())
    await world.store.topics.subscribe(topic.id, feed.id, added_by=None, now=world.clock.now())
    await world.store.entries.apply(read_outcome(feed, new(90), title="Secret blog", now=world.clock.now()))
    [(delivery, _)] = await world.store.deliveries.waiting(770, limit=5)
    await world.store.deliveries.fail([delivery.id], "a secret reason")
    await world.store.deliveries.hold(
        770, "a secret hold", kind=BlockReason.ACCESS, now=world.clock.now(), probe_at=at(60)
    )
    return delivery.id


async def test_the_overview_shows_what_waits_what_is_held_and_why(world: World) -> None:
    await world.followed()
    channel = world.news.id
    await world.store.deliveries.hold(
        channel, "the bot lacks Send Messages", kind=BlockReason.ACCESS, now=world.clock.now(), probe_at=at(60)
    )
    told = await world.ask("status overview")
    assert told.private
    assert "This server\n**⚠️ 1 channel in which I cannot post.**\n**1** waiting, the oldest came <t:" in told.text
    [embed] = told.message.embeds
    assert f"<#{channel}>: the bot lacks Send Messages · 1 waiting" in (embed.fields[0].value or "")


async def test_nothing_of_another_server_is_shown_or_touched(world: World) -> None:
    await world.followed()
    delivery = await other_server(world)
    told = await world.ask("status overview")
    shown = told.text + "".join(str(field.value) for embed in told.message.embeds for field in embed.fields)
    assert "ecret" not in shown
    assert "770" not in shown
    assert "No article has failed." in (await world.ask("status failed")).text
    assert "Only whoever runs me" in (await world.ask("status failed", everywhere=True)).text
    ours = [each.topic.id for each in await world.store.topics.all(world.guild.id)]
    assert not await world.store.operating.replay(ours, delivery)
    assert not await world.store.operating.drop(ours, delivery)
    assert "has no such source" in (await world.ask("source show", source="Secret blog")).text


async def test_whoever_runs_the_bot_sees_all_of_it(world: World) -> None:
    await world.followed()
    await other_server(world)
    world.bot.owner_id = world.manager.id
    told = await world.ask("status overview")
    assert [embed.title for embed in told.message.embeds] == ["This server", "The whole bot"]
    assert "a secret hold" in str(told.message.embeds[1].fields[0].value)
    assert "a secret reason" in (await world.ask("status failed", everywhere=True)).text


async def test_failed_articles_are_replayed_or_dropped_one_by_one(world: World) -> None:
    await world.followed()
    await fail_one(world, guild_id=world.guild.id, count=5)
    first = await world.ask("status failed")
    assert "6 articles · page 1 of 2" in first.text
    assert "Invalid Form Body" in first.text
    world.woken.clear()
    after = reply(await world.manager.click(first.message, label="Replay 1"))
    assert "5 articles" in after.text
    assert world.woken == ["deliver"]
    [(_, alone)] = await world.store.deliveries.waiting(world.news.id, limit=9)
    assert alone
    after = reply(await world.manager.click(after.message, label="Drop 2"))
    assert "4 articles" in after.text
    assert (await world.store.operating.overview(world.guild.id, now=world.clock.now())).failed == 4


async def test_pages_of_failed_articles_are_turned(world: World) -> None:
    await world.followed()
    await fail_one(world, guild_id=world.guild.id, count=5)
    first = await world.ask("status failed")
    second = reply(await world.manager.click(first.message, label="Older ▶"))
    assert "page 2 of 2" in second.text
    assert "**5.**" in second.text


async def test_an_article_that_somebody_else_replayed_meanwhile_is_said_to_be_gone(world: World) -> None:
    await world.followed()
    await fail_one(world, guild_id=world.guild.id)
    shown = await world.ask("status failed")
    page = await world.store.operating.failed(None, page=1, size=1)
    await world.store.operating.drop(None, page.articles[0].delivery_id)
    told = reply(await world.manager.click(shown.message, label="Replay 1"))
    assert "not among the failed ones any more" in told.text


async def test_the_channel_for_notices_is_chosen_shown_and_given_back(world: World) -> None:
    assert "in the server's system channel" in (await world.ask("status notices")).text
    assert f"in <#{world.news.id}>" in (await world.ask("status notices", channel=world.news)).text
    assert await world.store.notices.place(world.guild.id) == world.news.id
    assert "I lack **Embed Links**" in (await world.ask("status notices", channel=world.closed)).text
    assert f"in <#{world.news.id}>" in (await world.ask("status notices")).text
    assert "system channel" in (await world.ask("status notices", standard=True)).text


async def test_a_source_is_shown_retried_paused_and_resumed(world: World) -> None:
    await world.followed()
    shown = await world.ask("source show", source="A blog")
    [embed] = shown.message.embeds
    assert embed.fields[0].value == "Networks: ✅ well"
    world.woken.clear()
    assert "**A blog** is checked now" in (await world.ask("source retry", source="A blog")).text
    assert world.woken == ["poll"]
    assert "is paused in **Networks**" in (await world.ask("source pause", source="A blog")).text
    assert "paused already" in (await world.ask("source pause", source="A blog")).text
    assert "-# paused" in (await world.ask("sources")).text
    assert "/source resume lets it go on" in (await world.ask("source retry", source="A blog")).text
    assert "goes on in **Networks**" in (await world.ask("source resume", source="A blog")).text
    assert "is not paused" in (await world.ask("source resume", source="A blog")).text


async def test_a_topic_is_paused_resumed_and_moved(world: World) -> None:
    await world.followed()
    assert "is paused" in (await world.ask("topic pause", name="networks")).text
    assert "· paused" in (await world.ask("topic list")).text
    assert "paused already" in (await world.ask("topic pause", name="networks")).text
    assert "goes on" in (await world.ask("topic resume", name="networks")).text
    assert "is not paused" in (await world.ask("topic resume", name="networks")).text
    other = world.guild.create_text_channel("other")
    told = await world.ask("topic edit", name="networks", channel=other, new_name="Cables", colour="#123456")
    assert f"- **Channel**: <#{other.id}>" in told.text
    assert "- **Name**: Cables" in told.text
    assert len(await world.store.deliveries.waiting(other.id, limit=5)) == 1
    assert (await world.ask("topic edit", name="cables")).message.components  # the panel
    assert "I lack **Embed Links**" in (await world.ask("topic edit", name="cables", channel=world.closed)).text


async def test_a_topic_keeps_its_name_apart_from_others_and_from_the_file(world: World) -> None:
    await world.ask("topic create", name="One", channel=world.news)
    await world.ask("topic create", name="Two", channel=world.news)
    assert "already a topic called “one”" in (await world.ask("topic edit", name="Two", new_name="one")).text
    assert "is changed" in (await world.ask("topic edit", name="Two", new_name="TWO")).text
    await world.store.topics.declare(
        guild_id=world.guild.id, name="Filed", channel_id=world.news.id, feed_urls=[], backfill=None,
        now=world.clock.now(),
    )  # fmt: skip
    assert "declared in my configuration file" in (await world.ask("topic edit", name="filed", new_name="X")).text
    assert "is changed" in (await world.ask("topic edit", name="filed", colour="#123456")).text


async def test_a_source_of_two_topics_is_one_source_to_tend(world: World) -> None:
    await world.followed()
    await world.ask("topic create", name="Second", channel=world.news)
    world.discovery.put(FEED, found(FEED, "A blog", [entry(1)]))
    await world.ask("subscribe", source=FEED, topic="Second")
    assert "is paused in **Networks, Second**" in (await world.ask("source pause", source="A blog")).text


async def test_operating_needs_manage_channels(world: World) -> None:
    await world.followed()
    for command in ("status overview", "status failed", "source show", "topic pause"):
        with pytest.raises(simcord.SetupError, match="not visible to this user"):
            await world.reader.slash(world.news, command)


async def test_the_overview_begins_with_a_verdict_and_names_what_is_paused(world: World) -> None:
    await world.followed()
    now = world.clock.now()
    assert "**✅ All is well.**" in (await world.ask("status overview")).text
    await world.ask("topic pause", name="Networks")
    told = (await world.ask("status overview")).text
    assert "⏸️ paused topics: **Networks**" in told
    await world.ask("source pause", source="A blog")
    assert "⏸️ 1 paused source" in (await world.ask("status overview")).text
    assert (await world.store.operating.overview(world.guild.id, now=now)).paused_topics == ("Networks",)
