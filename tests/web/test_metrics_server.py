"""What operators see of a bot: well or not and why, and numbers that Prometheus reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Measures
from bot.store import Store
from bot.web.metrics_server import Instruments
from tests.builders import START, new, read_outcome
from tests.fakes import FakeClock
from tests.web.site import Answer


@dataclass
class Bot:
    """As much of a bot as instruments see."""

    instruments: Instruments
    session: aiohttp.ClientSession
    clock: FakeClock
    measures: Measures = field(default_factory=Measures)
    problems: list[str] = field(default_factory=list)
    connected: bool = True

    async def get(self, path: str) -> Answer:
        async with self.session.get(f"http://127.0.0.1:{self.instruments.port}{path}") as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def metrics(self) -> dict[str, float]:
        text = (await self.get("/metrics")).text
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return {f"{each.name}{''.join(each.labels.values())}": each.value for each in samples}


@asynccontextmanager
async def bot_with(store: Store) -> AsyncIterator[Bot]:
    clock, measures = FakeClock(START), Measures()
    bot: Bot
    instruments = Instruments(
        store,
        measures,
        clock,
        listen="127.0.0.1:0",
        problems=lambda: list(bot.problems),
        is_connected=lambda: bot.connected,
    )
    async with aiohttp.ClientSession() as session:
        bot = Bot(instruments, session, clock, measures)
        async with instruments:
            yield bot


async def test_a_bot_that_is_well_says_so(store: Store) -> None:
    async with bot_with(store) as bot:
        for path in ("/healthz", "/readyz"):
            answer = await bot.get(path)
            assert (answer.status, answer.text) == (200, "ok\n")


async def test_a_bot_that_is_not_says_why(store: Store) -> None:
    async with bot_with(store) as bot:
        bot.connected = False
        assert (await bot.get("/healthz")).status == 200  # a restart would not help
        answer = await bot.get("/readyz")
        assert (answer.status, answer.text) == (503, "the gateway of Discord is not connected\n")
        bot.problems = ["the poll loop has had no good round yet"]
        assert (await bot.get("/healthz")).status == 503


async def test_a_message_that_is_late_is_told(store: Store) -> None:
    topic = await store.topics.create(
        guild_id=1, name="A", channel_id=2, colour=None, created_by=None, limit=9, now=START
    )
    assert topic is not None
    async with store._database.write() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO posts (channel_id, guild_id, kind, nonce, payload, state, due_at, created_at) "
            f"VALUES (2, 1, 'article', 'n', '{{}}', 'planned', {int(START.timestamp() * 1000)}, 0)"
        )
    async with bot_with(store) as bot:
        bot.clock.advance(500)
        assert (await bot.get("/readyz")).status == 200
        bot.clock.advance(500)
        answer = await bot.get("/readyz")
        assert (answer.status, answer.text) == (503, "a message is due for 1000 s\n")
        assert (await bot.metrics())["riverpost_late_post_seconds"] == 1000


async def test_metrics_have_what_happened_and_how_it_stands(store: Store) -> None:
    await store.topics.declare(
        guild_id=1, name="A", channel_id=2, feed_urls=("https://a.example/f",), backfill=5, now=START
    )
    [feed] = await store.feeds.claim_due(now=START, limit=9)
    await store.entries.apply(read_outcome(feed, new(1), new(2)))
    async with bot_with(store) as bot:
        bot.measures.polls["entries"] += 3
        bot.measures.discord_answers[429] += 1
        bot.measures.articles_posted += 2
        found = await bot.metrics()
    assert found["riverpost_polls_totalentries"] == 3
    assert found["riverpost_discord_requests_total429"] == 1
    assert found["riverpost_articles_posted_total"] == 2
    assert found["riverpost_feeds"] == 1
    assert found["riverpost_waiting_deliveries"] == 2
    assert found["riverpost_database_up"] == found["riverpost_gateway_connected"] == 1
    assert found["riverpost_process_resident_memory_bytes"] > 1_000_000


async def test_metrics_go_on_without_a_database(store: Store) -> None:
    async with store._database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE channels RENAME TO elsewhere")
    async with bot_with(store) as bot:
        found = await bot.metrics()
        assert found["riverpost_database_up"] == 0
        answer = await bot.get("/readyz")
        assert answer.status == 503
        assert "no such table" in answer.text
