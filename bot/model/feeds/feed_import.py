"""Lists of feeds that somebody gives, and what becomes of each of them."""

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.feeds.fetch_address import FetchAddress

FORGOTTEN = 0
"""Stands for a person who asked to be forgotten while their list was under way; no id in Discord is 0."""


class ItemState(enum.StrEnum):
    """What became of a feed of a list: `open` is still to be looked at."""

    OPEN = "open"
    FOLLOWED = "followed"
    ALREADY = "already"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewItem:
    """A feed of a list before it is stored."""

    url: FetchAddress
    title: str | None
    topics: tuple[str, ...]
    """The names of the topics that are to follow it."""
    problem: str | None = None
    """Why it need not be tried at all."""


@dataclass(frozen=True, slots=True)
class ImportItem:
    """A feed of a list that is to be looked at."""

    id: int
    import_id: int
    guild_id: int
    channel_id: int
    """Of topics that are made for it."""
    added_by: int | None
    url: FetchAddress
    title: str | None
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How far an import is."""

    total: int
    followed: int = 0
    already: int = 0
    failed: int = 0
    goes_on_at: datetime | None = None
    """It waits until then, since its server had as many hosts asked as it may within a day."""

    @property
    def done(self) -> int:
        return self.followed + self.already + self.failed

    @property
    def is_over(self) -> bool:
        return self.done >= self.total


@dataclass(frozen=True, slots=True)
class FailedItem:
    """A feed of a list that is not followed, and why. What is secret in its address and title is masked."""

    url: str
    title: str | None
    topics: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import so far."""

    id: int
    guild_id: int
    added_by: int | None
    language: str | None
    created_at: datetime
    finished_at: datetime | None
    tally: Tally
    topics: tuple[str, ...]
    """Those that follow something by it, in the list's order."""
    failed: tuple[FailedItem, ...]
    """In the list's order."""
    unchecked: int = 0
    """Of those that are followed, how many could not be looked at yet: their hosts asked for patience."""
