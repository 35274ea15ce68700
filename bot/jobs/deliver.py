"""The delivery loop: per channel plan, remember the attempt, send, record. Nothing is sent that was not stored first."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.delivery.budget import Breaker, Budget
from bot.delivery.retry import delay_seconds, probe_seconds
from bot.errors import RenderError, StoreError
from bot.jobs.steps import Step, unobserved
from bot.model import ChannelWork, Delivery, Post, PostPlan, SendKind, SendResult
from bot.store import Store

log = logs.get(__name__)

MOST_CHANNELS = 20
POSTS_PER_TURN = 5
"""Messages of one channel before another gets its turn: Discord lets about 5 in 5 seconds through."""
BACKLOG = 5
"""With more articles than this waiting, several share a message; else each has its own."""
MOST_WAITING = 25
RECENT_SECONDS = 60.0
"""Discord keeps nonces for "the past few minutes"; sending again within a minute of the first attempt cannot double."""
IDLE_SECONDS = 1.0


class Sender(Protocol):
    """The only one who writes articles to Discord."""

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


class Renderer(Protocol):
    """From an article to an embed and its size; raises `RenderError`."""

    def embed(self, delivery: Delivery) -> dict[str, object]: ...

    def fit(self, embeds: list[dict[str, object]]) -> int: ...

    def payload(self, embeds: list[dict[str, object]]) -> str: ...


class DeliverJob:
    """One round claims the channels that have something to send and serves each in a task of its own."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        renderer: Renderer,
        budget: Budget,
        breaker: Breaker,
        clock: Clock,
        *,
        on_unauthorised: Callable[[], None],
        on_more: Callable[[], None] = lambda: None,
        step: Step = unobserved,
    ) -> None:
        self._store = store
        self._sender = sender
        self._renderer = renderer
        self._budget = budget
        self._breaker = breaker
        self._clock = clock
        self._on_unauthorised = on_unauthorised
        self._on_more = on_more
        self._step = step
        self._tasks: set[asyncio.Task[None]] = set()
        self._paused_until = 0.0
        self._tried_here: dict[int, float] = {}
        """When this process made the oldest attempt at a post that may have been taken; a nonce is as old as that."""
        self._unreleased: set[int] = set()
        """Channels that this process still leases, although it left them: the database did not answer."""

    async def round(self) -> float:
        """Give every channel that is ready its turn. Seconds until the next look."""
        now = self._clock.monotonic()
        if not self._sender.ready():
            return IDLE_SECONDS
        if now < self._paused_until:
            return min(IDLE_SECONDS * 5, self._paused_until - now)
        if self._breaker.is_open(now):
            log.error("Discord refused too many requests in the last 10 minutes; posting rests until they are fewer")
            return 30.0
        for channel_id in tuple(self._unreleased):
            await self._store.deliveries.release(channel_id)
            self._unreleased.discard(channel_id)
        room = MOST_CHANNELS - len(self._tasks)
        if room > 0:
            for work in await self._store.deliveries.claim_channels(now=self._clock.now(), limit=room):
                task = asyncio.create_task(self._serve(work))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return IDLE_SECONDS

    async def close(self, *, grace_seconds: float) -> None:
        """Let sends under way finish, then give up; what is unfinished is looked for at the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop_after_this(self) -> None:
        """Take no new work: every channel stops after the message it is at."""
        self._paused_until = float("inf")

    async def _serve(self, work: ChannelWork) -> None:
        more: bool | None = False
        try:
            for _ in range(POSTS_PER_TURN):
                more = self._clock.monotonic() >= self._paused_until and await self._next(work)
                if not more:
                    break
            if more is not None:
                await self._store.deliveries.release(work.channel_id)
        except StoreError as error:
            self._unreleased.add(work.channel_id)
            log.error(
                "the database did not answer; the channel goes on later", channel=work.channel_id, error=str(error)
            )
        except Exception:
            log.exception("serving a channel failed; it goes on when its lease ends", channel=work.channel_id)
        if more:
            self._on_more()

    async def _next(self, work: ChannelWork) -> bool | None:
        """One message of a channel. False when there is nothing more to do there now, None before its lease ends."""
        obstacle = await self._sender.obstacle(work.channel_id, work.guild_id)
        if obstacle is not None and obstacle.kind is SendKind.NO_ACCESS:
            await self._hold(work, obstacle.reason)
            return False
        if obstacle is not None:
            return None  # an outage of Discord's: looking again every second would only wear the disk
        post = await self._store.posts.first_open(work.channel_id)
        if post is None:
            return await self._plan(work)
        if post.due_at > self._clock.now():
            return False
        if post.topic_moved and not post.unsure:
            await self._store.posts.dissolve(post.id, "its topic changed before it was sent", singly=False)
            return True
        if post.unsure and (post.topic_moved or not self._tried_lately(post)):
            settled = await self._look_up(work, post)
            if settled is not None:
                return settled
        return await self._send(work, post)

    async def _plan(self, work: ChannelWork) -> bool:
        """Decide the members, nonce and bytes of the next message, and store them."""
        waiting = await self._store.deliveries.waiting(work.channel_id, limit=MOST_WAITING)
        if not waiting:
            if work.held_reason is not None:
                await self._store.deliveries.resume(work.channel_id)
            return False
        first, alone = waiting[0]
        together = [delivery for delivery, single in waiting if delivery.topic.id == first.topic.id and not single]
        if alone or len(waiting) <= BACKLOG:
            together = [first]
        members, embeds = await self._rendered(together)
        if not members:
            return True
        count = max(1, self._renderer.fit(embeds))
        plan = PostPlan(
            topic_id=first.topic.id,
            channel_id=work.channel_id,
            guild_id=work.guild_id,
            nonce=uuid.uuid4().hex[:25],
            payload=self._renderer.payload(embeds[:count]),
            delivery_ids=tuple(delivery.id for delivery in members[:count]),
        )
        planned = await self._store.posts.plan(plan, now=self._clock.now())
        if planned:
            self._step("planned")
        return True

    async def _rendered(self, deliveries: list[Delivery]) -> tuple[list[Delivery], list[dict[str, object]]]:
        members: list[Delivery] = []
        embeds: list[dict[str, object]] = []
        for delivery in deliveries:
            try:
                embeds.append(self._renderer.embed(delivery))
                members.append(delivery)
            except RenderError as error:
                log.exception("an article cannot be shown", delivery=delivery.id, entry=delivery.article.entry_id)
                await self._store.deliveries.fail([delivery.id], str(error))
        return members, embeds

    async def _look_up(self, work: ChannelWork, post: Post) -> bool | None:
        """After an unknown outcome, look before sending again. None: it is not there, send it."""
        await self._budget.acquire()
        found = await self._sender.find(post, after=work.last_message_id)
        if isinstance(found, SendResult):
            # It counts as an attempt, so that the pauses grow while Discord is down.
            await self._store.posts.attempt(post.id, channel_id=work.channel_id, now=self._clock.now())
            await self._record(work, post, found)
            return False
        self._tried_here.pop(post.id, None)
        if found is not None:
            log.info("found in the channel", post=post.id, channel=work.channel_id, message=found)
            await self._store.posts.posted(post.id, channel_id=work.channel_id, message_id=found, now=self._clock.now())
            return True
        if post.topic_moved:
            await self._store.posts.dissolve(post.id, "its topic changed, and it is not in the channel", singly=False)
            return True
        return None

    async def _send(self, work: ChannelWork, post: Post) -> bool:
        await self._budget.acquire()
        await self._store.posts.attempt(post.id, channel_id=work.channel_id, now=self._clock.now())
        if not post.unsure:
            self._tried_here.pop(post.id, None)
        self._tried_here.setdefault(post.id, self._clock.monotonic())
        self._step("attempt-stored")
        result = await self._sender.send(post)
        self._step("sent")
        return await self._record(work, post, result)

    async def _record(self, work: ChannelWork, post: Post, result: SendResult) -> bool:
        """Store what came of an attempt; the only place where results turn into states."""
        now = self._clock.now()
        if result.kind is SendKind.REFUSED and result.unsure and not post.unsure:
            result = replace(result, kind=SendKind.UNKNOWN)
        match result.kind:
            case SendKind.POSTED | SendKind.REMOVED:
                await self._store.posts.posted(
                    post.id, channel_id=work.channel_id, message_id=result.message_id, now=now
                )
                self._step("recorded")
                self._tried_here.pop(post.id, None)
                log.info("posted", post=post.id, channel=work.channel_id, articles=post.size, message=result.message_id)
                return True
            case SendKind.REFUSED if post.size > 1:
                await self._store.posts.dissolve(post.id, result.reason, singly=True)
                log.warning(
                    "Discord refused a message of several; sending them one by one", post=post.id, reason=result.reason
                )
                return True
            case SendKind.REFUSED:
                await self._store.posts.failed(post.id, result.reason)
                log.error("Discord refuses this article", post=post.id, channel=work.channel_id, reason=result.reason)
                return True
            case SendKind.NO_ACCESS:
                await self._store.posts.later(
                    post.id, due_at=now, error=result.reason, unsure=post.unsure or result.unsure
                )
                await self._hold(work, result.reason)
                return False
            case _:
                await self._put_off(work, post, result)
                return False

    async def _put_off(self, work: ChannelWork, post: Post, result: SendResult) -> None:
        """Unknown, not sent, or unauthorised: the same bytes under the same nonce, later."""
        now = self._clock.now()
        unsure = post.unsure or result.unsure or result.kind is SendKind.UNKNOWN
        wait = max(delay_seconds(post.attempts + 1), result.retry_after_seconds or 0.0)
        await self._store.posts.later(post.id, due_at=now + timedelta(seconds=wait), error=result.reason, unsure=unsure)
        log.warning(
            "not posted yet",
            post=post.id,
            channel=work.channel_id,
            outcome=result.kind.value,
            reason=result.reason,
            again_in_seconds=wait,
        )
        if result.pause_all:
            self._paused_until = max(self._paused_until, self._clock.monotonic() + (result.retry_after_seconds or 60.0))
        if result.kind is SendKind.UNAUTHORISED:
            self._on_unauthorised()

    async def _hold(self, work: ChannelWork, reason: str) -> None:
        now = self._clock.now()
        wait = timedelta(seconds=probe_seconds(work.probes + 1 if work.held_reason else 1))
        first = await self._store.deliveries.hold(work.channel_id, reason, now=now, probe_at=now + wait)
        say = log.error if first else log.info
        say(
            "channel held; nothing is lost",
            channel=work.channel_id,
            guild=work.guild_id,
            reason=reason,
            probe_in_seconds=wait.total_seconds(),
        )

    def _tried_lately(self, post: Post) -> bool:
        tried = self._tried_here.get(post.id)
        return tried is not None and self._clock.monotonic() - tried < RECENT_SECONDS
