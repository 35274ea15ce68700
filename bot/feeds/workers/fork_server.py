"""The process that parser workers are forked from: it has the parser loaded, and nothing of the bot's.

Run by `feeds.workers.process_pool` as `python -m bot.feeds.workers.fork_server CHANNEL MEGABYTES SECONDS`. It has an environment of its
own, so no token, and ends with the bot. It reads orders from the channel: start a worker on the socket that comes with
the order, or kill one.
"""

import codecs
import encodings
import gc
import os
import pkgutil
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from types import FrameType

from bot.feeds.encodings import detect
from bot.feeds.workers import parser_worker
from bot.feeds.workers.messages import KILL, ORDER, START


class _Server:
    def __init__(self, channel: socket.socket, *, memory_megabytes: int, processor_seconds: int) -> None:
        self._channel = channel
        self._memory_megabytes = memory_megabytes
        self._processor_seconds = processor_seconds
        self._workers: dict[int, int] = {}
        """Process ids by the bot's numbers. A process stays here until it was waited for: its id means it so long."""

    def run(self) -> None:
        """Until the bot closes the channel, or is no more."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, self._reap)
        # Reaping changes what the orders look at, so it happens only while none is carried out.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        while True:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            message, descriptors, _, _ = socket.recv_fds(self._channel, ORDER.size, 1)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
            if len(message) < ORDER.size:
                break
            order, number = ORDER.unpack(message)
            if order == START and descriptors:
                self._start(number, descriptors[0])
            elif order == KILL and number in self._workers:
                os.kill(self._workers[number], signal.SIGKILL)
        for process in self._workers.values():
            os.kill(process, signal.SIGKILL)
        for process in self._workers.values():
            os.waitpid(process, 0)

    def _start(self, number: int, descriptor: int) -> None:
        server = os.getpid()
        process = os.fork()
        if process:
            self._workers[number] = process
            os.close(descriptor)
            return
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            missing = parser_worker.start(
                descriptor,
                server,
                memory_megabytes=self._memory_megabytes,
                processor_seconds=self._processor_seconds,
            )
            parser_worker.serve(missing)
        except BaseException:  # noqa: BLE001 - a bug; once the worker is closed off, nobody reads this
            traceback.print_exc()
        finally:
            os._exit(0)

    def _reap(self, _number: int, _frame: FrameType | None) -> None:
        # Another child may end meanwhile: its turn comes when this is done, not in the midst of it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        try:
            for number, process in tuple(self._workers.items()):
                if os.waitpid(process, os.WNOHANG)[0]:
                    del self._workers[number]
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def load() -> None:
    """All that a document can need: workers have no way to the disk."""
    for module in pkgutil.iter_modules(encodings.__path__):
        if detect.is_text_codec(module.name):
            codecs.lookup(module.name)
    gc.collect()
    gc.freeze()  # so that the workers' collections do not copy what they share


def main(arguments: Sequence[str]) -> None:
    channel, memory_megabytes, processor_seconds = map(int, arguments)
    load()
    with socket.socket(fileno=channel) as opened:
        _Server(opened, memory_megabytes=memory_megabytes, processor_seconds=processor_seconds).run()


if __name__ == "__main__":
    main(sys.argv[1:])
