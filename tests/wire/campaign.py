"""One run of the seeded campaign: the real store, job, sender and discord.py, in virtual time, under random faults.

Only polling is left out: the articles are put into the store as a poll would. Deaths are sudden: what runs is
dropped where it is, nothing is finished, and a new incarnation starts on the same database file.
"""

import asyncio
import contextlib
import logging
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.filters.evaluate import judge
from bot.store.engine.migrate import upgrade
from tests.builders import new, read_outcome
from tests.opening import open_store, share_statements
from tests.wire import virtual
from tests.wire.incarnation import Incarnation
from tests.wire.loopback.faults import Script
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import FORUMS, Channel, Guild, Message
from tests.wire.virtual import VirtualClock

HOURS = 3600.0
PATIENCE_SECONDS = 72 * HOURS
"""Virtual time after the last fault in which everything must have arrived."""
RIGHTS = ("send_messages", "view_channel", "read_message_history", "embed_links")
STEPS = ("planned", "attempt-stored", "sent", "recorded")


class Killed(BaseException):
    """SIGKILL, for the task that it hits first."""


@dataclass
class Place:
    """A channel with what must be in it at the end."""

    guild: Guild
    channel: Channel
    feed_url: str
    expected: list[str] = field(default_factory=list)

    def messages(self) -> list[Message]:
        """Of a forum, what its posts begin with."""
        if self.channel.kind not in FORUMS:
            return self.channel.messages
        return [post.messages[0] for post in self.guild.threads(self.channel)]


@dataclass
class Summary:
    """The ledger of one or many runs."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Summary") -> None:
        self.counts += other.counts
        self.problems += other.problems

    def text(self) -> str:
        names = ("runs", "articles", "posts", "retries", "look-ups", "kills", "faults", "duplicates", "lost", "hours")
        return ", ".join(f"{name} {self.counts[name]:,}" for name in names)


class Campaign:
    """A run: some channels, articles in waves, faults, deaths; then peace, and the reckoning."""

    def __init__(self, seed: int, database: Path, *, share: float = 0.3, kinds: Sequence[str] = ("text",)) -> None:
        self.seed = seed
        self._kinds = kinds
        self._chance = random.Random(seed)
        self._database = database
        self._share = share
        self._clock = VirtualClock()
        self._dying = asyncio.Event()
        self._kills = 0
        self._deaths = 0
        self._alive: Incarnation | None = None
        self._number = 0

    async def run(self) -> Summary:
        async with LoopbackDiscord(self._clock, checks_answers=False) as server:
            server.posts.nonce_window_seconds = self._chance.choice((100.0, 180.0, 300.0))
            guilds = [server.guild(f"guild {n}") for n in range(self._chance.randint(1, 2))]
            self._places = [self._place(self._chance.choice(guilds), n) for n in range(self._chance.randint(1, 3))]
            await self._begin(server)
            try:
                server.faults.script = Script(self.seed, share=self._share)
                await self._trouble(server, guilds)
                await self._peace(server, guilds)
            finally:
                await self._live().die()
            return self._reckon(server)

    def _place(self, guild: Guild, number: int) -> Place:
        name, feed_url = f"channel {number}", f"https://blog{number}.example/feed"
        kind = self._kinds[number % len(self._kinds)]
        if kind == "forum":
            return Place(guild, guild.forum(name, "News", requires_tag=True), feed_url)
        channel = guild.text_channel(name)
        if kind == "webhook":
            channel.granted.add("manage_webhooks")
        return Place(guild, channel, feed_url)

    def _live(self) -> Incarnation:
        assert self._alive is not None
        return self._alive

    async def _begin(self, server: LoopbackDiscord) -> None:
        self._alive = await self._born(server)
        store, now = self._alive.store, self._clock.now()
        for place in self._places:
            topic = await store.topics.create(
                guild_id=place.channel.guild_id,
                name=place.channel.name,
                channel_id=place.channel.id,
                backfill=0,
                now=now,
            )
            assert topic is not None
            options = {"own_names": "manage_webhooks" in place.channel.granted}
            await store.changes.edit_topic(topic.id, name=None, channel_id=None, colour=None, options=options, now=now)
            feed = await store.feeds.ensure(place.feed_url, now=now)
            await store.topics.subscribe(topic.id, feed.id, added_by=None, now=now)
            await store.entries.apply(read_outcome(feed, now=now))

    async def _born(self, server: LoopbackDiscord) -> Incarnation:
        store = await open_store(f"sqlite:///{self._database}", now=self._clock.now(), judge=judge)
        self._dying.clear()
        return Incarnation(server, store, self._clock, self._step)

    def _step(self, step: str) -> None:
        if self._kills > 0 and step in STEPS and self._chance.random() < 0.1:
            self._kills -= 1
            self._dying.set()
            raise Killed

    # --- trouble ------------------------------------------------------------------------------------------

    async def _trouble(self, server: LoopbackDiscord, guilds: list[Guild]) -> None:
        """Waves of articles and blows, at random moments within some hours."""
        self._kills = self._chance.randint(0, 3)
        blows: list[Callable[[], Awaitable[None]]] = [
            server.gateway.reconnect,
            lambda: server.gateway.invalidate(resumable=True),
            lambda: server.gateway.invalidate(resumable=False),
            lambda: server.gateway.close(
                self._chance.choice((1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009))
            ),
            lambda: self._drop(server),
            lambda: server.outage_of(self._chance.choice(guilds)),
            lambda: server.deny(self._chance.choice(self._places).channel, self._chance.choice(RIGHTS)),
            lambda: self._mend(server, guilds),
            self._kill,
        ]
        for _ in range(self._chance.randint(4, 9)):
            if self._chance.random() < 0.8:
                await self._publish()
            if self._chance.random() < 0.6:
                await self._chance.choice(blows)()
            await self._wait(server, self._chance.choice((0.5, 3.0, 20.0, 90.0, 600.0)))

    async def _drop(self, server: LoopbackDiscord) -> None:
        server.gateway.drop()

    async def _kill(self) -> None:
        self._dying.set()

    async def _mend(self, server: LoopbackDiscord, guilds: list[Guild]) -> None:
        for guild in guilds:
            if guild.unavailable:
                await server.outage_over(guild)
        for place in self._places:
            if place.channel.denied:
                await server.allow(place.channel)

    async def _wait(self, server: LoopbackDiscord, seconds: float) -> None:
        """Some time passes; who dies in it is born again."""
        end = self._clock.monotonic() + seconds
        while (left := end - self._clock.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._dying.wait(), left)
                await self._live().die()
                await asyncio.sleep(self._chance.choice((0.1, 5.0, 120.0, 2 * HOURS)))
                self._deaths += 1
                self._alive = await self._born(server)

    async def _publish(self) -> None:
        """A poll found new articles: one, a few, or so many that several share a message."""
        store, now = self._live().store, self._clock.now()
        place = self._chance.choice(self._places)
        feed = await store.feeds.ensure(place.feed_url, now=now)
        fresh = []
        for position in range(self._chance.choice((1, 2, 3, 12))):
            self._number += 1
            place.expected.append(f"Article {self._number}")
            fresh.append(new(self._number, published=now, position=-position))
        await store.entries.apply(read_outcome(feed, *reversed(fresh), now=now))
        self._live().runner.wake()

    # --- peace --------------------------------------------------------------------------------------------

    async def _peace(self, server: LoopbackDiscord, guilds: list[Guild]) -> None:
        self._kills = 0
        server.faults.script = None
        await self._mend(server, guilds)
        end = self._clock.monotonic() + PATIENCE_SECONDS
        while not await self._done() and self._clock.monotonic() < end:
            await self._wait(server, 60.0)

    async def _done(self) -> bool:
        store = self._live().store
        for place in self._places:
            if await store.posts.first_open(place.channel.id) or await store.deliveries.waiting(
                place.channel.id, limit=1
            ):
                return False
        return True

    def _reckon(self, server: LoopbackDiscord) -> Summary:
        made = Summary()
        made_by = re.compile(r"/(?:messages|threads|hook-\d+)$")
        posts = [asked for asked in server.ledger if asked.method == "POST" and made_by.search(asked.path)]
        for place in self._places:
            self._reckon_place(place, made)
        messages = sum(len(place.messages()) for place in self._places)
        made.counts += Counter(
            {
                "runs": 1,
                "articles": sum(len(place.expected) for place in self._places),
                "posts": len(posts),
                "retries": len(posts) - messages,
                "look-ups": sum(
                    1
                    for asked in server.ledger
                    if asked.path.endswith(("/messages", "/active")) and asked.method == "GET"
                ),
                "kills": self._deaths,
                "faults": sum(count for name, count in server.faults.played.items() if name != "ok"),
                "hours": round(self._clock.monotonic() / HOURS),
            }
        )
        made.problems += [f"seed {self.seed}: {violation}" for violation in server.violations]
        return made

    def _reckon_place(self, place: Place, made: Summary) -> None:
        shown = [e["title"] for m in place.messages() if not m.deleted for e in m.embeds]
        removed = {e["title"] for m in place.messages() if m.deleted for e in m.embeds}
        times = Counter(shown)
        for title in place.expected:
            if times[title] > 1:
                made.counts["duplicates"] += 1
                made.problems.append(f"seed {self.seed}: {title} is {times[title]} times in {place.channel.name}")
            if times[title] == 0 and title not in removed:
                made.counts["lost"] += 1
                made.problems.append(f"seed {self.seed}: {title} is not in {place.channel.name}")
        # What a moderator removed unseen may come again, behind others.
        order = [title for title in shown if title not in removed]
        if order != [title for title in place.expected if title in times and title not in removed]:
            made.problems.append(f"seed {self.seed}: {place.channel.name} is out of order: {order}")
        if unknown := set(shown) - set(place.expected):
            made.problems.append(f"seed {self.seed}: {place.channel.name} has {unknown}")


def many(
    seeds: range,
    folder: Path,
    *,
    share: float = 0.3,
    kinds: Sequence[str] = ("text",),
    loud: bool = False,
    of: type["Campaign"] | None = None,
) -> Summary:
    """Run after run, each in a time of its own and on a fresh database; `loud` lets the bot log.

    Args:
        kinds: of the channels, in turn: text, forum, webhook (text, where sources post under their own names).
        of: another kind of run.
    """
    share_statements()
    template = folder / "template.db"
    upgrade(template)
    total = Summary()
    with contextlib.nullcontext() if loud else silence():
        for seed in seeds:
            database = folder / f"{seed}.db"
            database.write_bytes(template.read_bytes())
            total.add(virtual.run((of or Campaign)(seed, database, share=share, kinds=kinds).run()))
            for left in folder.glob(f"{seed}.db*"):
                left.unlink()
    return total


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """No logs: writing thousands of lines takes longer than what they tell of."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        structlog.reset_defaults()
