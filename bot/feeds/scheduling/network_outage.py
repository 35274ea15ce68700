"""Whether it is our own network that is down: then no feed has failed, and none is asked less often for it.

A host that did not answer is its own affair. Several that answered the last time, one after the other without any
answer between them, are ours: a cable, a name server, a proxy. From then on what cannot be reached is put off
instead of counted, until anybody answers. Pure: what polls brought is told, the time is handed in.
"""

from datetime import datetime, timedelta

from bot import logs
from bot.model import ClaimedFeed, FailureKind, FetchFailed, FetchResult, Postponed

log = logs.get(__name__)

HOSTS = 3
"""So many hosts in a row that were well and are not reached."""
LONGEST = timedelta(hours=6)
"""After that failures count again: it may be the hosts after all, and whoever follows them is to be told."""
PAUSE_SECONDS = 120
SPREAD_SECONDS = 180
UNREACHED = frozenset({FailureKind.DNS, FailureKind.CONNECT, FailureKind.TIMEOUT})


class NetworkOutage:
    """Keeps who was not reached since anybody answered."""

    def __init__(self) -> None:
        self._silent: set[str] = set()
        self._since: datetime | None = None

    def judge(self, feed: ClaimedFeed, answer: FetchResult, now: datetime) -> FetchResult:
        """The answer; or, where it only says that our network is down, that the feed is put off."""
        if isinstance(answer, Postponed):
            return answer
        if not isinstance(answer, FetchFailed) or answer.kind not in UNREACHED:
            self._over()
            return answer
        if feed.failures == 0 and feed.last_success_at is not None:
            self._silent.add(feed.host)
        if len(self._silent) < HOSTS:
            return answer
        if self._since is None:
            self._since = now
            log.warning("no feed host can be reached; is the network down? Feeds are put off, not counted as failing")
        if now - self._since > LONGEST:
            return answer
        message = "No host could be reached: my own network seems to be down."
        return Postponed(PAUSE_SECONDS, message, within_seconds=SPREAD_SECONDS)

    def _over(self) -> None:
        if self._since is not None:
            log.info("feed hosts can be reached again")
        self._silent.clear()
        self._since = None
