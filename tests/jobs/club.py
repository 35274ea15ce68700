"""The loop for persons beside the others, in virtual time, with verbs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.posting.private_messages import PrivateMessageJob
from bot.jobs.posting.reader_check import ReaderCheck
from bot.model import BlockReason, ClaimedFeed, FollowKind, MatchedEntry, SendKind, SendResult, Topic, Viewer, Wish
from bot.store import Store
from tests.builders import POSTED_OF_A_POLL, new, read_outcome
from tests.jobs.conftest import GUILD, Bot
from tests.jobs.discord import Message

ANN, BEN = 71, 72
CLOSED = SendResult(SendKind.NO_ACCESS, code=50007, reason="Cannot send messages to this user", hold=BlockReason.CLOSED)


@dataclass
class FakeDoors:
    """Opens a private channel with everybody, whose id is the person's and 9000."""

    opened: list[int] = field(default_factory=list)
    shut: SendResult | None = None

    async def open(self, user_id: int) -> int | SendResult:
        self.opened.append(user_id)
        return self.shut or 9000 + user_id


@dataclass
class FakeViewers:
    """Everybody sees every topic, but for what a test says."""

    store: Store
    left: set[tuple[int, int]] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    """Ids of topics that nobody sees."""

    async def of(self, guild_id: int, user_id: int) -> Viewer | None:
        if guild_id in self.unknown:
            return None
        if (guild_id, user_id) in self.left:
            return Viewer(guild_id, user_id, frozenset(), is_member=False, guild_name="Readers")
        topics = {place.id for place in await self.store.topics.places(guild_id)} - self.hidden
        return Viewer(guild_id, user_id, frozenset(topics), guild_name="Readers")


@dataclass
class Club:
    """A bot with the loop for persons beside the others."""

    bot: Bot
    doors: FakeDoors = field(default_factory=FakeDoors)
    viewers: FakeViewers = field(init=False)

    def __post_init__(self) -> None:
        self.viewers = FakeViewers(self.bot.store)
        self._make()

    def _make(self) -> None:
        bot = self.bot
        self.viewers.store = bot.store
        rights = ReaderCheck(bot.store, self.viewers)
        bot.may_go = rights.may_go
        self.job = PrivateMessageJob(
            bot.store,
            bot.discord,
            self.doors,
            rights,
            bot.traffic,
            bot.hearing,
            bot.clock,
            on_queued=lambda: bot.woken.append("deliver"),
            step=unobserved,
        )

    async def restart(self) -> None:
        await self.bot.restart()
        self._make()

    async def run(self, seconds: float = 10.0, *, step: float = 2.0) -> None:
        """Both loops for so long."""
        end = self.bot.clock.monotonic() + seconds
        while self.bot.clock.monotonic() < end:
            while await self.job.round() == 0:
                pass
            await self.bot.run(min(step, end - self.bot.clock.monotonic()), step=step)

    async def follow(self, person: int, words: str, *, guild: int = GUILD, daily: bool = False) -> int:
        wish = Wish(FollowKind.WORDS, daily, words=words)
        made, _ = await self.bot.store.follows.add(person, guild, wish, now=self.bot.clock.now())
        return made.id

    async def follow_source(self, person: int, feed: ClaimedFeed, *, daily: bool = False) -> int:
        wish = Wish(FollowKind.SOURCE, daily, feed_id=feed.id)
        made, _ = await self.bot.store.follows.add(person, GUILD, wish, now=self.bot.clock.now())
        return made.id

    async def follow_topic(self, person: int, topic: Topic) -> int:
        wish = Wish(FollowKind.TOPIC, daily=False, topic_id=topic.id)
        made, _ = await self.bot.store.follows.add(person, GUILD, wish, now=self.bot.clock.now())
        return made.id

    async def publish(self, feed: ClaimedFeed, *titles: str) -> None:
        """New articles with these titles, the oldest first."""
        made: list[MatchedEntry] = []
        for title in titles:
            self.bot.number += 1
            now = self.bot.clock.now()
            made.append(new(self.bot.number, published=now, title=title, position=len(titles) - len(made)))
        for start in range(0, len(made), POSTED_OF_A_POLL):
            part = made[start : start + POSTED_OF_A_POLL]
            await self.bot.store.entries.apply(read_outcome(feed, *reversed(part), now=self.bot.clock.now()))

    def messages(self, person: int) -> Sequence[Message]:
        return self.bot.discord.in_channel(9000 + person)

    def titles(self, person: int) -> list[str]:
        return self.bot.discord.titles(9000 + person)

    def text(self, person: int) -> str:
        """All that a person was sent."""
        shown = [message.shown for message in self.messages(person)]
        return "\n".join(
            str(part)
            for body in shown
            for part in (
                body.get("content", ""),
                *(f"{e.get('description')}\n{e.get('footer')}" for e in body["embeds"]),
            )
        )

    async def sends_to(self, person: int) -> int:
        return sum(1 for each in self.bot.discord.requests if each.what == "send" and each.channel_id == 9000 + person)
