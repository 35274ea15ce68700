"""What passes between the bot and its parser workers: plain data (MessagePack), checked against its types on arrival.

Nothing is unpickled on either side: who takes a worker over can send wrong articles of one document, but no code. A
frame is a header with lengths, then the bytes.
"""

import enum
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.errors import ParseError
from bot.feeds.incremental.item_scanner import MAX_ITEMS, Item
from bot.model import FailureKind, ParsedFeed

ORDER = struct.Struct(">cQ")
"""To the server that workers are forked from: what to do, and the worker's number."""
START, KILL = b"S", b"K"
TASK = struct.Struct(">II")
"""Before a task: the length of its description, and of the document."""
ANSWER = struct.Struct(">I")
"""Before an answer: its length."""
LARGE_BYTES = 2 * 1024 * 1024
"""From this size on documents are read one at a time, and their memory is handed back: it takes 6 times the size."""
SPARE_BYTES = 8 * 1024 * 1024
MAX_TIMES = 12
"""An answer has an entry's text twice, and addresses in it made absolute."""


class Kind(enum.StrEnum):
    """What is to be done with a document."""

    READ = "read"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Task:
    """One document's description; the document itself follows it as bytes."""

    kind: Kind
    seconds: float
    """How much processor time it may take."""
    url: str = ""
    content_type: str | None = None
    first: tuple[int, int] | None = None
    """With it the feed is read for the first time: (newest, posted), see `feeds.parsing.first_poll_parser`."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A `ParseError` on its way out of the process."""

    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Bug:
    """The reader raised what it never should; the text is its traceback."""

    text: str


class BadAnswerError(Exception):
    """A worker sent what no sound worker sends."""


Answer = ParsedFeed | tuple[Item, ...] | Unreadable | Bug | None

_encoder = msgspec.msgpack.Encoder()
_task = msgspec.msgpack.Decoder(Task)
_walls = msgspec.msgpack.Decoder(tuple[str, ...])
_FORMS: dict[bytes, msgspec.msgpack.Decoder[Any]] = {
    b"F": msgspec.msgpack.Decoder(ParsedFeed),
    b"I": msgspec.msgpack.Decoder(tuple[Item, ...] | None),
    b"U": msgspec.msgpack.Decoder(Unreadable),
    b"B": msgspec.msgpack.Decoder(Bug),
}


def encode_task(task: Task, body: bytes) -> tuple[bytes, bytes]:
    """The frame in two pieces, so that the document is not copied."""
    description = _encoder.encode(task)
    return TASK.pack(len(description), len(body)) + description, body


def decode_task(description: bytes) -> Task:
    return _task.decode(description)


def encode_walls(missing: tuple[str, ...]) -> bytes:
    """The first frame of a worker: which walls its machine does not have."""
    return _encoder.encode(missing)


def decode_walls(data: bytes) -> tuple[str, ...]:
    try:
        return _walls.decode(data)
    except msgspec.DecodeError as error:
        raise BadAnswerError(str(error)) from error


def encode_answer(answer: Answer) -> bytes:
    match answer:
        case ParsedFeed():
            form = b"F"
        case Unreadable():
            form = b"U"
        case Bug():
            form = b"B"
        case _:
            form = b"I"
    return form + _encoder.encode(answer)


def decode_answer(data: bytes, kind: Kind) -> Answer:
    """The answer to a task of this kind.

    Raises:
        BadAnswerError: it is of no known form, of another kind's, or has in it what a document cannot say.
    """
    form = data[:1]
    if form not in ((b"F", b"U", b"B") if kind is Kind.READ else (b"I", b"B")):
        raise BadAnswerError(f"the answer has the form {form!r}")
    try:
        answer: Answer = _FORMS[form].decode(memoryview(data)[1:])
    except (msgspec.DecodeError, ValueError) as error:
        raise BadAnswerError(str(error)) from error
    if isinstance(answer, ParsedFeed):
        _check(answer)
    return answer


def most_bytes(body: bytes) -> int:
    """How long the answer to a document can be."""
    return MAX_TIMES * len(body) + SPARE_BYTES


def refused(answer: Unreadable) -> ParseError:
    return ParseError(answer.message, kind=answer.kind)


def _check(feed: ParsedFeed) -> None:
    """Of what the rest of the bot takes for granted."""
    if len(feed.entries) > MAX_ITEMS:
        raise BadAnswerError(f"the answer has {len(feed.entries)} entries")
    if not all(address.startswith(("http://", "https://")) for address in _addresses(feed)):
        raise BadAnswerError("the answer has an address that is none of the web")


def _addresses(feed: ParsedFeed) -> Iterator[str]:
    for address in (feed.site_url, feed.icon_url, feed.declared_url):
        if address is not None:
            yield address
    for entry in feed.entries:
        if entry.link is not None:
            yield entry.link
        if entry.image_url is not None:
            yield entry.image_url
        if entry.enclosure is not None:
            yield entry.enclosure.url
