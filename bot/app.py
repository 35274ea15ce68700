"""The composition root: makes every part once, starts the loops after the client, and ends them in order."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Self

import aiohttp
import discord

from bot import logs
from bot.client import RiverpostBot
from bot.clock import Clock, SystemClock
from bot.config import Config, DeclaredTopic
from bot.delivery.budget import Breaker, Budget
from bot.delivery.compose import EmbedRenderer
from bot.delivery.retry import delay_seconds
from bot.delivery.send import DiscordSender
from bot.errors import StoreError
from bot.feeds.discover import Discovery
from bot.feeds.fetch import Fetcher
from bot.feeds.parse import ParserPool
from bot.feeds.urls import canonical
from bot.jobs.deliver import DeliverJob
from bot.jobs.poll import PollJob
from bot.jobs.runner import Runner
from bot.jobs.steps import Step, unobserved
from bot.jobs.upkeep import HeartbeatJob, PruneJob
from bot.services import Following, Reading, Services, Topics
from bot.services.intake import Intake
from bot.store import Store

log = logs.get(__name__)

GRACE_SECONDS = 5.0
"""How long sends under way may take at the end; the whole stop stays below 10 s."""
TOKEN_REFUSED = 4004
"""The code with which the gateway closes on a token that is not valid any more."""
UNREACHABLE = (
    discord.HTTPException,
    discord.GatewayNotFound,
    discord.RateLimited,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel, and wait until all are over.

    A cancel can get lost, so it is repeated: Python 3.11's wait_for, which discord.py connects with, swallows one
    that comes in the moment in which a connection fails.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)


async def patiently(what: str, do: Callable[[], Awaitable[object]], clock: Clock) -> None:
    """Do something with Discord; try again, for days if need be, while it cannot be reached or asks to wait.

    Raises:
        discord.LoginFailure: the token is wrong.
    """
    for attempt in range(1, 1_000_000):
        try:
            await do()
        except discord.LoginFailure:
            raise
        except UNREACHABLE as error:
            if isinstance(error, discord.HTTPException) and error.status in {400, 403, 404}:
                log.exception("Discord refuses", what=what)
                return
            wait: float = delay_seconds(attempt)
            if isinstance(error, discord.RateLimited):
                wait = max(wait, error.retry_after)
            log.warning(
                "Discord cannot be reached; trying again",
                what=what,
                error=f"{type(error).__name__}: {error}",
                in_seconds=wait,
            )
            await clock.sleep(wait)
        else:
            return


class App:
    """All parts of a running bot. `async with` opens and closes them; `run` is what `python -m bot run` does.

    Args:
        step: called after each step of poll and delivery, see `bot.jobs.steps`.
    """

    def __init__(self, config: Config, *, clock: Clock | None = None, step: Step = unobserved) -> None:
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self._step = step
        self._stack = contextlib.AsyncExitStack()
        self._stopping = asyncio.Event()
        self._unauthorised = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Open the store, the fetcher and the parser, and make the client; nothing runs yet.

        Raises:
            StoreError: the database cannot be used; the message says what to do.
        """
        config = self.config
        try:
            self.store = await Store.open(
                config.store.url, now=self.clock.now(), default_backfill=config.delivery.backfill
            )
            self._stack.push_async_callback(self.store.close)
            self.fetcher = await self._stack.enter_async_context(Fetcher(config.fetch, self.clock))
            self.parser = ParserPool(timeout_seconds=10.0)
            self._stack.push_async_callback(self.parser.close)
        except BaseException:
            await self._stack.aclose()
            raise
        intake = Intake(self.store, config.polling, self.clock)
        services = Services(
            topics=Topics(self.store, config.limits, self.clock),
            following=Following(self.store, Discovery(self.fetcher, self.parser), intake, config.limits, self.clock),
            reading=Reading(self.store),
        )
        self.client = RiverpostBot(
            api_url=config.discord.api_url,
            services=services,
            packs=config.packs,
            on_guild_change=self._guild_changed,
            on_guild_left=self._guild_left,
        )
        self._make_loops(intake)
        return self

    async def __aexit__(self, *_: object) -> None:
        """No new work; sends under way finish or are left for the next start; then everything is closed."""
        self._deliver_job.stop_after_this()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._deliver_job.close(grace_seconds=GRACE_SECONDS)
        await self._poll_job.close()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                await self.client.close()
        await self._stack.aclose()

    def _make_loops(self, intake: Intake) -> None:
        breaker = Breaker()
        sender = DiscordSender(self.client, breaker, self.clock, canonical=canonical)
        self._deliver_job = DeliverJob(
            self.store,
            sender,
            EmbedRenderer(),
            Budget(self.config.delivery.requests_per_second, self.clock),
            breaker,
            self.clock,
            on_unauthorised=self._lost_authorisation,
            on_more=self._wake_deliver,
            step=self._step,
        )
        self._poll_job = PollJob(
            self.store,
            self.fetcher,
            self.parser,
            intake,
            self.config.polling,
            self.clock,
            on_queued=self._wake_deliver,
            on_room=self._wake_poll,
            step=self._step,
        )
        self._deliver = Runner("deliver", self._deliver_job.round, self.clock)
        self._poll = Runner("poll", self._poll_job.round, self.clock)
        heartbeat = HeartbeatJob(self.store, (self._poll, self._deliver), self.clock)
        prune = PruneJob(self.store, timedelta(days=self.config.store.keep_days), self.clock)
        self._runners = (
            self._poll,
            self._deliver,
            Runner("heartbeat", heartbeat.round, self.clock),
            Runner("prune", prune.round, self.clock),
        )

    def _wake_deliver(self) -> None:
        self._deliver.wake()

    def _wake_poll(self) -> None:
        self._poll.wake()

    async def declare_topics(self, topics: Sequence[DeclaredTopic]) -> None:
        """Add and update what the configuration declares."""
        for topic in topics:
            await self.store.topics.declare(
                guild_id=topic.guild_id,
                name=topic.name,
                channel_id=topic.channel_id,
                feed_urls=topic.feeds,
                backfill=topic.backfill,
                now=self.clock.now(),
            )

    async def start_loops(self) -> None:
        """Start polling and posting; posting waits until the client is ready."""
        self._tasks += [asyncio.create_task(runner.run(), name=runner.name) for runner in self._runners]

    def stop(self) -> None:
        """End `run`, from a signal handler for instance."""
        self._stopping.set()

    async def run(self, token: str) -> int:
        """Connect, and work until `stop`. The exit code: 0 after `stop`, 1 where Discord refuses the token."""
        await self.declare_topics(self.config.topics)
        await self.start_loops()
        connection = asyncio.create_task(self._stay_connected(token), name="discord")
        stopping = asyncio.create_task(self._stopping.wait(), name="stopping")
        try:
            await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if connection.done() and not connection.cancelled():
                failure = connection.exception()
                if isinstance(failure, discord.LoginFailure) or getattr(failure, "code", None) == TOKEN_REFUSED:
                    self._unauthorised = True
                elif failure is not None:
                    log.error("the connection to Discord ended", exc_info=failure)
                    return 1
        finally:
            await end(connection, stopping)
        if self._unauthorised:
            log.error("Discord refuses the token: copy a new one from the Developer Portal into DISCORD_TOKEN")
            return 1
        return 0

    async def _stay_connected(self, token: str) -> None:
        """Log in and keep the gateway; an unreachable Discord is tried again, for days if need be."""
        await patiently("log in", lambda: self.client.login(token), self.clock)
        sync = asyncio.create_task(patiently("publish the commands", self.client.tree.sync, self.clock))
        try:
            await patiently("connect", lambda: self.client.connect(reconnect=True), self.clock)
        finally:
            sync.cancel()

    async def _guild_changed(self, guild_id: int) -> None:
        await self._quietly(self._after_guild_change(guild_id))

    async def _after_guild_change(self, guild_id: int) -> None:
        await self.store.upkeep.guild_joined(guild_id)
        if await self.store.deliveries.probe_soon(guild_id, now=self.clock.now()):
            self._deliver.wake()

    async def _guild_left(self, guild_id: int) -> None:
        await self._quietly(self.store.upkeep.guild_left(guild_id, now=self.clock.now()))

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except StoreError as error:
            log.error("a guild's change was not stored", error=str(error))

    def _lost_authorisation(self) -> None:
        self._unauthorised = True
        self.stop()
