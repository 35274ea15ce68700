"""SIGKILL between any two steps, at random moments, and answers that never came: nothing lost, nothing doubled."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel, titles

pytestmark = pytest.mark.e2e

STEPS = ("fetched", "stored", "planned", "attempt-stored", "sent", "recorded")


def bot_with_one_feed(discord: LoopbackDiscord, feed_url: str, folder: Path) -> tuple[Bot, Channel]:
    guild = discord.guild("Readers")
    channel = guild.text_channel("news")
    return Bot(folder, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [feed_url])]), channel


@pytest.mark.parametrize("nonces", [True, False], ids=["nonce known", "nonce forgotten"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_right_after_each_step_loses_and_repeats_nothing(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path, step: str, *, nonces: bool
) -> None:
    if not nonces:
        discord.posts.nonce_window_seconds = 0
    source = feeds.feed("blog")
    bot, channel = bot_with_one_feed(discord, source.url, tmp_path)
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        await bot.kill()
    for number in (1, 2, 3):
        source.publish(f"Article {number}")
    await bot.start(stop_at=f"{step}:1")
    assert await bot.wait() == -9
    async with bot.running():
        await discord.wait_for(lambda: "Article 3" in titles(discord.messages(channel)))
        source.publish("Article 4")
        await discord.wait_for(lambda: "Article 4" in titles(discord.messages(channel)))
        assert await bot.stop() == 0
    assert titles(discord.messages(channel)) == [f"Article {number}" for number in (1, 2, 3, 4)]


async def test_fifteen_kills_at_random_moments_while_articles_flow(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    chance = random.Random(20261124)
    discord.posts.nonce_window_seconds = 1
    source = feeds.feed("blog")
    bot, channel = bot_with_one_feed(discord, source.url, tmp_path)
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        await bot.kill()
    expected: list[str] = []
    for _ in range(15):
        for _ in range(chance.randint(1, 5)):
            expected.append(f"Article {len(expected) + 1}")
            source.publish(expected[-1])
        await bot.start()
        await asyncio.sleep(chance.uniform(0.9, 2.0))
        await bot.kill()
    async with bot.running():
        await discord.wait_for(lambda: set(titles(discord.messages(channel))) >= set(expected))
        assert await bot.stop() == 0
    assert titles(discord.messages(channel)) == expected


@pytest.mark.parametrize("fault", ["500", "503", "abort-before", "abort-after"])
async def test_an_answer_that_never_came_is_resolved_not_guessed(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path, fault: str
) -> None:
    # Within a minute the nonce alone is trusted; what comes later is looked up (see the next test, and tests/wire).
    discord.posts.nonce_window_seconds = 61
    source = feeds.feed("blog")
    bot, channel = bot_with_one_feed(discord, source.url, tmp_path)
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        discord.next_sends(fault)
        source.publish("Article 1")
        await discord.wait_for(lambda: len(titles(discord.messages(channel))) >= 1)
        source.publish("Article 2")
        await discord.wait_for(lambda: "Article 2" in titles(discord.messages(channel)))
        assert await bot.stop() == 0
    assert titles(discord.messages(channel)) == ["Article 1", "Article 2"]


@pytest.mark.parametrize("fault", ["hang-before", "hang-after"])
async def test_a_kill_while_discord_has_not_answered_is_looked_up_at_the_next_start(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path, fault: str
) -> None:
    discord.posts.nonce_window_seconds = 0
    source = feeds.feed("blog")
    bot, channel = bot_with_one_feed(discord, source.url, tmp_path)
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        discord.next_sends(fault)
        source.publish("Article 1")
        await asyncio.wait_for(discord.faults.hanging.wait(), 60)
        await bot.kill()
    source.publish("Article 2")
    async with bot.running():
        await discord.wait_for(lambda: "Article 2" in titles(discord.messages(channel)))
        assert await bot.stop() == 0
    assert titles(discord.messages(channel)) == ["Article 1", "Article 2"]
