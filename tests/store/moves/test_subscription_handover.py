"""Feeds that move to an address of somebody else: their subscriptions go there, and nothing else does."""

from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.addresses.registrable_domain import have_one_owner, is_as_private, registrable_domain
from bot.model import Article, FollowKind, Scope, Topic, Wish
from bot.store import Store
from bot.store.moves.subscription_handover import MAX_MOVES
from tests.builders import at, entry
from tests.store.moves.test_feed_moves import GUILD, Reader, articles

OLD, NEW = "https://old.example/feed", "https://new.example/feed"


@pytest.fixture
def reader(store: Store) -> Reader:
    return Reader(store)


async def reads(reader: Reader, topic: Topic) -> list[str]:
    found = await reader.store.river.at(Scope(GUILD, frozenset({topic.id})), 0, size=50)
    return [each.title for each in found.articles]


async def stored(reader: Reader, url: str) -> tuple[Article, ...]:
    return await reader.store.entries.newest((await reader.feed(url)).id, 50)


async def test_the_feed_at_the_new_address_keeps_id_rows_texts_and_what_waits_of_it(reader: Reader) -> None:
    here = await reader.topic("here", NEW, backfill=9)
    await reader.topic("mover", OLD)
    await reader.poll(NEW, *articles(2, 1))
    before, waiting = await stored(reader, NEW), await reader.waiting(here)
    feed = await reader.feed(NEW)
    planted = [replace(each, title="FREE NITRO", summary_html="Planted") for each in articles(5, 4, 3, 2, 1)]
    await reader.poll(OLD, *planted)
    await reader.poll(OLD, *articles(2, 1), moved_to=NEW)
    assert (await reader.feed(NEW)).id == feed.id
    assert await stored(reader, NEW) == before
    assert await reader.waiting(here) == waiting == ["Article 1", "Article 2"]
    assert await reads(reader, here) == ["Article 2", "Article 1"]
    await reader.poll(NEW, *articles(4, 3, 2, 1))
    assert await reader.waiting(here) == ["Article 1", "Article 2", "Article 3", "Article 4"]


async def test_an_honest_move_posts_each_article_once_and_loses_none(reader: Reader) -> None:
    mover, here, both = (
        await reader.topic("mover", OLD),
        await reader.topic("here", NEW),
        await reader.topic("both", OLD, NEW),
    )
    await reader.poll(OLD, *articles(1))
    await reader.poll(NEW, *articles(1))
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll(NEW, *articles(3, 1))
    for topic in (mover, here, both):
        await reader.post(topic)
    await reader.poll(OLD, *articles(4, 3, 2, 1), moved_to=NEW)
    assert await reader.waiting(mover) == ["Article 3"], "what the feed there had told already"
    await reader.poll(NEW, *articles(4, 3, 2, 1))
    for topic in (mover, here, both):
        await reader.post(topic)
    await reader.poll(NEW, *articles(5, 4, 3, 2, 1))
    for topic in (mover, here, both):
        await reader.post(topic)
    wanted = Counter({f"Article {number}": 1 for number in (2, 3, 4, 5)})
    for name in ("mover", "here", "both"):
        assert Counter({title: n for (topic, title), n in reader.posted.items() if topic == name}) == wanted, name
    assert sorted(await reads(reader, mover)) == [f"Article {number}" for number in (1, 2, 3, 4, 5)], "each once"


async def test_a_move_to_an_address_that_nobody_follows_goes_on_there_without_a_gap(reader: Reader) -> None:
    mover = await reader.topic("mover", OLD)
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll(OLD, *articles(3, 2, 1), moved_to=NEW)
    assert await reader.waiting(mover) == []
    await reader.poll(NEW, *articles(3, 2, 1))
    assert await reader.waiting(mover) == ["Article 3"]
    assert await reads(reader, mover) == ["Article 3", "Article 2", "Article 1"]


async def test_who_follows_the_new_address_later_gets_and_reads_nothing_of_the_feed_that_moved(reader: Reader) -> None:
    await reader.topic("mover", OLD)
    planted = [replace(each, title="FREE NITRO") for each in articles(4, 3)]
    await reader.poll(OLD, *planted)
    await reader.poll(OLD, *articles(2, 1), moved_to=NEW)
    later = await reader.topic("later", NEW, backfill=1)
    await reader.poll(NEW, *articles(2, 1))
    await reader.poll(NEW, *articles(4, 3, 2, 1))
    assert await reader.waiting(later) == ["Article 2", "Article 3", "Article 4"]
    assert await reads(reader, later) == ["Article 4", "Article 3", "Article 2", "Article 1"]


async def test_what_an_address_says_later_reaches_only_who_follows_it_anew(reader: Reader) -> None:
    gone_on = await reader.topic("gone on", OLD)
    await reader.poll(OLD, *articles(1))
    await reader.poll(OLD, *articles(1), moved_to=NEW)
    await reader.poll(NEW, *articles(1))
    anew = await reader.topic("anew", OLD, backfill=9)
    await reader.poll(OLD, replace(entry(7, published=at(7)), title="FREE NITRO"), *articles(2))
    assert await reader.waiting(anew) == ["Article 2", "FREE NITRO"]
    assert await reads(reader, gone_on) == ["Article 1"]
    await reader.poll(NEW, *articles(2, 1))
    assert await reader.waiting(gone_on) == ["Article 2"], "nobody told it of that"


async def test_there_and_back_tells_everything_once(reader: Reader) -> None:
    topic = await reader.topic("news", OLD)
    await reader.poll(OLD, *articles(1))
    await reader.poll(OLD, *articles(2, 1), moved_to=NEW)
    await reader.poll(NEW, *articles(2, 1))
    await reader.poll(NEW, *articles(3, 2, 1), moved_to=OLD)
    await reader.poll(OLD, *articles(3, 2, 1))
    await reader.poll(OLD, *articles(4, 3, 2, 1))
    assert await reader.waiting(topic) == ["Article 2", "Article 3", "Article 4"]


async def test_pausing_filters_and_giving_up_reach_what_came_before_the_move(reader: Reader) -> None:
    topic = await reader.topic("news", OLD)
    await reader.poll(OLD, *articles(1))
    await reader.poll(OLD, *articles(2, 1))
    await reader.poll(OLD, *articles(1), moved_to=NEW)
    feed = await reader.feed(NEW)
    assert await reader.waiting(topic) == ["Article 2"], "it waits on, though the list has it no more"
    await reader.store.changes.pause_source(GUILD, feed.id, paused=True, now=reader.clock.now())
    assert await reader.waiting(topic) == []
    await reader.store.changes.pause_source(GUILD, feed.id, paused=False, now=reader.clock.now())
    assert await reader.waiting(topic) == ["Article 2"]
    assert len(await reader.store.filters.waiting(topic.id, feed.id, after=0)) == 1
    other = await reader.topic("other")
    moved = await reader.store.relocation.move(
        feed.id, old_topic_id=topic.id, new_topic_id=other.id, now=reader.clock.now()
    )
    assert moved is not None
    assert (moved.waiting, await reader.waiting(other)) == (1, ["Article 2"])
    assert await reads(reader, other) == ["Article 2", "Article 1"]
    await reader.store.topics.unsubscribe(other.id, feed.id, now=reader.clock.now())
    assert (await reader.waiting(other), await reads(reader, other)) == ([], [])


async def test_saved_articles_names_and_personal_follows_go_along(reader: Reader) -> None:
    await reader.topic("news", OLD)
    await reader.poll(OLD, *articles(1))
    old = await reader.feed(OLD)
    await reader.store.names.give(GUILD, old.id, "Ours")
    await reader.store.follows.add(
        7, GUILD, Wish(FollowKind.SOURCE, daily=False, feed_id=old.id), now=reader.clock.now()
    )
    [kept] = await stored(reader, OLD)
    await reader.store.saved.save(7, kept, source="Ours", now=reader.clock.now(), most=9)
    await reader.poll(OLD, *articles(1), moved_to=NEW)
    new = await reader.feed(NEW)
    await reader.poll(NEW, *articles(1))
    assert (await reader.store.names.of(GUILD))[new.id] == "Ours"
    assert [each.feed_id for each in await reader.store.follows.of(7)] == [new.id]
    [saved] = (await reader.store.saved.page(7, done=None, number=1, size=5)).items
    assert saved.title == "Article 1"


async def test_a_declared_feed_that_moved_elsewhere_is_not_followed_twice_and_stays_removed(reader: Reader) -> None:
    async def declare() -> list[str]:
        await reader.store.topics.declare(
            guild_id=GUILD, name="news", channel_id=10, feed_urls=[OLD], backfill=0, now=reader.clock.now()
        )
        return [source.url.reveal() for source in await reader.store.topics.sources(GUILD, now=reader.clock.now())]

    assert await declare() == [OLD]
    await reader.poll(OLD, *articles(1))
    await reader.poll(OLD, *articles(1), moved_to=NEW)
    assert await declare() == [NEW]
    topic = await reader.store.topics.get(GUILD, "news")
    assert topic is not None
    await reader.store.topics.unsubscribe(topic.id, (await reader.feed(NEW)).id, now=reader.clock.now())
    assert await declare() == []


async def test_a_former_address_leads_nobody_to_another_domain(reader: Reader) -> None:
    await reader.topic("news", OLD)
    await reader.poll(OLD, *articles(1))
    await reader.poll(OLD, *articles(1), moved_to="https://hostile.example/feed")
    typed = await reader.feed(OLD)
    assert (typed.url.reveal(), typed.has_entries) == (OLD, False)


async def test_a_feed_that_said_it_was_gone_is_not_asked_again_because_another_moved_there(reader: Reader) -> None:
    await reader.topic("here", NEW)
    await reader.poll(NEW, *articles(1))
    async with reader.store._database.write() as connection:
        await connection.execute(sa.text("UPDATE feeds SET state = 'gone'"))
    mover = await reader.topic("mover", OLD)
    await reader.poll(OLD, *articles(1))
    await reader.poll(OLD, *articles(2, 1), moved_to=NEW)
    assert (await reader.feed(NEW)).state == "gone"
    assert await reader.waiting(mover) == ["Article 2"], "it goes on at its old address"


async def test_a_host_that_sends_its_followers_on_and_on_is_not_followed_for_ever(reader: Reader) -> None:
    topic = await reader.topic("news", "https://a0.github.io/feed")
    for number in range(MAX_MOVES + 5):
        [source] = await reader.store.topics.sources(GUILD, now=reader.clock.now())
        await reader.poll(source.url.reveal(), *articles(1), moved_to=f"https://a{number + 1}.github.io/feed")
    [source] = await reader.store.topics.sources(GUILD, now=reader.clock.now())
    assert source.url == f"https://a{MAX_MOVES}.github.io/feed"
    assert await reader.waiting(topic) == []


async def test_what_came_to_the_feed_there_while_the_move_was_decided_is_told_too(reader: Reader) -> None:
    await reader.topic("here", NEW)
    mover = await reader.topic("mover", OLD)
    await reader.poll(NEW, *articles(1))
    await reader.poll(OLD, *articles(1))
    decided = await reader.decide(OLD, *articles(2, 1), moved_to=NEW)
    await reader.poll(NEW, *articles(2, 1))
    await reader.store.entries.apply(decided)
    assert await reader.waiting(mover) == ["Article 2"]


async def test_a_poll_that_was_decided_before_a_feed_moved_there_tells_nothing_twice(reader: Reader) -> None:
    await reader.topic("here", NEW)
    mover = await reader.topic("mover", OLD)
    await reader.poll(NEW, *articles(1))
    await reader.poll(OLD, *articles(1))
    await reader.poll(OLD, *articles(2, 1))
    await reader.post(mover)
    decided = await reader.decide(NEW, *articles(2, 1))
    await reader.poll(OLD, *articles(1), moved_to=NEW)
    await reader.store.entries.apply(decided)
    assert await reader.waiting(mover) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://blog.example/rss", "https://www.blog.example/feed", True),
        ("https://a.blog.co.uk/", "https://b.blog.co.uk/", True),
        ("https://a.co.uk/", "https://b.co.uk/", False),
        ("https://a.github.io/", "https://b.github.io/", False),
        ("https://a.blogspot.com/", "https://b.blogspot.com/", False),
        ("http://192.0.2.1/a", "http://192.0.2.1/b", True),
        ("http://192.0.2.1/a", "http://192.0.2.1:8080/a", False),
        ("http://192.0.2.1/a", "http://192.0.2.2/a", False),
        ("http://localhost/a", "https://localhost/b", True),
        ("http://localhost/a", "http://localhost:81/a", False),
    ],
)
def test_who_owns_an_address(one: str, other: str, *, same: bool) -> None:
    assert have_one_owner(one, other) is have_one_owner(other, one) is same


@pytest.mark.parametrize(
    ("old", "new", "private"),
    [
        ("http://a.example/rss", "https://a.example/feed", True),
        ("https://a.example/rss?token=x", "https://a.example/rss", False),
        ("https://a.example/rss?token=x", "https://a.example/rss?token=y", False),
        ("https://a.example/rss?cat=1", "https://a.example/feed?cat=1&format=atom", True),
        ("https://me:pw@a.example/rss", "https://a.example/rss", False),
        ("https://a.example/f/0123456789abcdef01/rss", "https://a.example/rss", False),
        ("https://a.example/my-long-news-feed/rss", "https://a.example/rss", True),
    ],
)
def test_what_let_somebody_in_is_not_left_out(old: str, new: str, *, private: bool) -> None:
    assert is_as_private(old, new) is private


def test_a_public_suffix_is_nobodys() -> None:
    assert registrable_domain("github.io") is None


async def test_more_feeds_than_are_compared_closely_may_move_to_one_and_none_tells_anything_twice(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.sources.ingest.MAX_FORMERS", 1)
    addresses = [f"https://a{number}.github.io/feed" for number in range(3)]
    topics = [await reader.topic(f"topic {number}", url) for number, url in enumerate(addresses)]
    for url in addresses:
        await reader.poll(url, *articles(1))
        await reader.poll(url, *articles(2, 1))
        await reader.poll(url, *articles(1), moved_to=NEW)
    for topic in topics:
        await reader.post(topic)
    await reader.poll(NEW, *articles(3, 2, 1))
    for topic in topics:
        assert await reader.waiting(topic) == ["Article 3"], topic.name


@pytest.mark.parametrize("declared", [False, True])
async def test_what_is_secret_in_an_address_goes_when_the_feed_moves_unless_the_configuration_holds_it(
    reader: Reader, *, declared: bool
) -> None:
    secret = "https://me:hunter2@old.example/feed?token=abcdef0123456789abcdef"
    if declared:
        await reader.store.topics.declare(
            guild_id=GUILD, name="news", channel_id=10, feed_urls=[secret], backfill=0, now=reader.clock.now()
        )
    else:
        await reader.topic("news", secret)
    await reader.poll(secret, *articles(1))
    await reader.poll(secret, *articles(1), moved_to=NEW)
    async with reader.store._database.read() as connection:
        urls = " ".join((await connection.execute(sa.text("SELECT url FROM feeds"))).scalars())
    assert ("hunter2" in urls, "abcdef" in urls) == (declared, declared)
