"""The editing loop: writes posted messages anew, one after the other, behind new articles."""

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.errors import RenderError
from bot.i18n.translation import speaking
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.planner import Language
from bot.jobs.posting.server_turns import ServerRound
from bot.jobs.tenant_isolation import PUT_OFF_SECONDS, UNFORESEEN, goes_well
from bot.messages import refused_addresses
from bot.messages.edited import Revised
from bot.model import BlockReason, MessagePayload, Revision, SendKind, SendResult
from bot.posting.pacing.backoff import EDIT_LIMIT, delay_seconds, probe_seconds
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.store import Store

log = logs.get(__name__)

IDLE_SECONDS = 5.0
MAX_REST_SECONDS = 30.0
EDIT_LIMIT_SECONDS = 1800.0
GIVE_UP_AFTER = timedelta(days=3)
"""A correction that could not be made for so long helps nobody any more."""


class Editor(Protocol):
    """Writes to Discord."""

    def ready(self) -> bool: ...

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None: ...

    async def edit(self, channel_id: int, message_id: int, payload: MessagePayload) -> SendResult: ...


class MessageReviser(Protocol):
    """From a message and what changed in it to what it is to show; raises `RenderError`."""

    def revised(self, revision: Revision) -> Revised: ...


class EditsJob:
    """One round does the edit that is due longest. An edit repeated does no harm, so no outcome is ever looked up."""

    def __init__(
        self,
        store: Store,
        editor: Editor,
        renderer: MessageReviser,
        traffic: CircuitBreaker,
        hearing: DiscordHealth,
        clock: Clock,
        *,
        language: Language,
    ) -> None:
        self._store = store
        self._editor = editor
        self._renderer = renderer
        self._traffic = traffic
        self._hearing = hearing
        self._clock = clock
        self._round = ServerRound()
        self._language = language

    async def round(self) -> float:
        """Seconds until the next look."""
        if not self._editor.ready():
            return IDLE_SECONDS
        if (rest := self._traffic.wait_seconds(self._clock.monotonic())) > 0:
            return min(rest, MAX_REST_SECONDS)
        now = self._clock.now()
        revision = await self._round.next(lambda besides: self._store.edits.next(now=now, besides=besides))
        if revision is None:
            return IDLE_SECONDS
        ids = {"post": revision.post_id, "channel": revision.channel_id, "guild": revision.guild_id}
        if not await goes_well(self._edit(revision), "an edit", **ids):
            await self._put_off(revision, SendResult(SendKind.UNKNOWN, reason=UNFORESEEN), PUT_OFF_SECONDS)
        return 0.0

    async def _edit(self, revision: Revision) -> None:
        obstacle = await self._editor.obstacle(revision.channel_id, revision.guild_id)
        if obstacle is not None:
            await self._hearing.met(revision.channel_id, obstacle)
            await self._record(revision, obstacle, Revised(revision.payload))
            return
        try:
            with speaking(await self._language(revision.guild_id)):
                revised = self._renderer.revised(revision)
        except RenderError as error:
            log.exception("a message cannot be written anew; it stays as it is", post=revision.post_id)
            await self._forget(revision, str(error))
            return
        if revised.payload == revision.payload:
            await self._store.edits.done(revision, revision.payload)
            return
        result = await self._write(revision, revised.payload)
        for _ in range(2):  # a refusal names all that it knows of; after the second nothing is left to name
            payload = refused_addresses.without_refused(revised.payload, result, single=revision.size == 1)
            if payload is None:
                break
            revised = replace(revised, payload=payload)
            result = await self._write(revision, payload)
        await self._record(revision, result, revised)

    async def _write(self, revision: Revision, payload: MessagePayload) -> SendResult:
        result = await self._editor.edit(revision.channel_id, revision.message_id, payload)
        await self._hearing.heard(revision.channel_id, result)
        return result

    async def _record(self, revision: Revision, result: SendResult, revised: Revised) -> None:
        match result.kind:
            case SendKind.POSTED:
                await self._store.edits.done(revision, revised.payload, corrected=revised.corrected)
                log.info(
                    "message edited",
                    post=revision.post_id,
                    channel=revision.channel_id,
                    corrected=sorted(revised.corrected),
                )
            case SendKind.REMOVED | SendKind.REFUSED if result.code != EDIT_LIMIT:
                await self._forget(revision, result.reason)
            case SendKind.NO_ACCESS if result.hold is BlockReason.GONE:  # the message went with its channel or thread
                await self._forget(revision, result.reason)
            case SendKind.NO_ACCESS:
                wait = result.retry_after_seconds or probe_seconds(revision.attempts + 1, result.hold)
                await self._put_off(revision, result, wait)
            case _:
                await self._put_off(revision, result, self._pause_seconds(revision, result))

    def _pause_seconds(self, revision: Revision, result: SendResult) -> float:
        asked = EDIT_LIMIT_SECONDS if result.code == EDIT_LIMIT else 0.0
        return max(delay_seconds(revision.attempts + 1), result.retry_after_seconds or 0.0, asked)

    async def _put_off(self, revision: Revision, result: SendResult, seconds: float) -> None:
        now = self._clock.now()
        if now - revision.requested_at > GIVE_UP_AFTER:
            await self._forget(revision, f"given up after {GIVE_UP_AFTER.days} days: {result.reason}")
            return
        await self._store.edits.later(revision, due_at=now + timedelta(seconds=seconds), error=result.reason)
        log.warning(
            "message not edited yet",
            post=revision.post_id,
            channel=revision.channel_id,
            outcome=result.kind.value,
            reason=result.reason,
            again_in_seconds=seconds,
        )

    async def _forget(self, revision: Revision, reason: str) -> None:
        await self._store.edits.forget(revision)
        log.warning(
            "message not edited; it stays as it is", post=revision.post_id, channel=revision.channel_id, reason=reason
        )
