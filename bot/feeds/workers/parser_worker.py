"""What runs inside a worker process: its end, its walls, and one document at a time.

A worker is forked from `feeds.workers.fork_server`, which has the parser loaded. It has three file descriptors: the channel to
the bot, and two that lead nowhere.
"""

import ctypes
import gc
import os
import signal
import sys
import traceback
from importlib.machinery import BuiltinImporter, FrozenImporter

from bot.errors import ParseError
from bot.feeds.incremental import item_scanner
from bot.feeds.parsing import feed_parser, first_poll_parser
from bot.feeds.workers import messages, sandbox
from bot.feeds.workers.messages import ANSWER, LARGE_BYTES, TASK, Answer, Bug, Kind, Task, Unreadable
from bot.i18n.translation import N_
from bot.model import FailureKind, ParsedFeed

_PR_SET_PDEATHSIG = 1
CHANNEL = 0
"""The file descriptor of the socket to the bot."""
NICENESS = 5
"""Where there are more workers than cores, the bot's own event loop goes first: it has people to answer."""
MAX_BUG = 4_000
_PIECE = 1024 * 1024


def start(channel: int, server: int, *, memory_megabytes: int, processor_seconds: int) -> tuple[str, ...]:
    """Make this process safe to lose and harmless to others. The walls that this machine does not have."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(0)  # it went before the line above
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(channel, CHANNEL)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.closerange(3, 4096)
    os.nice(NICENESS)
    # What is not loaded yet cannot be: looking for it on the disk would only fail in more ways.
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter]
    return sandbox.confine(memory_megabytes, processor_seconds)


def serve(missing: tuple[str, ...]) -> None:
    """Say which walls are missing, then answer task after task until the bot closes the channel."""
    _send(messages.encode_walls(missing))
    while (head := _receive(TASK.size)) is not None:
        of_description, of_body = TASK.unpack(head)
        description, body = _receive(of_description), _receive(of_body)
        if description is None or body is None:
            return
        _send(_answered(messages.decode_task(description), body))
        is_large = len(body) >= LARGE_BYTES
        del body
        if is_large:
            _give_memory_back()


def _answered(task: Task, body: bytes) -> bytes:
    sandbox.renew_processor_time(task.seconds)
    try:
        return messages.encode_answer(perform(task, body))
    except Exception:  # noqa: BLE001 - the bot logs it as what it is
        return messages.encode_answer(Bug(traceback.format_exc()[-MAX_BUG:]))


def perform(task: Task, body: bytes) -> Answer:
    """Do what is asked. Never raises but for bugs."""
    if task.kind is Kind.SCAN:
        return item_scanner.scan(body)
    return read(body, task.url, task.content_type, task.first)


def read(
    body: bytes, url: str, content_type: str | None, first: tuple[int, int] | None = None
) -> ParsedFeed | Unreadable:
    """What `document.read`, or with `first` (newest, posted) `archive.read_first`, makes of it. Never raises but for bugs."""
    try:
        if first is not None:
            return first_poll_parser.read_first(body, url, content_type, *first)
        return feed_parser.read(body, url, content_type)
    except ParseError as error:
        return Unreadable(error.kind, str(error))
    except MemoryError:
        return Unreadable(FailureKind.PARSE_CRASH, N_("Reading the feed needed too much memory and was stopped."))
    except RecursionError:
        return Unreadable(
            FailureKind.NOT_A_FEED, N_("The document could not be read as a feed: it is nested too deeply.")
        )


def _receive(length: int) -> bytes | None:
    """So many bytes; None where the bot has closed the channel."""
    pieces = []
    while length:
        piece = os.read(CHANNEL, min(length, _PIECE))
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _send(data: bytes) -> None:
    rest = memoryview(ANSWER.pack(len(data)) + data)
    while rest:
        rest = rest[os.write(CHANNEL, rest) :]


def _give_memory_back() -> None:
    """A document's objects refer to each other, and the C library keeps what is freed: two idle workers held 240 MB."""
    gc.collect()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
