"""What an answer, or its absence, says about Discord as a whole: one channel's news concerns all senders."""

from collections.abc import Callable

from bot import logs
from bot.clock import Clock
from bot.model import SendKind, SendResult
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.store import Store

log = logs.get(__name__)


class DiscordHealth:
    """Shared by all who ask Discord for something in the background.

    Args:
        on_more: called when what was put off is due.
        on_unauthorised: called when Discord refuses the token; nothing will work until the operator sets another.
    """

    def __init__(
        self,
        store: Store,
        traffic: CircuitBreaker,
        clock: Clock,
        *,
        on_more: Callable[[], None],
        on_unauthorised: Callable[[], None],
    ) -> None:
        self._store = store
        self._traffic = traffic
        self._clock = clock
        self._on_more = on_more
        self._on_unauthorised = on_unauthorised

    async def heard(self, place_id: int, result: SendResult) -> None:
        """After each request. The place is a channel, or a person where the request was about that person."""
        if result.kind is SendKind.UNAUTHORISED:
            self._on_unauthorised()
        now = self._clock.monotonic()
        if result.pause_all:
            self._traffic.banned(now, result.retry_after_seconds)
        elif not result.answered:
            self._traffic.unanswered(now, place_id)
        elif self._traffic.answered():
            await self._everything_is_due()

    async def met(self, channel_id: int, obstacle: SendResult) -> None:
        """After a look at a channel. That it cannot be used may be known without a request, and says nothing more."""
        if obstacle.kind is not SendKind.NO_ACCESS:
            await self.heard(channel_id, obstacle)

    async def discord_is_back(self) -> None:
        """The gateway is connected again: what was put off for want of an answer is tried now."""
        self._traffic.hasten()
        await self._everything_is_due()

    async def _everything_is_due(self) -> None:
        hastened = await self._store.posts.hasten(now=self._clock.now())
        if hastened:
            log.info("Discord is back; what was put off goes on", messages=hastened)
        self._on_more()
