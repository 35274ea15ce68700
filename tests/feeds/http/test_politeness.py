"""What hosts ask of their guests, on the wire: rest, passwords, challenges; and what a guest keeps to itself."""

import asyncio
import io

import pytest

from bot import logs
from bot.clock import SystemClock
from bot.config.settings import FairnessSettings
from bot.feeds.fairness.tenants import working_for
from bot.feeds.http import dns
from bot.feeds.http.fetcher import Fetcher
from bot.model import FailureKind, FeedRequest, Fetched, FetchFailed, NotModified, Postponed
from tests.fakes import FakeClock
from tests.feeds.asking import Settings, ask, document, failure
from tests.wire.feedserver import FeedServer
from tests.wire.proxy import LoopbackProxy

CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><script>window._cf_chl_opt={}</script></html>"
)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "120"}, 120),
        (503, {"Retry-After": "120"}, 120),
        (429, {}, 300),
        (429, {"Retry-After": "Thu, 01 Jan 2026 05:02:00 GMT", "Date": "Thu, 01 Jan 2026 05:00:00 GMT"}, 120),
        (429, {"Retry-After": str(10**7)}, 24 * 3600),
    ],
    ids=["429", "503", "429 without a number", "a date by the server's own clock", "at most a day"],
)
async def test_a_host_that_asks_for_rest_gets_it_and_its_other_feeds_are_postponed(
    server: FeedServer, elsewhere: FeedServer, status: int, headers: dict[str, str], seconds: int
) -> None:
    busy, neighbour, stranger = server.feed("busy"), server.feed("neighbour"), elsewhere.feed("stranger")
    busy.answer_with(status=status, headers=headers)
    clock = FakeClock()
    async with Fetcher(Settings(), clock) as fetcher:
        found = await fetcher.fetch(FeedRequest(busy.url))
        assert isinstance(found, FetchFailed)
        assert found.kind is FailureKind.THROTTLED
        waiting = await fetcher.fetch(FeedRequest(neighbour.url))
        assert isinstance(waiting, Postponed)
        assert waiting.seconds == seconds + 1
        assert isinstance(await fetcher.fetch(FeedRequest(stranger.url)), Fetched)
        page = await fetcher.page(neighbour.url, deadline_seconds=5)
        assert isinstance(page, FetchFailed)
        assert page.kind is FailureKind.THROTTLED
        assert neighbour.requests == []
        clock.advance(seconds + 1)
        assert isinstance(await fetcher.fetch(FeedRequest(neighbour.url)), Fetched)


async def test_feeds_in_the_queue_of_a_host_that_asks_for_rest_are_not_asked_any_more(server: FeedServer) -> None:
    feeds = [server.feed(f"feed-{number}") for number in range(4)]
    feeds[0].answer_with(status=429, headers={"Retry-After": "60"})
    async with Fetcher(Settings(), SystemClock()) as fetcher:
        found = await asyncio.gather(*(fetcher.fetch(FeedRequest(feed.url)) for feed in feeds))
    assert [type(one) for one in found] == [FetchFailed, Postponed, Postponed, Postponed]
    assert [len(feed.requests) for feed in feeds] == [1, 0, 0, 0]


async def test_a_host_in_trouble_does_not_rest_for_its_other_feeds(server: FeedServer) -> None:
    broken, other = server.feed("broken"), server.feed("other")
    broken.answer_with(status=503)
    async with Fetcher(Settings(), SystemClock()) as fetcher:
        found = await fetcher.fetch(FeedRequest(broken.url))
        assert isinstance(found, FetchFailed)
        assert found.kind is FailureKind.HTTP
        assert isinstance(await fetcher.fetch(FeedRequest(other.url)), Fetched)


async def test_requests_to_one_host_are_a_second_apart(server: FeedServer) -> None:
    clock = FakeClock()
    feeds = [server.feed(f"feed-{number}") for number in range(3)]
    async with Fetcher(Settings(per_host_interval_seconds=1), clock) as fetcher:
        await asyncio.gather(*(fetcher.fetch(FeedRequest(feed.url)) for feed in feeds))
    assert clock.monotonic() == pytest.approx(2)


async def test_the_time_limit_is_for_all_hops_together(server: FeedServer) -> None:
    class Slow(FakeClock):
        """Each look at it, a second has passed."""

        def monotonic(self) -> float:
            self.advance(1)
            return super().monotonic()

    target = server.feed("silent")
    target.hang()
    for number in range(4):
        hop = server.feed(f"hop-{number}")
        hop.redirect(target.url if number == 0 else f"{server.url}/hop-{number - 1}")
    async with Fetcher(Settings(timeout_seconds=4.2), Slow()) as fetcher, asyncio.timeout(4):
        found = await fetcher.fetch(FeedRequest(hop.url))
    assert isinstance(found, FetchFailed)
    assert found.kind is FailureKind.TIMEOUT


async def test_headers_that_lengthen_the_interval_are_read_from_a_304_too(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.with_headers({"Cache-Control": "public, max-age=7200"})
    first = await document(feed.url)
    again = await ask(feed.url, etag=first.etag)
    assert isinstance(again, NotModified)
    assert (first.hints.max_age_seconds, again.hints.max_age_seconds) == (7200, 7200)


@pytest.mark.parametrize(
    ("page", "status", "headers"),
    [
        ("", 403, {"cf-mitigated": "challenge"}),
        (CHALLENGE, 403, {}),
        (CHALLENGE, 503, {}),
        (CHALLENGE + "<!-- long -->" * 100_000, 403, {"cf-mitigated": "challenge"}),
    ],
    ids=["header", "403 page", "503 page", "endless page"],
)
async def test_a_cloudflare_challenge_is_recognised(
    server: FeedServer, page: str, status: int, headers: dict[str, str]
) -> None:
    feed = server.feed("blog")
    feed.challenge(page, status, headers)
    found = await failure(feed.url)
    assert (found.kind, found.status) == (FailureKind.CHALLENGE, status)
    assert found.message == "The site asks for a human (a Cloudflare challenge), so bots cannot read it."


async def test_a_feed_that_is_gone_says_so(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.answer_with(status=410)
    found = await failure(feed.url)
    assert (found.kind, found.message) == (FailureKind.GONE, "The host says that this feed is gone for good (410).")


# --- credentials ------------------------------------------------------------------------------------


async def test_a_feed_behind_a_password_is_read(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.only_for("ann", "p@ss:word/ü")
    assert (await failure(feed.url)).message == "The feed needs a user name and password (401)."
    found = await document(feed.url.replace("http://", "http://ann:p%40ss%3Aword%2F%C3%BC@"))
    assert found.url == feed.url


@pytest.mark.parametrize("trouble", ["refused", "hangs", "dead host", "dead name", "bomb", "circle", "private"])
async def test_a_password_is_in_no_message_and_no_log(server: FeedServer, trouble: str) -> None:
    feed = server.feed("blog")
    url = feed.url.replace("http://", "http://ann:s3cret@")
    settings = Settings(timeout_seconds=0.2, allow_private_networks=trouble != "private")
    if trouble == "refused":
        feed.answer_with(status=401)
    if trouble == "hangs":
        feed.hang()
    if trouble == "bomb":
        feed.gzip_bomb(5)
    if trouble == "circle":
        feed.redirect(url)
    if trouble == "dead host":
        url = "http://ann:s3cret@127.0.0.1:9/feed"
    if trouble == "dead name":
        url = f"http://ann:s3cret@{'a' * 70}.example/feed"
    written = io.StringIO()
    logs.setup("debug", "text", [], written)
    try:
        found = await failure(url, settings=settings)
    finally:
        logs.setup("warning", "text", [], io.StringIO())
    assert "s3cret" not in repr(found)
    assert "s3cret" not in written.getvalue()


# --- a proxy ----------------------------------------------------------------------------------------


async def test_feeds_are_asked_through_the_proxy_with_its_password(server: FeedServer) -> None:
    feed = server.feed("blog")
    async with LoopbackProxy("op", "pr0xy", names={"blog.example": server.url}) as proxy:
        settings = Settings(proxy=proxy.url, allow_private_networks=False)
        found = await document("http://blog.example/blog", settings=settings)
        assert proxy.asked == ["http://blog.example/blog"]
    assert found.body == feed.document()
    assert "Proxy-Authorization" not in feed.requests[0].headers


async def test_a_proxy_that_refuses_its_password_is_named_without_it(server: FeedServer) -> None:
    async with LoopbackProxy("op", "pr0xy", names={}) as proxy:
        settings = Settings(proxy=proxy.url.replace("pr0xy", "wr0ng"))
        found = await failure("http://blog.example/blog", settings=settings)
    assert (found.status, found.message) == (407, "The proxy wants a user name and password (407).")
    assert "wr0ng" not in repr(found)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "localhost", "169.254.169.254"]
)
async def test_a_proxy_is_not_asked_for_private_addresses(host: str) -> None:
    async with LoopbackProxy("op", "pr0xy", names={}) as proxy:
        settings = Settings(proxy=proxy.url, allow_private_networks=False)
        assert (await failure(f"http://{host}/feed", settings=settings)).kind is FailureKind.BLOCKED_ADDRESS
        assert proxy.asked == []


async def test_a_redirect_into_a_private_network_is_not_followed(server: FeedServer) -> None:
    feed, inside = server.feed("blog"), server.feed("inside")
    feed.redirect(inside.url)
    async with LoopbackProxy("op", "pr0xy", names={"blog.example": server.url}) as proxy:
        settings = Settings(proxy=proxy.url, allow_private_networks=False)
        assert (await failure("http://blog.example/blog", settings=settings)).kind is FailureKind.BLOCKED_ADDRESS
    assert (len(feed.requests), len(inside.requests)) == (1, 0)


# --- private networks -------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "127.1", "2130706433"])
async def test_a_private_address_is_refused_before_connecting(server: FeedServer, host: str) -> None:
    feed = server.feed("blog")
    found = await failure(feed.url.replace("127.0.0.1", host), settings=Settings(allow_private_networks=False))
    assert found.kind is FailureKind.BLOCKED_ADDRESS
    assert feed.requests == []


async def test_a_host_that_asks_for_rest_rests_on_all_its_ports(server: FeedServer) -> None:
    async with FeedServer() as other_port:
        busy, same_name = server.feed("busy"), other_port.feed("feed")
        busy.answer_with(status=429, headers={"Retry-After": "120"})
        async with Fetcher(Settings(), FakeClock()) as fetcher:
            await fetcher.fetch(FeedRequest(busy.url))
            assert isinstance(await fetcher.fetch(FeedRequest(same_name.url)), Postponed)


async def test_requests_to_all_ports_of_a_host_are_a_second_apart(server: FeedServer) -> None:
    clock = FakeClock()
    async with FeedServer() as second, FeedServer() as third:
        feeds = [each.feed("feed") for each in (server, second, third)]
        async with Fetcher(Settings(per_host_interval_seconds=1), clock) as fetcher:
            await asyncio.gather(*(fetcher.fetch(FeedRequest(feed.url)) for feed in feeds))
    assert clock.monotonic() == pytest.approx(2)


async def test_large_documents_for_which_there_is_no_room_are_postponed_and_come_later(
    server: FeedServer, elsewhere: FeedServer
) -> None:
    large, other = server.feed("large"), elsewhere.feed("other")
    for feed in (large, other):
        feed.publish("Long", body_html="words " * 150_000)
    shares = FairnessSettings(bodies_megabytes=0.5)  # which is 1 MB here, as large as a document may be
    async with Fetcher(Settings(), SystemClock(), shares=shares) as fetcher:
        with working_for(1):
            assert isinstance(await fetcher.fetch(FeedRequest(large.url)), Fetched)
            postponed = await fetcher.fetch(FeedRequest(other.url))
        with working_for(1):
            later = await fetcher.fetch(FeedRequest(other.url))
    assert isinstance(postponed, Postponed)
    assert isinstance(later, Fetched)


async def test_names_that_lead_to_one_address_share_its_connections(server: FeedServer) -> None:
    shares = FairnessSettings(per_address_connections=1)
    held = server.feed("held")
    held.hang()
    port = server.url.rpartition(":")[2]
    other = server.feed("other")
    async with Fetcher(Settings(timeout_seconds=1), SystemClock(), shares=shares) as fetcher:
        for name in ("one.test", "two.test"):
            fetcher._lookups._answers[name, 0] = dns._Answer(10**12, [(2, 1, 6, "", ("127.0.0.1", 0))], None)
        first = asyncio.create_task(fetcher.fetch(FeedRequest(f"http://one.test:{port}/held")))
        await held.asked.wait()
        second = asyncio.create_task(fetcher.fetch(FeedRequest(f"http://two.test:{port}/other")))
        assert isinstance(await first, FetchFailed)
        assert isinstance(await second, Fetched)
    assert other.requests[0].at - held.requests[0].at > 0.8
