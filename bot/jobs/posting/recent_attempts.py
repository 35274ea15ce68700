"""Which posts this process tried to send a moment ago, so that a repeat is caught by Discord's own memory of nonces."""

from datetime import datetime

from bot.clock import Clock

RECENT_SECONDS = 60.0
"""Discord keeps nonces for "the past few minutes"; sending again within a minute of the first attempt cannot double."""
MAX_REMEMBERED = 1_000
"""With more, those are forgotten that are no longer recent."""


class RecentAttempts:
    """The oldest attempt of this process at each post that may have been taken; a nonce is as old as that."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tried: dict[int, tuple[float, datetime]] = {}

    def __len__(self) -> int:
        return len(self._tried)

    def note(self, post_id: int) -> None:
        """A request is about to leave; one that left before it stays what counts."""
        if len(self._tried) >= MAX_REMEMBERED:
            self._tried = {post: tried for post, tried in self._tried.items() if self._is_recent(tried)}
        self._tried.setdefault(post_id, (self._clock.monotonic(), self._clock.now()))

    def forget(self, post_id: int) -> None:
        """What came of it is known."""
        self._tried.pop(post_id, None)

    def lately(self, post_id: int) -> bool:
        """Whether there was one, and it is recent."""
        tried = self._tried.get(post_id)
        return tried is not None and self._is_recent(tried)

    def _is_recent(self, tried: tuple[float, datetime]) -> bool:
        """Both clocks have to say so: the wall's may be set, and the monotonic one stands still while the machine sleeps."""
        monotonic, wall = tried
        return max(self._clock.monotonic() - monotonic, (self._clock.now() - wall).total_seconds()) < RECENT_SECONDS
