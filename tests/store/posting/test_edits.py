"""Edits as work that is stored: due in order, behind new articles, never lost and never done for nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Entry, MatchedEntry, MessagePayload, PostPlan, Revision
from bot.store import Store
from bot.store.posting.edit_requests import request_edit
from tests.builders import START, at, new, read_outcome

GUILD, CHANNEL = 1, 10
PAYLOAD = MessagePayload(({"title": "Article 3"}, {"title": "Article 2"}, {"title": "Article 1"}))


@pytest.fixture
async def posted(store: Store) -> list[int]:
    """Three deliveries in one message that is posted."""
    made = await store.topics.create(guild_id=GUILD, name="news", channel_id=CHANNEL, backfill=3, now=START)
    assert made is not None
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, *(new(n, published=at(-n), position=n) for n in (1, 2, 3))))
    ids = [delivery.id for delivery, _ in await store.deliveries.waiting(CHANNEL, limit=9)]
    await store.posts.plan(PostPlan(made.id, CHANNEL, GUILD, "n", PAYLOAD, tuple(ids)), now=START)
    await store.posts.posted(1, channel_id=CHANNEL, message_id=77, now=START)
    return ids


async def ask(store: Store, delivery: int, minutes: float = 0) -> None:
    async with store._database.write() as connection:
        await request_edit(connection, delivery, now=at(minutes))


async def due(store: Store, minutes: float) -> Revision:
    found = await store.edits.next(now=at(minutes))
    assert found is not None
    return found


async def test_a_message_is_given_with_all_that_changed_in_it_each_at_its_place(
    store: Store, posted: list[int]
) -> None:
    await ask(store, posted[2])
    await ask(store, posted[0])
    found = await due(store, 1)
    assert {change.delivery.id: (change.place, change.delivery.article.title) for change in found.changes} == {
        posted[0]: (0, "Article 3"),
        posted[2]: (2, "Article 1"),
    }
    assert (found.message_id, found.payload, found.size, found.requested_at) == (77, PAYLOAD, 3, START)


async def test_what_is_done_is_not_due_again_but_what_changed_meanwhile_is(store: Store, posted: list[int]) -> None:
    await ask(store, posted[0])
    await ask(store, posted[1])
    found = await due(store, 1)
    await ask(store, posted[1], 1)
    await store.edits.done(found, MessagePayload())
    again = await due(store, 1)
    assert ([change.delivery.id for change in again.changes], again.payload) == ([posted[1]], MessagePayload())
    await store.edits.done(again, MessagePayload())
    assert await store.edits.next(now=at(1)) is None


async def test_an_edit_put_off_waits_for_its_time_and_counts(store: Store, posted: list[int]) -> None:
    await ask(store, posted[0])
    await store.edits.later(await due(store, 0), due_at=at(5), error="busy")
    assert await store.edits.next(now=at(4)) is None
    assert (await due(store, 5)).attempts == 1
    await store.edits.forget(await due(store, 5))
    assert await store.edits.next(now=at(5)) is None


async def test_new_articles_go_first_but_not_for_ever(store: Store, posted: list[int]) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.entries.apply(read_outcome(feed, new(9, published=at(1))))
    await ask(store, posted[0])
    assert await store.edits.next(now=at(9)) is None
    await due(store, 11)
    [(delivery, _)] = await store.deliveries.waiting(CHANNEL, limit=9)
    await store.posts.plan(PostPlan(1, CHANNEL, GUILD, "n2", PAYLOAD, (delivery.id,)), now=START)
    assert await store.edits.next(now=at(9)) is None
    await store.posts.posted(2, channel_id=CHANNEL, message_id=78, now=at(2))
    await due(store, 9)


async def test_a_held_channel_holds_its_edits(store: Store, posted: list[int]) -> None:
    await ask(store, posted[0])
    await store.deliveries.hold(CHANNEL, "no access", now=START, probe_at=at(1))
    assert await store.edits.next(now=at(60)) is None
    await store.deliveries.resume(CHANNEL)
    await due(store, 60)


async def test_what_is_not_posted_yet_needs_no_edit_once_it_is_planned_anew(store: Store, posted: list[int]) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.entries.apply(read_outcome(feed, new(9, published=at(1))))
    [(delivery, _)] = await store.deliveries.waiting(CHANNEL, limit=9)
    await store.posts.plan(PostPlan(1, CHANNEL, GUILD, "n2", PAYLOAD, (delivery.id,)), now=START)
    await ask(store, delivery.id)
    assert await store.edits.next(now=at(60)) is None
    await store.posts.dissolve(2, "refused", singly=True)
    assert await store.edits.next(now=at(60)) is None
    await store.posts.plan(PostPlan(1, CHANNEL, GUILD, "n3", PAYLOAD, (delivery.id,)), now=START)
    await store.posts.posted(3, channel_id=CHANNEL, message_id=79, now=at(1))
    assert await store.edits.next(now=at(60)) is None


async def test_a_message_that_was_removed_is_never_edited(store: Store, posted: list[int]) -> None:
    await store.posts.posted(1, channel_id=CHANNEL, message_id=None, now=START)
    await ask(store, posted[0])
    assert await store.edits.next(now=START + timedelta(days=1)) is None


# --- corrections -----------------------------------------------------------------------------------


async def correct(store: Store, number: int, *, minutes: float, **changes: object) -> None:
    """A poll that lists the article anew."""
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    before = new(number, published=at(-number)).entry
    assert isinstance(before, Entry)
    (known,), _ = await store.entries.known(feed.id, [before.keys])
    entry = replace(before, **changes)  # type: ignore[arg-type]
    listed = MatchedEntry(entry=entry, uid=known.uid, known_id=known.id, changed=True)
    await store.entries.apply(read_outcome(feed, listed, now=at(minutes)))


async def test_another_title_or_text_asks_for_a_correction(store: Store, posted: list[int]) -> None:
    await correct(store, 3, minutes=5, title="Better")
    await correct(store, 1, minutes=6, summary_html="<p>Better</p>")
    found = await due(store, 10)
    assert {change.delivery.article.title: (change.place, change.corrected) for change in found.changes} == {
        "Better": (0, True),
        "Article 1": (2, True),
    }


@pytest.mark.parametrize(
    "changes",
    [{}, {"published_at": at(3)}, {"raw_key": "other"}, {"categories": ("x",)}, {"guid": "other"}],
    ids=["nothing", "date", "bytes", "categories", "guid"],
)
async def test_a_poll_that_changes_neither_asks_for_nothing(
    store: Store, posted: list[int], changes: dict[str, object]
) -> None:
    await correct(store, 3, minutes=5, **changes)
    assert await store.edits.next(now=at(60)) is None


async def test_after_48_hours_nothing_is_corrected(store: Store, posted: list[int]) -> None:
    await correct(store, 3, minutes=48 * 60 - 1, title="In time")
    await store.edits.done(await due(store, 48 * 60), MessagePayload(), corrected=[posted[0]])
    await correct(store, 3, minutes=48 * 60, title="Too late")
    assert await store.edits.next(now=at(99 * 60)) is None


async def test_an_article_is_corrected_three_times_and_no_more(store: Store, posted: list[int]) -> None:
    for number in range(3):
        await correct(store, 3, minutes=number, title=f"Title {number}")
        found = await due(store, 10)
        assert [change.corrected for change in found.changes] == [True]
        await store.edits.done(found, PAYLOAD, corrected=[posted[0]])
    await correct(store, 3, minutes=9, title="Title 4")
    assert await store.edits.next(now=at(60)) is None
    await ask(store, posted[0], 9)
    [change] = (await due(store, 60)).changes
    assert not change.corrected  # to name a source it may still be written anew


async def test_what_changes_while_it_waits_is_posted_as_it_is_then_and_needs_no_edit(
    store: Store, posted: list[int]
) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.entries.apply(read_outcome(feed, new(9, published=at(-9))))
    await correct(store, 9, minutes=5, title="Better")
    [(delivery, _)] = await store.deliveries.waiting(CHANNEL, limit=9)
    assert delivery.article.title == "Better"
    assert await store.edits.next(now=at(60)) is None


async def test_an_article_that_leaves_its_feed_stays_posted(store: Store, posted: list[int]) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.entries.apply(read_outcome(feed, now=at(5)))
    assert await store.edits.next(now=at(60)) is None
