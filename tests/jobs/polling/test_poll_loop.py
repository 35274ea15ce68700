"""The poll loop over a real store: what becomes of a feed after each kind of answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config.settings import FairnessSettings, PollingSettings
from bot.errors import ParseError
from bot.feeds.fairness.tenants import current
from bot.feeds.incremental.item_scanner import Item
from bot.feeds.scheduling.learnt_interval import price_keeper
from bot.feeds.scheduling.network_outage import HOSTS
from bot.feeds.scheduling.publish_habit import unpack
from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.polling.poll_loop import PollJob
from bot.model import (
    FailureKind,
    FeedRequest,
    FeedState,
    FetchAddress,
    Fetched,
    FetchFailed,
    FetchResult,
    NotModified,
    ParsedFeed,
    Postponed,
    SourceStatus,
    Timetable,
)
from bot.services.sources.ingest import Ingest
from bot.store import Store
from bot.store.feeds.feeds import LEASE, PER_HOST
from tests.builders import START, at, entry
from tests.fakes import FakeClock
from tests.opening import open_store
from tests.standins import nothing

GUILD, OTHER_GUILD = 1, 2
AT_ONCE = 24
URL, NEW = "https://blog.example/feed", "https://blog.example/new"


class Hosts:
    """Answers by address; 404 where nothing was put. Holds its answers back while told to."""

    def __init__(self) -> None:
        self._answers: dict[str, FetchResult] = {}
        self._held: asyncio.Event | None = None
        self.takes_seconds = 0.0
        self.asked: list[FeedRequest] = []

    def put(self, url: str, answer: FetchResult) -> None:
        self._answers[url] = answer

    def hold(self) -> None:
        self._held = asyncio.Event()

    def let_go(self) -> None:
        assert self._held is not None
        self._held.set()

    async def fetch(self, request: FeedRequest) -> FetchResult:
        self.asked.append(request)
        usage = current()
        assert usage is not None, "each poll is for somebody"
        usage.transfer_seconds += self.takes_seconds
        if self._held is not None:
            await self._held.wait()
        return self._answers.get(FetchAddress(request.url).reveal()) or FetchFailed(
            FailureKind.HTTP, "There is nothing there (404).", 404
        )


class Parser:
    """Knows the documents by their bytes; everything else is a web page."""

    def __init__(self) -> None:
        self.documents: dict[bytes, ParsedFeed] = {}

    async def scan(self, body: bytes) -> tuple[Item, ...] | None:
        return None

    async def parse_first(
        self, body: bytes, url: str, content_type: str | None, *, newest: int, posted: int
    ) -> ParsedFeed:
        return await self.parse(body, url, content_type)

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        if body not in self.documents:
            raise ParseError("This is a web page, not a feed.")
        return self.documents[body]


class Bot:
    """A poll loop whose rounds a test starts."""

    def __init__(self, store: Store, polling: PollingSettings = PollingSettings()) -> None:  # noqa: B008 - frozen
        self.store, self.clock, self.hosts, self.parser = store, FakeClock(START), Hosts(), Parser()
        self.prices = price_keeper(polling, START)
        intake = Ingest(store, polling, self.clock, prices=self.prices)
        self.job = PollJob(
            store,
            self.hosts,
            self.parser,
            intake,
            polling,
            self.clock,
            on_queued=lambda: None,
            shares=FairnessSettings(claimed_feeds=AT_ONCE),
            on_room=nothing,
            step=unobserved,
            prices=self.prices,
        )
        self.parser.documents[b"feed"] = ParsedFeed(
            "A blog", None, None, (entry(1, published=at(-60)), entry(2, published=at(-120), position=1))
        )

    async def follow(self, *urls: str, guild_id: int = GUILD) -> None:
        topic = await self.store.topics.create(guild_id=guild_id, name="news", channel_id=10, now=self.clock.now())
        assert topic is not None
        for url in urls:
            feed = await self.store.feeds.ensure(url, now=self.clock.now())
            await self.store.topics.subscribe(topic.id, feed.id, added_by=None, now=self.clock.now())

    async def follow_many(self, urls: Sequence[str]) -> None:
        """In one step, by the configuration."""
        await self.store.topics.declare(
            guild_id=GUILD, name="many", channel_id=10, feed_urls=urls, backfill=1, now=self.clock.now()
        )

    async def round(self, *, after_seconds: float = 0) -> None:
        """Poll what is due then, to the end."""
        self.clock.advance(after_seconds)
        await self.job.round()
        await asyncio.gather(*self.job._tasks)
        await self.store.entries.drain()
        await asyncio.sleep(0)

    async def waits(self) -> dict[str, float]:
        """Seconds until each feed's next poll."""
        now = self.clock.now()
        return {
            url: (source.next_poll_at - now).total_seconds()
            for url, source in (await self.sources()).items()
            if source.next_poll_at is not None
        }

    async def sources(self) -> dict[str, SourceStatus]:
        return {source.url.reveal(): source for source in await self.store.topics.sources(GUILD, now=self.clock.now())}


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    store = await open_store(f"sqlite:///{tmp_path}/a.db", now=START)
    made = Bot(store)
    yield made
    await made.job.close()
    await store.close()


def page(url: str = URL, body: bytes = b"feed", **changes: object) -> Fetched:
    return replace(Fetched(url, None, 200, body, "digest", None, '"1"', None), **changes)  # type: ignore[arg-type]  # a test names the fields it means


async def test_feeds_behind_a_host_that_rests_are_not_failing_and_come_after_the_rest(bot: Bot) -> None:
    urls = [f"https://blog.example/{number}" for number in range(3)]
    await bot.follow(*urls)
    bot.hosts.put(urls[0], FetchFailed(FailureKind.THROTTLED, "The host asks for fewer requests (429).", 429))
    for url in urls[1:]:
        bot.hosts.put(url, Postponed(3600, "The host asked to be left alone for another 60 minutes."))
    await bot.round()
    found = await bot.sources()
    assert [found[url].failures for url in urls] == [1, 0, 0]
    assert {found[url].last_error for url in urls[1:]} == {None}
    waits = await bot.waits()
    assert [waits[url] for url in urls[1:]] == [3600 + 300] * 2
    for url in urls[1:]:
        bot.hosts.put(url, page(url))
    await bot.round(after_seconds=3900)
    found = await bot.sources()
    assert None not in {found[url].last_success_at for url in urls[1:]}


async def test_an_outage_of_our_own_network_makes_no_feed_fail_but_the_few_that_told_of_it(bot: Bot) -> None:
    urls = [f"https://blog{number}.example/feed" for number in range(8)]
    await bot.follow(*urls)
    for url in urls:
        bot.hosts.put(url, page(url))
    await bot.round()
    for url in urls:
        bot.hosts.put(url, FetchFailed(FailureKind.DNS, "The name of the host could not be looked up."))
    await bot.round(after_seconds=4000)
    assert sum(source.failures for source in (await bot.sources()).values()) == HOSTS - 1
    assert sorted((await bot.waits()).values())[-HOSTS] < 300  # all but those that failed
    for url in urls:
        bot.hosts.put(url, page(url))
    await bot.round(after_seconds=9000)
    assert {source.failures for source in (await bot.sources()).values()} == {0}


async def test_what_was_known_of_a_feed_survives_its_hosts_rest(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, page())
    await bot.round()
    [before] = (await bot.sources()).values()
    bot.hosts.put(URL, Postponed(60, "The host rests."))
    await bot.round(after_seconds=4000)
    [after] = (await bot.sources()).values()
    assert replace(after, next_poll_at=before.next_poll_at, known_for=before.known_for) == before
    bot.hosts.put(URL, NotModified())
    await bot.round(after_seconds=8000)
    assert bot.hosts.asked[-1] == FeedRequest(URL, '"1"', None)


async def test_a_feed_that_is_gone_is_not_asked_any_more_and_says_why(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, FetchFailed(FailureKind.GONE, "The host says that this feed is gone for good (410).", 410))
    await bot.round()
    await bot.round(after_seconds=10**6)
    [source] = (await bot.sources()).values()
    assert (source.state, source.last_error) == (FeedState.GONE, "The host says that this feed is gone for good (410).")
    assert len(bot.hosts.asked) == 1


async def test_a_permanent_redirect_to_a_web_page_does_not_move_the_feed(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, page(NEW, b"<html>This domain is for sale</html>", moved_to=FetchAddress(NEW)))
    await bot.round()
    [source] = (await bot.sources()).values()
    assert (source.url.reveal(), source.failures, source.last_error) == (URL, 1, "This is a web page, not a feed.")


async def test_a_permanent_redirect_to_a_feed_moves_it(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, page(NEW, moved_to=FetchAddress(NEW)))
    bot.hosts.put(NEW, NotModified())
    await bot.round()
    await bot.round(after_seconds=4000)
    assert list(await bot.sources()) == [NEW]
    assert bot.hosts.asked[-1] == FeedRequest(NEW, '"1"', None)


async def test_validators_from_elsewhere_are_sent_back_with_their_origin(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, page(NEW))
    await bot.round()
    bot.hosts.put(URL, NotModified())
    for _ in range(2):
        await bot.round(after_seconds=4000)
        assert bot.hosts.asked[-1] == FeedRequest(URL, '"1"', None, NEW)


async def test_what_the_document_asked_for_holds_over_polls_that_bring_none(bot: Bot) -> None:
    await bot.follow(URL)
    asked = Timetable(7200, frozenset({0, 5}), frozenset({6}))
    document = bot.parser.documents[b"feed"]
    bot.parser.documents[b"feed"] = replace(
        document, ttl_seconds=7200, skip_hours=asked.skip_hours, skip_days=asked.skip_days
    )
    bot.hosts.put(URL, page())
    await bot.round()
    bot.hosts.put(URL, NotModified())
    for _ in range(2):
        await bot.round(after_seconds=20_000)
        assert 7200 <= (await bot.waits())[URL] <= 3 * 7200
    feed = await bot.store.feeds.ensure(URL, now=bot.clock.now())
    assert (feed.timetable, feed.host) == (asked, "blog.example")
    assert feed.pace is not None
    assert (feed.pace.entries, feed.pace.since) == (1, at(-120))


async def test_a_feed_that_waits_longer_than_its_lease_is_not_asked_twice_at_once(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, page())
    bot.hosts.hold()
    await bot.job.round()
    await asyncio.sleep(0)
    bot.clock.advance(LEASE.total_seconds() + 1)
    await bot.job.round()
    bot.hosts.let_go()
    await bot.round()
    assert len(bot.hosts.asked) == 1


async def test_of_many_feeds_that_are_overdue_few_of_one_host_are_claimed_at_a_time(bot: Bot) -> None:
    crowd = [f"https://crowd.example/{number}" for number in range(25)]
    others = [f"https://host-{number}.example/" for number in range(30)]
    await bot.follow_many([*crowd, *others])
    bot.hosts.hold()
    await bot.job.round()
    urls = [request.url for request in bot.hosts.asked]
    assert (len(urls), sum(url in crowd for url in urls)) == (AT_ONCE, PER_HOST)
    bot.hosts.let_go()
    await asyncio.gather(*bot.job._tasks)
    await bot.store.entries.drain()
    for _ in range(4):
        await bot.round()
    assert sorted(FetchAddress(request.url).reveal() for request in bot.hosts.asked) == sorted(crowd + others)


async def test_a_server_whose_feeds_are_all_overdue_hides_no_other_servers_feed(bot: Bot) -> None:
    await bot.follow_many([f"https://host-{number}.example/" for number in range(2 * AT_ONCE)])
    bot.hosts.hold()
    await bot.job.round()
    await bot.job.round()
    assert len(bot.hosts.asked) == AT_ONCE
    bot.clock.advance(1)
    await bot.follow(URL, guild_id=OTHER_GUILD)
    await bot.job.round()
    assert [request.url for request in bot.hosts.asked[AT_ONCE:]] == [URL]


async def test_a_feed_that_two_servers_follow_is_claimed_though_one_of_them_has_its_share(bot: Bot) -> None:
    many = [f"https://host-{number}.example/" for number in range(2 * AT_ONCE)]
    await bot.follow_many(many)
    await bot.follow(many[-1], guild_id=OTHER_GUILD)
    bot.hosts.hold()
    await bot.job.round()
    await bot.job.round()
    assert many[-1] in [request.url for request in bot.hosts.asked]


async def test_addresses_that_one_server_has_at_a_host_keep_no_other_servers_feed_there_from_being_claimed(
    bot: Bot,
) -> None:
    await bot.follow_many([f"https://popular.example/{number}" for number in range(50)])
    bot.hosts.hold()
    await bot.job.round()
    bot.clock.advance(1)
    await bot.follow("https://popular.example/feed", guild_id=OTHER_GUILD)
    await bot.job.round()
    assert [request.url for request in bot.hosts.asked[PER_HOST:]] == ["https://popular.example/feed"]


async def test_a_source_that_rests_in_one_server_is_claimed_for_the_other(bot: Bot) -> None:
    await bot.follow(URL)
    await bot.follow(URL, guild_id=OTHER_GUILD)
    feed_id = (await bot.sources())[URL].feed_id
    await bot.store.changes.pause_source(GUILD, feed_id, paused=True, now=bot.clock.now())
    (feed,) = await bot.store.feeds.claim_due(now=bot.clock.now(), limit=5)
    assert feed.guilds == (OTHER_GUILD,)


async def test_a_feed_whose_answers_take_long_is_asked_less_often_while_they_do(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, page())
    bot.hosts.takes_seconds = 62.0
    await bot.round()
    source = (await bot.sources())[URL]
    assert (source.busy_seconds, source.interval_seconds) == (62.0, 6000)
    assert 6000 <= (await bot.waits())[URL] <= 6600
    await bot.round(after_seconds=6600)  # the same document: only times are new
    assert (await bot.sources())[URL].busy_seconds == 62.0
    bot.hosts.takes_seconds = 0.3
    await bot.round(after_seconds=6600)
    assert (await bot.sources())[URL].busy_seconds is None
    assert (await bot.waits())[URL] <= 7200


async def test_the_habit_of_a_feed_is_kept_with_it_and_an_unchanged_poll_leaves_it_as_it_is(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, page())
    await bot.round()
    first = (await bot.store.feeds.ensure(URL, now=bot.clock.now())).habit
    assert first is not None
    assert unpack(first).hours[at(-60).hour] > 0
    bot.hosts.put(URL, NotModified())
    await bot.round(after_seconds=8000)
    assert (await bot.store.feeds.ensure(URL, now=bot.clock.now())).habit == first
    new = entry(3, published=at(143))
    bot.parser.documents[b"more"] = ParsedFeed("A blog", None, None, (new,))
    bot.hosts.put(URL, page(body=b"more", digest="another"))
    await bot.round(after_seconds=8000)
    later = (await bot.store.feeds.ensure(URL, now=bot.clock.now())).habit
    assert later is not None
    assert unpack(later).articles > unpack(first).articles


async def test_the_price_of_a_poll_is_kept_over_a_restart(bot: Bot) -> None:
    urls = [f"https://blog-{number}.example/" for number in range(4)]
    await bot.follow(*urls)
    for url in urls:
        bot.hosts.put(url, page(url))
    await bot.round()
    for url in urls:
        bot.hosts.put(url, NotModified())
    for _ in range(100):
        await bot.round(after_seconds=1200)
    known = bot.prices.known[0]
    assert known.polls > 20
    assert known.price != price_keeper(PollingSettings(), START).price()
    again = Bot(bot.store)
    again.clock.advance((bot.clock.now() - START).total_seconds())
    await again.round()
    await again.job.close()
    assert again.prices.price() == pytest.approx(known.price, rel=0.1)
    assert again.prices.known[0].polls == pytest.approx(known.polls, rel=0.2)
