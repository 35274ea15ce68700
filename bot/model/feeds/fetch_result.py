"""What a request for a feed asks, and what it brought."""

import enum
from dataclasses import dataclass

from bot.model.feeds.fetch_address import FetchAddress


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """One poll's question to a host. Validators are given only if their entries were stored."""

    url: FetchAddress | str
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    """The address whose answer the validators came with, if redirects led there; None: `url` itself."""
    urgent: bool = False
    """A person waits: goes before the host's queue."""
    first_bytes: int | None = None
    """A web page of which about so many bytes, inflated, are enough; the rest is not waited for."""


@dataclass(frozen=True, slots=True)
class CacheHints:
    """What the answer says about when to ask again, in seconds from the server's own Date."""

    max_age_seconds: int | None = None
    """From Cache-Control max-age, else Expires; None if neither."""
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A 200 or 226 with its whole body, decompressed and within the limit."""

    url: str
    """Where the body came from, after all redirects, without user and password."""
    moved_to: FetchAddress | None
    """The address to remember instead, if the redirects up to it were all permanent (301, 308)."""
    status: int
    body: bytes
    digest: str
    """Hex digest of `body`, 32 characters."""
    content_type: str | None
    etag: str | None
    last_modified: str | None
    hints: CacheHints = CacheHints()
    asked: tuple[FetchAddress, ...] = ()
    """All addresses that were asked on the way, with what is secret in them; the last one gave the body."""

    @property
    def source(self) -> str:
        """Where the body came from, with all that is secret in it: for reading the document, never for showing."""
        return self.asked[-1].reveal() if self.asked else self.url


@dataclass(frozen=True, slots=True)
class NotModified:
    """A 304, from the address that gave the validators."""

    moved_to: FetchAddress | None = None
    etag: str | None = None
    last_modified: str | None = None
    hints: CacheHints = CacheHints()


class FailureKind(enum.StrEnum):
    """Why a poll brought nothing; the word is stored and logged."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    BLOCKED_ADDRESS = "blocked-address"
    TOO_LARGE = "too-large"
    BAD_ANSWER = "bad-answer"
    """The host was reached, and its answer was cut off or is no HTTP."""
    BAD_ENCODING = "bad-encoding"
    REDIRECTS = "redirects"
    GONE = "gone"
    THROTTLED = "throttled"
    CHALLENGE = "challenge"
    HTTP = "http"
    NOT_A_FEED = "not-a-feed"
    PARSE_TIMEOUT = "parse-timeout"
    PARSE_CRASH = "parse-crash"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No document. `message` is safe to show to people: plain words, no credentials."""

    kind: FailureKind
    message: str
    status: int | None = None
    hints: CacheHints = CacheHints()


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not asked, because the host wants rest after another request, or our own network is down. No failure of this feed."""

    seconds: int
    """How long it still lasts; above 0."""
    message: str
    """Safe to show to people."""
    within_seconds: int | None = None
    """Over how long those that wait are spread after it; None: over the feed's own interval."""


FetchResult = Fetched | NotModified | Postponed | FetchFailed
