"""Feeds that move: aliases, declared topics, and two feeds that turn out to be one."""

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config.settings import PollingSettings
from bot.feeds.scheduling import poll_outcome
from bot.model import ClaimedFeed, Entry, FeedOutcome, FetchAddress, Fetched, NotModified, ParsedFeed, PollKind, Topic
from bot.services.sources.ingest import Ingest
from bot.store import Store
from bot.store.moves.feed_moves import MAX_ALIASES
from tests.builders import START, at, entry
from tests.fakes import FakeClock
from tests.opening import open_store

GUILD = 1
OLD, NEW = "http://blog.example/rss", "https://blog.example/feed"


@dataclass
class Reader:
    """Polls as the poll loop does, over a real store, and posts what waits."""

    store: Store
    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    posted: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By topic and title."""

    @property
    def intake(self) -> Ingest:
        return Ingest(self.store, PollingSettings(), self.clock)

    async def topic(self, name: str, *follows: str, backfill: int = 0) -> Topic:
        made = await self.store.topics.create(
            guild_id=GUILD, name=name, channel_id=sum(name.encode()), backfill=backfill, now=self.clock.now()
        )
        assert made is not None
        for url in follows:
            feed = await self.store.feeds.ensure(url, now=self.clock.now())
            await self.store.topics.subscribe(made.id, feed.id, added_by=None, now=self.clock.now())
        return made

    async def poll(self, url: str, *listed: Entry, moved_to: str | None = None) -> FeedOutcome:
        """The host lists these, newest first."""
        outcome = await self.decide(url, *listed, moved_to=moved_to)
        await self.store.entries.apply(outcome)
        return outcome

    async def decide(self, url: str, *listed: Entry, moved_to: str | None = None) -> FeedOutcome:
        """The same, with what it means still to be stored."""
        self.clock.advance(600)
        feed = await self.store.feeds.ensure(url, now=self.clock.now())
        entries = tuple(replace(each, position=position) for position, each in enumerate(listed))
        there = FetchAddress(moved_to) if moved_to else None
        answer = Fetched(moved_to or url, there, 200, b"", f"digest-{len(listed)}", None, '"1"', None)
        return await self.intake._outcome(
            feed, answer, ParsedFeed("A blog", None, None, entries), entries, patient=False
        )

    async def poll_unchanged(self, url: str, *, moved_to: str | None = None) -> None:
        self.clock.advance(600)
        feed = await self.store.feeds.ensure(url, now=self.clock.now())
        outcome = poll_outcome.unchanged(
            feed,
            NotModified(FetchAddress(moved_to) if moved_to else None),
            now=self.clock.now(),
            settings=PollingSettings(),
            chance=0.5,
        )
        await self.store.entries.apply(outcome)

    async def waiting(self, topic: Topic) -> list[str]:
        found = await self.store.deliveries.waiting(topic.channel_id, limit=100)
        return [delivery.article.title for delivery, _ in found]

    async def post(self, topic: Topic) -> None:
        """All that waits for the topic is posted, and so never waits again."""
        found = await self.store.deliveries.waiting(topic.channel_id, limit=100)
        self.posted.update((topic.name, delivery.article.title) for delivery, _ in found)
        await self.store.deliveries.fail([delivery.id for delivery, _ in found], "as good as posted")

    async def feed(self, url: str) -> ClaimedFeed:
        return await self.store.feeds.ensure(url, now=self.clock.now())


@pytest.fixture
def reader(store: Store) -> Reader:
    return Reader(store)


def articles(*numbers: int) -> list[Entry]:
    return [entry(number, published=at(number)) for number in numbers]


async def test_a_feed_that_moved_keeps_its_old_address_as_alias(reader: Reader) -> None:
    await reader.topic("news", OLD)
    await reader.poll(OLD, *articles(1), moved_to=NEW)
    by_old, by_new = await reader.feed(OLD), await reader.feed(NEW)
    assert (by_old.id, by_old.url.reveal(), by_old.host, by_old.validators_url) == (
        by_new.id,
        NEW,
        "blog.example",
        None,
    )
    [due] = await reader.store.feeds.claim_due(now=at(10_000), limit=5)
    assert due.url == NEW


async def test_a_feed_that_moves_back_has_its_first_address_again(reader: Reader) -> None:
    await reader.topic("news", OLD)
    await reader.poll(OLD, *articles(1), moved_to=NEW)
    await reader.poll(NEW, *articles(1), moved_to=OLD)
    assert (await reader.feed(NEW)).url == OLD


async def test_an_unchanged_feed_moves_too(reader: Reader) -> None:
    await reader.topic("news", OLD)
    await reader.poll(OLD, *articles(1))
    await reader.poll_unchanged(OLD, moved_to=NEW)
    moved = await reader.feed(OLD)
    assert (moved.url.reveal(), moved.etag) == (NEW, '"1"')


async def test_a_host_that_sends_a_feed_on_and_on_is_not_followed_for_ever(reader: Reader) -> None:
    await reader.topic("news", OLD)
    for number in range(MAX_ALIASES + 5):
        await reader.poll((await reader.feed(OLD)).url.reveal(), *articles(1), moved_to=f"{NEW}/{number}")
    assert (await reader.feed(OLD)).url == f"{NEW}/{MAX_ALIASES - 1}"


async def test_a_declared_feed_that_moved_stays_one_feed_and_removed_ones_stay_removed(reader: Reader) -> None:
    async def declare() -> None:
        await reader.store.topics.declare(
            guild_id=GUILD, name="news", channel_id=10, feed_urls=[OLD], backfill=0, now=reader.clock.now()
        )

    async def followed() -> list[str]:
        return [source.url.reveal() for source in await reader.store.topics.sources(GUILD, now=reader.clock.now())]

    await declare()
    await reader.poll(OLD, *articles(1), moved_to=NEW)
    await declare()
    assert await followed() == [NEW]
    topic = await reader.store.topics.get(GUILD, "news")
    assert topic is not None
    await reader.store.topics.unsubscribe(topic.id, (await reader.feed(NEW)).id, now=reader.clock.now())
    await declare()
    assert await followed() == []
    await reader.poll(NEW, *articles(1), moved_to=f"{NEW}/3")
    await declare()
    assert await followed() == []


async def test_who_follows_the_new_address_already_is_not_flooded_when_another_topic_follows_the_old_one(
    reader: Reader,
) -> None:
    first = await reader.topic("first", NEW)
    await reader.poll(NEW, *articles(5, 4, 3, 2, 1))
    second = await reader.topic("second", OLD, backfill=1)
    await reader.poll(OLD, *articles(6, 5, 4, 3, 2, 1), moved_to=NEW)
    assert await reader.waiting(first) == ["Article 6"]
    assert await reader.waiting(second) == ["Article 6"]
    assert (await reader.feed(OLD)).id == (await reader.feed(NEW)).id


async def test_each_topic_gets_what_its_own_feed_had_not_listed_yet(reader: Reader) -> None:
    slow, quick = await reader.topic("slow", OLD), await reader.topic("quick", NEW)
    both = await reader.topic("both", OLD, NEW)
    await reader.poll(OLD, *articles(1))
    await reader.poll(NEW, *articles(1))
    await reader.poll(NEW, *articles(2, 1))
    await reader.poll(OLD, *articles(3, 2, 1), moved_to=NEW)
    assert await reader.waiting(slow) == ["Article 2", "Article 3"]
    assert await reader.waiting(quick) == ["Article 2", "Article 3"]
    assert await reader.waiting(both) == ["Article 2", "Article 3"]
    await reader.poll(NEW, *articles(4, 3, 2, 1))
    assert await reader.waiting(both) == ["Article 2", "Article 3", "Article 4"]


async def test_what_only_the_feed_that_stays_knew_goes_to_the_followers_of_the_other(reader: Reader) -> None:
    quick, slow = await reader.topic("quick", OLD), await reader.topic("slow", NEW)
    await reader.poll(OLD, *articles(1))
    await reader.poll(NEW, *articles(1))
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll(OLD, *articles(2, 1), moved_to=NEW)
    assert (await reader.waiting(quick), await reader.waiting(slow)) == (["Article 2"], ["Article 2"])


async def test_feeds_whose_guids_differ_are_joined_by_their_links(reader: Reader) -> None:
    old, new = await reader.topic("old", OLD), await reader.topic("new", NEW)

    def renamed(number: int) -> Entry:
        made = entry(number)
        return replace(made, guid=f"old-{number}", keys=replace(made.keys, guid=f"old-{number}"))

    await reader.poll(OLD, renamed(2), renamed(1))
    await reader.poll(NEW, entry(2), entry(1))
    await reader.poll(OLD, entry(3), entry(2), entry(1), moved_to=NEW)
    assert (await reader.waiting(old), await reader.waiting(new)) == (["Article 3"], ["Article 3"])
    assert len(await reader.store.entries.newest((await reader.feed(NEW)).id, 10)) == 3


async def test_two_feeds_meet_only_over_a_document(reader: Reader) -> None:
    slow = await reader.topic("slow", NEW)
    await reader.topic("quick", OLD)
    await reader.poll(NEW, *articles(1))
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll_unchanged(OLD, moved_to=NEW)
    waits = await reader.feed(OLD)
    assert (waits.url.reveal(), waits.etag, waits.body_digest) == (OLD, None, None)
    await reader.poll(OLD, *articles(2, 1), moved_to=NEW)
    assert (await reader.feed(OLD)).url == NEW
    assert await reader.waiting(slow) == ["Article 2"]


async def test_what_was_posted_from_one_feed_does_not_wait_from_the_other(reader: Reader) -> None:
    both = await reader.topic("both", OLD, NEW)
    await reader.poll(OLD, *articles(1))
    await reader.poll(NEW, *articles(1))
    await reader.poll(OLD, *articles(2, 1))
    await reader.post(both)
    await reader.poll(NEW, *articles(2, 1))
    await reader.poll(NEW, *articles(3, 2, 1), moved_to=OLD)
    assert await reader.waiting(both) == ["Article 3"]


async def test_a_story_that_the_feed_that_went_was_to_tell_is_told_by_the_one_that_stays(reader: Reader) -> None:
    topic = await reader.topic("news", OLD, NEW)
    await reader.poll(OLD, *articles(1))
    await reader.poll(NEW, *articles(1))
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll(NEW, *articles(2, 1))
    found = await reader.store.deliveries.waiting(topic.channel_id, limit=9)
    by_feed = {delivery.article.feed_id: delivery.id for delivery, _ in found}
    here, there = by_feed[(await reader.feed(OLD)).id], by_feed[(await reader.feed(NEW)).id]
    await reader.store.stories.settle(
        [here, there], {here: there}, now=reader.clock.now(), edit_within=timedelta(days=2)
    )
    await reader.poll(OLD, *articles(2, 1), moved_to=NEW)
    assert await reader.waiting(topic) == ["Article 2"]


async def test_a_topic_that_adds_the_old_address_of_what_it_follows_gets_no_sample_and_loses_nothing(
    reader: Reader,
) -> None:
    topic = await reader.topic("news", NEW, backfill=1)
    await reader.poll(NEW, *articles(3, 2, 1))
    await reader.post(topic)
    feed = await reader.feed(OLD)
    await reader.store.topics.subscribe(topic.id, feed.id, added_by=None, now=reader.clock.now())
    await reader.poll(OLD, *articles(5, 4, 3, 2, 1), moved_to=NEW)
    assert await reader.waiting(topic) == ["Article 4", "Article 5"]


async def test_a_meeting_that_the_poll_did_not_know_of_is_left_to_the_next(reader: Reader) -> None:
    await reader.topic("news", OLD)
    feed = await reader.feed(OLD)
    answer = Fetched(NEW, FetchAddress(NEW), 200, b"", "digest", None, None, None)
    outcome = await reader.intake._outcome(
        feed, answer, ParsedFeed("A blog", None, None, tuple(articles(1))), articles(1), patient=False
    )
    await reader.topic("other", NEW)
    applied = await reader.store.entries.apply(outcome)
    assert (outcome.kind, applied.stored, (await reader.feed(OLD)).url.reveal()) == (PollKind.ENTRIES, 1, OLD)


# --- whatever the order -------------------------------------------------------------------------------

EVENTS = st.lists(st.sampled_from(["publish", "poll old", "poll new", "post"]), max_size=12)


@settings(max_examples=20)
@given(before=EVENTS, after=EVENTS, posted_between=st.booleans())
def test_whatever_happens_around_a_merger_every_topic_gets_every_article_once(
    *, before: list[str], after: list[str], posted_between: bool
) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = await open_store(f"sqlite:///{folder}/a.db", now=START)
            try:
                await Story(Reader(store)).tell(before, after, posted_between=posted_between)
            finally:
                await store.close()

    asyncio.run(run())


class Story:
    """Two addresses of one feed, and topics that follow the one, the other, and both."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._published = [1]
        self._topics: list[Topic] = []

    async def tell(self, before: list[str], after: list[str], *, posted_between: bool) -> None:
        for name, follows in (("old", [OLD]), ("new", [NEW]), ("both", [OLD, NEW])):
            self._topics.append(await self._reader.topic(name, *follows))
        for event in ("poll old", "poll new", *before, *(["post"] if posted_between else [])):
            await self._happen(event)
        await self._poll(OLD, moved_to=NEW)
        for event in (*after, "poll new", "post"):
            await self._happen(event)
        self._check()

    async def _happen(self, event: str) -> None:
        if event == "publish":
            self._published.append(self._published[-1] + 1)
        elif event == "post":
            for topic in self._topics:
                await self._reader.post(topic)
        else:
            await self._poll(OLD if event == "poll old" else NEW)

    async def _poll(self, url: str, moved_to: str | None = None) -> None:
        await self._reader.poll(url, *articles(*reversed(self._published)), moved_to=moved_to)

    def _check(self) -> None:
        wanted = [f"Article {number}" for number in self._published[1:]]
        for name in ("old", "new"):
            assert self._posted(name) == Counter(wanted), name
        # As long as there are two feeds, this one follows both of them.
        assert set(self._posted("both")) == set(wanted)

    def _posted(self, name: str) -> Counter[str]:
        return Counter({title: count for (topic, title), count in self._reader.posted.items() if topic == name})
