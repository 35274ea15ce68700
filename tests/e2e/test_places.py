"""Channels and servers that go away, as the whole bot on the wire: what was under way arrives once where it can."""

import sqlite3
from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import titles

pytestmark = pytest.mark.e2e


def states(bot: Bot) -> dict[str, int]:
    """How many deliveries are in each state."""
    database = sqlite3.connect(bot.database)
    found = dict(database.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall())
    database.close()
    return found


async def test_the_topic_of_a_deleted_channel_goes_on_in_the_one_that_an_admin_gives_it(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel, other = guild.text_channel("news"), guild.text_channel("other")
    mia, source = guild.member("mia", "manage_channels"), feeds.feed("blog")
    bot = Bot(tmp_path, discord.api_url, discord.token, [])
    async with bot.running():
        await discord.wait_for(lambda: discord.takes_commands)
        await discord.ask(mia, channel, "topic create", name="news", channel=channel)
        await discord.ask(mia, channel, "subscribe", source=source.url, topic="news")
        source.publish("Article 1")
        await discord.wait_for(lambda: titles(discord.messages(channel)) == ["Article 1"])
        await discord.delete(channel)
        source.publish("Article 2")
        await discord.wait_for(lambda: "the channel is gone" in bot.logged())
        source.publish("Article 3")
        answer = await discord.ask(mia, other, "topic edit", name="news", channel=other)
        assert f"**Channel**: <#{other.id}>" in answer.text
        await discord.wait_for(lambda: titles(discord.messages(other)) == ["Article 2", "Article 3"])
        assert await bot.stop() == 0
    assert states(bot) == {"posted": 3}
    made = [asked for asked in discord.ledger if asked.method == "POST" and asked.path.endswith("/messages")]
    assert [asked.status for asked in made] == [200] * 3


async def test_a_server_that_throws_the_bot_out_and_invites_it_again_gets_every_article_once(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild, staying = discord.guild("Readers"), discord.guild("Others")
    channel, there = guild.text_channel("news"), staying.text_channel("news")
    source = feeds.feed("blog")
    topics = [Topic(f"news{each.id}", each.guild_id, each.id, [source.url]) for each in (channel, there)]
    bot = Bot(tmp_path, discord.api_url, discord.token, topics)
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        source.publish("Article 1")
        await discord.wait_for(lambda: bool(discord.messages(channel)) and bool(discord.messages(there)))
        await discord.remove_bot(guild)
        await discord.wait_for(lambda: "the bot was removed from a server" in bot.logged())
        source.publish("Article 2")
        await discord.wait_for(lambda: len(titles(discord.messages(there))) == 2)
        await discord.invite(guild)
        await discord.wait_for(lambda: len(titles(discord.messages(channel))) == 2)
        assert await bot.stop() == 0
    # Once more, unseen: it is thrown out while it does not run.
    await discord.remove_bot(guild)
    async with bot.running():
        await discord.wait_for(lambda: "the bot is not in servers that have topics" in bot.logged())
        source.publish("Article 3")
        await discord.wait_for(lambda: len(titles(discord.messages(there))) == 3)
        await bot.kill()
        await discord.invite(guild)
        await bot.start()
        source.publish("Article 4")
        for each in (channel, there):
            await discord.wait_for(lambda each=each: len(titles(discord.messages(each))) == 4)  # type: ignore[misc]
        assert await bot.stop() == 0
    expected = [f"Article {number}" for number in (1, 2, 3, 4)]
    assert [titles(discord.messages(each)) for each in (channel, there)] == [expected, expected]
    assert states(bot) == {"posted": 8}
