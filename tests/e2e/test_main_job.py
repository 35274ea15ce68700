"""The whole bot as a process: feeds in, messages out, each article once."""

from functools import partial
from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import titles

pytestmark = pytest.mark.e2e


async def test_two_hundred_articles_of_twenty_feeds_arrive_once_in_their_channels_in_order(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channels = [guild.text_channel(name) for name in ("networks", "cloud", "security")]
    sources = [feeds.feed(f"blog{number}", title=f"Blog {number}") for number in range(20)]
    for source in sources:
        source.publish("An old article")
    topics = [
        Topic(channel.name, guild.id, channel.id, [source.url for source in sources[index::3]])
        for index, channel in enumerate(channels)
    ]
    expected: list[set[str]] = [set(), set(), set()]
    bot = Bot(tmp_path, discord.api_url, discord.token, topics, makes_database=True)

    def arrived(count: int) -> bool:
        return sum(len(titles(discord.messages(channel))) for channel in channels) >= count

    async with bot.running():
        await discord.wait_for(lambda: all(len(source.requests) >= 2 for source in sources))
        for wave in range(5):
            for number, source in enumerate(sources):
                for article in range(2):
                    title = f"Wave {wave} article {article} of blog {number}"
                    source.publish(title)
                    expected[number % 3].add(title)
            await discord.wait_for(partial(arrived, 40 * (wave + 1)))
        assert await bot.stop() == 0
    for channel, wanted, topic_index in zip(channels, expected, range(3), strict=True):
        shown = titles(discord.messages(channel))
        assert len(shown) == len(wanted)
        assert set(shown) == wanted
        waves = [int(title.split()[1]) for title in shown]
        assert waves == sorted(waves)
        for message in discord.messages(channel):
            for embed in message.embeds:
                number = int(embed["title"].split()[-1])
                assert embed["author"]["name"] == f"Blog {number}"
                assert embed["url"].startswith(f"{feeds.url}/blog{number}/")
                assert number % 3 == topic_index


@pytest.mark.parametrize(("backfill", "expected"), [(0, []), (2, ["Article 4", "Article 5"])])
async def test_what_a_feed_lists_already_stays_silent_but_for_the_sample(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path, backfill: int, expected: list[str]
) -> None:
    guild = discord.guild("Readers")
    channel = guild.text_channel("news")
    source = feeds.feed("blog")
    for number in range(1, 6):
        source.publish(f"Article {number}")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [source.url])], backfill)
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        source.publish("Article 6")
        await discord.wait_for(lambda: "Article 6" in titles(discord.messages(channel)))
        assert await bot.stop() == 0
    assert titles(discord.messages(channel)) == [*expected, "Article 6"]
