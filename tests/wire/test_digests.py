"""A daily digest on the wire, in virtual time: the bot is killed between any two steps of it, and it arrives once."""

import asyncio
from pathlib import Path

import pytest

from bot.model import DigestSchedule, TopicOptions
from bot.schedules import digest_times
from bot.store import Store
from tests.builders import new, read_outcome
from tests.opening import open_store
from tests.wire import virtual
from tests.wire.campaign import HOURS, STEPS, Killed
from tests.wire.incarnation import Incarnation
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import FORUMS, Channel, Guild
from tests.wire.virtual import VirtualClock

OPTIONS = TopicOptions(digest=DigestSchedule.DAILY, digest_minute=30)
FEED = "https://blog.example/feed"


class Life:
    """A bot that dies once, at a step of its first digest."""

    def __init__(self, step: str) -> None:
        self._deadly = step
        self.dying = asyncio.Event()

    def step(self, step: str) -> None:
        if step == self._deadly and not self.dying.is_set():
            self.dying.set()
            raise Killed


async def publish(store: Store, clock: VirtualClock, *numbers: int) -> None:
    feed = await store.feeds.ensure(FEED, now=clock.now())
    fresh = [new(number, published=clock.now(), position=-number) for number in numbers]
    await store.entries.apply(read_outcome(feed, *fresh, now=clock.now()))


async def begin(store: Store, clock: VirtualClock, guild_id: int, channel_id: int) -> None:
    now = clock.now()
    topic = await store.topics.create(guild_id=guild_id, name="News", channel_id=channel_id, backfill=0, now=now)
    assert topic is not None
    feed = await store.feeds.ensure(FEED, now=now)
    await store.topics.subscribe(topic.id, feed.id, added_by=None, now=now)
    await store.entries.apply(read_outcome(feed, now=now))
    await store.changes.edit_topic(
        topic.id, name=None, channel_id=None, colour=None, hours=digest_times.hours(OPTIONS, now), now=now,
        options={"digest": OPTIONS.digest, "digest_minute": OPTIONS.digest_minute},
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "down_seconds"), [("text", 1.0), ("text", 400.0), ("forum", 400.0)])
@pytest.mark.parametrize("step", STEPS)
def test_a_daily_digest_arrives_exactly_once_wherever_the_bot_is_killed(
    tmp_path: Path, step: str, down_seconds: float, kind: str
) -> None:
    async def main() -> None:
        clock, life = VirtualClock(), Life(step)
        async with LoopbackDiscord(clock, checks_answers=False) as server:
            guild = server.guild("Readers")
            channel = guild.forum("news", "News") if kind == "forum" else guild.text_channel("news")
            path = f"sqlite:///{tmp_path}/a.db"
            store = await open_store(path, now=clock.now())
            await begin(store, clock, guild.id, channel.id)
            await publish(store, clock, 1, 2, 3)
            bot = Incarnation(server, store, clock, life.step)
            await asyncio.wait_for(life.dying.wait(), HOURS)
            assert 0.5 * HOURS <= clock.monotonic() < 0.5 * HOURS + 120
            await bot.die()
            await asyncio.sleep(down_seconds)
            store = await open_store(path, now=clock.now())
            bot = Incarnation(server, store, clock, life.step)
            await publish(store, clock, 4)
            await asyncio.sleep(HOURS)
            shown = texts(server, guild, channel)
            assert [[f"[Article {n}]" in text for n in range(1, 5)] for text in shown] == [[True, True, True, False]]
            await bot.die()
            assert server.violations == []

    virtual.run(main())


def texts(server: LoopbackDiscord, guild: Guild, channel: Channel) -> list[str]:
    """What each message, or the first of each post, says."""
    posts = [post.messages[0] for post in guild.threads(channel)]
    messages = posts if channel.kind in FORUMS else server.messages(channel)
    return ["\n".join(embed["description"] for embed in message.embeds) for message in messages]
