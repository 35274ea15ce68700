"""The only feed I/O: conditional GET with limits, redirects by hand, politeness per host. Every outcome is a value."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import ParamSpec, Self, TypeVar

import aiohttp
from yarl import URL

from bot import logs
from bot.clock import Clock
from bot.config.settings import STANDARD_SHARES, FairnessSettings
from bot.feeds.fairness import shared_hosting, tenants
from bot.feeds.fairness.body_memory_budget import BodyBudget, TooManyBytesError
from bot.feeds.http import (
    cache_headers,
    connection_errors,
    decompress,
    error_statuses,
    redirects,
    ssrf_guard,
    transfer_meter,
)
from bot.feeds.http.dns import DnsResolver
from bot.feeds.http.fetch_settings import FetchSettings
from bot.feeds.http.host_queue import HostQueue
from bot.i18n.translation import N_
from bot.model import (
    CacheHints,
    FailureKind,
    FeedRequest,
    FetchAddress,
    Fetched,
    FetchFailed,
    FetchResult,
    NotModified,
    Postponed,
)
from bot.url_normalisation import as_written, host_name, split_credentials, without_credentials

log = logs.get(__name__)
P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 10.0
MAX_REDIRECTS = 5
PERMANENT, TEMPORARY = {301, 308}, {302, 303, 307}
REDIRECTS = PERMANENT | TEMPORARY
WITH_DOCUMENT = {200, 203, 226}
"""203 is a 200 in which a proxy on the way changed something (RFC 9110, 15.3.4)."""
ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.5, */*;q=0.1"
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
MAX_HEADER, MAX_HEADERS = 64 * 1024, 256
"""Security policies and the tags of caches (Drupal) pass aiohttp's 8 KB, cookies its 128; browsers take as much."""
REFUSAL_BYTES = 256_000
"""How much of a refusal's page is read to see whose it is."""
FULL_SECONDS = 60
"""After so long a document comes again for which there was no room in memory."""
LARGE_BYTES = 256_000
"""Bodies beyond this are inflated and hashed beside the event loop: 15 MB take some 30 ms."""
FIRST_PIECE, PIECE = 16 * 1024, 64 * 1024
"""Bytes that are taken at a time, at first and of a body that proved to be large: a host may have sent each by itself."""
SMALL_PIECE = 4 * 1024
"""So much of a compressed body is inflated at a time in the event loop, until it is known how large it gets."""
WASTE_BYTES = 256 * 1024
"""Compressed bytes beyond what came of them: more than these, and the stream is made to cost and not to be read."""


@dataclass(slots=True)
class _Trip:
    """One question on its way through redirects."""

    request: FeedRequest
    url: str
    seconds_left: float
    """For all hops together; waiting for a host's turn does not count."""
    passed: tuple[str, ...] = ()
    """The addresses that redirected."""
    permanent: bool = True
    background: bool = False
    """It is no poll, and nobody waits for it."""

    @property
    def moved_to(self) -> FetchAddress | None:
        return FetchAddress(self.url) if self.passed and self.permanent else None

    @property
    def conditional(self) -> bool:
        """Validators go only to the address whose answer they came with: elsewhere they would match by accident."""
        request = self.request
        if not _validator(request.etag) and not _validator(request.last_modified):
            return False
        if request.validators_url is None:
            return not self.passed
        return without_credentials(self.url) == request.validators_url


class Fetcher:
    """Asks feed hosts. Use it as a context manager; `fetch` raises nothing but CancelledError."""

    def __init__(self, settings: FetchSettings, clock: Clock, *, shares: FairnessSettings = STANDARD_SHARES) -> None:
        self._settings = settings
        self._clock = clock
        self._gate = HostQueue(
            clock,
            interval_seconds=settings.per_host_interval_seconds,
            connections=settings.per_host_connections,
            shares=shares,
        )
        # One document alone has room, however small the budget is.
        megabytes = max(shares.bodies_megabytes, settings.max_body_megabytes)
        self._bodies = BodyBudget(int(megabytes * 1_000_000))
        self._lookups = DnsResolver(clock)
        self._first_limit = _within(settings.timeout_seconds)
        self._guard = ssrf_guard.Guard(
            allow_private=settings.allow_private_networks,
            allowed_ports=settings.allowed_ports,
            blocked=settings.blocked_networks,
        )
        self._meter = transfer_meter.Meter(
            most_bytes=int((settings.max_transfer_megabytes or settings.max_body_megabytes) * 1_000_000),
            least_per_second=settings.min_bytes_per_second,
            grace_seconds=settings.min_speed_after_seconds,
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        self._session = aiohttp.ClientSession(
            connector=transfer_meter.install(self._guard.connector(self._lookups, proxy=settings.proxy), self._meter),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=MAX_HEADER,
            max_field_size=MAX_HEADER,
            max_headers=MAX_HEADERS,
            headers={
                "User-Agent": settings.user_agent,
                "Accept": ACCEPT,
                "A-IM": "feed",
                "Accept-Encoding": decompress.ACCEPTED,
            },
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gate.close()
        if self._session is not None:
            await self._session.close()

    async def fetch(self, request: FeedRequest) -> FetchResult:
        """One poll: the document, "not modified", or why there is none, in words that can be shown.

        The time limit counts what hosts take to connect and answer, not the wait for a turn with them.
        """
        return await self._travel(_Trip(request, FetchAddress(request.url).reveal(), self._settings.timeout_seconds))

    async def _travel(self, trip: _Trip) -> FetchResult:
        if tenants.current() is None:
            with tenants.working_for():
                return await self._travel(trip)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                try:
                    answer = await self._hop(trip)
                except aiohttp.ClientResponseError as error:
                    if not trip.conditional or isinstance(error, aiohttp.ClientHttpProxyError):
                        raise
                    # Some hosts send a body with a 304, which has none; aiohttp takes it for another answer's beginning.
                    trip.request = replace(trip.request, etag=None, last_modified=None)
                    continue
                if answer is not None:
                    return answer
        except TooManyBytesError:
            return Postponed(FULL_SECONDS, N_("Too many large documents came at once."), within_seconds=FULL_SECONDS)
        except Exception as error:  # noqa: BLE001 - each error has a name below, and a bug must not end the poll
            return self._failure(error)
        return FetchFailed(
            FailureKind.REDIRECTS, N_("The host redirects more than {most} times.").format(most=MAX_REDIRECTS)
        )

    async def page(
        self, url: FetchAddress | str, *, deadline_seconds: float, urgent: bool = True, first_bytes: int | None = None
    ) -> Fetched | FetchFailed:
        """A document that is no poll's, unconditionally, within the deadline in all; urgent: before the host's queue.

        With `first_bytes` it is a web page, and only so much of it is got.
        """
        try:
            async with asyncio.timeout(deadline_seconds):
                request = FeedRequest(url, urgent=urgent, first_bytes=first_bytes)
                trip = _Trip(request, FetchAddress(url).reveal(), self._settings.timeout_seconds, background=not urgent)
                answer = await self._travel(trip)
        except TimeoutError:
            return FetchFailed(FailureKind.TIMEOUT, N_("The host did not answer in time."))
        if isinstance(answer, Postponed):
            return FetchFailed(FailureKind.THROTTLED, answer.message)
        assert not isinstance(answer, NotModified), "it was asked without conditions"
        return answer

    async def _hop(self, trip: _Trip) -> FetchResult | None:
        """One request, guarded and in its host's turn. None after a redirect: the trip goes on."""
        assert self._session is not None, "use it as a context manager"
        settings, host = self._settings, host_name(trip.url)
        if resting := self._resting(host):
            return resting
        address, headers = _question(trip)
        self._guard.refuse(address)
        shared_with = await shared_hosting.of_host(
            address.raw_host or host, None if settings.proxy else self._lookups, settings.timeout_seconds
        )
        async with self._gate.turn(
            host, urgent=trip.request.urgent, background=trip.background, shared_with=shared_with
        ) as turn:
            if resting := self._resting(host):  # it asked for rest while this one was in its queue
                return resting
            is_first = trip.seconds_left == settings.timeout_seconds
            begun = turn.began or self._clock.monotonic()
            try:
                async with self._session.get(
                    address,
                    headers=headers,
                    allow_redirects=False,
                    proxy=settings.proxy,
                    timeout=self._first_limit if is_first else _within(trip.seconds_left),
                ) as response:
                    return await self._answer(response, trip, host, turn.tenant)
            finally:
                trip.seconds_left -= self._clock.monotonic() - begun

    def _resting(self, host: str) -> Postponed | None:
        rest = self._gate.paused_for(host)
        if rest <= 0:
            return None
        message = N_("The host asked to be left alone for another {minutes} min.").format(
            minutes=max(1, round(rest / 60))
        )
        return Postponed(int(rest) + 1, message)

    async def _answer(self, answer: aiohttp.ClientResponse, trip: _Trip, host: str, tenant: int) -> FetchResult | None:
        status = answer.status
        if status in REDIRECTS and "Location" in answer.headers:
            return _redirect(trip, status, answer.headers["Location"])
        found = cache_headers.read(answer.headers, now=self._clock.now())
        if error_statuses.is_throttling(status, found):
            self._gate.throttled(host, found.retry_after_seconds)
        else:
            self._gate.answered(host, tenant, well=status < 400)
        etag, last_modified = (_validator(answer.headers.get(name)) for name in ("ETag", "Last-Modified"))
        if status == 304 and trip.conditional:
            return NotModified(trip.moved_to, etag, last_modified, found)
        if status not in WITH_DOCUMENT:
            return await self._refused(answer, found)
        body = await self._wanted(answer, trip.request.first_bytes)
        return Fetched(
            url=without_credentials(trip.url),
            moved_to=trip.moved_to,
            status=status,
            body=body,
            digest=await _aside(len(body), _digest, body),
            content_type=answer.headers.get("Content-Type"),
            etag=etag,
            last_modified=last_modified,
            hints=found,
            asked=tuple(map(FetchAddress, (*trip.passed, trip.url))),
        )

    async def _wanted(self, answer: aiohttp.ClientResponse, first_bytes: int | None) -> bytes:
        if first_bytes is not None:
            return await self._beginning(answer, first_bytes)
        return await self._body(answer, int(self._settings.max_body_megabytes * 1_000_000))

    @staticmethod
    async def _beginning(answer: aiohttp.ClientResponse, first_bytes: int) -> bytes:
        """What the caller asked for; leaving the response then closes the connection under the rest."""
        inflater = decompress.inflater(_encoding(answer), limit=first_bytes + decompress.STEP)
        taken = 0
        with contextlib.suppress(decompress.TooLargeError):
            async for chunk in answer.content.iter_chunked(16 * 1024):
                inflater.feed(chunk)
                taken += len(chunk)
                if taken >= first_bytes:
                    break
        return inflater.so_far()[:first_bytes]

    async def _body(self, answer: aiohttp.ClientResponse, limit: int) -> bytes:
        if (answer.content_length or 0) > limit:
            raise decompress.TooLargeError
        inflater = decompress.inflater(_encoding(answer), limit=limit)
        usage = tenants.current()
        plain, taken = "Content-Encoding" not in answer.headers, 0
        while chunk := await answer.content.read(FIRST_PIECE if taken <= LARGE_BYTES else PIECE):
            size = inflater.size
            for piece in _pieces(chunk, whole=plain or taken > LARGE_BYTES):
                taken += len(piece)
                if taken <= LARGE_BYTES and inflater.size <= LARGE_BYTES:
                    inflater.feed(piece)
                else:
                    await asyncio.to_thread(inflater.feed, piece)
            if usage is not None:
                self._bodies.grow(usage, inflater.size - size)
            if taken > WASTE_BYTES + inflater.size:
                raise decompress.EncodingError("the compressed body comes to nothing")
        return await _aside(inflater.size, inflater.finish)

    async def _refused(self, answer: aiohttp.ClientResponse, found: CacheHints) -> FetchFailed:
        page = b""
        if error_statuses.may_be_a_page_for_humans(answer.status, answer.headers):
            with contextlib.suppress(decompress.TooLargeError, decompress.EncodingError, aiohttp.ClientError):
                page = await self._body(answer, REFUSAL_BYTES)
        return error_statuses.explain(answer.status, answer.headers, page, found)

    def _failure(self, error: Exception) -> FetchFailed:
        found = connection_errors.explain(
            error,
            seconds=self._settings.timeout_seconds,
            megabytes=self._settings.max_body_megabytes,
            ports=self._guard.ports,
        )
        if found is not None:
            return found
        log.error("fetching failed in an unforeseen way", exc_info=error)
        return FetchFailed(FailureKind.BUG, N_("Riverpost could not handle what the host answered."))


async def _aside(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Work on a body of so many bytes; on a large one in a thread, since isal, brotli and hashlib let others run meanwhile."""
    if size <= LARGE_BYTES:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)


def _pieces(chunk: bytes, *, whole: bool) -> Iterator[bytes]:
    if whole:
        yield chunk
        return
    for at in range(0, len(chunk), SMALL_PIECE):
        yield chunk[at : at + SMALL_PIECE]


def _encoding(answer: aiohttp.ClientResponse) -> str:
    return ", ".join(answer.headers.getall("Content-Encoding", []))


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


def _within(seconds: float) -> aiohttp.ClientTimeout:
    """A limit for the whole answer, its body included. aiohttp's own timer is cheaper than one around it."""
    if seconds <= 0:
        raise TimeoutError  # which it would take for no limit
    return aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)


def _question(trip: _Trip) -> tuple[URL, dict[str, str]]:
    """The address without credentials, and the headers that this request has beside those of all."""
    headers = {} if trip.request.first_bytes is None else {"Accept": ACCEPT_PAGE}
    if trip.conditional:
        if etag := _validator(trip.request.etag):
            headers["If-None-Match"] = etag
        if last_modified := _validator(trip.request.last_modified):
            headers["If-Modified-Since"] = last_modified
    address, user = split_credentials(trip.url)
    if user is not None:
        headers["Authorization"] = f"Basic {b64encode(':'.join(user).encode()).decode()}"
    return as_written(address), headers


def _validator(value: str | None) -> str | None:
    """What can be stored and sent back.

    Bytes that are no UTF-8 come out of a header as half characters, which no database takes, and aiohttp sends no
    control characters.
    """
    return value if value and value.isprintable() else None


def _redirect(trip: _Trip, status: int, location: str) -> FetchFailed | None:
    """Send the trip on, or say why it ends."""
    target = redirects.target(trip.url, location)
    if target is None:
        return FetchFailed(FailureKind.REDIRECTS, N_("The host redirects to something that is no web address."))
    trip.passed += (trip.url,)
    if target in trip.passed:
        return FetchFailed(FailureKind.REDIRECTS, N_("The host redirects in a circle."))
    trip.permanent = trip.permanent and status in PERMANENT
    trip.url = target
    return None
