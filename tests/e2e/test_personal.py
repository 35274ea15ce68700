"""Private messages from the real process: exactly once over kills and lost answers, held while they are closed."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer, ServedFeed
from tests.wire.loopback.doors import PrivateChannel
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild, Member, titles

pytestmark = pytest.mark.e2e

STEPS = ("stored", "matched", "personal-planned", "attempt-stored", "sent", "recorded")


@dataclass
class Scene:
    discord: LoopbackDiscord
    source: ServedFeed
    bot: Bot
    guild: Guild
    channel: Channel
    ann: Member

    @property
    def door(self) -> PrivateChannel:
        return self.discord.doors.of(self.ann)

    def sent(self) -> list[str]:
        return titles(self.discord.messages(self.door))

    async def follow(self, **options: object) -> None:
        await self.discord.wait_for(lambda: len(self.source.requests) >= 2 and self.discord.takes_commands)
        answer = await self.discord.ask(self.ann, self.channel, "follow words", query="bgp", **options)
        assert "every new article here that matches" in answer.text

    async def sees(self, title: str) -> None:
        await self.discord.wait_for(lambda: title in self.sent())


@pytest.fixture
def scene(discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path) -> Scene:
    guild = discord.guild("Readers")
    channel, source = guild.text_channel("news"), feeds.feed("blog")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("news", guild.id, channel.id, [source.url])])
    return Scene(discord, source, bot, guild, channel, guild.member("ann"))


@pytest.mark.parametrize("nonces", [True, False], ids=["nonce known", "nonce forgotten"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_right_after_each_step_loses_and_repeats_nothing(scene: Scene, step: str, *, nonces: bool) -> None:
    if not nonces:
        scene.discord.posts.nonce_window_seconds = 0
    async with scene.bot.running():
        await scene.follow()
        # Whoever is followed only by this person has no channel's message whose steps would come first.
        await scene.discord.deny(scene.channel, "send_messages")
        await scene.bot.kill()
    scene.source.publish("BGP 1")
    scene.source.publish("Tea")
    await scene.bot.start(stop_at=f"{step}:1")
    assert await scene.bot.wait() == -9
    async with scene.bot.running():
        await scene.sees("BGP 1")
        scene.source.publish("BGP 2")
        await scene.sees("BGP 2")
        assert await scene.bot.stop() == 0
    assert scene.sent() == ["BGP 1", "BGP 2"]


async def test_closed_messages_wait_over_a_restart_and_come_when_they_are_open(scene: Scene) -> None:
    scene.door.closed = True
    async with scene.bot.running():
        await scene.follow()
        scene.source.publish("BGP 1")
        await scene.discord.wait_for(lambda: "BGP 1" in titles(scene.discord.messages(scene.channel)))
        # The bot knows of it a moment after Discord has refused.
        await scene.discord.wait_for(lambda: "channel held" in scene.bot.logged())
        assert refusals(scene) == 1
        told = await scene.discord.ask(scene.ann, scene.channel, "following")
        assert "I cannot send you private messages" in told.text
        await scene.bot.kill()
    async with scene.bot.running():
        await scene.discord.wait_for(lambda: scene.discord.takes_commands)
        scene.source.publish("BGP 2")
        await scene.discord.wait_for(lambda: "BGP 2" in titles(scene.discord.messages(scene.channel)))
        scene.door.closed = False
        assert (scene.sent(), refusals(scene)) == ([], 1)
        listed = await scene.discord.ask(scene.ann, scene.channel, "following")
        await scene.discord.press(scene.ann, listed, "Try again")
        await scene.sees("BGP 2")
        assert await scene.bot.stop() == 0
    assert scene.sent() == ["BGP 1", "BGP 2"]


def refusals(scene: Scene) -> int:
    path = f"/channels/{scene.door.id}/messages"
    return sum(1 for asked in scene.discord.ledger if asked.path.endswith(path) and asked.status == 403)
