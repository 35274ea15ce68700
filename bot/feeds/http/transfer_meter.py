"""Counts what a host sends, before anything is made of it: bytes on the wire, speed, and what of them is no document.

aiohttp bounds lengths of lines and times in all. Within these a host can send headers and bodies by drips, interim
answers (1xx) without end, or chunks of one byte each, which cost a hundred times what they bring. This is aiohttp's
protocol with a meter before it. `_factory` of a connector and the methods that are overridden here are aiohttp's own.
"""

import asyncio
import functools
from collections import deque
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import set_exception

from bot.feeds.http.decompress import EncodingError, TooLargeError

PIECE_BYTES = 16 * 1024
"""Taken apart at a time; then others have a turn. 16 KB of chunks of one byte each take some 5 ms."""
SPARE_BYTES = 256 * 1024
"""For headers and for what frames a body."""
MAX_FRAMING = 0.25
"""Bytes around a body for each byte of it, beyond the spare ones: chunks of 20 bytes have as many."""
MAX_INTERIM = 20
"""Interim answers (1xx) before the real one."""


class SlowAnswerError(TimeoutError):
    """The host sends, but below the least speed."""


@dataclass(frozen=True, slots=True)
class Meter:
    """How much a host may send for one answer, and how slowly."""

    most_bytes: int
    """On the wire, beyond the spare ones."""
    least_per_second: float
    grace_seconds: float
    """From the first byte on, in which any speed will do; the first byte itself may take as long as the time limit."""


class MeteredResponses(ResponseHandler):
    """One connection's answers, one after the other."""

    def __init__(self, meter: Meter, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._meter = meter
        self._pieces: deque[bytes] = deque()
        self._next_piece: asyncio.Handle | None = None
        self._check: asyncio.TimerHandle | None = None
        self._begin()

    def _begin(self) -> None:
        self._received = 0
        self._interim = 0
        self._answered = False
        self._failed = False
        self._since: float | None = None
        """When the first byte of the headers, then of the body, came."""
        self._counted = 0
        """Bytes since then."""

    # --- what aiohttp calls -------------------------------------------------------------------------

    def set_response_params(self, **params: Any) -> None:
        self._begin()
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if self._failed:
            return
        if len(data) <= PIECE_BYTES and (not self._pieces or not data):  # aiohttp gives nothing to let its parser go on
            self._take(data)
            return
        self._pieces.extend(data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES))
        if self._next_piece is None:
            self._pause_transport_reading()
            self._take_next()

    @property
    def should_close(self) -> bool:
        return bool(self._pieces) or self._failed or super().should_close

    def feed_data(self, data: Any, size: int = 0) -> None:
        """An answer's headers are complete."""
        if self._failed:
            return
        if data[0].code < 200 and data[0].code != 101:
            self._interim += 1
            if self._interim > MAX_INTERIM:
                self._fail(aiohttp.ClientPayloadError("the host sends interim answers without end"))
                return
        else:
            self._answered = True
            self._since = None
        super().feed_data(data, size)

    def resume_reading(self, resume_parser: bool = True) -> None:
        if not self._failed:
            super().resume_reading(resume_parser)

    def _resume_transport_reading(self) -> None:
        """Read on only where nothing is left to take: a socket gives more at once than is taken at a time."""
        if self._failed:
            return
        if not self._pieces:
            super()._resume_transport_reading()
        elif self._next_piece is None:
            self._next_piece = self._loop.call_soon(self._take_next)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timers()
        while self._pieces and not self._failed:
            self._take(self._pieces.popleft())
        self._stop_timers()
        super().connection_lost(exc)

    def close(self) -> None:
        self._stop_timers()
        super().close()

    def abort(self) -> None:
        self._stop_timers()
        super().abort()

    # --- the meter ----------------------------------------------------------------------------------

    def _take_next(self) -> None:
        self._next_piece = None
        if self._pieces and not self._failed and not self._is_held:
            self._take(self._pieces.popleft())
        if not self._failed and not self._is_held:  # who holds it resumes it
            self._resume_transport_reading()

    @property
    def _is_held(self) -> bool:
        """Whether the reader of the answer has enough for now."""
        return self._reading_paused or self._buffer_paused

    def _take(self, data: bytes) -> None:
        length = len(data)
        self._received += length
        super().data_received(data)
        if self._failed or not length:
            return
        payload = self._payload
        if not self._answered:
            self._judge(length, 0)
        elif payload is not None and not payload.is_eof():
            self._judge(length, payload.total_bytes)
        elif self._check is not None:
            self._stop_checking()
        else:
            self._since = None

    def _judge(self, length: int, body: int) -> None:
        """Of an answer that is not complete, whose body so far has that many bytes."""
        if self._received > self._meter.most_bytes + SPARE_BYTES:
            self._fail(TooLargeError())
        elif self._received > SPARE_BYTES + (1 + MAX_FRAMING) * body:
            self._fail(EncodingError("the answer is framing for the most part"))
        elif not self._answered or body:
            if self._since is None:
                self._since, self._counted = self._loop.time(), 0
            self._counted += length
            if self._check is None:
                self._check = self._loop.call_at(self._runs_out(), self._check_speed)

    def _runs_out(self) -> float:
        """When the bytes so far are too few, unless more come."""
        meter = self._meter
        assert self._since is not None, "something came"
        per_byte = 1 / meter.least_per_second if meter.least_per_second else 0.0
        return self._since + meter.grace_seconds + self._counted * per_byte

    def _check_speed(self) -> None:
        self._check = None
        if self._since is None or self._failed or not self._meter.least_per_second:
            return
        now = self._loop.time()
        if self._reading_paused or self._pieces:  # it is we who are slow
            self._check = self._loop.call_at(now + self._meter.grace_seconds, self._check_speed)
        elif self._runs_out() > now:
            self._check = self._loop.call_at(self._runs_out(), self._check_speed)
        else:
            self._fail(SlowAnswerError())

    def _fail(self, error: Exception) -> None:
        """Whoever reads the answer gets the error, and closes the connection."""
        self._failed = True
        self._stop_timers()
        self._pieces.clear()
        self._pause_transport_reading()
        payload = self._payload
        self.set_exception(error)
        if payload is not None and self._answered:
            set_exception(payload, error)

    def _stop_timers(self) -> None:
        self._stop_checking()
        if self._next_piece is not None:
            self._next_piece.cancel()
            self._next_piece = None

    def _stop_checking(self) -> None:
        self._since = None
        if self._check is not None:
            self._check.cancel()
            self._check = None


def install(connector: aiohttp.TCPConnector, meter: Meter) -> aiohttp.TCPConnector:
    """Let the connector's connections be metered."""
    connector._factory = functools.partial(MeteredResponses, meter, loop=asyncio.get_running_loop())  # type: ignore[assignment] # noqa: SLF001 - there is no public way
    return connector
