"""Every error that Riverpost raises on purpose.

    RiverpostError
    |-- UserError           a person asked for something that cannot be done; str() is shown to them
    |-- ConfigError         the configuration is wrong; names the key
    |-- FeedError           a document or an address gave no feed
    |   |-- ParseError      the bytes are no feed, or took too long to read
    |   +-- DiscoveryError  no feed was found at an address
    |-- RenderError         an article cannot be shown as an embed
    +-- StoreError          the database did not do what was asked
        |-- StoreInUse      another process owns the database
        |-- StoreTooNew     the database was written by a newer Riverpost
        |-- StoreBusy       somebody else holds the database's lock; later it may work
        +-- StoreFull       no room left on the disk; later it may work

Bugs are never wrapped: a TypeError stays a TypeError. Causes are always chained.
"""

from bot.model import FailureKind


class RiverpostError(Exception):
    """The root. `str()` is a whole sentence for a log line."""


class UserError(RiverpostError):
    """`str()` is safe to show to the person who asked, in plain words, and says what to do next."""


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
    """No feed was found at the address, or it could not be read."""


class RenderError(RiverpostError):
    """One article cannot be shown; its delivery fails, the channel goes on."""


class StoreError(RiverpostError):
    """The database refused; nothing of the transaction was stored."""


class StoreInUse(StoreError):  # noqa: N818 - reads better than StoreInUseError
    """Another process owns the database file."""


class StoreTooNew(StoreError):  # noqa: N818
    """The schema is newer than this program knows."""


class StoreBusy(StoreError):  # noqa: N818
    """The lock of the database was not free within the busy time-out (5 seconds)."""


class StoreFull(StoreError):  # noqa: N818
    """The disk or the database file has no room left."""
