"""How many different hosts may be asked for a server within a day because of its lists. Kept in memory."""

from bot.clock import Clock
from bot.services.limits.rate_limit import DAY


class HostAllowance:
    """Counts hosts, not requests: who is asked again costs nobody else anything. A restart of the bot begins anew."""

    def __init__(self, hosts_per_day: int | None, clock: Clock) -> None:
        """None sets no limit."""
        self._most = hosts_per_day
        self._clock = clock
        self._asked: dict[int, dict[str, float]] = {}

    def take(self, guild_id: int, host: str) -> float:
        """Count a host. Returns 0 if it may be asked, else after how many seconds; then it does not count."""
        if self._most is None:
            return 0.0
        now = self._clock.monotonic()
        asked = {name: at for name, at in self._asked.get(guild_id, {}).items() if at > now - DAY}
        if host not in asked and len(asked) >= self._most:
            return min(asked.values()) + DAY - now
        asked.setdefault(host, now)
        self._asked[guild_id] = asked
        return 0.0
