"""The delivery loop: per channel plan, remember the attempt, send, record. Nothing is sent that was not stored first."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.errors import StoreError
from bot.feeds.fairness import tenants
from bot.jobs.crash_test_hooks import Step
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.digest_schedule import ScheduleKeeper
from bot.jobs.posting.planner import Language, Planner, Renderer, Survey
from bot.jobs.posting.recent_attempts import RecentAttempts
from bot.jobs.posting.send_results import ResultRecorder
from bot.jobs.posting.server_turns import ServerTurns
from bot.messages.embed_packing import repeats_url
from bot.model import ChannelLease, Post, SendKind, SendResult
from bot.posting.pacing.backoff import delay_seconds
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.store import Store

log = logs.get(__name__)

MAX_CHANNELS = 20
POSTS_PER_TURN = 5
"""Messages of one channel before another gets its turn: Discord lets about 5 in 5 seconds through."""
IDLE_SECONDS = 1.0
MAX_REST_SECONDS = 30.0
"""A round at least so often, so that the health check sees a loop that lives."""


MayGo = Callable[[Post], Awaitable[bool | None]]
"""Whether a message may be sent as it is; None where nobody can tell now. See `jobs.posting.reader_check`."""


class Sender(Protocol):
    """The only one who writes articles to Discord."""

    def now(self) -> datetime:
        """Discord's time: what is looked for in its history is looked for by that."""
        ...

    def ready(self) -> bool:
        """Whether Discord's state is known: connected at least once, and not logged out."""
        ...

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None:
        """Why the channel cannot be used now (no access, or not reachable), or None."""
        ...

    async def send(self, post: Post) -> SendResult: ...

    async def find(self, post: Post, *, after: int | None) -> int | SendResult | None:
        """The message in the channel that is this post, None if it surely is not there, or why nobody can tell."""
        ...


class DeliverJob:
    """One round claims the channels that have something to send and serves each in a task of its own.

    Args:
        on_more: called when there is more to do at once.
        most_channels: that are served at the same time.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        renderer: Renderer,
        traffic: CircuitBreaker,
        hearing: DiscordHealth,
        clock: Clock,
        *,
        on_more: Callable[[], None],
        most_channels: int,
        step: Step,
        survey: Survey,
        language: Language,
        save_row: bool,
        may_go: MayGo,
        settled_seconds: float,
    ) -> None:
        self._store = store
        self._sender = sender
        self._traffic = traffic
        self._clock = clock
        self._on_more = on_more
        self._most_channels = most_channels
        self._step = step
        self._planner = Planner(store, renderer, clock, step, survey, language, save_row=save_row)
        self._timekeeper = ScheduleKeeper(store, clock)
        self._hearing = hearing
        self._outcomes = ResultRecorder(store, hearing, clock, step, settled_seconds)
        self._tasks: dict[asyncio.Task[None], int] = {}
        """Of each channel that is served, for which server."""
        self._turns = ServerTurns()
        self._stopping = False
        self._may_go = may_go
        self._attempts = RecentAttempts(clock)
        self._crowded = False
        """Whether channels may be ready that no turn was left for."""
        self._unreleased: set[int] = set()
        """Channels that this process still leases, although it left them: the database did not answer."""

    async def round(self) -> float:
        """Give every channel that is ready its turn. Seconds until the next look."""
        if self._stopping or not self._sender.ready():
            return IDLE_SECONDS
        rest = self._traffic.wait_seconds(self._clock.monotonic())
        if rest > 0:
            return min(rest, MAX_REST_SECONDS)
        for channel_id in tuple(self._unreleased):
            await self._store.deliveries.release(channel_id)
            self._unreleased.discard(channel_id)
        await self._timekeeper.tick()
        most = 1 if self._traffic.in_doubt else self._most_channels
        room = most - len(self._tasks)
        self._crowded = room <= 0 or await self._serve_ready(most, room)
        return IDLE_SECONDS

    async def _serve_ready(self, most: int, room: int) -> bool:
        """Begin a turn of channels that are ready. Whether others may be, so that the next is due when a place is free."""
        now, busy = self._clock.now(), Counter(self._tasks.values())
        ready = await self._store.deliveries.ready_channels(now=now, limit=room, busy=busy, lately=self._turns.lately)
        chosen = dict(self._turns.choose(ready, busy, most=most))
        for work in await self._store.deliveries.claim_channels(chosen, now=now):
            server = chosen[work.channel_id]
            self._turns.had(server)
            with tenants.working_for(server):
                task = asyncio.create_task(self._serve(work))
            self._tasks[task] = server
            task.add_done_callback(self._tasks.pop)
        return len(ready) >= room or len(chosen) < len(ready)

    async def close(self, *, grace_seconds: float) -> None:
        """Let sends under way finish, then give up; what is unfinished is looked for at the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop_after_this(self) -> None:
        """Take no new work: every channel stops after the message it is at."""
        self._stopping = True

    async def _serve(self, work: ChannelLease) -> None:
        more = False
        try:
            for _ in range(POSTS_PER_TURN):
                more = self._may_go_on() and await self._next(work)
                if not more:
                    break
            await self._store.deliveries.release(work.channel_id)
        except StoreError as error:
            self._unreleased.add(work.channel_id)
            log.error(
                "the database did not answer; the channel goes on later",
                channel=work.channel_id,
                guild=work.guild_id,
                error=str(error),
            )
        except Exception:
            log.exception(
                "serving a channel failed; it goes on when its lease ends", channel=work.channel_id, guild=work.guild_id
            )
        if more or self._crowded:
            self._on_more()

    def _may_go_on(self) -> bool:
        return not self._stopping and self._traffic.wait_seconds(self._clock.monotonic()) == 0

    async def _next(self, work: ChannelLease) -> bool:
        """One message of a channel. False when there is nothing more to do there now."""
        post = await self._store.posts.first_open(work.channel_id, now=self._clock.now())
        if post is not None and (outdated := _outdated(post)):
            await self._store.posts.dissolve(post.id, outdated, singly=False)
            return True
        obstacle = await self._sender.obstacle(work.channel_id, work.guild_id)
        if obstacle is not None:
            return await self._outcomes.blocked(work, post, obstacle)
        if post is None and await self._planner.plan(work):
            return True
        if post is None or post.due_at > self._clock.now():
            if work.held_reason is not None:
                await self._store.deliveries.resume(work.channel_id)
            return False
        if post.unsure and (post.topic_moved or not self._tried_lately(post)):
            settled = await self._look_up(work, post)
            if settled is not None:
                return settled
        allowed = await self._may_go(post)
        if allowed is None:
            due_at = self._clock.now() + timedelta(seconds=delay_seconds(5))
            reason = "nobody can tell whether the person may still read it"
            await self._store.posts.later(post.id, due_at=due_at, error=reason, unsure=post.unsure)
            return True
        if not allowed:
            await self._store.posts.dissolve(post.id, "the person may not read all of it any more", singly=False)
            return True
        return await self._send(work, post)

    async def _look_up(self, work: ChannelLease, post: Post) -> bool | None:
        """After an unknown outcome, look before sending again. None: it is not there, send it."""
        found = await self._sender.find(post, after=work.last_message_id)
        if isinstance(found, SendResult):
            if found.kind is SendKind.REFUSED:  # to look was refused, which says nothing of the message
                found = replace(found, kind=SendKind.UNKNOWN)
            return await self._outcomes.record(work, post, found)
        self._attempts.forget(post.id)
        await self._hearing.heard(work.channel_id, SendResult(SendKind.POSTED))
        if found is not None:
            log.info(
                "found in the channel", post=post.id, channel=work.channel_id, guild=work.guild_id, message_id=found
            )
            await self._outcomes.posted(work, post, found)
            return True
        if post.topic_moved:
            await self._store.posts.dissolve(post.id, "its topic changed, and it is not in the channel", singly=False)
            return True
        return None

    async def _send(self, work: ChannelLease, post: Post) -> bool:
        now = self._clock.now()
        settled_at = None if post.payload.has_nonce else now + timedelta(seconds=self._outcomes.settled_seconds)
        stored = await self._store.posts.attempt(
            post.id, channel_id=work.channel_id, now=now, at=self._sender.now(), settled_at=settled_at
        )
        if not stored:
            return True  # somebody changed its topic or source since it was read: see what is to be sent now
        if not post.unsure:
            self._attempts.forget(post.id)
        self._attempts.note(post.id)
        self._step("attempt-stored")
        result = await self._sender.send(post)
        self._step("sent")
        settled = await self._outcomes.record(work, post, result)
        if settled:
            self._attempts.forget(post.id)
        return settled

    def _tried_lately(self, post: Post) -> bool:
        return post.payload.has_nonce and self._attempts.lately(post.id)


def _outdated(post: Post) -> str | None:
    """Why a message that surely was not made is to be planned anew."""
    if post.unsure:
        return None
    if post.topic_moved:
        return "its topic changed, or its quiet hours began, before it was sent"
    if repeats_url(post.payload.embeds):  # as an earlier version planned it
        return "two of its articles have one link, so that readers would see one of them"
    return None
