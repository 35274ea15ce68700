"""The notices loop: tells a guild's admins once what is wrong, and that it is well again. It never delays articles."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.i18n.translation import speaking
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.planner import Language, new_nonce
from bot.jobs.posting.recent_attempts import RecentAttempts
from bot.jobs.tenant_isolation import PUT_OFF_SECONDS, UNFORESEEN, goes_well
from bot.messages import notice as notices
from bot.model import WHOLE_SERVER, MessagePayload, Notice, Post, Problem, ProblemKind, SendKind, SendResult
from bot.posting.pacing.backoff import delay_seconds
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.store import Store

log = logs.get(__name__)

IDLE_SECONDS = 10.0
AT_ONCE = 20
MAX_PEOPLE = 10
"""Who are asked for, until one is told, where a guild has no channel for it."""
PLANNED_FOR_SECONDS = 60.0
"""What a person may do is asked again after this, should a private notice not have left by then."""
NOBODY_WAIT = timedelta(hours=1)
_LATER = timedelta(seconds=PUT_OFF_SECONDS)


class NoticeSender(Protocol):
    """Writes notices to Discord, see `posting.discord.sender`."""

    def now(self) -> datetime:
        """Discord's time."""
        ...

    def ready(self) -> bool: ...

    async def send(self, post: Post) -> SendResult: ...

    async def edit(self, channel_id: int, message_id: int, payload: MessagePayload) -> SendResult: ...

    async def find(self, post: Post, *, after: int | None) -> int | SendResult | None: ...


class ReachableChannels(Protocol):
    """Where a guild's admins can be told something, see `posting.discord.reachable_channels`."""

    def public(self, guild_id: int, chosen: int | None) -> tuple[int, ...] | None:
        """Channels in which a notice can be posted, the best first; None while nothing is known of the guild."""
        ...

    def seen_by_readers(self, guild_id: int, channel_id: int, channels: Collection[int]) -> frozenset[int]:
        """Those of the channels that everybody sees who reads in the first."""
        ...

    async def managed_by(self, guild_id: int, person: int, channels: Collection[int]) -> frozenset[int] | None:
        """Those of the channels that a person manages now, and `WHOLE_SERVER`; None where nobody can tell."""
        ...

    def is_private(self, guild_id: int, channel_id: int) -> bool:
        """Whether it is the private channel with a person."""
        ...

    async def recipient(self, channel_id: int) -> int | None:
        """With whom a private channel is; None where nobody can tell now."""
        ...

    async def private(self, people: Sequence[int]) -> tuple[int, ...]:
        """Private channels with these people; one request for each."""
        ...


class NoticesJob:
    """One round: what is wrong, whom to tell it, and what to take back. One message after the other."""

    def __init__(
        self,
        store: Store,
        sender: NoticeSender,
        places: ReachableChannels,
        traffic: CircuitBreaker,
        hearing: DiscordHealth,
        clock: Clock,
        *,
        language: Language,
    ) -> None:
        self._store = store
        self._sender = sender
        self._places = places
        self._traffic = traffic
        self._hearing = hearing
        self._clock = clock
        self._language = language
        self._attempts = RecentAttempts(clock)
        self._recipients: dict[int, int] = {}
        """Private channels and the people they are with."""
        self._planned: dict[str, float] = {}
        """When the notices of this process were planned, by nonce."""

    async def round(self) -> float:
        """Tell what began, and rewrite what changed. Seconds until the next look."""
        await self._store.troubles.refresh(now=self._clock.now())
        if not self._sender.ready() or self._must_wait():
            return IDLE_SECONDS
        untold = await self._store.notices.untold(now=self._clock.now())
        for _, group in groupby(sorted(untold, key=_group), key=_group):
            told = tuple(group)
            if not await goes_well(self._plan(told), "planning a notice", **_ids(told)):
                await self._store.notices.nowhere(told, next_at=self._clock.now() + _LATER)
        # As long as it is not known that Discord answers, one request is a trial.
        limit = 1 if self._traffic.in_doubt else AT_ONCE
        for post in await self._store.notices.due(now=self._clock.now(), limit=limit):
            if self._must_wait():
                break
            if not await goes_well(self._tell(post), "a notice", post=post.id, guild=post.guild_id):
                await self._put_off(post.id, unsure=True)
        for notice in await self._store.notices.changed(now=self._clock.now(), limit=limit):
            if self._must_wait():
                break
            if not await goes_well(self._rewrite(notice), "rewriting a notice", guild=notice.guild_id):
                await self._put_off(notice.post_id, unsure=False)
        return IDLE_SECONDS

    def _must_wait(self) -> bool:
        return self._traffic.wait_seconds(self._clock.monotonic()) > 0

    async def _put_off(self, post_id: int, *, unsure: bool) -> None:
        due_at = self._clock.now() + _LATER
        await self._store.posts.later(post_id, due_at=due_at, error=UNFORESEEN, unsure=unsure)

    async def _plan(self, group: tuple[Problem, ...]) -> None:
        """One notice for all that began in a guild, so that a wrong role does not fill a channel with notices."""
        guild_id, now = group[0].guild_id, self._clock.now()
        public = self._places.public(guild_id, await self._store.notices.place(guild_id))
        if public is None:
            return
        refused = {channel for each in group for channel in each.refused}
        channel = next((each for each in public if each not in refused), None)
        if channel is not None:
            await self._plan_in(channel, group, self._places.seen_by_readers(guild_id, channel, _channels(group)))
            return
        left = await self._plan_privately(group, refused)
        if left:
            await self._store.notices.nowhere(left, next_at=now + NOBODY_WAIT)
            log.warning("nobody can be told what is wrong", **_ids(left))

    async def _plan_privately(self, group: Sequence[Problem], refused: set[int]) -> Sequence[Problem]:
        """Tell people what concerns channels that they manage now. What nobody can be told."""
        left = tuple(group)
        for person in (await self._store.notices.people(group))[:MAX_PEOPLE]:
            managed = await self._places.managed_by(group[0].guild_id, person, _channels(left))
            theirs = tuple(each for each in left if managed and _concerns(each, managed))
            if not managed or not theirs:
                continue
            for channel in await self._places.private([person]):
                if channel not in refused:
                    self._recipients[channel] = person
                    await self._plan_in(channel, theirs, managed)
                    left = tuple(each for each in left if each not in theirs)
            if not left:
                break
        return left

    async def _plan_in(self, channel: int, group: Sequence[Problem], seen: Collection[int]) -> None:
        nonce = new_nonce()
        payload = await self._payload(group, nonce, seen)
        await self._store.notices.plan(
            group,
            guild_id=group[0].guild_id,
            channel_id=channel,
            nonce=nonce,
            payload=payload,
            now=self._clock.now(),
        )
        self._planned[nonce] = self._clock.monotonic()

    async def _tell(self, post: Post) -> None:
        if post.unsure and not self._attempts.lately(post.id):
            found = await self._sender.find(post, after=None)
            if isinstance(found, SendResult):
                await self._record(post, found)
                return
            if found is not None:
                await self._record(post, SendResult(SendKind.POSTED, message_id=found))
                return
        if self._is_stale(post):
            self._planned.pop(post.nonce, None)
            await self._store.notices.anew(post, "asked again who may be told", now=self._clock.now())
            return
        await self._store.notices.attempt(post.id, now=self._sender.now())
        self._attempts.forget(post.id)
        self._attempts.note(post.id)
        await self._record(post, await self._sender.send(post))

    def _is_stale(self, post: Post) -> bool:
        """Whether a private notice waited for so long that the person may have left, or lost rights."""
        planned_at = self._planned.get(post.nonce)
        fresh = planned_at is not None and self._clock.monotonic() - planned_at < PLANNED_FOR_SECONDS
        return not fresh and self._places.is_private(post.guild_id, post.channel_id)

    async def _record(self, post: Post, result: SendResult) -> None:
        now = self._clock.now()
        await self._hearing.heard(post.channel_id, result)
        ids = {"post": post.id, "guild": post.guild_id, "channel": post.channel_id}
        match result.kind:
            case SendKind.POSTED | SendKind.REMOVED:
                await self._store.notices.posted(post.id, message_id=result.message_id, now=now)
                self._attempts.forget(post.id)
                self._planned.pop(post.nonce, None)
                log.info("the guild was told", message_id=result.message_id, **ids)
            case SendKind.NO_ACCESS | SendKind.REFUSED:
                await self._store.notices.elsewhere(post, result.reason, now=now)
                self._planned.pop(post.nonce, None)
                log.info("the guild cannot be told there", reason=result.reason, **ids)
            case _:
                wait = max(delay_seconds(post.delays + 1), result.retry_after_seconds or 0.0)
                unsure = post.unsure or result.kind is SendKind.UNKNOWN
                await self._store.posts.later(
                    post.id, due_at=now + timedelta(seconds=wait), error=result.reason, unsure=unsure
                )
                log.warning("the guild is not told yet", reason=result.reason, again_in_seconds=wait, **ids)

    async def _rewrite(self, notice: Notice) -> None:
        """An edit disturbs nobody, and made twice it is the same as once."""
        payload = await self._payload(notice.troubles, notice.nonce, await self._seen(notice), notice.payload)
        result = await self._sender.edit(notice.channel_id, notice.message_id, payload)
        await self._hearing.heard(notice.channel_id, result)
        if result.kind in {SendKind.POSTED, SendKind.REMOVED, SendKind.NO_ACCESS, SendKind.REFUSED}:
            await self._store.notices.rewritten(notice)
            log.info("a notice was rewritten", outcome=result.kind.value, **_ids(notice.troubles))
            return
        wait = max(delay_seconds(1), result.retry_after_seconds or 60.0)
        due_at = self._clock.now() + timedelta(seconds=wait)
        await self._store.posts.later(notice.post_id, due_at=due_at, error=result.reason, unsure=False)

    async def _seen(self, notice: Notice) -> Collection[int]:
        """What those may know of who read a notice now; nothing of a person who cannot be asked for."""
        channels, guild_id = _channels(notice.troubles), notice.guild_id
        if not self._places.is_private(guild_id, notice.channel_id):
            return self._places.seen_by_readers(guild_id, notice.channel_id, channels)
        person = self._recipients.get(notice.channel_id) or await self._places.recipient(notice.channel_id)
        managed = await self._places.managed_by(guild_id, person, channels) if person is not None else None
        return managed or frozenset()

    async def _payload(
        self, group: Sequence[Problem], nonce: str, seen: Collection[int], told: MessagePayload | None = None
    ) -> MessagePayload:
        with speaking(await self._language(group[0].guild_id)):
            shown = [notices.for_readers(each, seen, told) for each in group]
            return notices.payload(shown, number=_number(nonce))


def _channels(group: Sequence[Problem]) -> frozenset[int]:
    """All that a notice of these troubles would speak of."""
    own = {each.subject for each in group if each.kind is ProblemKind.CHANNEL}
    return frozenset(own.union(*(each.channels for each in group)))


def _concerns(trouble: Problem, managed: Collection[int]) -> bool:
    """Whether who manages these channels is to know of it."""
    channels = {trouble.subject} if trouble.kind is ProblemKind.CHANNEL else {*trouble.channels} or {WHOLE_SERVER}
    return not channels.isdisjoint(managed)


def _group(trouble: Problem) -> tuple[int, str]:
    return trouble.guild_id, trouble.kind.value


def _number(nonce: str) -> str:
    """What a person sees of it."""
    return nonce[:6]


def _ids(group: Sequence[Problem]) -> dict[str, object]:
    return {
        "guild": group[0].guild_id,
        "trouble": group[0].kind.value,
        "subjects": [each.subject for each in group],
    }
