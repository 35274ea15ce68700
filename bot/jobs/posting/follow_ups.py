"""The loop for what comes after posting: publishes messages, at most 10 an hour and channel, and makes their threads."""

from datetime import datetime, timedelta
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.server_turns import ServerRound
from bot.jobs.tenant_isolation import PUT_OFF_SECONDS, UNFORESEEN, goes_well
from bot.model import BlockReason, FollowUp, SendKind, SendResult
from bot.posting.pacing.backoff import delay_seconds, probe_seconds
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.store import Store

log = logs.get(__name__)

IDLE_SECONDS = 5.0
MAX_REST_SECONDS = 30.0
GIVE_UP_AFTER = timedelta(days=3)


class Doer(Protocol):
    """Asks Discord. What was done already counts as done."""

    async def do(self, follow_up: FollowUp) -> SendResult: ...


class Sender(Protocol):
    """Knows whether a channel can be used."""

    def ready(self) -> bool: ...

    def now(self) -> datetime:
        """Discord's time, by which it counts what is published in an hour."""
        ...

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None: ...


class FollowUpsJob:
    """One round does the one that is oldest. An attempt is stored before its request leaves, so that it counts."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        doer: Doer,
        traffic: CircuitBreaker,
        hearing: DiscordHealth,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sender = sender
        self._doer = doer
        self._traffic = traffic
        self._hearing = hearing
        self._clock = clock
        self._round = ServerRound()

    async def round(self) -> float:
        """Seconds until the next look."""
        if not self._sender.ready():
            return IDLE_SECONDS
        if (rest := self._traffic.wait_seconds(self._clock.monotonic())) > 0:
            return min(rest, MAX_REST_SECONDS)
        now, discord_now = self._clock.now(), self._sender.now()
        follow_up = await self._round.next(
            lambda besides: self._store.follow_ups.next(now=now, discord_now=discord_now, besides=besides)
        )
        if follow_up is None:
            return IDLE_SECONDS
        if not await goes_well(self._do(follow_up), "what follows a message", **_ids(follow_up)):
            await self._put_off(follow_up, SendResult(SendKind.UNKNOWN, reason=UNFORESEEN), PUT_OFF_SECONDS)
        return 0.0

    async def _do(self, follow_up: FollowUp) -> None:
        result = await self._sender.obstacle(follow_up.channel_id, follow_up.guild_id)
        if result is not None:
            await self._hearing.met(follow_up.channel_id, result)
        else:
            await self._store.follow_ups.attempt(follow_up, now=self._sender.now())
            result = await self._doer.do(follow_up)
            await self._hearing.heard(follow_up.channel_id, result)
        await self._record(follow_up, result)

    async def _record(self, follow_up: FollowUp, result: SendResult) -> None:
        match result.kind:
            case SendKind.POSTED:
                await self._store.follow_ups.done(follow_up, now=self._sender.now())
                log.info("done after posting", code=result.code, **_ids(follow_up))
            case SendKind.REMOVED | SendKind.REFUSED:
                await self._store.follow_ups.done(follow_up, now=self._sender.now())
                log.warning("cannot be done after posting", reason=result.reason, **_ids(follow_up))
            case SendKind.NO_ACCESS if result.hold is BlockReason.GONE:
                await self._store.follow_ups.done(follow_up, now=self._sender.now())
                log.warning("its message went with the channel", reason=result.reason, **_ids(follow_up))
            case SendKind.NO_ACCESS:
                wait = result.retry_after_seconds or probe_seconds(follow_up.attempts + 1, result.hold)
                await self._put_off(follow_up, result, wait)
            case _:
                wait = max(delay_seconds(follow_up.attempts + 1), result.retry_after_seconds or 0.0)
                await self._put_off(follow_up, result, wait)

    async def _put_off(self, follow_up: FollowUp, result: SendResult, seconds: float) -> None:
        now = self._clock.now()
        if now - follow_up.requested_at > GIVE_UP_AFTER:
            await self._store.follow_ups.done(follow_up, now=self._sender.now())
            log.warning("given up after posting", reason=result.reason, **_ids(follow_up))
            return
        await self._store.follow_ups.later(
            follow_up,
            due_at=now + timedelta(seconds=seconds),
            error=result.reason,
            # A limit is the channel's: the next message of it would only meet the same.
            whole_channel=result.kind is SendKind.NOT_SENT,
        )
        log.warning("not done yet after posting", reason=result.reason, again_in_seconds=seconds, **_ids(follow_up))


def _ids(follow_up: FollowUp) -> dict[str, object]:
    return {
        "what": follow_up.kind.value,
        "message_id": follow_up.message_id,
        "channel": follow_up.channel_id,
        "guild": follow_up.guild_id,
    }
