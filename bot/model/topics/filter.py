"""Filters as they are stored, and the reason that one leaves behind with an article that it left out."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class FilterScope(enum.StrEnum):
    """Whose filter it is."""

    TOPIC = "topic"
    SOURCE = "source"
    """Of one source in one topic."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that an article must pass on its way into a topic, as they were written."""

    topic: str | None = None
    source: str | None = None

    def __bool__(self) -> bool:
        return bool(self.topic or self.source)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A filter did not want an article. Written with the delivery, and read again to tell why."""

    scope: FilterScope
    term: str
    """As it is written in the filter, shortened."""
    found: bool
    """Whether the term was found, and should not be there; else it is missing."""

    @property
    def reason(self) -> str:
        return f"{_PREFIX}{self.scope}: {_FOUND if self.found else _MISSING}: {self.term}"

    @classmethod
    def read(cls, reason: str | None) -> "Rejection | None":
        """From what `reason` wrote; None where something else is the reason."""
        if reason is None or not reason.startswith(_PREFIX):
            return None
        scope, _, rest = reason.removeprefix(_PREFIX).partition(": ")
        said, _, term = rest.partition(": ")
        return cls(FilterScope(scope), term, said == _FOUND)


_PREFIX = "filter of the "
_FOUND = "found"
_MISSING = "missing"


class Readable(Protocol):
    """What a filter reads of an article; `Entry` and `Article` are such."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def author(self) -> str | None: ...
    @property
    def categories(self) -> tuple[str, ...]: ...


class Judge(Protocol):
    """Decides what passes, see `bot.filters.evaluate`; the store asks it while it stores what a poll brought."""

    def __call__(self, article: Readable, filters: Sequence[Filters]) -> Sequence[Rejection | None]:
        """For each of the filters, why it does not want the article; None where it does. Never raises."""


@dataclass(frozen=True, slots=True)
class Text:
    """The part of a stored article that filters read."""

    title: str
    text: str
    author: str | None
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilterSet:
    """A filter that is set in a guild."""

    topic: str
    source: str | None
    """The source's title or address, which may hold credentials; None for the filter of the whole topic."""
    text: str
