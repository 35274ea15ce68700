"""A connected bot in virtual time, with topics in channels, for stories that a test tells: the real job, store and sender."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from bot.feeds.identity import identify
from bot.model import Entry
from bot.schedules import digest_times
from bot.store import Store
from tests.builders import POSTED_OF_A_POLL, new, read_outcome
from tests.opening import open_store
from tests.wire import virtual
from tests.wire.incarnation import Incarnation
from tests.wire.loopback.server import Asked, LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild, titles
from tests.wire.virtual import VirtualClock

Story = Callable[["Stage"], Awaitable[None]]


@dataclass
class Stage:
    """A guild, and in it channels with a topic each that follows one feed."""

    server: LoopbackDiscord
    guild: Guild
    store: Store
    bot: Incarnation
    channels: list[Channel] = field(default_factory=list)
    published: int = 0

    @property
    def news(self) -> Channel:
        return self.channels[0]

    @property
    def talk(self) -> Channel:
        return self.channels[1]

    async def topic(self, channel: Channel, **options: object) -> int:
        """A topic for a channel, with its baseline set. Its number."""
        now = VirtualClock().now()
        made = await self.store.topics.create(
            guild_id=channel.guild_id, name=channel.name, channel_id=channel.id, backfill=0, now=now
        )
        assert made is not None
        hours = digest_times.hours(replace(made.options, **cast(Any, options)), now) if options else None
        await self.store.changes.edit_topic(
            made.id, name=None, channel_id=None, colour=None, options=options or None, hours=hours, now=now
        )
        feed = await self.store.feeds.ensure(f"https://{channel.name}.example/feed", now=now)
        await self.store.topics.subscribe(made.id, feed.id, added_by=None, now=now)
        await self.store.entries.apply(read_outcome(feed, now=now))
        return made.id

    async def publish(self, channel: Channel, count: int = 1) -> list[str]:
        """New articles in the feed of the channel's topic, as a poll stores them. Their titles."""
        now = VirtualClock().now()
        feed = await self.store.feeds.ensure(f"https://{channel.name}.example/feed", now=now)
        fresh = [new(self.published + n, published=now, position=-n) for n in range(1, count + 1)]
        self.published += count
        for start in range(0, count, POSTED_OF_A_POLL):
            part = fresh[start : start + POSTED_OF_A_POLL]
            await self.store.entries.apply(read_outcome(feed, *reversed(part), now=now))
        self.bot.runner.wake()
        return [f"Article {self.published - count + n}" for n in range(1, count + 1)]

    async def publish_these(self, channel: Channel, *changes: dict[str, Any]) -> None:
        """New articles in the feed of the channel's topic, each with what a test says of it, the oldest first."""
        now = VirtualClock().now()
        feed = await self.store.feeds.ensure(f"https://{channel.name}.example/feed", now=now)
        fresh = []
        for place, values in enumerate(changes, 1):
            self.published += 1
            made = new(self.published, published=now, position=-place)
            assert isinstance(made.entry, Entry)
            said = replace(made.entry, **values)
            keys = identify.keys(guid=said.guid, link=said.link, title=said.title, html=said.summary_html)
            fresh.append(replace(made, entry=replace(said, keys=keys)))
        await self.store.entries.apply(read_outcome(feed, *reversed(fresh), now=now))
        self.bot.runner.wake()

    def sends(self, channel: Channel | None = None) -> list[Asked]:
        place = f"/{channel.id}/" if channel is not None else ""
        return [asked for asked in self.server.ledger if asked.method == "POST" and place in asked.path]

    def shown(self, channel: Channel) -> list[str]:
        return titles(self.server.messages(channel))


@contextlib.asynccontextmanager
async def staged(
    folder: Path, *, channels: int = 2, whole: bool = False, limits: tuple[int, float] | None = None
) -> AsyncIterator[Stage]:
    """A bot that is connected.

    Args:
        whole: with the loops for edits, notices and what follows a message.
        limits: requests within seconds that Discord allows for each channel and route.
    """
    clock = VirtualClock()
    async with LoopbackDiscord(clock, checks_answers=False) as server:
        server.buckets.per_channel = limits
        guild = server.guild("Readers")
        names = ["news", "talk", *(f"channel{number}" for number in range(2, channels))][:channels]
        store = await open_store(f"sqlite:///{folder}/a.db", now=clock.now())
        made = [guild.text_channel(name) for name in names]
        bot = Incarnation(server, store, clock, lambda _: None, whole=whole)
        stage = Stage(server, guild, store, bot, made)
        try:
            for channel in made:
                await stage.topic(channel)
            await server.wait_for(bot.client.is_ready)
            yield stage
        finally:
            await bot.die()
        assert server.violations == []


def play(
    folder: Path, story: Story, *, channels: int = 2, whole: bool = False, limits: tuple[int, float] | None = None
) -> None:
    """Tell a story from beginning to end."""

    async def main() -> None:
        async with staged(folder, channels=channels, whole=whole, limits=limits) as stage:
            await story(stage)

    virtual.run(main())
