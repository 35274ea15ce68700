"""One life of the posting half of the bot, put together as `bot.app` does it, with another clock and without commands."""

import asyncio
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from bot.gateway.client import RiverpostBot
from bot.gateway.reconnect import end, patiently
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.admin_notices import NoticesJob
from bot.jobs.posting.delivery_loop import MAX_CHANNELS, DeliverJob
from bot.jobs.posting.follow_ups import FollowUpsJob
from bot.jobs.posting.message_edits import EditsJob
from bot.jobs.posting.send_results import SETTLED_SECONDS
from bot.jobs.runner import Runner
from bot.messages.renderer import EmbedRenderer
from bot.posting.discord.channel_info import ChannelInspector
from bot.posting.discord.discord_clock import DiscordClock
from bot.posting.discord.follow_up_actions import FollowUpExecutor
from bot.posting.discord.reachable_channels import ReachableChannels
from bot.posting.discord.request_monitor import RequestMonitor
from bot.posting.discord.sender import DiscordSender
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.posting.pacing.rate_limiter import RateLimiter
from bot.services import Services
from bot.services.guilds.events import GuildEvents
from bot.store import Store
from bot.url_normalisation import canonical
from tests.standins import english, may_go
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.virtual import VirtualClock

RATE = 40
"""Requests a second, as by default."""


class Face(RiverpostBot):
    """The real client without its commands."""

    async def setup_hook(self) -> None:
        self._connection.heartbeat_timeout = 1e9  # real threads send heartbeats, virtual time does not wait for them


class Incarnation:
    """One life of the posting half of the bot.

    Args:
        whole: with the loops for edits, notices and what follows a message, which look every few seconds.
    """

    def __init__(
        self,
        discord_: LoopbackDiscord,
        store: Store,
        clock: VirtualClock,
        step: Callable[[str], None],
        *,
        whole: bool = False,
    ) -> None:
        self.store = store
        self._clock = clock
        nothing: Any = None
        # Only commands use them, and this face has none.
        services = Services(**dict.fromkeys((each.name for each in fields(Services)), nothing))
        self._traffic = CircuitBreaker()
        discord_clock = DiscordClock(clock)
        watch = RequestMonitor(
            RateLimiter(RATE, clock), self._traffic, clock, api_url=discord_.api_url, on_date=discord_clock.learn
        )
        self._hearing = DiscordHealth(store, self._traffic, clock, on_more=self._wake, on_unauthorised=lambda: None)
        self.client = Face(
            api_url=discord_.api_url,
            services=services,
            guild_events=GuildEvents(store, clock, on_probe=self._wake),
            permits=lambda _guild_id: True,
            on_connected=self._hearing.discord_is_back,
            http_trace=watch.trace(lambda: self.client.application_id),
        )
        sender = DiscordSender(self.client, discord_clock, canonical=canonical)
        self.job = DeliverJob(
            store,
            sender,
            EmbedRenderer(),
            self._traffic,
            self._hearing,
            clock,
            on_more=self._wake,
            step=step,
            survey=ChannelInspector(self.client, sender.webhooks.possible_in).place,
            save_row=True,
            settled_seconds=SETTLED_SECONDS,
            most_channels=MAX_CHANNELS,
            language=english,
            may_go=may_go,
        )
        self.runner = Runner("deliver", self._round, clock)
        self._idle = 0
        loops = [self.runner, *(self._other_loops(sender) if whole else ())]
        self._tasks = [
            asyncio.create_task(self._stay_connected(discord_.token)),
            *(asyncio.create_task(each.run()) for each in loops),
        ]

    def _other_loops(self, sender: DiscordSender) -> list[Runner]:
        shared = (self._traffic, self._hearing, self._clock)
        edits = EditsJob(self.store, sender, EmbedRenderer(), *shared, language=english)
        after = FollowUpsJob(self.store, sender, FollowUpExecutor(self.client), *shared)
        notices = NoticesJob(self.store, sender, ReachableChannels(self.client), *shared, language=english)
        return [Runner(job.__class__.__name__, job.round, self._clock) for job in (edits, after, notices)]

    async def _round(self) -> float:
        """A round of the job; while nothing happens the pauses grow, or days would take a million rounds."""
        pause = await self.job.round()
        self._idle = 0 if self.job._tasks else self._idle + 1
        return max(pause, min(60.0, 2.0 ** min(self._idle, 7) / 2) if self._idle else 3.0)

    async def _stay_connected(self, token: str) -> None:
        """As `bot.app` does it."""
        await patiently("log in", lambda: self.client.login(token), self._clock, self._rest)
        await patiently("connect", lambda: self.client.connect(reconnect=True), self._clock, self._rest)

    def _rest(self) -> float:
        return self._traffic.wait_seconds(self._clock.monotonic())

    def _wake(self) -> None:
        self.runner.wake()

    async def die(self) -> None:
        """Everything stops where it is."""
        await end(*self._tasks, *self.job._tasks)
        await self.client.close()
        await self.store.close()
