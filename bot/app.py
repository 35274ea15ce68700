"""The composition root: makes every part once, starts the loops after the client, and ends them in order."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Self

import discord

from bot import __version__, logs, services_factory
from bot.addresses import redacted
from bot.clock import Clock, SystemClock
from bot.config import starter_packs
from bot.config.settings import Config, DeclaredTopic
from bot.errors import StoreError
from bot.feeds.discovery.feed_finder import Discovery
from bot.feeds.http.fetcher import Fetcher
from bot.feeds.scheduling.learnt_interval import price_keeper
from bot.feeds.workers.parser_pool import ParserPool
from bot.filters import evaluate
from bot.gateway.client import RiverpostBot
from bot.gateway.connection import Connection
from bot.gateway.reconnect import end
from bot.jobs.backup_loop import BackupJob
from bot.jobs.crash_test_hooks import Step, unobserved
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.feed_import_loop import FeedImportJob
from bot.jobs.maintenance import HeartbeatJob, RetentionJob, SearchIndexJob
from bot.jobs.polling.poll_loop import PollJob
from bot.jobs.polling.rediscover import RediscoverJob
from bot.jobs.posting.admin_notices import NoticesJob
from bot.jobs.posting.delivery_loop import MAX_CHANNELS, DeliverJob
from bot.jobs.posting.follow_ups import FollowUpsJob
from bot.jobs.posting.message_edits import EditsJob
from bot.jobs.posting.private_messages import PrivateMessageJob
from bot.jobs.posting.reader_check import ReaderCheck
from bot.jobs.posting.send_results import SETTLED_SECONDS
from bot.jobs.runner import Runner
from bot.messages.renderer import EmbedRenderer
from bot.permissions.authority import Authority
from bot.posting.discord.channel_info import ChannelInspector
from bot.posting.discord.direct_message import DirectMessenger
from bot.posting.discord.discord_clock import DiscordClock
from bot.posting.discord.follow_up_actions import FollowUpExecutor
from bot.posting.discord.reachable_channels import ReachableChannels
from bot.posting.discord.request_monitor import RequestMonitor
from bot.posting.discord.sender import DiscordSender
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.posting.pacing.rate_limiter import RateLimiter
from bot.services import Languages
from bot.services.guilds.events import GuildEvents
from bot.services.guilds.welcome import Welcoming
from bot.services.sources.article_images import ArticleImageFinder
from bot.services.sources.ingest import Ingest
from bot.services.transfer.import_checks import Checking
from bot.store import Store
from bot.url_normalisation import canonical
from bot.web_factory import Web

if TYPE_CHECKING:
    from bot.web.server import WebServer

log = logs.get(__name__)

GRACE_SECONDS = 5.0
"""How long sends under way may take at the end; the whole stop stays below 10 s."""
BACKGROUND_SEARCH_SECONDS = 120.0
"""For a search that nobody waits for: it stands in the hosts' queues behind the polls."""
TOKEN_REFUSED = 4004
"""The code with which the gateway closes on a token that is not valid any more."""


class App:
    """All parts of a running bot. `async with` opens and closes them; `run` is what `python -m bot run` does.

    Args:
        step: called after each step of poll and delivery, see `bot.jobs.crash_test_hooks`.
        settled_seconds: see `bot.jobs.posting.send_results.SETTLED_SECONDS`.
    """

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        step: Step = unobserved,
        settled_seconds: float = SETTLED_SECONDS,
    ) -> None:
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self._step = step
        self._settled_seconds = settled_seconds
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
                config.store.url,
                now=self.clock.now(),
                default_backfill=config.delivery.backfill,
                judge=evaluate.judge,
                limits=config.limits,
                kept=config.store,
            )
            self._stack.push_async_callback(self.store.close)
            self.fetcher = await self._stack.enter_async_context(
                Fetcher(config.fetch, self.clock, shares=config.fairness)
            )
            self.parser = ParserPool(timeout_seconds=5.0)
            self._stack.push_async_callback(self.parser.close)
        except BaseException:
            await self._stack.aclose()
            raise
        illustrator = ArticleImageFinder(self.fetcher, self.store, backfill=config.delivery.backfill)
        self._prices = price_keeper(config.polling, self.clock.now())
        intake = Ingest(
            self.store,
            config.polling,
            self.clock,
            illustrator=illustrator if config.delivery.fetch_page_image else None,
            prices=self._prices,
        )
        self._languages = Languages(self.store, self.clock, of_discord=self._language_of)
        self.traffic = CircuitBreaker()
        budget = RateLimiter(config.delivery.requests_per_second, self.clock)
        self._discord_clock = DiscordClock(self.clock)
        watch = RequestMonitor(
            budget, self.traffic, self.clock, api_url=config.discord.api_url, on_date=self._discord_clock.learn
        )
        self.client = RiverpostBot(
            api_url=config.discord.api_url,
            services=services_factory.make(
                config,
                self.store,
                self.clock,
                packs=starter_packs.offered(config),
                finder=Discovery(self.fetcher, self.parser),
                intake=intake,
                languages=self._languages,
                wakes=services_factory.Wakes(
                    poll=self._wake_poll,
                    deliver=self._wake_deliver,
                    notices=self._wake_notices,
                    personal=self._wake_personal,
                    imports=self._wake_import,
                ),
            ),
            guild_events=GuildEvents(self.store, self.clock, on_probe=self._wake_deliver, welcome=self._welcome),
            on_connected=self._connected,
            http_trace=watch.trace(lambda: self.client.application_id),
            permits=config.guilds.permits,
        )
        self._web = Web(config, self.store, self.client, self.clock)
        self._welcoming = Welcoming(
            self.store, ReachableChannels(self.client), self._languages, self.clock, on_planned=self._wake_notices
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

    def _make_loops(self, intake: Ingest) -> None:
        sender = DiscordSender(self.client, self._discord_clock, canonical=canonical)
        self._hearing = DiscordHealth(
            self.store,
            self.traffic,
            self.clock,
            on_more=self._wake_deliver,
            on_unauthorised=self._lost_authorisation,
        )
        rights = ReaderCheck(self.store, self.client.access)
        self._deliver_job = DeliverJob(
            self.store,
            sender,
            EmbedRenderer(),
            self.traffic,
            self._hearing,
            self.clock,
            on_more=self._wake_deliver,
            # With more, a send could wait for its place in the budget until its deadline is over.
            most_channels=min(MAX_CHANNELS, self.config.delivery.requests_per_second),
            step=self._step,
            survey=ChannelInspector(self.client, sender.webhooks.possible_in).place,
            language=self._languages.of,
            save_row=self.config.delivery.save_button,
            may_go=rights.may_go,
            settled_seconds=self._settled_seconds,
        )
        follow_ups = FollowUpsJob(
            self.store, sender, FollowUpExecutor(self.client), self.traffic, self._hearing, self.clock
        )
        notices = NoticesJob(
            self.store,
            sender,
            ReachableChannels(self.client),
            self.traffic,
            self._hearing,
            self.clock,
            language=self._languages.of,
        )
        personal = PrivateMessageJob(
            self.store,
            sender,
            ReachableChannels(self.client),
            rights,
            self.traffic,
            self._hearing,
            self.clock,
            on_queued=self._wake_deliver,
            step=self._step,
        )
        edits = EditsJob(
            self.store,
            sender,
            EmbedRenderer(),
            self.traffic,
            self._hearing,
            self.clock,
            language=self._languages.of,
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
            shares=self.config.fairness,
            prices=self._prices,
        )
        self._deliver = Runner("deliver", self._deliver_job.round, self.clock)
        self._poll = Runner("poll", self._poll_job.round, self.clock)
        self._notices = Runner("notices", notices.round, self.clock)
        self._personal = Runner("personal", personal.round, self.clock)
        self._import_job = FeedImportJob(
            self.store,
            Checking(
                self.store,
                self.fetcher,
                self.parser,
                intake,
                self.config.limits,
                self.clock,
                Authority(self.client, self.clock),
                hosts_per_day=self.config.limits.imported_hosts_per_day,
            ),
            self.client.services.importing,
            self.clock,
            teller=DirectMessenger(self.client, self.traffic, self.clock),
            on_change=self._wake_poll,
        )
        self._import = Runner("import", self._import_job.round, self.clock)
        search = Discovery(self.fetcher, self.parser, urgent=False, total_seconds=BACKGROUND_SEARCH_SECONDS)
        retention = RetentionJob(self.store, timedelta(days=self.config.store.keep_days), self.clock)
        heartbeats = HeartbeatJob(
            self.store, (self._poll, self._deliver), self.clock, is_connected=lambda: self.client.is_connected
        )
        self._runners = (
            self._poll,
            self._deliver,
            self._notices,
            self._personal,
            self._import,
            Runner("edits", edits.round, self.clock),
            Runner("follow-ups", follow_ups.round, self.clock),
            Runner("heartbeat", heartbeats.round, self.clock),
            Runner("retention", retention.round, self.clock),
            Runner("search index", SearchIndexJob(self.store, self.clock).round, self.clock),
            Runner("rediscover", RediscoverJob(self.store, search, self.clock).round, self.clock),
            Runner("backup", BackupJob(self.config.store, self.clock).round, self.clock),
        )

    def _language_of(self, guild_id: int) -> str | None:
        return self.client.language_of(guild_id)

    async def _welcome(self, guild_id: int) -> None:
        await self._welcoming.joined(guild_id)

    def _wake_deliver(self) -> None:
        self._deliver.wake()

    def _wake_poll(self) -> None:
        self._poll.wake()

    def _wake_personal(self) -> None:
        self._personal.wake()

    def _wake_import(self) -> None:
        self._import_job.wake()
        self._import.wake()

    def _wake_notices(self) -> None:
        self._notices.wake()

    async def bar_guilds(self) -> None:
        """Post nothing in servers that may not use the bot; what they have is kept as if they had removed it."""
        for guild_id in await self.store.upkeep.guilds_with_topics():
            if not self.config.guilds.permits(guild_id):
                await self.store.upkeep.guild_left(guild_id, now=self.clock.now())

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

    async def serve_pages(self) -> "WebServer | None":
        """Let published topics be read on the web, where the configuration says so.

        Raises:
            ConfigError: the address cannot be listened on.
        """
        return await self._web.serve(self._stack)

    async def start_loops(self) -> None:
        """Start polling and posting; posting waits until the client is ready."""
        self._tasks += [asyncio.create_task(runner.run(), name=runner.name) for runner in self._runners]

    def stop(self) -> None:
        """End `run`, from a signal handler for instance."""
        self._stopping.set()

    async def run(self, token: str) -> int:
        """Connect, and work until `stop`.

        Returns:
            The exit code: 0 after `stop`, 1 where Discord refuses the token or the connection ends by itself.
        """
        log.info("riverpost starts", version=__version__, database=redacted(self.config.store.url))
        await self.bar_guilds()
        await self.declare_topics(self.config.topics)
        await self.serve_pages()
        await self.start_loops()
        rest = self.traffic.wait_seconds
        gateway = Connection(
            self.client, self.clock, lambda: rest(self.clock.monotonic()), on_unauthorised=self._lost_authorisation
        )
        connection = asyncio.create_task(gateway.stay(token), name="discord")
        stopping = asyncio.create_task(self._stopping.wait(), name="stopping")
        try:
            await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if connection.done() and not connection.cancelled():
                failure = connection.exception()
                if isinstance(failure, discord.LoginFailure) or getattr(failure, "code", None) == TOKEN_REFUSED:
                    self._unauthorised = True
                elif failure is not None or not self._stopping.is_set():
                    log.error("the connection to Discord ended", exc_info=failure)
                    return 1
        finally:
            await end(connection, stopping)
        if self._unauthorised:
            log.error("Discord refuses the token; copy a new one from the Developer Portal into DISCORD_TOKEN")
            return 1
        log.info("riverpost stops")
        return 0

    async def _connected(self) -> None:
        """The gateway is there, for the first time or again."""
        log.info("connected to Discord", name=str(self.client.user), servers=len(self.client.guilds))
        try:
            await self._hearing.discord_is_back()
        except StoreError as error:
            log.error("what was put off is not due yet", error=str(error))

    def _lost_authorisation(self) -> None:
        self._unauthorised = True
        self.stop()
