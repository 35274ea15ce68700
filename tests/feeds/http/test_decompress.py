"""Bodies that are compressed and say so, or do not."""

import gzip
import random
import zlib
from collections.abc import Callable
from functools import cache, partial

import brotli
import pytest

from bot.feeds.http.decompress import EncodingError, TooLargeError, inflater

TEXT = b"<rss>" + b"words " * 10_000 + b"</rss>"

BODIES: dict[str, Callable[[], bytes]] = {
    "words": lambda: " ".join(random.Random(1).choices(["bgp", "routes", "flap", "again"], k=400_000)).encode(),
    "digits": lambda: random.Random(1).randbytes(1_000_000).hex().encode(),
    "zeros": lambda: b"\0" * 3_000_000,
    "a little": lambda: b"!",
}
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": partial(brotli.compress, quality=5),  # the best quality takes seconds for a megabyte
    "": bytes,
}


@cache
def body_of(kind: str) -> bytes:
    return BODIES[kind]()


@cache
def compressed(kind: str, encoding: str) -> bytes:
    return COMPRESS[encoding](body_of(kind))


def inflated(body: bytes, encoding: str | None, *, limit: int = 1_000_000, step: int = 1_000) -> bytes:
    running = inflater(encoding, limit=limit)
    for start in range(0, len(body), step):
        running.feed(body[start : start + step])
    return running.finish()


@pytest.mark.parametrize("encoding", [None, "identity", "gzip", "x-gzip", "deflate"])
def test_gzip_is_known_by_its_first_bytes_whatever_is_said(encoding: str | None) -> None:
    assert inflated(gzip.compress(TEXT), encoding) == TEXT


@pytest.mark.parametrize("step", [1_000, 7, 1, 10_000_000])
def test_gzip_of_several_members_is_one_body_and_padding_behind_it_is_none(step: int) -> None:
    body = gzip.compress(TEXT) + gzip.compress(b"more") + b"\0" * 20
    assert inflated(body, "gzip", step=step) == TEXT + b"more"


def test_deflate_is_read_with_and_without_its_header() -> None:
    raw = zlib.compressobj(wbits=-15)
    assert inflated(raw.compress(TEXT) + raw.flush(), "deflate") == TEXT
    assert inflated(zlib.compress(TEXT), "deflate") == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("step", [777, 16_384, 65_536, 10_000_000])
@pytest.mark.parametrize("kind", BODIES)
def test_large_bodies_are_whole_however_their_pieces_are_cut(kind: str, step: int, encoding: str) -> None:
    body, sent = body_of(kind), compressed(kind, encoding)
    assert inflated(sent, encoding, limit=5_000_000, step=step) == body


@pytest.mark.parametrize("cut", [1, 3, 1_000])
def test_a_body_in_brotli_that_ends_early_is_an_error_and_a_bomb_stops_at_the_limit(cut: int) -> None:
    whole = compressed("digits", "br")
    with pytest.raises(EncodingError):
        inflated(whole[:-cut], "br", limit=5_000_000)
    with pytest.raises(TooLargeError):
        inflated(brotli.compress(b"\0" * 10_000_000, quality=5), "br")


def test_what_is_not_compressed_stays_as_it_is() -> None:
    assert inflated(TEXT, None) == TEXT
    assert inflated(b"", None) == b""


def test_a_bomb_that_does_not_say_what_it_is_stops_at_the_limit() -> None:
    with pytest.raises(TooLargeError):
        inflated(gzip.compress(b"\0" * 10_000_000), None)


def test_a_stream_that_ends_early_is_an_error_and_so_is_an_unknown_encoding() -> None:
    with pytest.raises(EncodingError):
        inflated(gzip.compress(TEXT)[:-20], None)
    with pytest.raises(EncodingError):
        inflater("zstd", limit=10)
    with pytest.raises(EncodingError):
        inflater("gzip, " * 9, limit=10)


@pytest.mark.parametrize(
    "name", ["utf-8", "UTF-8", "none", "binary", "8bit", "text/xml", "aws-chunked", "identity, utf-8"]
)
def test_a_name_that_is_no_compression_means_nothing(name: str) -> None:
    assert inflated(TEXT, name) == TEXT
    assert inflated(gzip.compress(TEXT), f"{name}, gzip") == TEXT
    assert inflated(gzip.compress(TEXT), f"gzip,{name}") == TEXT


def test_what_was_compressed_twice_is_inflated_twice() -> None:
    once = gzip.compress(TEXT)
    assert inflated(gzip.compress(once), "gzip, gzip") == TEXT
    assert inflated(once, "gzip, gzip") == TEXT
    assert inflated(brotli.compress(once), "gzip,br") == TEXT
    assert inflated(gzip.compress(brotli.compress(TEXT)), "BR, GZIP") == TEXT
    with pytest.raises(TooLargeError):
        inflated(gzip.compress(gzip.compress(b"\0" * 10_000_000)), "gzip, gzip")


def test_gzip_that_nobody_declared_is_known_also_where_its_first_byte_comes_alone() -> None:
    assert inflated(gzip.compress(TEXT), None, step=1) == TEXT
    assert inflated(b"\x1f", None) == b"\x1f"


@pytest.mark.parametrize("encoding", ["gzip", "br", ""], ids=["gzip", "br", "plain"])
def test_the_beginning_of_what_is_too_large_can_be_had(encoding: str) -> None:
    running = inflater(encoding, limit=100_000)
    with pytest.raises(TooLargeError):
        running.feed(compressed("words", encoding))
    assert running.so_far() == body_of("words")[:100_000]
