"""A server invites the running bot: it is welcomed once, and the buttons work after the bot was killed and started again."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.people import Reply
from tests.wire.loopback.server import LoopbackDiscord

pytestmark = pytest.mark.e2e


async def test_a_server_is_welcomed_once_and_its_buttons_outlive_the_process(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    others = discord.guild("Others")
    talk, source = others.text_channel("talk"), feeds.feed("talk")
    source.publish("An article")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("Talk", others.id, talk.id, [source.url])], backfill=1)
    async with bot.running():
        # Who posts has connected, and takes no server that is new from now on for one that it had missed.
        await discord.wait_for(lambda: bool(discord.messages(talk)) and discord.takes_commands)
        guild = discord.guild("Readers")
        news, mia = guild.text_channel("news"), guild.member("mia", "manage_channels")
        await discord.gateway.dispatch("GUILD_CREATE", guild.as_json())
        await discord.wait_for(lambda: bool(discord.messages(news)))
        [welcome] = discord.messages(news)
        assert welcome.embeds[0]["title"] == "Hello, I am Riverpost"

        asked = await discord.ask(mia, news, "help")
        async with asyncio.timeout(30):
            # Commands can be used a moment before the bot is told their numbers, which make them links.
            while "</topic create:" not in asked.text:
                asked = await discord.ask(mia, news, "help")
        shown = Reply(asked.interaction, welcome)
        assert shown.labels == ["Make a first topic", "Browse starter packs", "Help"]
        assert (await discord.press(mia, shown, "Help")).text == asked.text

        await bot.kill()
        await bot.start()
        source.publish("Another article")
        await discord.wait_for(lambda: len(discord.messages(talk)) == 2)
        packs = await discord.press(mia, shown, "Browse starter packs")
        assert packs.private
        assert "Network engineering" in packs.text
        assert {"Network engineering", "Take these packs"} <= set(packs.labels)
        assert discord.messages(news) == [welcome]
        assert await bot.stop() == 0
