"""Every error that Riverpost raises on purpose.

    RiverpostError
    |-- UserError           a person asked for something that cannot be done; str() is shown to them
    |   |-- NameTaken       another topic of the server has that name
    |   |-- FilterError     a filter that cannot be read; names the place
    |   |-- UnknownTopic    no topic of that name is there for the person who asked
    |   +-- RightsUnknown   Discord does not say what a person may see and do
    |-- ConfigError         the configuration is wrong; names the key
    |-- FeedError           a document or an address gave no feed
    |   |-- ParseError      the bytes are no feed, or took too long to read
    |   +-- DiscoveryError  no feed was found at an address
    |-- RenderError         an article cannot be shown as an embed
    |-- NoRoom              a server has as many topics, sources or subscriptions as it may have
    +-- StoreError          the database did not do what was asked
        |-- StoreInUse      another process owns the database
        |-- StoreTooNew     the database was written by a newer Riverpost
        |-- StoreBusy       somebody else holds the database's lock; later it may work
        |-- StoreFull       no room left on the disk; later it may work
        +-- TookTooLong     a search was ended at its time limit

Bugs are never wrapped: a TypeError stays a TypeError. Causes are always chained.
"""

import unicodedata

from bot.model import FailureKind


class RiverpostError(Exception):
    """The root. `str()` is a whole sentence for a log line."""


class UserError(RiverpostError):
    """`str()` is safe to show to the person who asked, in plain words, and says what to do next."""


class FilterError(UserError):
    """A filter cannot be read. `str()` says what is wrong and what to do, and shows the place.

    `problem` is the sentence alone, `at` the place as a number of characters into the filter.
    """

    def __init__(self, problem: str, *, text: str, at: int) -> None:
        self.problem = problem
        self.text = text
        self.at = at
        super().__init__(f"{problem}\n{_pointed_at(text, at)}")


class NameTaken(UserError):  # noqa: N818 - reads better than NameTakenError
    """Another topic of the server has that name."""


class UnknownTopic(UserError):  # noqa: N818 - reads better than UnknownTopicError
    """No topic of that name is there for the person who asked."""


class RightsUnknown(UserError):  # noqa: N818 - reads better than RightsUnknownError
    """Discord does not say just now what a person may see and do."""


class ConfigError(RiverpostError):
    """`str()` has one problem a line, each starting with the dotted key."""


class FeedError(RiverpostError):
    """An address or a document gave no feed. `str()` is safe to show: no credentials, no internals."""


class ParseError(FeedError):
    """The document is no feed, is broken beyond reading, or took longer than its time limit.

    `kind` says which: `NOT_A_FEED`, `PARSE_TIMEOUT` or `PARSE_CRASH`.
    """

    def __init__(self, message: str, *, kind: FailureKind = FailureKind.NOT_A_FEED) -> None:
        super().__init__(message)
        self.kind = kind


class DiscoveryError(FeedError):
    """No feed was found at the address, or it could not be read.

    `in_bulk` is what is said of it where many addresses are tried at once: less, where more would tell about networks.
    """

    def __init__(self, message: str, *, in_bulk: str | None = None) -> None:
        super().__init__(message)
        self.in_bulk = in_bulk or message


class RenderError(RiverpostError):
    """One article cannot be shown; its delivery fails, the channel goes on."""


class NoRoom(RiverpostError):  # noqa: N818 - reads better than NoRoomError
    """A server has as many topics, sources or subscriptions as it may have; `count` says how many of `what`."""

    def __init__(self, count: int, what: str = "topics") -> None:
        super().__init__(f"there are {count} {what} already, which is the limit")
        self.count = count
        self.what = what


class StoreError(RiverpostError):
    """The database refused; nothing of the transaction was stored."""


class StoreInUse(StoreError):  # noqa: N818 - reads better than StoreInUseError
    """Another process owns the database file."""


class StoreTooNew(StoreError):  # noqa: N818
    """The schema is newer than this program knows."""


class StoreBusy(StoreError):  # noqa: N818
    """The lock of the database, or one of its connections, was not free in time; later it may work."""


class StoreFull(StoreError):  # noqa: N818
    """The disk or the database file has no room left."""


class TookTooLong(StoreError):  # noqa: N818
    """A search was ended at its time limit; fewer words or longer ones may find something."""


AROUND = 40
"""Characters that are shown on each side of a place in a text."""


def _pointed_at(text: str, at: int) -> str:
    """A code block with the text around a place, and a mark under it."""
    first = max(0, at - AROUND)
    shown = "".join(_plain(character) for character in text[first : at + AROUND])
    before = "… " if first else ""
    # Some letters are two columns wide, and others take none.
    columns = sum(map(_columns, before + shown[: at - first]))
    after = " …" if at + AROUND < len(text) else ""
    return f"```\n{before}{shown}{after}\n{' ' * columns}^\n```"


def _plain(character: str) -> str:
    """What neither ends the code block nor the line."""
    if character == "`":
        return "'"
    return character if character.isprintable() else " "


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
