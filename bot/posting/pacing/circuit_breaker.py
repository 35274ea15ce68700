"""Whether requests may leave at all: rests after refusals, outages and bans, and one trial before the rest follows."""

from collections import deque

from bot import logs
from bot.posting.pacing.backoff import delay_seconds

log = logs.get(__name__)

INVALID_WINDOW_SECONDS = 600.0
INVALID_LIMIT = 1000
"""Discord bans an address after 10,000 answers of 401, 403 or 429 in 10 minutes (topics/rate-limits)."""
INVALID_STATUSES = frozenset({401, 403, 429})

BAN_SECONDS = 900.0
MAX_BAN_SECONDS = 3600.0
"""Cloudflare's page says no time. Discord counts refusals over 10 minutes, so after 15 the count that led to the ban
is surely empty; each ban that follows without an answer of Discord's between doubles it, up to the hour that such bans last."""
UNANSWERED = 3
"""Requests in a row, in two channels or more, after which it is Discord that is down and not a channel."""


class Breaker:
    """Counts answers of 401, 403 and 429; open while there were 1000 or more within 10 minutes."""

    def __init__(self) -> None:
        self._counted: deque[float] = deque()

    def count(self, now_monotonic: float) -> None:
        """One more such answer. Those of shared rate limits are not to be counted: Discord does not either."""
        self._counted.append(now_monotonic)
        self._forget(now_monotonic)

    def is_open(self, now_monotonic: float) -> bool:
        """Whether posting must wait."""
        self._forget(now_monotonic)
        return len(self._counted) >= INVALID_LIMIT

    def _forget(self, now: float) -> None:
        while self._counted and now - self._counted[0] >= INVALID_WINDOW_SECONDS:
            self._counted.popleft()


class CircuitBreaker:
    """What all senders ask before they send. Times are monotonic seconds.

    It begins in doubt, as after an outage: until Discord's first answer one channel at a time is served. So a
    process that is started again in the middle of a ban or an outage, of which it knows nothing, costs one request
    and not one per channel, and nothing about it need be stored.
    """

    def __init__(self) -> None:
        self._breaker = Breaker()
        self._stopped = False
        self._banned_until = 0.0
        self._bans = 0
        self._rest_until = 0.0
        self._rests = 0
        self._in_doubt = True
        self._in_a_row = 0
        self._silent: set[int] = set()

    @property
    def in_doubt(self) -> bool:
        """Whether it is not known that Discord answers: serve one channel at a time."""
        return self._in_doubt

    def wait_seconds(self, now: float) -> float:
        """How long nothing may leave; 0 if it may."""
        if self._breaker.is_open(now):
            if not self._stopped:
                log.critical(
                    "POSTING IS STOPPED: Discord refused too many requests, and bans who goes on; it continues when they are fewer",
                    refused=INVALID_LIMIT,
                    within_seconds=INVALID_WINDOW_SECONDS,
                )
            self._stopped = True
            return 10.0
        if self._stopped:
            self._stopped = False
            log.warning("posting goes on: the refused requests are fewer again")
        return max(0.0, self._banned_until - now, self._rest_until - now)

    def refused(self, now: float) -> None:
        """An answer of 401, 403 or 429 that Discord counts against this address."""
        self._breaker.count(now)

    def asked_to_wait(self, now: float, seconds: float) -> None:
        """Discord's limit for the whole bot is used up."""
        self._banned_until = max(self._banned_until, now + seconds)

    def banned(self, now: float, seconds: float | None) -> None:
        """Cloudflare answered in Discord's place. `seconds` as it says, None if it does not."""
        if now < self._banned_until:
            return  # a request that was under way when the pause began
        wait = seconds if seconds is not None else min(BAN_SECONDS * 2**self._bans, MAX_BAN_SECONDS)
        self._bans += 1
        self._in_doubt = True
        self._banned_until = now + wait
        log.error("Cloudflare refuses this address; nothing is sent until its pause is over", pause_in_seconds=wait)

    def answered(self) -> bool:
        """Discord itself said something, whatever it was. True if that was in doubt."""
        was_in_doubt, self._in_doubt = self._in_doubt, False
        self._in_a_row, self._rests, self._bans, self._rest_until = 0, 0, 0, 0.0
        self._silent.clear()
        return was_in_doubt

    def unanswered(self, now: float, channel_id: int) -> None:
        """No answer, or one from a broken Discord (5xx). One channel's bad luck is not the others'."""
        self._in_a_row += 1
        self._silent.add(channel_id)
        if not self._in_doubt and (self._in_a_row < UNANSWERED or len(self._silent) == 1):
            return
        self._in_doubt = True
        if now < self._rest_until:
            return  # one of many that were under way together
        self._rests += 1
        wait = delay_seconds(self._rests)
        self._rest_until = now + wait
        log.warning("Discord does not answer; the next request is a trial", again_in_seconds=wait)

    def hasten(self) -> None:
        """A sign of life, such as the gateway: make the trial now. A ban is not shortened."""
        self._rest_until = 0.0
