"""What became of an attempt, turned into states: the only place where results are recorded."""

from dataclasses import replace
from datetime import timedelta

from bot import logs
from bot.clock import Clock
from bot.jobs.crash_test_hooks import Step
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.planner import new_nonce
from bot.messages import refused_addresses
from bot.metrics import measured
from bot.model import BlockReason, ChannelLease, Post, SendKind, SendResult
from bot.posting.pacing.backoff import KNOWN_REFUSALS, delay_seconds, probe_seconds
from bot.store import Store

log = logs.get(__name__)

MAX_TITLES = 3
MAX_TITLE = 80
"""Characters of a title in a log line."""

TAG_CODES = frozenset({40066, 40067})
"""A forum wants a tag, or has none that may be set; the gateway has not told yet."""
SETTLED_SECONDS = 60.0
"""After which a request without an answer is surely done or lost: a send is given 40 s. Without a nonce nothing else
would keep one that is done late from being repeated."""


SECOND_TRY_SECONDS = 60.0
"""After which a message is tried once more that was refused for a reason that is not known."""


class ResultRecorder:
    """Each method returns whether the channel may go on at once."""

    def __init__(
        self,
        store: Store,
        hearing: DiscordHealth,
        clock: Clock,
        step: Step,
        settled_seconds: float,
    ) -> None:
        self._store = store
        self.settled_seconds = settled_seconds
        self._hearing = hearing
        self._clock = clock
        self._step = step
        self._tried_again: set[int] = set()
        """Messages whose refusal was not understood: one for each channel at most, as nothing passes it."""

    async def record(self, work: ChannelLease, post: Post, result: SendResult) -> bool:
        """One attempt, or a look-up that could not be made."""
        await self._hearing.heard(work.channel_id, result)
        match result.kind:
            case SendKind.POSTED | SendKind.REMOVED:
                await self.posted(work, post, result.message_id)
                self._step("recorded")
                return True
            case SendKind.STALE:
                await self._store.posts.dissolve(post.id, result.reason, singly=False)
                log.info("planned anew", reason=result.reason, **_ids(work, post))
                return True
            case SendKind.REFUSED if result.code in TAG_CODES:
                await self._store.posts.dissolve(post.id, result.reason, singly=False)
                await self._hold(work, replace(result, kind=SendKind.NO_ACCESS))
                return False
            case SendKind.REFUSED if await self._without_addresses(work, post, result):
                return True
            case SendKind.REFUSED if post.size > 1:
                await self._store.posts.dissolve(post.id, result.reason, singly=True)
                log.warning(
                    "Discord refused a message of several; sending them one by one",
                    reason=result.reason,
                    **_ids(work, post),
                )
                return True
            case SendKind.REFUSED if self._may_be_a_mistake(post, result):
                await self._put_off(work, post, replace(result, retry_after_seconds=SECOND_TRY_SECONDS))
                return False
            case SendKind.REFUSED:
                await self._store.posts.failed(post.id, result.reason)
                log.error("Discord refuses this article", reason=result.reason, **_ids(work, post))
                return True
            case SendKind.NO_ACCESS:
                await self._store.posts.wait_for_channel(post.id, error=result.reason, unsure=post.unsure)
                await self._hold(work, result)
                return False
            case _:
                await self._put_off(work, post, result)
                return False

    async def _without_addresses(self, work: ChannelLease, post: Post, result: SendResult) -> bool:
        """Have the message sent without the addresses that Discord refuses. False where it is not about those."""
        payload = refused_addresses.without_refused(post.payload, result, single=post.size == 1)
        if payload is None:
            return False
        await self._store.posts.rewrite(
            post.id, payload=payload, nonce=new_nonce(), error=result.reason, now=self._clock.now()
        )
        log.warning(
            "Discord refuses an address; sending the message without it", reason=result.reason, **_ids(work, post)
        )
        return True

    def _may_be_a_mistake(self, post: Post, result: SendResult) -> bool:
        """Whether an article is to be tried once more, since nobody knows what the refusal means. Once in each process."""
        if result.code in KNOWN_REFUSALS or post.id in self._tried_again:
            self._tried_again.discard(post.id)
            return False
        self._tried_again.add(post.id)
        return True

    async def posted(self, work: ChannelLease, post: Post, message_id: int | None) -> None:
        """Discord has it, by its answer or by what was found in the channel."""
        await self._store.posts.posted(
            post.id, channel_id=work.channel_id, message_id=message_id, now=self._clock.now()
        )
        measured.messages_posted += 1
        measured.articles_posted += post.size
        log.info("posted", titles=_titles(post), message_id=message_id, articles=post.size, **_ids(work, post))

    async def blocked(self, work: ChannelLease, post: Post | None, obstacle: SendResult) -> bool:
        """The channel cannot be used. What may have arrived in a channel that is gone, went with it."""
        if obstacle.hold is BlockReason.GONE and post is not None and post.topic_moved:
            await self._store.posts.dissolve(post.id, "its old channel is gone", singly=False)
            return True
        await self._hearing.met(work.channel_id, obstacle)
        if obstacle.kind is SendKind.UNAUTHORISED:
            return False
        if obstacle.kind is not SendKind.NO_ACCESS:
            obstacle = SendResult(SendKind.NO_ACCESS, reason=obstacle.reason, hold=BlockReason.UNAVAILABLE)
        await self._hold(work, obstacle)
        return False

    async def _put_off(self, work: ChannelLease, post: Post, result: SendResult) -> None:
        """Unknown, not sent, or unauthorised: the same bytes under the same nonce, later."""
        now = self._clock.now()
        unsure = post.unsure or result.kind is SendKind.UNKNOWN
        asked = result.retry_after_seconds
        if unsure and not post.payload.has_nonce:
            asked = max(asked or 0.0, self.settled_seconds)
        wait = max(delay_seconds(post.delays + 1), asked or 0.0)
        await self._store.posts.later(
            post.id,
            due_at=now + timedelta(seconds=wait),
            error=result.reason,
            unsure=unsure,
            not_before=now + timedelta(seconds=asked) if asked else None,
        )
        log.warning(
            "not posted yet",
            outcome=result.kind.value,
            reason=result.reason,
            again_in_seconds=wait,
            **_ids(work, post),
        )

    async def _hold(self, work: ChannelLease, result: SendResult) -> None:
        now = self._clock.now()
        wait = timedelta(seconds=probe_seconds(work.probes + 1 if work.held_reason else 1, result.hold))
        if result.hold is BlockReason.TIMED_OUT and result.retry_after_seconds is not None:
            wait = timedelta(seconds=max(1.0, result.retry_after_seconds))
        first = await self._store.deliveries.hold(
            work.channel_id, result.reason, kind=result.hold, now=now, probe_at=now + wait
        )
        say = log.error if first and result.hold is not BlockReason.CLOSED else log.info
        say(
            "channel held; nothing is lost",
            channel=work.channel_id,
            guild=work.guild_id,
            kind=result.hold.value,
            reason=result.reason,
            probe_in_seconds=wait.total_seconds(),
        )


def _titles(post: Post) -> list[str]:
    """What its articles are called, for who reads the log; the first few of them."""
    titles = [str(each.get("title") or "")[:MAX_TITLE] for each in post.payload.embeds[:MAX_TITLES]]
    return [title for title in titles if title]


def _ids(work: ChannelLease, post: Post) -> dict[str, object]:
    """By what an operator finds the row, the article and the place."""
    return {
        "post": post.id,
        "guild": work.guild_id,
        "channel": work.channel_id,
        "deliveries": list(post.deliveries),
        "entries": list(post.entries),
    }
