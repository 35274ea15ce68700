"""A store on a real file, a Discord with verbs, and the loops between them in virtual time."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.admin_notices import NoticesJob
from bot.jobs.posting.delivery_loop import MAX_CHANNELS, DeliverJob, MayGo
from bot.jobs.posting.send_results import SETTLED_SECONDS
from bot.messages.renderer import EmbedRenderer
from bot.model import ClaimedFeed, Entry, MatchedEntry, Topic
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.posting.pacing.rate_limiter import RateLimiter
from bot.store import Store
from bot.store.schema.tables import UtcTime, metadata
from tests.builders import POSTED_OF_A_POLL, START, new, read_outcome
from tests.fakes import FakeClock
from tests.jobs.discord import FakeDiscord
from tests.opening import open_store
from tests.standins import anywhere, english, may_go

GUILD = 1
RATE = 40


NOW = sa.bindparam("now", type_=UtcTime())
MOMENTS = sa.select(
    sa.func.min(
        sa.union_all(
            *(
                sa.select(sa.func.min(column).label("at")).where(column > NOW)
                for table in metadata.sorted_tables
                for column in table.c
                if isinstance(column.type, UtcTime)
            )
        )
        .subquery()
        .c.at,
        type_=UtcTime(),
    )
)
"""The first moment that lies ahead, in whatever column."""


async def first_moment(store: Store, *, after: datetime) -> datetime | None:
    async with store._database.read() as connection:
        found: datetime | None = (await connection.execute(MOMENTS, {"now": after})).scalar()
    return found


@dataclass
class Bot:
    """One process: it can be started again on the same file, with everything in memory forgotten."""

    path: Path
    clock: FakeClock
    discord: FakeDiscord
    store: Store
    woken: list[str] = field(default_factory=list)
    number: int = 0
    next_notices: float = 0.0
    may_go: MayGo = may_go

    def __post_init__(self) -> None:
        self.traffic = CircuitBreaker()
        self.hearing = DiscordHealth(
            self.store,
            self.traffic,
            self.clock,
            on_more=lambda: self.woken.append("deliver"),
            on_unauthorised=lambda: self.woken.append("unauthorised"),
        )
        self.deliver = DeliverJob(
            self.store,
            self.discord,
            EmbedRenderer(),
            self.traffic,
            self.hearing,
            self.clock,
            on_more=lambda: self.woken.append("deliver"),
            most_channels=MAX_CHANNELS,
            step=unobserved,
            survey=anywhere,
            language=english,
            save_row=False,
            may_go=lambda post: self.may_go(post),  # noqa: PLW0108 - a test may give another
            settled_seconds=SETTLED_SECONDS,
        )
        self.notices = NoticesJob(
            self.store, self.discord, self.discord, self.traffic, self.hearing, self.clock, language=english
        )

    async def restart(self) -> None:
        """As after a kill: nothing is left but the file."""
        await self.store.close()
        self.store = await open_store(f"sqlite:///{self.path}", now=self.clock.now(), default_backfill=0)
        self.__post_init__()

    async def topic(self, name: str = "news", *, channel: int = 10, guild: int = GUILD, by: int | None = 7) -> Topic:
        made = await self.store.topics.create(
            guild_id=guild, name=name, channel_id=channel, created_by=by, now=self.clock.now()
        )
        assert made is not None
        return made

    async def feed(self, *topics: Topic, url: str = "https://blog.example/feed", by: int | None = 8) -> ClaimedFeed:
        """A feed that these topics follow, with its baseline set."""
        feed = await self.store.feeds.ensure(url, now=self.clock.now())
        for each in topics:
            await self.store.topics.subscribe(each.id, feed.id, added_by=by, now=self.clock.now())
        await self.store.entries.apply(read_outcome(feed, now=self.clock.now()))
        return feed

    async def publish(self, feed: ClaimedFeed, count: int = 1, *, words: int = 0) -> list[str]:
        """New articles, the oldest first, each with so many words more than the shortest. Their titles."""
        made: list[MatchedEntry] = []
        for _ in range(count):
            self.number += 1
            one = new(self.number, published=self.clock.now(), position=count - len(made))
            if words and isinstance(one.entry, Entry):
                text = " ".join([one.entry.text, *(f"word{number}" for number in range(words))])
                one = replace(one, entry=replace(one.entry, summary_html=text, text=text))
            made.append(one)
        for start in range(0, count, POSTED_OF_A_POLL):
            part = made[start : start + POSTED_OF_A_POLL]
            await self.store.entries.apply(read_outcome(feed, *reversed(part), now=self.clock.now()))
        return [f"Article {number}" for number in range(self.number - count + 1, self.number + 1)]

    async def run(self, seconds: float, *, step: float = 0.0, notices: bool = False) -> None:
        """The loops for so long, in virtual time. `step` makes coarser looks, where only the long run matters."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            self.woken.clear()
            pause = await self.deliver.round()
            idle = not self.deliver._tasks
            if not idle:
                await asyncio.wait(self.deliver._tasks)
            if notices and self.clock.monotonic() >= self.next_notices:
                self.next_notices = self.clock.monotonic() + await self.notices.round()
            if "deliver" in self.woken:
                self.clock.advance(0.01)
                continue
            pause = max(pause, step)
            if idle and self.traffic.wait_seconds(self.clock.monotonic()) == 0:
                # As many pauses as there are to what is due: looks that would find nothing are left out.
                until = min(await self._due(), self.next_notices if notices else end, end)
                pause *= max(1, math.ceil((until - self.clock.monotonic()) / pause))
            self.clock.advance(min(pause, max(0.0, end - self.clock.monotonic())))

    async def _due(self) -> float:
        """When, on the monotonic clock, the first moment comes that is stored."""
        now = self.clock.now()
        due = await first_moment(self.store, after=now)
        return self.clock.monotonic() + (due - now).total_seconds() if due is not None else math.inf

    async def tell(self, seconds: float = 0.0) -> None:
        """One round of the notices loop, so long from now."""
        self.clock.advance(seconds)
        await self.notices.round()

    async def held(self) -> Sequence[tuple[int, str]]:
        found = await self.store.operating.overview(None, now=self.clock.now())
        return [(each.channel_id, each.reason) for each in found.channels]


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    clock = FakeClock(START)
    path = tmp_path / "riverpost.db"
    store = await open_store(f"sqlite:///{path}", now=START, default_backfill=0)
    made = Bot(path, clock, FakeDiscord(clock, RateLimiter(RATE, clock)), store)
    yield made
    await made.deliver.close(grace_seconds=1)
    await made.store.close()
