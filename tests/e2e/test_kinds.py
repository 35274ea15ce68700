"""Every kind of channel, as the whole bot on the wire: forums, announcements, threads, mentions, sources' own names."""

import sqlite3
from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer, ServedFeed
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import MEDIA, Channel, Guild, Member, Message, Role, titles

pytestmark = pytest.mark.e2e

SETTLED = 3.0
"""Seconds after which a request without an answer counts as done or lost: here each is answered or cut off at once."""


def posts(guild: Guild, forum: Channel) -> list[tuple[str, str, list[str]]]:
    """Each post of a forum: its name, its first embed's title, its tags."""
    return [
        (post.name, post.messages[0].embeds[0]["title"], [tag["name"] for tag in post.tags])
        for post in guild.threads(forum)
    ]


async def test_a_forum_with_a_required_tag_gets_a_post_per_article_once_whatever_happens_to_its_answers(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    kinds = ("fine", "before", "after", "late")
    forums = [guild.forum(name, "BGP", "Cloud native", "!Staff", requires_tag=True) for name in kinds]
    sources = [feeds.feed(name, title=name.title()) for name in kinds]
    topics = [
        Topic(name, guild.id, forum.id, [source.url])
        for name, forum, source in zip(kinds, forums, sources, strict=True)
    ]
    media = guild.forum("media", "Pictures", kind=MEDIA)
    mia = guild.member("mia", "manage_channels")
    bot = Bot(tmp_path, discord.api_url, discord.token, topics, settled_seconds=SETTLED)
    async with bot.running():
        await discord.wait_for(lambda: all(len(source.requests) >= 2 for source in sources) and discord.takes_commands)
        answer = await discord.ask(mia, media, "topic create", name="Media", channel=media)
        assert f"posts in <#{media.id}> now" in answer.text
        for fault, source, forum in zip(
            ("ok", "abort-before", "abort-after", "500-after"), sources, forums, strict=True
        ):
            discord.next_sends(fault)
            source.publish("Routes & *stars*", categories=["bgp", "Cloud-Native", "Staff"], body_html="<p>One.</p>")
            await discord.wait_for(lambda forum=forum: _tried(discord, forum) == 1)  # type: ignore[misc]
        # Not sooner: a fault is for the next request, whichever forum's that is.
        for source in sources:
            source.publish("x" * 150, categories=["Other"])
            source.publish("Third", categories=["cloud native"])
        await discord.wait_for(lambda: all(len(guild.threads(forum)) == 3 for forum in forums), within=150)
        sources[0].correct("Routes & *stars*", body_html="<p>Two.</p>")
        await discord.wait_for(lambda: guild.threads(forums[0])[0].messages[0].embeds[0]["description"] == "Two.")
        assert await bot.stop() == 0
    for forum in forums:
        assert posts(guild, forum) == [
            ("Routes & *stars*", "Routes & \\*stars\\*", ["BGP", "Cloud native"]),
            ("x" * 99 + "…", "x" * 150, ["BGP"]),
            ("Third", "Third", ["Cloud native"]),
        ]
    made = {forum.name: _tried(discord, forum) for forum in forums}
    assert made == {"fine": 3, "before": 4, "after": 3, "late": 3}
    assert all(len(post.messages) == 1 for forum in forums for post in guild.threads(forum))


def _tried(discord: LoopbackDiscord, forum: Channel) -> int:
    return sum(1 for asked in discord.ledger if asked.method == "POST" and asked.path.endswith(f"/{forum.id}/threads"))


async def test_a_forum_without_a_tag_to_set_is_held_and_goes_on_once_it_has_one(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    forum = guild.forum("forum", "!Staff", requires_tag=True)
    source = feeds.feed("blog")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, forum.id, [source.url])])
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        source.publish("Article 1")
        await discord.wait_for(lambda: "it has none that the bot may set" in bot.logged())
        forum.tags[0]["moderated"] = False
        await discord.allow(forum)
        await discord.wait_for(lambda: posts(guild, forum) == [("Article 1", "Article 1", ["Staff"])])
        assert await bot.stop() == 0


async def test_of_fifteen_announcements_in_an_hour_ten_are_published_and_five_when_it_has_passed(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel, mia = guild.announcements("announcements"), guild.member("mia", "manage_channels")
    source = feeds.feed("blog")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [source.url])])

    def published() -> list[bool]:
        return [bool(message.flags & 1) for message in discord.messages(channel)]

    def asked() -> list[int]:
        return [each.status for each in discord.ledger if each.path.endswith("/crosspost")]

    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2 and discord.takes_commands)
        answer = await discord.ask(mia, channel, "topic edit", name="news", publish=True)
        assert "published to following servers" in answer.text
        for number in range(1, 16):
            if number == 3:
                discord.next_sends("ok", "abort-after")  # the message, then its publishing
            source.publish(f"Article {number}")
            await discord.wait_for(lambda number=number: len(discord.messages(channel)) == number)  # type: ignore[misc]
            if number < 5:
                await discord.wait_for(lambda number=number: sum(published()) == number)  # type: ignore[misc]
        await discord.wait_for(lambda: sum(published()) == 10)
        # What is not recorded when the bot stops is asked for once more afterwards.
        await discord.wait_for(lambda: bot.logged().count("done after posting") == 10)
        assert await bot.stop() == 0
    assert published() == [True] * 10 + [False] * 5
    assert len(asked()) == 11  # one answer was lost, and the repeat said that it had been done
    async with bot.running():
        source.publish("Article 16")
        await discord.wait_for(lambda: len(discord.messages(channel)) == 16)
        assert await bot.stop() == 0
    assert len(asked()) == 11
    _an_hour_passes(discord, bot)
    async with bot.running():
        await discord.wait_for(lambda: sum(published()) == 16)
        assert await bot.stop() == 0
    assert published() == [True] * 16
    assert sorted(asked()) == [200] * 15 + [400, 599]
    assert titles(discord.messages(channel)) == [f"Article {number}" for number in range(1, 17)]


def _an_hour_passes(discord: LoopbackDiscord, bot: Bot) -> None:
    """On both sides, while nobody runs."""
    discord.kinds.published.clear()
    database = sqlite3.connect(bot.database)
    with database:
        database.execute("UPDATE followups SET last_attempt_at = last_attempt_at - 3600000, due_at = due_at - 3600000")
    database.close()


async def test_a_limit_that_the_bot_did_not_foresee_is_waited_for_and_nothing_is_published_twice(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel, mia = guild.announcements("announcements"), guild.member("mia", "manage_channels")
    source = feeds.feed("blog")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [source.url])])
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2 and discord.takes_commands)
        await discord.ask(mia, channel, "topic edit", name="news", publish=True)
        moderators = [(channel, message.created_at) for message in [await _first(discord, source, channel)] * 10]
        await discord.wait_for(lambda: len(discord.kinds.published) == 1)
        discord.kinds.published += moderators  # they published by hand
        for number in (2, 3, 4):
            source.publish(f"Article {number}")
        await discord.wait_for(lambda: len(discord.messages(channel)) == 4)
        await discord.wait_for(lambda: "again_in_seconds=1163.097" in bot.logged())
        source.publish("Article 5")
        await discord.wait_for(lambda: len(discord.messages(channel)) == 5)
        assert await bot.stop() == 0
    refused = [each for each in discord.ledger if each.path.endswith("/crosspost") and each.status == 429]
    assert len(refused) <= 2  # the second by the article that came afterwards
    assert [bool(message.flags & 1) for message in discord.messages(channel)] == [True] + [False] * 4


async def _first(discord: LoopbackDiscord, source: ServedFeed, channel: Channel) -> Message:
    source.publish("Article 1")
    await discord.wait_for(lambda: len(discord.messages(channel)) == 1)
    return discord.messages(channel)[0]


def _manager(guild: Guild) -> Member:
    return guild.member("mia", "manage_channels", "create_public_threads", "manage_webhooks")


async def test_a_text_channel_with_a_mention_threads_and_sources_under_their_own_names(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel, mia, role = guild.text_channel("news"), _manager(guild), guild.role("readers")
    one, two = feeds.feed("one", title="Discord Weekly"), feeds.feed("two", title="here")
    bot = Bot(
        tmp_path,
        discord.api_url,
        discord.token,
        [Topic("news", guild.id, channel.id, [one.url, two.url])],
        settled_seconds=SETTLED,
    )

    async def told(**options: object) -> str:
        return (await discord.ask(mia, channel, "topic edit", name="news", **options)).text

    def shown() -> list[tuple[str, str | None, list[str]]]:
        found = discord.messages(channel)
        return [(each.embeds[0]["title"], each.username, each.mentioned_roles) for each in found]

    async with bot.running():
        await discord.wait_for(lambda: len(one.requests) >= 2 and len(two.requests) >= 2 and discord.takes_commands)
        assert "is no announcement channel" in await told(publish=True)
        assert "I need **Create Public Threads**, **Manage Webhooks**" in await told(threads=True, own_names=True)
        channel.granted |= {"create_public_threads", "manage_webhooks"}
        await discord.allow(channel)
        answer = await told(mention=role, threads=True, own_names=True)
        assert f"**Mention**: <@&{role.id}>" in answer
        assert "**Channel options**: a thread under each article, sources under their own names" in answer
        one.publish("Article 1", body_html="<p>@everyone &lt;@&amp;1&gt;</p>")
        await discord.wait_for(lambda: len(guild.threads(channel)) == 1)
        discord.next_sends("abort-after")
        two.publish("Article 2")
        await discord.wait_for(lambda: len(shown()) == 2)
        await discord.wait_for(lambda: len(guild.threads(channel)) == 2, within=120)
        one.correct("Article 1", title="Article 1, corrected")
        await discord.wait_for(lambda: shown()[0][0] == "Article 1, corrected")
        channel.granted.discard("manage_webhooks")
        await discord.allow(channel)
        two.publish("Article 3")
        await discord.wait_for(lambda: len(guild.threads(channel)) == 3)
        assert "**Mention**: nobody" in await told(mention=Role(str(guild.id), "@everyone"), threads=False)
        two.publish("Article 4")
        await discord.wait_for(lambda: len(shown()) == 4)
        assert await bot.stop() == 0
    assert shown() == [
        ("Article 1, corrected", "Dis-cord Weekly", [role.id]),
        ("Article 2", "here (feed)", [role.id]),
        ("Article 3", None, [role.id]),
        ("Article 4", None, []),
    ]
    assert [thread.name for thread in guild.threads(channel)] == ["Article 1", "Article 2", "Article 3"]
    assert len(discord.kinds.webhooks) == 1
