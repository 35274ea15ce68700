"""The notices loop: tells a guild's admins once what is wrong, and that it is well again. It never delays articles."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.delivery import notices
from bot.delivery.retry import delay_seconds
from bot.delivery.traffic import Traffic
from bot.jobs.attempts import RecentAttempts
from bot.jobs.hearing import Hearing
from bot.jobs.planning import Language, new_nonce
from bot.model import Notice, Post, SendKind, SendResult, Trouble
from bot.store import Store
from bot.words import speaking

log = logs.get(__name__)

IDLE_SECONDS = 10.0
AT_ONCE = 20
MOST_PEOPLE = 3
"""Of whom one is told, where a guild has no channel for it."""
NOBODY_WAIT = timedelta(hours=1)


class NoticeSender(Protocol):
    """Writes notices to Discord, see `delivery.send`."""

    def ready(self) -> bool: ...

    async def send(self, post: Post) -> SendResult: ...

    async def edit(self, channel_id: int, message_id: int, payload: str) -> SendResult: ...

    async def find(self, post: Post, *, after: int | None) -> int | SendResult | None: ...


class Places(Protocol):
    """Where a guild's admins can be told something, see `delivery.places`."""

    def public(self, guild_id: int, chosen: int | None) -> tuple[int, ...] | None:
        """Channels in which a notice can be posted, the best first; None while nothing is known of the guild."""
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
        places: Places,
        traffic: Traffic,
        hearing: Hearing,
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

    async def round(self) -> float:
        """Tell what began, and rewrite what changed. Seconds until the next look."""
        await self._store.troubles.refresh(now=self._clock.now())
        if not self._sender.ready() or self._must_wait():
            return IDLE_SECONDS
        untold = await self._store.notices.untold(now=self._clock.now())
        for _, group in groupby(sorted(untold, key=_group), key=_group):
            await self._plan(tuple(group))
        # As long as it is not known that Discord answers, one request is a trial.
        limit = 1 if self._traffic.in_doubt else AT_ONCE
        for post in await self._store.notices.due(now=self._clock.now(), limit=limit):
            if not self._must_wait():
                await self._tell(post)
        for notice in await self._store.notices.changed(now=self._clock.now(), limit=limit):
            if not self._must_wait():
                await self._rewrite(notice)
        return IDLE_SECONDS

    def _must_wait(self) -> bool:
        return self._traffic.wait_seconds(self._clock.monotonic()) > 0

    async def _plan(self, group: tuple[Trouble, ...]) -> None:
        """One notice for all that began in a guild, so that a wrong role does not fill a channel with notices."""
        guild_id, now = group[0].guild_id, self._clock.now()
        public = self._places.public(guild_id, await self._store.notices.place(guild_id))
        if public is None:
            return
        refused = {channel for each in group for channel in each.refused}
        channel = next((each for each in public if each not in refused), None) or await self._private(group, refused)
        if channel is None:
            await self._store.notices.nowhere(group, next_at=now + NOBODY_WAIT)
            log.warning("nobody can be told what is wrong", **_ids(group))
            return
        nonce = new_nonce()
        payload = await self._payload(group, nonce)
        await self._store.notices.plan(
            group, guild_id=guild_id, channel_id=channel, nonce=nonce, payload=payload, now=now
        )

    async def _private(self, group: Sequence[Trouble], refused: set[int]) -> int | None:
        for person in (await self._store.notices.people(group))[:MOST_PEOPLE]:
            for channel in await self._places.private([person]):
                if channel not in refused:
                    return channel
        return None

    async def _tell(self, post: Post) -> None:
        if post.unsure and not self._attempts.lately(post.id):
            found = await self._sender.find(post, after=None)
            if isinstance(found, SendResult):
                await self._record(post, found)
                return
            if found is not None:
                await self._record(post, SendResult(SendKind.POSTED, message_id=found))
                return
        await self._store.notices.attempt(post.id, now=self._clock.now())
        self._attempts.forget(post.id)
        self._attempts.note(post.id)
        await self._record(post, await self._sender.send(post))

    async def _record(self, post: Post, result: SendResult) -> None:
        now = self._clock.now()
        await self._hearing.heard(post.channel_id, result)
        ids = {"post": post.id, "guild": post.guild_id, "channel": post.channel_id}
        match result.kind:
            case SendKind.POSTED | SendKind.REMOVED:
                await self._store.notices.posted(post.id, message_id=result.message_id, now=now)
                self._attempts.forget(post.id)
                log.info("the guild was told", message=result.message_id, **ids)
            case SendKind.NO_ACCESS | SendKind.REFUSED:
                await self._store.notices.elsewhere(post, result.reason, now=now)
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
        payload = await self._payload(notice.troubles, notice.nonce)
        result = await self._sender.edit(notice.channel_id, notice.message_id, payload)
        await self._hearing.heard(notice.channel_id, result)
        if result.kind in {SendKind.POSTED, SendKind.REMOVED, SendKind.NO_ACCESS, SendKind.REFUSED}:
            await self._store.notices.rewritten(notice)
            log.info("a notice was rewritten", outcome=result.kind.value, **_ids(notice.troubles))
            return
        wait = max(delay_seconds(1), result.retry_after_seconds or 60.0)
        due_at = self._clock.now() + timedelta(seconds=wait)
        await self._store.posts.later(notice.post_id, due_at=due_at, error=result.reason, unsure=False)

    async def _payload(self, group: Sequence[Trouble], nonce: str) -> str:
        with speaking(await self._language(group[0].guild_id)):
            return notices.payload(group, number=_number(nonce))


def _group(trouble: Trouble) -> tuple[int, str]:
    return trouble.guild_id, trouble.kind.value


def _number(nonce: str) -> str:
    """What a person sees of it."""
    return nonce[:6]


def _ids(group: Sequence[Trouble]) -> dict[str, object]:
    return {
        "guild": group[0].guild_id,
        "trouble": group[0].kind.value,
        "subjects": [each.subject for each in group],
    }
