"""One story once, in the database: skipped with what tells it, and back again if that is never posted."""

from datetime import timedelta

import pytest

from bot.model import MessagePayload, PostPlan, Story
from bot.store import Store
from tests.builders import START, at, new, read_outcome

GUILD, CHANNEL = 1, 10
TWO_DAYS = timedelta(days=2)


@pytest.fixture
async def waiting(store: Store) -> list[int]:
    """Three deliveries of one topic, each of a source of its own, oldest first."""
    made = await store.topics.create(guild_id=GUILD, name="news", channel_id=CHANNEL, backfill=1, now=START)
    assert made is not None
    for number in (1, 2, 3):
        feed = await store.feeds.ensure(f"https://{number}.example/feed", now=START)
        await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
        outcome = read_outcome(feed, new(number, published=at(number - 9)), title=f"Source {number}")
        await store.entries.apply(outcome)
    return [delivery.id for delivery, _ in await store.deliveries.waiting(CHANNEL, limit=9)]


async def ids(store: Store) -> list[int]:
    return [delivery.id for delivery, _ in await store.deliveries.waiting(CHANNEL, limit=9)]


async def uncompared(store: Store, delivery_ids: list[int]) -> tuple[Story, ...]:
    return (await store.stories.open_questions(delivery_ids))[0]


async def plan(store: Store, *deliveries: int) -> None:
    assert await store.posts.plan(PostPlan(1, CHANNEL, GUILD, "n", MessagePayload(({},)), deliveries), now=START)


async def test_what_is_compared_once_is_not_asked_again(store: Store, waiting: list[int]) -> None:
    asked = await uncompared(store, waiting)
    assert [(story.delivery_id, story.source, story.title) for story in asked] == [
        (waiting[n - 1], f"Source {n}", f"Article {n}") for n in (1, 2, 3)
    ]
    await store.stories.settle(waiting[:2], {}, now=START, edit_within=TWO_DAYS)
    assert [story.delivery_id for story in await uncompared(store, waiting)] == waiting[2:]


async def test_only_what_was_compared_or_sent_counts_as_told(store: Store, waiting: list[int]) -> None:
    asked = await uncompared(store, waiting)
    for told in ([], [waiting[0]], waiting[:2]):
        await store.stories.settle(told, {}, now=START, edit_within=TWO_DAYS)
        found = await store.stories.told(1, asked[2:], within=TWO_DAYS, link_within=TWO_DAYS)
        assert sorted(story.delivery_id for story in found) == told
    await plan(store, waiting[2])
    found = await store.stories.told(1, asked[:1], within=timedelta(minutes=1), link_within=TWO_DAYS)
    assert [story.delivery_id for story in found] == waiting[:2]


async def test_a_merged_one_waits_no_more_and_its_source_is_named(store: Store, waiting: list[int]) -> None:
    first, second, third = waiting
    asked = await uncompared(store, [third])
    merged = {second: first, third: first}
    assert await store.stories.settle(waiting, merged, now=START, edit_within=TWO_DAYS) == 2
    assert await ids(store) == [first]
    assert (await store.stories.open_questions([first]))[1] == {first: ("Source 2", "Source 3")}
    [told] = await store.stories.told(1, asked, within=TWO_DAYS, link_within=TWO_DAYS)
    assert (told.delivery_id, told.sources) == (first, frozenset({2, 3}))


async def test_a_merge_into_what_is_no_longer_told_is_left_out(store: Store, waiting: list[int]) -> None:
    first, second, _ = waiting
    await store.deliveries.fail([first], "refused")
    assert await store.stories.settle([second], {second: first}, now=START, edit_within=TWO_DAYS) == 0
    assert second in await ids(store)


async def test_what_was_to_be_told_by_a_failed_or_unfollowed_one_waits_again(store: Store, waiting: list[int]) -> None:
    first, second, third = waiting
    await store.stories.settle(waiting, {second: first, third: first}, now=START, edit_within=TWO_DAYS)
    await store.deliveries.fail([first], "it cannot be shown")
    assert await ids(store) == [second, third]
    assert len(await uncompared(store, waiting)) == 2
    await store.stories.settle(waiting, {third: second}, now=START, edit_within=TWO_DAYS)
    assert await store.topics.unsubscribe(1, 2, now=START)
    assert await ids(store) == [third]


async def test_what_another_was_to_tell_does_not_come_from_a_source_that_was_given_up(
    store: Store, waiting: list[int]
) -> None:
    first, second, third = waiting
    await store.stories.settle(waiting, {second: first}, now=START, edit_within=TWO_DAYS)
    assert await store.topics.unsubscribe(1, 2, now=START)
    await store.deliveries.fail([first], "it cannot be shown")
    assert await ids(store) == [third]


async def test_what_a_paused_source_was_to_tell_is_told_by_the_other(store: Store, waiting: list[int]) -> None:
    first, second, third = waiting
    await store.stories.settle(waiting, {second: first}, now=START, edit_within=TWO_DAYS)
    await store.changes.pause_source(GUILD, 1, paused=True, now=START)
    assert await ids(store) == [second, third]
    await store.changes.pause_source(GUILD, 1, paused=False, now=START)
    assert await ids(store) == waiting
    # Compared again, since the other may have told it meanwhile.
    assert [asked.delivery_id for asked in await uncompared(store, waiting)] == [first, second]


async def test_a_refused_message_brings_back_what_it_was_to_tell(store: Store, waiting: list[int]) -> None:
    first, second, _ = waiting
    await store.stories.settle([second], {second: first}, now=START, edit_within=TWO_DAYS)
    await plan(store, first)
    await store.posts.failed(1, "refused")
    assert second in await ids(store)


async def test_an_edit_is_asked_for_only_where_the_message_exists_and_is_young(
    store: Store, waiting: list[int]
) -> None:
    first, second, third = waiting
    await store.stories.settle([second], {second: first}, now=START, edit_within=TWO_DAYS)
    await plan(store, first)
    await store.posts.posted(1, channel_id=CHANNEL, message_id=77, now=START)
    assert await store.edits.next(now=at(20)) is None  # it was planned with both
    await store.stories.settle([third], {third: first}, now=at(1), edit_within=TWO_DAYS)
    found = await store.edits.next(now=at(20))
    assert found is not None
    assert (found.message_id, found.size, [change.delivery.also for change in found.changes]) == (
        77, 1, [("Source 2", "Source 3")],
    )  # fmt: skip


async def test_an_old_message_is_left_as_it_is(store: Store, waiting: list[int]) -> None:
    first, second, _ = waiting
    await plan(store, first)
    await store.posts.posted(1, channel_id=CHANNEL, message_id=77, now=START)
    later = START + timedelta(days=3)
    assert await store.stories.settle([second], {second: first}, now=later, edit_within=TWO_DAYS) == 1
    assert await store.edits.next(now=later + timedelta(hours=1)) is None


async def test_shared_links_and_recurring_titles_are_told(store: Store, waiting: list[int]) -> None:
    feed = await store.feeds.ensure("https://1.example/feed", now=START)
    again = new(1, published=at(1))
    await store.entries.apply(read_outcome(feed, type(again)(entry=again.entry, uid="other", known_id=None)))
    asked = await uncompared(store, await ids(store))
    in_full, titles = await store.stories.in_full(asked)
    assert {story.delivery_id: story.link_is_shared for story in in_full if story.delivery_id in waiting} == {
        waiting[0]: True, waiting[1]: False, waiting[2]: False,
    }  # fmt: skip
    assert titles[1].count("Article 1") == 2
    assert in_full[1].text == "Text of Article 2"


@pytest.mark.parametrize(("message", "channel"), [(77, CHANNEL + 1), (None, CHANNEL)], ids=["left", "removed"])
async def test_what_nobody_can_read_any_more_counts_as_told_no_longer(
    store: Store, waiting: list[int], message: int | None, channel: int
) -> None:
    first, second, _ = waiting
    asked = await uncompared(store, [second])
    await plan(store, first)
    await store.posts.posted(1, channel_id=CHANNEL, message_id=message, now=START)
    await store.changes.edit_topic(1, name=None, channel_id=channel, colour=None, now=START)
    assert await store.stories.told(1, asked, within=TWO_DAYS, link_within=TWO_DAYS) == ()
