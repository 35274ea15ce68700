"""Discord's rate limits as they are without any fault: a bucket for each channel and route, and one for the whole bot."""

import math
from collections import deque
from dataclasses import dataclass

from aiohttp import web

from bot.clock import Clock
from tests.wire.loopback.answers import reply

GLOBAL_LIMIT = 50
"""Requests in any second, of one bot (topics/rate-limits#global-rate-limit)."""

ROUNDING_SECONDS = 0.001
"""On a real wire a request takes longer than that to arrive; in virtual time sums of seconds would decide."""


@dataclass
class _Bucket:
    opened_at: float
    used: int = 0


class Buckets:
    """Limits what is asked under one channel; off until `per_channel` is set, so that other tests need not wait.

    Like Discord's, a bucket's time begins with its first request and all of it is free again when that is over; what
    it may take is told with each answer, and asking for more is a 429.
    """

    def __init__(self, clock: Clock) -> None:
        self.per_channel: tuple[int, float] | None = None
        """How many requests within how many seconds; Discord's for new messages is said to be 5 within 5."""
        self.refused = 0
        """Answers of 429."""
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lately: deque[float] = deque()

    def refusal(self, request: web.Request) -> web.Response | None:
        """Count a request; the answer instead of it, where it is one too many."""
        if self.per_channel is None:
            return None
        now = self._clock.monotonic()
        while self._lately and now - self._lately[0] >= 1.0:
            self._lately.popleft()
        if len(self._lately) >= GLOBAL_LIMIT:
            return self._refuse("global", self._lately[0] + 1.0 - now, {"X-RateLimit-Global": "true"})
        self._lately.append(now)
        bucket = self._bucket(request, now)
        if bucket is None:
            return None
        limit, seconds = self.per_channel
        if bucket.used >= limit:
            return self._refuse("user", bucket.opened_at + seconds - now, self._headers(request, now))
        bucket.used += 1
        return None

    def told(self, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        """The answer with what is left in the bucket."""
        if self.per_channel is not None and not answer.prepared:
            answer.headers.update(self._headers(request, self._clock.monotonic()))
        return answer

    def _bucket(self, request: web.Request, now: float) -> _Bucket | None:
        if self.per_channel is None or "channel" not in request.match_info:
            return None
        key = self._key(request)
        found = self._buckets.get(key)
        if found is None or now - found.opened_at >= self.per_channel[1] - ROUNDING_SECONDS:
            found = self._buckets[key] = _Bucket(now)
        return found

    def _key(self, request: web.Request) -> str:
        resource = request.match_info.route.resource
        return f"{request.method} {resource.canonical if resource else ''} {request.match_info['channel']}"

    def _headers(self, request: web.Request, now: float) -> dict[str, str]:
        bucket = self._bucket(request, now)
        if bucket is None or self.per_channel is None:
            return {}
        limit, seconds = self.per_channel
        # In whole milliseconds, as Discord tells it; upwards, or who waits exactly so long comes too early.
        left = math.ceil(max(0.0, bucket.opened_at + seconds - now) * 1000) / 1000
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - bucket.used),
            "X-RateLimit-Reset": f"{self._clock.now().timestamp() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": f"{hash(self._key(request).rpartition(' ')[0]) & 0xFFFFFFFF:x}",
        }

    def _refuse(self, scope: str, seconds: float, headers: dict[str, str]) -> web.Response:
        self.refused += 1
        body = {
            "message": "You are being rate limited.",
            "retry_after": seconds,
            "global": scope == "global",
            "code": 0,
        }
        answer = reply(body, status=429)
        answer.headers.update(headers)
        answer.headers.update(
            {"Via": "1.1 google", "Retry-After": f"{max(1.0, seconds):.0f}", "X-RateLimit-Scope": scope}
        )
        return answer
