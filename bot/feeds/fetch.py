"""The only feed I/O: conditional GET with limits, redirects by hand, politeness per host. Every outcome is a value."""

import asyncio
import contextlib
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import blake2b
from typing import Protocol, Self
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot import logs
from bot.clock import Clock
from bot.feeds import guard, hints, inflate
from bot.feeds.hosts import HostGate
from bot.feeds.urls import absolute, host_key, split_credentials, without_credentials
from bot.model import CacheHints, FailureKind, FeedRequest, Fetched, FetchFailed, FetchResult, NotModified

log = logs.get(__name__)

CONNECT_SECONDS = 10.0
MOST_REDIRECTS = 5
AT_ONCE = 100
PERMANENT, TEMPORARY = {301, 308}, {302, 303, 307}
ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.5, */*;q=0.1"
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
THROTTLE_SECONDS = 300
"""How long a host rests after a 429 or 503 that does not say."""
MOST_THROTTLE_SECONDS = 24 * 3600


class FetchSettings(Protocol):
    """The section [fetch] of the configuration."""

    @property
    def allow_private_networks(self) -> bool: ...
    @property
    def timeout_seconds(self) -> float: ...
    @property
    def max_body_megabytes(self) -> float: ...
    @property
    def per_host_interval_seconds(self) -> float: ...
    @property
    def per_host_connections(self) -> int: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def proxy(self) -> str | None: ...


class Fetcher:
    """Asks feed hosts. Use it as a context manager; `fetch` raises nothing but CancelledError."""

    def __init__(self, settings: FetchSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._gate = HostGate(
            clock, interval_seconds=settings.per_host_interval_seconds, connections=settings.per_host_connections
        )
        self._room = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=guard.connector(allow_private=self._settings.allow_private_networks),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": self._settings.user_agent, "Accept-Encoding": inflate.ACCEPTED},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(self, request: FeedRequest) -> FetchResult:
        """One poll: the document, "not modified", or why there is none, in words that can be shown.

        The time limit counts from the first byte sent to a host, not the wait for its turn.
        """
        headers = {"Accept": ACCEPT, "A-IM": "feed"} if request.first_bytes is None else {"Accept": ACCEPT_PAGE}
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
        try:
            return await self._follow(request, headers)
        except Exception as error:  # noqa: BLE001 - each error has a name below, and a bug must not end the poll
            return self._failure(error)

    async def page(self, url: str, *, deadline_seconds: float, first_bytes: int | None = None) -> Fetched | FetchFailed:
        """A document, unconditionally, within the deadline in all.

        For discovery, where a person waits, all of it and before the host's queue; with `first_bytes` in the queue,
        and only so much of it.
        """
        try:
            async with asyncio.timeout(deadline_seconds):
                answer = await self.fetch(FeedRequest(url, urgent=first_bytes is None, first_bytes=first_bytes))
        except TimeoutError:
            return FetchFailed(FailureKind.TIMEOUT, "The host did not answer in time.")
        if isinstance(answer, NotModified):
            return FetchFailed(FailureKind.HTTP, "The host answered 304 to a question without conditions.", status=304)
        return answer

    async def _follow(self, request: FeedRequest, headers: dict[str, str]) -> FetchResult:
        """Go through redirects hop by hop; each is guarded and waits its host's turn."""
        url = request.url
        moved_to: str | None = None
        permanent = True
        for _ in range(MOST_REDIRECTS + 1):
            async with self._ask(url, headers, urgent=request.urgent) as answer:
                if isinstance(answer, FetchFailed):
                    return answer
                if answer.status not in PERMANENT | TEMPORARY or "Location" not in answer.headers:
                    return await self._read(answer, url, moved_to if permanent else None, request.first_bytes)
                target = absolute(url, urljoin(url, answer.headers["Location"]))
                permanent = permanent and answer.status in PERMANENT
            if target is None:
                return FetchFailed(FailureKind.REDIRECTS, "The host redirects to something that is no web address.")
            if host_key(target) != host_key(url):
                # Validators and credentials belong to the host that they were given by.
                headers = {key: value for key, value in headers.items() if not key.startswith("If-")}
            url, moved_to = target, target
        return FetchFailed(FailureKind.REDIRECTS, f"The host redirects more than {MOST_REDIRECTS} times.")

    @contextlib.asynccontextmanager
    async def _ask(
        self, url: str, headers: dict[str, str], *, urgent: bool
    ) -> AsyncIterator[aiohttp.ClientResponse | FetchFailed]:
        assert self._session is not None, "use it as a context manager"
        settings, host = self._settings, host_key(url)
        if resting := self._resting(host):
            yield resting
            return
        address, user = split_credentials(url)
        if user is not None:
            token = b64encode(":".join(user).encode()).decode()
            headers = headers | {"Authorization": f"Basic {token}"}
        async with self._gate.turn(host, urgent=urgent), self._room, asyncio.timeout(settings.timeout_seconds):
            if resting := self._resting(host):  # it asked for rest while this one was in its queue
                yield resting
                return
            guard.refuse_literal(_host_of(address), allow_private=settings.allow_private_networks)
            async with self._session.get(
                address, headers=headers, allow_redirects=False, proxy=settings.proxy
            ) as response:
                yield response

    def _resting(self, host: str) -> FetchFailed | None:
        rest = self._gate.paused_for(host)
        if rest <= 0:
            return None
        message = f"The host asked to be left alone for another {max(1, round(rest / 60))} minutes."
        return FetchFailed(FailureKind.THROTTLED, message, hints=CacheHints(retry_after_seconds=int(rest) + 1))

    async def _read(
        self, answer: aiohttp.ClientResponse, url: str, moved_to: str | None, first_bytes: int | None
    ) -> FetchResult:
        found = hints.read(answer.headers, now=self._clock.now())
        etag, last_modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
        if answer.status == 304:
            return NotModified(moved_to=moved_to, etag=etag, last_modified=last_modified, hints=found)
        if answer.status not in {200, 226}:
            return self._refused(answer, url, found)
        body = await (self._body(answer) if first_bytes is None else self._beginning(answer, first_bytes))
        return Fetched(
            url=without_credentials(url),
            moved_to=moved_to,
            status=answer.status,
            body=body,
            digest=blake2b(body, digest_size=16).hexdigest(),
            content_type=answer.headers.get("Content-Type"),
            etag=etag,
            last_modified=last_modified,
            hints=found,
        )

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        limit = int(self._settings.max_body_megabytes * 1_000_000)
        if (answer.content_length or 0) > limit:
            raise inflate.TooLargeError
        inflater = inflate.inflater(answer.headers.get("Content-Encoding"), limit=limit)
        async for chunk in answer.content.iter_chunked(64 * 1024):
            inflater.feed(chunk)
        return inflater.finish()

    @staticmethod
    async def _beginning(answer: aiohttp.ClientResponse, first_bytes: int) -> bytes:
        """What the caller asked for; leaving the response then closes the connection under the rest."""
        inflater = inflate.inflater(answer.headers.get("Content-Encoding"), limit=first_bytes + inflate.STEP)
        taken = 0
        with contextlib.suppress(inflate.TooLargeError):
            async for chunk in answer.content.iter_chunked(16 * 1024):
                inflater.feed(chunk)
                taken += len(chunk)
                if taken >= first_bytes:
                    break
        return inflater.so_far()[:first_bytes]

    def _refused(self, answer: aiohttp.ClientResponse, url: str, found: CacheHints) -> FetchFailed:
        status = answer.status
        if status == 410:
            return FetchFailed(FailureKind.GONE, "The host says that this feed is gone for good (410).", status)
        if answer.headers.get("cf-mitigated", "").lower() == "challenge":
            return FetchFailed(
                FailureKind.HTTP,
                "The site asks for a human (a Cloudflare challenge), so bots cannot read it.",
                status,
                found,
            )
        if status in {429, 503}:
            rest = min(found.retry_after_seconds or THROTTLE_SECONDS, MOST_THROTTLE_SECONDS)
            if found.retry_after_seconds is not None or status == 429:
                self._gate.pause(host_key(url), rest)
            return FetchFailed(FailureKind.THROTTLED, f"The host asks for fewer requests ({status}).", status, found)
        words = {
            401: "The feed needs a user name and password (401).",
            403: "The host does not let this bot read the feed (403).",
            404: "There is nothing at this address (404).",
        }
        message = words.get(status) or f"The host answered with an error ({status})."
        return FetchFailed(FailureKind.HTTP, message, status, found)

    def _failure(self, error: Exception) -> FetchFailed:
        seconds = self._settings.timeout_seconds
        limit = self._settings.max_body_megabytes
        for kind, message, errors in (
            (
                FailureKind.BLOCKED_ADDRESS,
                "This address leads into a private network, which this bot does not read.",
                guard.BlockedAddressError,
            ),
            (FailureKind.TOO_LARGE, f"The document is larger than {limit:g} MB.", inflate.TooLargeError),
            (FailureKind.BAD_ENCODING, "The document's compression is broken.", inflate.EncodingError),
            (FailureKind.TIMEOUT, f"The host did not answer within {seconds:g} s.", TimeoutError),
            (FailureKind.TLS, "The host's certificate is not valid.", (aiohttp.ClientSSLError, ssl.SSLError)),
            (FailureKind.DNS, "The host's name is not known.", (aiohttp.ClientConnectorDNSError, socket.gaierror)),
            (FailureKind.CONNECT, "The host cannot be reached.", (aiohttp.ClientConnectionError, OSError)),
            (FailureKind.CONNECT, "The host's answer broke off or made no sense.", aiohttp.ClientError),
        ):
            if isinstance(error, errors) or (
                _caused_by(error, guard.BlockedAddressError) and kind is FailureKind.BLOCKED_ADDRESS
            ):
                return FetchFailed(kind, message)
        log.error("fetching failed in an unforeseen way", exc_info=error)
        return FetchFailed(FailureKind.BUG, "Riverpost could not handle what the host answered.")


def _host_of(url: str) -> str | None:

    return urlsplit(url).hostname


def _caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, kind) or isinstance(getattr(seen, "os_error", None), kind):
            return True
        seen = seen.__cause__
    return False
