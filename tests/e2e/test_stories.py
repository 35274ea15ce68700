"""Two sources with one story: posted once, and the message names both; also over a kill."""

from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import titles

pytestmark = pytest.mark.e2e

TITLE = "Line card fault takes the northern exchange down"
TEXT = (
    "The operator of the northern exchange says that a faulty line card in Hamburg dropped routes for eleven "
    "minutes on Tuesday, and that traffic went by way of Frankfurt until engineers had replaced it."
)


async def test_two_sources_with_one_story_become_one_message_that_names_both(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    channel = guild.text_channel("news")
    one, two = feeds.feed("one", title="First Light"), feeds.feed("two", title="Second Wind")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [one.url, two.url])])

    def footers() -> list[str]:
        return [embed.get("footer", {}).get("text", "") for each in discord.messages(channel) for embed in each.embeds]

    async with bot.running():
        await discord.wait_for(lambda: len(one.requests) >= 2 and len(two.requests) >= 2)
        one.publish(TITLE, link="https://one.example/fault", body_html=f"<p>{TEXT}</p>")
        await discord.wait_for(lambda: titles(discord.messages(channel)) == [TITLE])
        two.publish(TITLE.upper(), link="https://two.example/2026/fault", body_html=f"<p>{TEXT[:130]} […]</p>")
        two.publish("Exchange fault, part 2", link="https://two.example/2026/fault-2", body_html=f"<p>{TEXT}</p>")
        await discord.wait_for(lambda: footers()[:1] == ["also in Second Wind"] and len(footers()) == 2)
        await discord.wait_for(lambda: "message edited" in bot.logged())  # else it is edited once more
        await bot.kill()
        # The same link, while the bot is away, in the other order.
        two.publish("Routing weather", link="https://two.example/weather", body_html="<p>Calm.</p>")
        one.publish(
            "Routing weather today", link="https://www.two.example/weather/?utm_source=one", body_html="<p>!</p>"
        )
        await bot.start()
        await discord.wait_for(lambda: len(footers()) == 3 and footers()[2].startswith("also in"))
        one.publish("The end")
        await discord.wait_for(lambda: "The end" in titles(discord.messages(channel)))
        assert await bot.stop() == 0
    shown = titles(discord.messages(channel))
    assert shown[:2] == [TITLE, "Exchange fault, part 2"]
    assert shown[2] in {"Routing weather", "Routing weather today"}
    assert shown[3:] == ["The end"]
    made = [asked for asked in discord.ledger if asked.method == "POST" and asked.path.endswith("/messages")]
    edited = [asked for asked in discord.ledger if asked.method == "PATCH"]
    assert (len(made), {asked.status for asked in made + edited}) == (4, {200})
    assert len(edited) in {1, 2}  # the third is made with both names, unless one of the two was read first
