"""Articles that change: corrected in place, over a kill and lost answers; one that is withdrawn stays."""

from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Message, titles

pytestmark = pytest.mark.e2e


async def test_a_correction_edits_its_message_and_nothing_else(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel = guild.text_channel("news")
    source = feeds.feed("blog")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [source.url])])

    def shown() -> list[str]:
        return titles(discord.messages(channel))

    def full() -> Message:
        return max(discord.messages(channel), key=lambda message: len(message.embeds))

    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        for number in range(1, 16):
            source.publish(f"Article {number}", body_html=f"<p>Text {number}.</p>")
        await discord.wait_for(lambda: len(shown()) == 15)
        assert len(full().embeds) == 10
        inside = full().embeds[4]["title"]
        before = [dict(embed) for embed in full().embeds]

        source.correct(inside, title=f"{inside}, corrected")
        await discord.wait_for(lambda: f"{inside}, corrected" in shown())
        assert full().embeds == [*before[:4], before[4] | {"title": f"{inside}, corrected"}, *before[5:]]

        await discord.wait_for(lambda: "message edited" in bot.logged())  # else it may be edited once more
        await bot.kill()
        source.correct("Article 1", body_html="<p>Another text.</p>")
        source.withdraw("Article 2")
        await bot.start()
        await discord.wait_for(lambda: discord.messages(channel)[0].embeds[0]["description"] == "Another text.")

        for number in range(1, 6):
            source.correct("Article 3", body_html=f"<p>Version {number}.</p>")
            source.publish(f"After version {number}")
            await discord.wait_for(lambda number=number: f"After version {number}" in shown())  # type: ignore[misc]
            if number <= 3:
                await discord.wait_for(
                    lambda number=number: _text(discord.messages(channel), "Article 3") == f"Version {number}."  # type: ignore[misc]
                )
        assert await bot.stop() == 0
    assert shown() == [
        *(f"Article {number}{', corrected' * (f'Article {number}' == inside)}" for number in range(1, 16)),
        *(f"After version {number}" for number in range(1, 6)),
    ]
    assert _text(discord.messages(channel), "Article 3") == "Version 3."
    edits = [asked for asked in discord.ledger if asked.method == "PATCH"]
    assert [asked.status for asked in edits] == [200] * 5
    assert max(len(asked.body["embeds"]) for asked in edits) == 10


async def test_an_edit_whose_message_was_deleted_is_forgotten_and_one_without_rights_waits(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel = guild.text_channel("news")
    source = feeds.feed("blog")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [source.url])])
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2)
        source.publish("Article 1")
        await discord.wait_for(lambda: len(discord.messages(channel)) == 1)
        source.publish("Article 2")
        await discord.wait_for(lambda: len(discord.messages(channel)) == 2)
        channel.messages[0].deleted = True
        source.correct("Article 1", title="Article 1, corrected")
        await discord.wait_for(lambda: "it stays as it is" in bot.logged())
        await discord.deny(channel, "send_messages")
        source.correct("Article 2", title="Article 2, corrected")
        await discord.wait_for(lambda: "message not edited yet" in bot.logged())
        assert await bot.stop() == 0
    assert titles(discord.messages(channel)) == ["Article 2"]
    assert [asked.status for asked in discord.ledger if asked.method == "PATCH"] == [404]


def _text(messages: list[Message], title: str) -> str | None:
    return next((e.get("description") for each in messages for e in each.embeds if e["title"] == title), None)
