"""Answers that were made lately, compressed and with their validators, so that a page is rendered once for many visitors."""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import brotli

from bot.clock import Clock

SMALL = 512
"""Bytes below which compressing gains nothing."""
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
MAX_REMEMBERED = 20_000
"""Answers of which the time of their last change is remembered."""

Key = tuple[object, ...]
"""What was asked for, and from which topics: where one is taken back, the rest is another answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in all the forms that it is sent in."""

    body: bytes
    content_type: str
    etag: str
    changed_at: datetime
    gzip: bytes | None = None
    brotli: bytes | None = None

    @property
    def size(self) -> int:
        return sum(len(each) for each in (self.body, self.gzip, self.brotli) if each is not None)


@dataclass(frozen=True, slots=True)
class Made:
    """What a page was made into."""

    body: bytes
    content_type: str


class PageCache:
    """Bounded in bytes and in time."""

    def __init__(self, clock: Clock, *, most_bytes: int, seconds: float) -> None:
        self._clock = clock
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._answers: OrderedDict[Key, tuple[float, Answer]] = OrderedDict()
        self._bytes = 0
        self._changed: OrderedDict[Key, tuple[str, datetime]] = OrderedDict()
        self._making: dict[Key, asyncio.Future[Answer | None]] = {}

    async def get(self, key: Key, make: Callable[[], Awaitable[Made | None]]) -> Answer | None:
        """What was made lately, else what `make` makes now; None where it makes nothing.

        Whoever asks for the same meanwhile waits for it, and gets its error too.
        """
        known = self._answers.get(key)
        if known is not None and self._clock.monotonic() - known[0] < self._seconds:
            self._answers.move_to_end(key)
            return known[1]
        waiting = self._making.get(key)
        if waiting is None:
            waiting = asyncio.ensure_future(self._make(key, make))
            self._making[key] = waiting
            waiting.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(waiting)

    async def close(self) -> None:
        """Give up what is being made: whoever waits for it is gone, and the database is closed next."""
        making = list(self._making.values())
        for each in making:
            each.cancel()
        await asyncio.gather(*making, return_exceptions=True)

    async def _make(self, key: Key, make: Callable[[], Awaitable[Made | None]]) -> Answer | None:
        made = await make()
        if made is None:
            return None
        etag = hashlib.blake2b(made.body, digest_size=12).hexdigest()
        before = self._changed.get(key)
        changed_at = before[1] if before is not None and before[0] == etag else self._clock.now().replace(microsecond=0)
        self._changed[key] = etag, changed_at
        self._changed.move_to_end(key)
        if len(self._changed) > MAX_REMEMBERED:
            self._changed.popitem(last=False)
        answer = await asyncio.to_thread(_compressed, made, etag, changed_at)
        self._keep(key, answer)
        return answer

    def _keep(self, key: Key, answer: Answer) -> None:
        self._drop(key)
        self._answers[key] = self._clock.monotonic(), answer
        self._bytes += answer.size
        while self._bytes > self._most_bytes and self._answers:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: Key) -> None:
        known = self._answers.pop(key, None)
        if known is not None:
            self._bytes -= known[1].size


def _compressed(made: Made, etag: str, changed_at: datetime) -> Answer:
    if len(made.body) < SMALL:
        return Answer(made.body, made.content_type, etag, changed_at)
    return Answer(
        made.body,
        made.content_type,
        etag,
        changed_at,
        gzip=gzip.compress(made.body, GZIP_LEVEL, mtime=0),
        brotli=brotli.compress(made.body, quality=BROTLI_QUALITY),
    )
