"""While a message is planned: what another source told already is left out, and the message says so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.feeds.identity import identify
from bot.jobs.posting.duplicate_check import DuplicateChecker
from bot.messages.renderer import EmbedRenderer
from bot.model import Entry, MatchedEntry, MessagePayload, PostPlan
from bot.store import Store
from tests.builders import START, at, entry, read_outcome
from tests.fakes import FakeClock

GUILD, CHANNEL = 1, 10
TITLE = "Line card fault takes the northern exchange down"
TEXT = (
    "The operator of the northern exchange says that a faulty line card in Hamburg dropped routes for eleven "
    "minutes on Tuesday, and that traffic went by way of Frankfurt until engineers had replaced it."
)


@pytest.fixture
async def topic(store: Store) -> int:
    made = await store.topics.create(guild_id=GUILD, name="news", channel_id=CHANNEL, backfill=0, now=START)
    assert made is not None
    for source in (1, 2, 3):
        feed = await store.feeds.ensure(f"https://{source}.example/feed", now=START)
        await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(feed, title=f"Source {source}"))
    return made.id


def article(source: int, number: int, minutes: float, **changes: str) -> Entry:
    values = {"title": TITLE, "text": TEXT, "link": f"https://{source}.example/{number}"} | changes
    keys = identify.keys(guid=str(number), link=values["link"], title=values["title"], html=values["text"])
    return replace(entry(number, published=at(minutes)), keys=keys, **values)  # type: ignore[arg-type]


async def publish(store: Store, source: int, *entries: Entry, minutes: float = 60) -> None:
    feed = await store.feeds.ensure(f"https://{source}.example/feed", now=START)
    new = (MatchedEntry(entry=each, uid=str(each.guid), known_id=None) for each in entries)
    await store.entries.apply(read_outcome(feed, *new, now=at(minutes), title=f"Source {source}"))


async def told(store: Store, *, minutes: float = 60) -> list[tuple[str | None, tuple[str, ...]]]:
    """What is to be posted now: its link and the other sources."""
    teller = DuplicateChecker(store, FakeClock(at(minutes)))
    kept = await teller.told_once(await store.deliveries.waiting(CHANNEL, limit=25))
    return [(delivery.article.link, delivery.also) for delivery, _ in kept]


async def post(store: Store, *, nonce: str = "n", minutes: float = 60) -> None:
    """Everything that waits, in one message."""
    teller = DuplicateChecker(store, FakeClock(at(minutes)))
    kept = await teller.told_once(await store.deliveries.waiting(CHANNEL, limit=25))
    drawn = [EmbedRenderer().embed(delivery) for delivery, _ in kept]
    ids = tuple(delivery.id for delivery, _ in kept)
    await store.posts.plan(PostPlan(1, CHANNEL, GUILD, nonce, MessagePayload(tuple(drawn)), ids), now=at(minutes))
    found = await store.posts.first_open(CHANNEL)
    assert found is not None
    await store.posts.posted(found.id, channel_id=CHANNEL, message_id=70 + found.id, now=at(minutes))


async def test_of_two_that_wait_the_older_is_told_and_names_the_other(store: Store, topic: int) -> None:
    await publish(store, 2, article(2, 1, minutes=5))
    await publish(store, 1, article(1, 1, minutes=1), article(1, 2, minutes=9, title="Something else happened today"))
    assert await told(store) == [("https://1.example/1", ("Source 2",)), ("https://1.example/2", ())]
    assert await told(store) == [("https://1.example/1", ("Source 2",)), ("https://1.example/2", ())]


async def test_three_sources_become_one_message(store: Store, topic: int) -> None:
    for source in (1, 2, 3):
        await publish(store, source, article(source, 1, minutes=source))
    assert await told(store) == [("https://1.example/1", ("Source 2", "Source 3"))]


async def test_what_was_posted_is_not_posted_again_and_its_message_is_to_name_the_source(
    store: Store, topic: int
) -> None:
    await publish(store, 1, article(1, 1, minutes=1))
    await post(store)
    await publish(store, 2, article(2, 1, minutes=2, link="https://1.example/1?utm_source=two", text="Short."))
    assert await told(store) == []
    revision = await store.edits.next(now=at(90))
    assert revision is not None
    revised = EmbedRenderer().revised(revision).payload
    [shown] = revised.embeds
    assert shown["footer"] == {"text": "also in Source 2"}
    del shown["footer"]
    assert revised == revision.payload


async def test_a_second_entry_of_a_source_that_told_it_is_posted(store: Store, topic: int) -> None:
    await publish(store, 1, article(1, 1, minutes=1))
    await publish(store, 2, article(2, 1, minutes=2))
    assert await told(store) == [("https://1.example/1", ("Source 2",))]
    await publish(store, 2, article(2, 7, minutes=3, title=TITLE.upper()))
    assert [link for link, _ in await told(store)] == ["https://1.example/1", "https://2.example/7"]


async def test_a_column_with_the_same_title_each_day_is_posted_each_time(store: Store, topic: int) -> None:
    await publish(store, 1, article(1, 1, minutes=-2880), article(1, 2, minutes=1))
    await post(store)
    await publish(store, 2, article(2, 1, minutes=2))
    assert [link for link, _ in await told(store)] == ["https://2.example/1"]


async def test_a_story_of_last_week_is_told_again(store: Store, topic: int) -> None:
    await publish(store, 1, article(1, 1, minutes=1))
    await post(store)
    week = timedelta(days=7).total_seconds() / 60
    await publish(store, 2, article(2, 1, minutes=week), minutes=week + 1)
    assert [link for link, _ in await told(store, minutes=week + 1)] == ["https://2.example/1"]


async def test_topics_of_another_channel_tell_their_own_stories(store: Store, topic: int) -> None:
    other = await store.topics.create(guild_id=GUILD, name="other", channel_id=CHANNEL + 1, backfill=0, now=START)
    assert other is not None
    feed = await store.feeds.ensure("https://2.example/feed", now=START)
    await store.topics.unsubscribe(topic, feed.id, now=START)
    await store.topics.subscribe(other.id, feed.id, added_by=None, now=START)
    await store.entries.apply(read_outcome(feed, title="Source 2"))
    await publish(store, 1, article(1, 1, minutes=1))
    await publish(store, 2, article(2, 1, minutes=2))
    assert await told(store) == [("https://1.example/1", ())]
    teller = DuplicateChecker(store, FakeClock(at(60)))
    kept = await teller.told_once(await store.deliveries.waiting(CHANNEL + 1, limit=25))
    assert [delivery.article.link for delivery, _ in kept] == ["https://2.example/1"]
