"""What an answer, or its absence, says about Discord as a whole: one channel's news concerns all senders."""

from collections.abc import Callable

from bot import logs
from bot.clock import Clock
from bot.delivery.traffic import Traffic
from bot.model import SendResult
from bot.store import Store

log = logs.get(__name__)


class Hearing:
    """Shared by all who send."""

    def __init__(self, store: Store, traffic: Traffic, clock: Clock, *, on_more: Callable[[], None]) -> None:
        self._store = store
        self._traffic = traffic
        self._clock = clock
        self._on_more = on_more

    async def heard(self, channel_id: int, result: SendResult) -> None:
        """After each request."""
        now = self._clock.monotonic()
        if result.pause_all:
            self._traffic.banned(now, result.retry_after_seconds)
        elif not result.answered:
            self._traffic.unanswered(now, channel_id)
        elif self._traffic.answered():
            await self._everything_is_due()

    async def discord_is_back(self) -> None:
        """The gateway is connected again: what was put off for want of an answer is tried now."""
        self._traffic.hasten()
        await self._everything_is_due()

    async def _everything_is_due(self) -> None:
        hastened = await self._store.posts.hasten(now=self._clock.now())
        if hastened:
            log.info("Discord is back; what was put off goes on", messages=hastened)
        self._on_more()
