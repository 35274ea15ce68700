"""The buttons under posts over the wire: pressed after the bot was killed and started again, and after an edit."""

from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.people import Posted
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import titles

pytestmark = pytest.mark.e2e


async def test_what_stands_under_posts_saves_after_a_restart_and_after_an_edit(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel, talk = guild.text_channel("news"), guild.text_channel("talk")
    rob, eve = guild.member("rob"), guild.member("eve")
    source = feeds.feed("blog", title="A blog")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [source.url])])
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        source.publish("Alone", body_html="<p>Text.</p>")
        await discord.wait_for(lambda: titles(discord.messages(channel)) == ["Alone"])
        for number in range(1, 9):
            source.publish(f"Article {number}")
        await discord.wait_for(lambda: len(titles(discord.messages(channel))) == 9)
        await bot.kill()

        await bot.start()
        source.correct("Alone", body_html="<p>Another text.</p>")
        await discord.wait_for(
            lambda: discord.messages(channel)[0].embeds[0]["description"] == "Another text." and discord.takes_commands
        )
        alone, several = discord.messages(channel)[0], max(discord.messages(channel), key=lambda each: len(each.embeds))
        told = await discord.press(rob, Posted(channel, alone), "Save")
        assert told.private
        assert "Saved: **Alone**." in told.text
        told = await discord.choose(rob, Posted(channel, several), "Article 3", "Article 5")
        assert "2 articles are saved." in told.text

        shown = await discord.ask(rob, talk, "saved")
        assert shown.private
        assert [f"[{title}]" in shown.text for title in ("Alone", "Article 3", "Article 4", "Article 5")] == [
            True, True, False, True,
        ]  # fmt: skip
        assert "Nothing here." in (await discord.ask(eve, talk, "saved")).text
        assert await bot.stop() == 0
    assert discord.violations == []


async def test_an_operator_may_leave_the_buttons_out(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel = guild.text_channel("news")
    source = feeds.feed("blog")
    topics = [Topic("news", guild.id, channel.id, [source.url])]
    bot = Bot(tmp_path, discord.api_url, discord.token, topics, extra={"RIVERPOST__DELIVERY__SAVE_BUTTON": "false"})
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        source.publish("Alone")
        await discord.wait_for(lambda: titles(discord.messages(channel)) == ["Alone"])
        assert await bot.stop() == 0
    assert [message.components for message in discord.messages(channel)] == [[]]
