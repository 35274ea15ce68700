"""What runs inside a worker process: its limits, its end, and one document at a time."""

import ctypes
import gc
import os
import pickle
import resource
import signal
import sys
from dataclasses import dataclass

from bot.errors import ParseError
from bot.model import FailureKind, ParsedFeed
from bot.words import N_

_PR_SET_PDEATHSIG = 1
MEGABYTE = 1024 * 1024
NICENESS = 5
"""Where there are more workers than cores, the bot's own event loop goes first: it has people to answer."""
LARGE_BYTES = 2 * MEGABYTE
"""From this size on documents are read one at a time, and their memory is handed back: it takes 6 times the size."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A `ParseError` on its way out of the process, where exceptions would lose their fields."""

    kind: FailureKind
    message: str


def start(memory_megabytes: int) -> None:
    """Make this process safe to lose: bounded memory, gone with its parent, deaf to the terminal's Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The pool stops a document that takes too long with SIGTERM: nothing of Python's may stand in its way.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)  # it went before the line above
    os.nice(NICENESS)
    from bot.feeds import document  # noqa: F401, PLC0415 - before the first document's time starts to run

    resource.setrlimit(resource.RLIMIT_AS, (memory_megabytes * MEGABYTE, memory_megabytes * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(
    body: bytes, url: str, content_type: str | None, first: tuple[int, int] | None = None
) -> ParsedFeed | Unreadable:
    """What `document.read`, or with `first` (newest, posted) `archive.read_first`, makes of it. Never raises but for bugs."""
    from bot.feeds import archive, document  # noqa: PLC0415 - the parent names this function without loading the parser

    try:
        if first is not None:
            return archive.read_first(body, url, content_type, *first)
        return document.read(body, url, content_type)
    except ParseError as error:
        return Unreadable(error.kind, str(error))
    except MemoryError:
        return Unreadable(FailureKind.PARSE_CRASH, N_("Reading the feed needed too much memory and was stopped."))
    except RecursionError:
        return Unreadable(
            FailureKind.NOT_A_FEED, N_("The document could not be read as a feed: it is nested too deeply.")
        )


def read_large(body: bytes, url: str, content_type: str | None, first: tuple[int, int] | None = None) -> bytes:
    """The same, pickled here: only so can the worker let go of the document before it answers."""
    answer = pickle.dumps(read(body, url, content_type, first))
    del body
    _give_memory_back()
    return answer


def _give_memory_back() -> None:
    """A document's objects refer to each other, and the C library keeps what is freed: two idle workers held 240 MB."""
    gc.collect()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
