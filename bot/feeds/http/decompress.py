"""Decompressing a body as it arrives, never beyond a limit: a bomb costs its limit and no more."""

import contextlib
from collections.abc import Callable
from typing import Any, Protocol, cast

import brotli
from isal import igzip_lib, isal_zlib

STEP = 256 * 1024
"""Bytes inflated at a time."""
GZIP = b"\x1f\x8b"
MAX_MEMBERS, MEMBER_BYTES = 1_000, 1024
"""Members of a gzip file, and one more for each so many bytes: empty ones cost a thousand times what they hold."""


BROKEN = cast("type[Exception]", igzip_lib.IsalError)
"""Typed here because isal's stubs do not say that it is an exception."""


class TooLargeError(Exception):
    """The inflated body passes the limit."""


class EncodingError(Exception):
    """The body is not in the encoding that it claims."""


class Inflater(Protocol):
    """Takes the wire's bytes piece by piece; in any thread, but one piece after the other."""

    @property
    def size(self) -> int:
        """Bytes inflated so far."""
        ...

    def feed(self, data: bytes) -> None:
        """Raises `TooLargeError` or `EncodingError`."""
        ...

    def so_far(self) -> bytes:
        """What was inflated, also after an error."""
        ...

    def finish(self) -> bytes:
        """The whole body. Raises `EncodingError` where the stream ends early."""
        ...


class _Buffer:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts = bytearray()

    def add(self, data: bytes) -> None:
        room = self._limit - len(self._parts)
        self._parts += data[:room]
        if len(data) > room:
            raise TooLargeError

    def take(self) -> bytes:
        return bytes(self._parts)

    @property
    def size(self) -> int:
        return len(self._parts)


class Deflated:
    """gzip in one or several members (RFC 1952, 2.2), or deflate with and without the zlib header that many servers forget."""

    def __init__(self, limit: int) -> None:
        self._buffer = _Buffer(limit)
        self._inflate: Any = None
        self._held = b""
        """A first byte, of the body or behind a member, that does not say yet what begins there."""
        self._members = 1

    @property
    def size(self) -> int:
        return self._buffer.size

    def feed(self, data: bytes) -> None:
        data, self._held = self._held + data, b""
        if len(data) < len(GZIP) and self._inflate is None:
            self._held = data
            return
        if self._inflate is None:
            self._inflate = isal_zlib.decompressobj(_window_bits(data))
        try:
            while data:
                if self._inflate.eof and not self._next_member(data):
                    return
                self._buffer.add(self._inflate.decompress(data, STEP))
                data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        except BROKEN as error:
            raise EncodingError(str(error)) from error

    def _next_member(self, data: bytes) -> bool:
        """Whether another one begins here; anything else behind the end is padding."""
        if not data.startswith(GZIP):
            self._held = data if data == GZIP[:1] else b""
            return False
        self._members += 1
        if self._members > MAX_MEMBERS + self.size // MEMBER_BYTES:
            raise EncodingError("the compressed body is in too many pieces")
        self._inflate = isal_zlib.decompressobj(_window_bits(data))
        return True

    def so_far(self) -> bytes:
        return self._buffer.take()

    def finish(self) -> bytes:
        if self._inflate is None and self._held:
            raise EncodingError("the compressed body ends too early")
        if self._inflate is not None:
            self._buffer.add(self._inflate.flush())
            if not self._inflate.eof:
                raise EncodingError("the compressed body ends too early")
        return self._buffer.take()


def _window_bits(start: bytes) -> int:
    if start.startswith(GZIP):
        return 31
    zlib_header = start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0
    return 15 if zlib_header else -15


class Plain:
    """No compression, unless the bytes show gzip: some servers send a stored file without saying what it is."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = _Buffer(limit)
        self._started = False
        self._held = b""
        """A first byte that does not say yet what begins there."""
        self._gzip: Deflated | None = None

    @property
    def size(self) -> int:
        return self._gzip.size if self._gzip is not None else self._buffer.size

    def feed(self, data: bytes) -> None:
        if data and not self._started:
            data, self._held = self._held + data, b""
            if data == GZIP[:1]:
                self._held = data
                return
            self._started = True
            if data.startswith(GZIP):
                self._gzip = Deflated(self._limit)
        if self._gzip is not None:
            self._gzip.feed(data)
        else:
            self._buffer.add(data)

    def so_far(self) -> bytes:
        return self._gzip.so_far() if self._gzip is not None else self._buffer.take() + self._held

    def finish(self) -> bytes:
        return self._gzip.finish() if self._gzip is not None else self._buffer.take() + self._held


class Brotli:
    """br."""

    def __init__(self, limit: int) -> None:
        self._buffer = _Buffer(limit)
        self._inflate = brotli.Decompressor()

    @property
    def size(self) -> int:
        return self._buffer.size

    def feed(self, data: bytes) -> None:
        try:
            piece = self._inflate.process(data, output_buffer_limit=STEP)
            self._buffer.add(piece)
            # What was read may give more than was asked for also when all of it was taken.
            while not self._inflate.is_finished() and (piece or not self._inflate.can_accept_more_data()):
                piece = self._inflate.process(b"", output_buffer_limit=STEP)
                self._buffer.add(piece)
        except brotli.error as error:
            raise EncodingError(str(error)) from error

    def so_far(self) -> bytes:
        return self._buffer.take()

    def finish(self) -> bytes:
        if not self._inflate.is_finished():
            raise EncodingError("the compressed body ends too early")
        return self._buffer.take()


class Nested:
    """One encoding inside of another: what a server compressed, its cache compressed again."""

    def __init__(self, outer: Inflater, inner: Inflater) -> None:
        self._outer, self._inner = outer, inner

    @property
    def size(self) -> int:
        return self._outer.size

    def feed(self, data: bytes) -> None:
        self._outer.feed(data)

    def so_far(self) -> bytes:
        with contextlib.suppress(TooLargeError):
            self._inner.feed(self._outer.so_far())
        return self._inner.so_far()

    def finish(self) -> bytes:
        self._inner.feed(self._outer.finish())
        return self._inner.finish()


ENCODINGS: dict[str, Callable[[int], Inflater]] = {
    "": Plain,
    "identity": Plain,
    "gzip": Deflated,
    "x-gzip": Deflated,
    "deflate": Deflated,
    "br": Brotli,
}
ACCEPTED = "gzip, deflate, br"
OTHERS = {"zstd", "compress", "x-compress", "bzip2", "x-bzip2", "lzma", "xz", "exi", "pack200-gzip", "dcb", "dcz"}
"""Compressions that we did not offer."""
MAX_NESTED = 3


def inflater(encoding: str | None, *, limit: int) -> Inflater:
    """For a Content-Encoding header, which lists what was done to the body in its order.

    Names of no compression mean nothing, as to browsers: many servers write the text's encoding there (`UTF-8`,
    `none`, `binary`).

    Raises:
        EncodingError: we did not offer this encoding and do not read it.
    """
    names = [name.strip(' \t"').lower() for name in (encoding or "").split(",")]
    if other := next((name for name in names if name in OTHERS), None):
        raise EncodingError(f"the encoding {other!r} is not known here")
    done = [ENCODINGS[name] for name in names if ENCODINGS.get(name, Plain) is not Plain]
    if len(done) > MAX_NESTED:
        raise EncodingError(f"the body is compressed {len(done)} times")
    if not done:
        return Plain(limit)
    found = done.pop()(limit)
    while done:
        inner = done.pop()
        # Where one name stands twice it was often done once: `Plain` sees whether there is gzip again.
        found = Nested(found, Plain(limit) if inner is Deflated else inner(limit))
    return found
