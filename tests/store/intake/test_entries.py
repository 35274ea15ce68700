"""What polls leave in the database, and what they queue for whom."""

import asyncio
from dataclasses import replace

import pytest

from bot.model import FailureKind, FetchFailed, PollKind, Scope, Topic
from bot.store import Store
from bot.store.reading.search_query import parse
from tests.builders import EVERY, START, at, entry, new, read_outcome

GUILD, CHANNEL = 1, 10


async def topic(store: Store, name: str = "news", *, backfill: int | None = None, channel: int = CHANNEL) -> Topic:
    made = await store.topics.create(guild_id=GUILD, name=name, channel_id=channel, backfill=backfill, now=START)
    assert made is not None
    return made


async def titles_waiting(store: Store, channel: int = CHANNEL) -> list[str]:
    return [delivery.article.title for delivery, _ in await store.deliveries.waiting(channel, limit=100)]


LISTED = [new(number, published=at(-number), position=number) for number in range(1, 6)]


@pytest.mark.parametrize(
    ("backfill", "expected"),
    [(0, []), (1, ["Article 1"]), (2, ["Article 2", "Article 1"]), (9, [f"Article {n}" for n in (5, 4, 3, 2, 1)])],
    ids=["nothing", "newest", "newest two", "more than there are"],
)
async def test_following_posts_the_newest_as_a_sample_and_stays_silent_about_the_rest(
    store: Store, backfill: int, expected: list[str]
) -> None:
    made = await topic(store, backfill=backfill)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, *LISTED))
    assert await titles_waiting(store) == expected


async def test_every_new_article_after_the_baseline_is_queued_oldest_first(store: Store) -> None:
    made = await topic(store, backfill=0)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, *LISTED))
    await store.entries.apply(
        read_outcome(feed, new(8, published=at(8)), new(7, published=at(7), position=1), now=at(9))
    )
    assert await titles_waiting(store) == ["Article 7", "Article 8"]


async def test_what_another_poll_stored_since_the_decision_is_not_new_again(store: Store) -> None:
    made = await topic(store, backfill=1)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    decided_before = read_outcome(feed, *LISTED, new(9, published=at(9), position=0), now=at(10))
    await store.entries.apply(read_outcome(feed, *LISTED))
    applied = await store.entries.apply(decided_before)
    assert (applied.stored, applied.queued) == (1, 1)
    assert await titles_waiting(store) == ["Article 1", "Article 9"]


async def test_without_dates_the_document_is_read_from_the_bottom(store: Store) -> None:
    made = await topic(store, backfill=0)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed))
    await store.entries.apply(read_outcome(feed, new(3), new(2, position=1), new(1, position=2), now=at(1)))
    assert await titles_waiting(store) == ["Article 1", "Article 2", "Article 3"]


async def test_a_poll_applied_twice_queues_once(store: Store) -> None:
    made = await topic(store)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, new(1)))
    await store.entries.apply(read_outcome(feed, new(1)))
    assert await titles_waiting(store) == ["Article 1"]


async def test_a_second_topic_gets_its_own_sample_and_the_first_gets_nothing_again(store: Store) -> None:
    first, second = await topic(store, "one"), await topic(store, "two", channel=20)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(first.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, *LISTED))
    await store.topics.subscribe(second.id, feed.id, added_by=None, now=at(1))
    known, _ = await store.entries.known(feed.id, [item.entry.keys for item in LISTED])
    ids = {item.uid: item.id for item in known}
    await store.entries.apply(
        read_outcome(feed, *(replace(item, known_id=ids[item.uid]) for item in LISTED), now=at(2))
    )
    assert await titles_waiting(store) == ["Article 1"]
    assert await titles_waiting(store, 20) == ["Article 1"]


async def test_a_pending_baseline_is_set_from_the_stored_entries_when_the_host_says_not_modified(store: Store) -> None:
    first, second = await topic(store, "one"), await topic(store, "two", channel=20)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(first.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, *LISTED))
    await store.topics.subscribe(second.id, feed.id, added_by=None, now=at(1))
    await store.entries.apply(replace(read_outcome(feed, now=at(2)), kind=PollKind.UNCHANGED))
    assert await titles_waiting(store, 20) == ["Article 1"]


async def test_what_is_to_be_skipped_is_remembered_with_its_reason_and_never_waits(store: Store) -> None:
    made = await topic(store, backfill=0)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed))
    applied = await store.entries.apply(read_outcome(feed, replace(new(1), skip_reason="archive"), now=at(1)))
    assert (applied.stored, applied.queued) == (1, 0)
    assert await titles_waiting(store) == []


async def test_an_edit_changes_the_stored_article_and_queues_nothing(store: Store) -> None:
    made = await topic(store, backfill=0)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, new(1)))
    [known], _ = await store.entries.known(feed.id, [entry(1).keys])
    edited = replace(new(1), entry=entry(1, title="Corrected"), known_id=known.id, changed=True)
    await store.entries.apply(read_outcome(feed, edited, now=at(1)))
    assert [article.title for article in await store.entries.newest(feed.id)] == ["Corrected"]
    assert await titles_waiting(store) == []
    assert len(await store.search.places(Scope(GUILD, EVERY), parse("corrected"), since=None, most=5)) == 1
    assert await store.search.places(Scope(GUILD, EVERY), parse('"article 1"'), since=None, most=5) == []


async def test_validators_are_stored_with_their_entries_and_kept_when_a_poll_fails(store: Store) -> None:
    made = await topic(store)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, new(1)))
    failure = FetchFailed(FailureKind.HTTP, "The host answered 500.")
    await store.entries.apply(replace(read_outcome(feed, now=at(1)), kind=PollKind.FAILED, failure=failure))
    [due] = await store.feeds.claim_due(now=at(60), limit=5)
    assert (due.etag, due.failures, due.has_entries) == ('"1"', 1, True)
    [source] = await store.topics.sources(GUILD, now=START)
    assert source.last_error == "The host answered 500."


async def test_whether_a_claimed_feed_has_entries_is_said_of_that_feed_and_not_of_any(store: Store) -> None:
    made = await topic(store)
    fresh, known = [await store.feeds.ensure(f"https://{name}.example/feed", now=START) for name in ("fresh", "known")]
    for each in (fresh, known):
        await store.topics.subscribe(made.id, each.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(known, new(1), new(2)))
    claimed = {due.id: due.has_entries for due in await store.feeds.claim_due(now=at(10_000), limit=5)}
    assert claimed == {fresh.id: False, known.id: True}


async def test_one_broken_outcome_costs_only_itself(store: Store) -> None:
    made = await topic(store)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    other = await store.feeds.ensure("https://other.example/feed", now=START)
    for each in (feed, other):
        await store.topics.subscribe(made.id, each.id, added_by=None, now=START)
    broken = read_outcome(feed, replace(new(1), uid=None))  # type: ignore[arg-type]  # as a defect would make it

    results = await asyncio.gather(
        store.entries.apply(broken), store.entries.apply(read_outcome(other, new(2))), return_exceptions=True
    )
    assert isinstance(results[0], Exception)
    assert await titles_waiting(store) == ["Article 2"]


async def test_look_ups_asked_together_bring_each_feed_its_own_entries_and_listing(store: Store) -> None:
    made = await topic(store)
    asked = []
    for name in ("one", "two"):
        feed = await store.feeds.ensure(f"https://{name}.example/feed", now=START)
        await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(feed, new(1), new(2, position=1)))
        asked.append(feed.id)
    unread = await store.feeds.ensure("https://three.example/feed", now=START)
    *answers, of_unread = await asyncio.gather(
        *(store.entries.known(feed_id, [entry(1).keys], patient=True) for feed_id in (*asked, unread.id))
    )
    for feed_id, (known, listed) in zip(asked, answers, strict=True):
        stored = {article.title: article.entry_id for article in await store.entries.newest(feed_id, 5)}
        assert [item.id for item in known] == [stored["Article 1"]]
        assert listed == set(stored.values())
    assert of_unread == ((), frozenset())
