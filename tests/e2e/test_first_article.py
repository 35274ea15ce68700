"""From an empty server to the first article of a site of one's own: one command with one field, within seconds."""

import time
from pathlib import Path

import pytest

from tests.e2e.process import Bot
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import titles

pytestmark = pytest.mark.e2e

WITHIN_SECONDS = 10


async def test_one_command_brings_the_first_article_of_a_site(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel, mia = guild.text_channel("harbour-news"), guild.member("mia", "manage_channels")
    feed = feeds.feed("harbour", title="The harbour")
    feed.publish("A ship arrives")
    site = feeds.site("site", '<link rel="alternate" type="application/rss+xml" href="/harbour">')
    bot = Bot(tmp_path, discord.api_url, discord.token, [], backfill=1)
    async with bot.running():
        await discord.wait_for(lambda: discord.takes_commands)
        begun = time.monotonic()
        answer = await discord.ask(mia, channel, "subscribe", source=site)
        await discord.wait_for(lambda: "A ship arrives" in titles(discord.messages(channel)))
        took = time.monotonic() - begun
        await discord.wait_for(lambda: "**Harbour news** gets a new source: **The harbour**" in answer.text)
        assert await bot.stop() == 0
    print(f"the first article came after {took:.1f} s")  # noqa: T201 - shown by pytest -rP
    assert took < WITHIN_SECONDS
