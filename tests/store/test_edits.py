"""Edits as work that is stored: due in order, behind new articles, never lost and never done for nothing."""

from datetime import timedelta

import pytest

from bot.model import PostPlan, Revision
from bot.store import Store
from bot.store.requests import request_edit
from tests.builders import START, at, new, read_outcome

GUILD, CHANNEL = 1, 10
PAYLOAD = '{"embeds":[{"title":"Article 3"},{"title":"Article 2"},{"title":"Article 1"}]}'


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
    await store.edits.done(found, "{}")
    again = await due(store, 1)
    assert ([change.delivery.id for change in again.changes], again.payload) == ([posted[1]], "{}")
    await store.edits.done(again, "{}")
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
