"""For whom something is done, and what it used meanwhile.

Kept in a context variable, since a poll or a command passes through many parts of which only the queues want to know.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Self

NOBODY = 0
"""Stands for the bot itself: what no server asked for."""


class Usage:
    """What one poll, command or look at a feed is done for, and used so far."""

    __slots__ = ("_before", "_endings", "for_person", "guilds", "parse_seconds", "transfer_seconds")

    def __init__(self, guilds: Iterable[int] = (), *, for_person: bool = False) -> None:
        """`guilds` are the servers that share it: it counts for the one that uses least."""
        self.guilds = tuple(guilds) or (NOBODY,)
        self.for_person = for_person
        self.transfer_seconds = 0.0
        """For which hosts were connected to and answered; not the wait for a turn."""
        self.parse_seconds = 0.0
        """For which a parser was busy; not the wait for one."""
        self._endings: dict[object, Callable[[], None]] | None = None

    @property
    def seconds(self) -> float:
        return self.transfer_seconds + self.parse_seconds

    def at_end(self, key: object, do: Callable[[], None]) -> None:
        """Call `do` when this ends; once for each key."""
        if self._endings is None:
            self._endings = {}
        self._endings.setdefault(key, do)

    def end(self) -> None:
        endings, self._endings = self._endings, None
        if endings is not None:
            for do in endings.values():
                do()

    def __enter__(self) -> Self:
        """Do the block, and the tasks that begin in it, for this."""
        self._before = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._before)
        self.end()


_current: ContextVar[Usage | None] = ContextVar("usage", default=None)


def current() -> Usage | None:
    """What is being done in this task, None where nobody said."""
    return _current.get()


def working_for(*guilds: int, for_person: bool = False) -> Usage:
    """A context: the block, and the tasks that begin in it, are done for these servers."""
    return Usage(guilds, for_person=for_person)
