"""What one poll, topic, source and server may bring: beyond it nothing is lost but the posting, and nobody else notices."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.config import STANDARD_LIMITS, LimitsSettings
from bot.delivery import judging
from bot.model import FeedDue, Identified, RestReason, Topic, TroubleKind
from bot.store import Store
from bot.store import parts as store_parts
from bot.store.schema import deliveries, entries, feeds, topics, troubles
from tests.builders import START, at, entry, new, read_outcome

SMALL = LimitsSettings(articles_per_poll=5, waiting_per_topic=8)


@asynccontextmanager
async def opened(path: Path, limits: LimitsSettings = STANDARD_LIMITS) -> AsyncIterator[Store]:
    store = await Store.open(
        f"sqlite:///{path}/a.db", now=START, default_backfill=0, judge=judging.judge, limits=limits
    )
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path) as made:
        yield made


async def followed(
    store: Store, *names: str, guild: int = 1, url: str = "https://blog.example/feed"
) -> tuple[FeedDue, list[Topic]]:
    """A feed that topics follow for which it was read: what comes is new."""
    feed = await store.feeds.ensure(url, now=START)
    made: list[Topic] = []
    for name in names:
        topic = await store.topics.create(guild_id=guild, name=name, channel_id=10 * guild + len(made), now=START)
        assert topic is not None
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        made.append(topic)
    await store.entries.apply(read_outcome(feed))
    return feed, made


def dated(first: int, count: int, *, start: int = 0) -> list[Identified]:
    """Articles of which each is a minute newer than the one before; listed newest first."""
    return [new(first + n, published=at(start + n), position=count - n) for n in range(count)]


async def fates(store: Store, topic: Topic) -> dict[str, str]:
    """By number of the article: its state, or why it is skipped."""
    query = (
        sa.select(entries.c.title, deliveries.c.state, deliveries.c.reason)
        .join(entries, entries.c.id == deliveries.c.entry_id)
        .where(deliveries.c.topic_id == topic.id)
    )
    async with store._database.read() as connection:
        found = (await connection.execute(query)).all()
    return {row.title.removeprefix("Article "): row.reason or row.state for row in found}


async def events(store: Store, guild: int = 1) -> dict[tuple[str, int], int]:
    query = sa.select(troubles.c.kind, troubles.c.subject, troubles.c.articles).where(troubles.c.guild_id == guild)
    async with store._database.read() as connection:
        return {(row.kind, row.subject): row.articles for row in (await connection.execute(query)).all()}


# --- of one poll -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "flooded"), [(49, 0), (50, 0), (51, 1), (430, 380)])
async def test_of_one_poll_the_newest_fifty_are_posted_and_all_are_kept(store: Store, count: int, flooded: int) -> None:
    feed, [topic] = await followed(store, "news")
    applied = await store.entries.apply(read_outcome(feed, *dated(0, count), now=at(count)))
    assert (applied.stored, applied.queued) == (count, count - flooded)
    found = await fates(store, topic)
    assert found == {str(n): "flood" if n < flooded else "waiting" for n in range(count)}
    assert await events(store) == ({("flood", feed.id): flooded} if flooded else {})
    assert len(await store.entries.newest(feed.id, 1000)) == count


async def test_without_dates_the_newest_are_those_at_the_top(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed, [topic] = await followed(store, "news")
        await store.entries.apply(read_outcome(feed, *(new(n, position=n) for n in range(8)), now=at(1)))
        assert {n for n, fate in (await fates(store, topic)).items() if fate == "waiting"} == {"0", "1", "2", "3", "4"}


async def test_many_small_polls_are_no_flood_and_each_feed_counts_by_itself(tmp_path: Path) -> None:
    async with opened(tmp_path, replace_limits(waiting_per_topic=1_000)) as store:
        one, [topic] = await followed(store, "news")
        other = await store.feeds.ensure("https://other.example/feed", now=START)
        await store.topics.subscribe(topic.id, other.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(other))
        for poll in range(6):
            for number, feed in enumerate((one, other)):
                await store.entries.apply(read_outcome(feed, *dated(1_000 * number + 10 * poll, 5), now=at(poll + 1)))
        assert Counter((await fates(store, topic)).values()) == {"waiting": 60}
        assert await events(store) == {}


def replace_limits(**changes: float) -> LimitsSettings:
    return LimitsSettings(**(SMALL.model_dump() | changes))


async def test_a_sample_an_archive_and_a_copy_are_what_they_were(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed = await store.feeds.ensure("https://blog.example/feed", now=START)
        topic = await store.topics.create(guild_id=1, name="news", channel_id=10, backfill=7, now=START)
        assert topic is not None
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(feed, *dated(0, 20)))
        assert Counter((await fates(store, topic)).values()) == {"waiting": 7}
        old = [replace(item, skip_reason="archive") for item in dated(100, 9)]
        copy = replace(new(200, published=at(60), position=1), skip_reason="copy")
        await store.entries.apply(read_outcome(feed, *old, copy, *dated(300, 5, start=100), now=at(200)))
        assert Counter((await fates(store, topic)).values()) == {"waiting": 8, "crowded": 4, "archive": 9, "copy": 1}
        assert await events(store) == {("archive", feed.id): 9, ("crowded", topic.id): 4}


async def test_what_filters_leave_out_takes_no_room_and_keeps_its_reason(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed, [plain, picky] = await followed(store, "plain", "picky")
        await store.filters.set(picky.id, feed.id, "even")
        listed = [
            new(n, published=at(n), position=40 - n, title=f"{'even' if n % 2 == 0 else 'odd'} {n}") for n in range(40)
        ]
        await store.entries.apply(read_outcome(feed, *listed, now=at(60)))
        found = await fates(store, picky)
        assert sorted(title for title, fate in found.items() if fate == "waiting") == [
            f"even {n}" for n in range(30, 40, 2)
        ]
        assert all(found[f"odd {n}"].startswith("filter of the source") for n in range(1, 40, 2))
        assert Counter(found.values())["flood"] == 15
        assert Counter((await fates(store, plain)).values()) == {"waiting": 5, "flood": 35}
        assert await events(store) == {("flood", feed.id): 35}, "told of once for all topics of a server"


async def test_while_a_source_is_paused_the_newest_rest_and_come_after_the_pause(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed, [topic] = await followed(store, "news")
        await store.changes.pause_source(1, feed.id, paused=True, now=at(1))
        for poll in range(3):
            await store.entries.apply(
                read_outcome(feed, *dated(100 * poll, 10, start=100 * poll), now=at(100 * poll + 50))
            )
        assert Counter((await fates(store, topic)).values()) == {"its source is paused": 15, "flood": 15}
        await store.changes.pause_source(1, feed.id, paused=False, now=at(400))
        assert Counter((await fates(store, topic)).values()) == {"waiting": 8, "crowded": 7, "flood": 15}
        assert (await events(store))["crowded", topic.id] == 7


async def test_every_server_has_the_same_newest_articles_and_a_notice_of_its_own(store: Store) -> None:
    made = [(await followed(store, "news", guild=guild))[1][0] for guild in range(1, 8)]
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.entries.apply(read_outcome(feed, *dated(0, 230), now=at(300)))
    for topic in made:
        assert Counter((await fates(store, topic)).values()) == {"waiting": 50, "flood": 180}
        assert await events(store, topic.guild_id) == {("flood", feed.id): 180}


async def test_a_flood_that_goes_on_is_told_once_and_again_only_after_it_stopped(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed, [topic] = await followed(store, "news")

        async def flood(number: int, now: datetime) -> None:
            await store.entries.apply(read_outcome(feed, *dated(100 * number, 10), now=now))
            await store.troubles.refresh(now=now)

        for hours in range(4):
            await flood(hours, START + timedelta(hours=hours))
            for trouble in await store.notices.untold(now=START + timedelta(hours=hours)):
                assert (hours, trouble.kind, trouble.topics) == (0, TroubleKind.FLOOD, ("news",)) or (
                    trouble.kind is TroubleKind.CROWDED
                )
                await store.notices.plan(
                    [trouble], guild_id=1, channel_id=5, nonce=str(trouble.id), payload="{}", now=START
                )
        [notice] = [each for each in await store.notices.events_of(1, feed.id) if each.kind is TroubleKind.FLOOD]
        assert notice.articles == 4 * 5
        quiet = START + timedelta(hours=4 + 30)
        await store.troubles.refresh(now=quiet)
        assert await store.notices.events_of(1, feed.id) == ()
        await flood(9, quiet + timedelta(hours=1))
        untold = await store.notices.untold(now=quiet + timedelta(hours=1))
        assert {(each.kind, each.articles) for each in untold} == {(TroubleKind.FLOOD, 5), (TroubleKind.CROWDED, 5)}
        assert topic.name in untold[0].topics


# --- in parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [1, 2, 3, 5])
async def test_killed_between_parts_nothing_is_lost_doubled_or_posted_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(store_parts, "PART_ARTICLES", 30)
    listed = [replace(item, uid=f"g:{n}") for n, item in enumerate(dated(0, 170))]
    async with opened(tmp_path) as store:
        feed, [topic, picky] = await followed(store, "news", "picky")
        await store.filters.set(picky.id, None, "-*7")
        submit, done = store.entries._batcher.submit, 0

        async def killed(work: object, **kwargs: bool) -> object:
            nonlocal done
            done += 1
            if done > after:
                raise OSError("killed")
            return await submit(work, **kwargs)  # type: ignore[arg-type]  # handed on

        store.entries._batcher.submit = killed  # type: ignore[method-assign,assignment]
        with pytest.raises(OSError, match="killed"):
            await store.entries.apply(read_outcome(feed, *listed, now=at(200), etag='"new"', body_digest="new"))
    async with opened(tmp_path) as store:
        [due] = await store.feeds.claim_due(now=at(400), limit=5)
        assert (due.etag, due.body_digest) == ('"1"', "d1"), "the document counts as unread"
        known, _ = await store.entries.known(feed.id, [item.entry.keys for item in listed])
        ids = {each.keys: each.id for each in known}
        assert len(ids) == 30 * after
        again = [replace(item, known_id=ids.get(item.entry.keys)) for item in listed]
        await store.entries.apply(read_outcome(feed, *again, now=at(210), etag='"new"', body_digest="new"))
        assert await fates(store, topic) == {str(n): "flood" if n < 120 else "waiting" for n in range(170)}
        found = await fates(store, picky)
        wanted = [n for n in range(170) if n % 10 != 7]
        assert [n for n in range(170) if found[str(n)] == "waiting"] == wanted[-50:]
        [due] = await store.feeds.claim_due(now=at(1_000), limit=5)
        assert (due.etag, due.body_digest) == ('"new"', "new")


async def test_others_are_served_between_the_parts_and_while_filters_are_asked(store: Store) -> None:
    feed, made = await followed(store, *(f"topic {n}" for n in range(20)))
    for topic in made:
        await store.filters.set(topic.id, None, f"-(missing{topic.id}* OR *never{topic.id})")
    quick, _ = await followed(store, "quick", guild=2, url="https://quick.example/feed")
    flood = asyncio.create_task(store.entries.apply(read_outcome(feed, *dated(0, 600), now=at(700))))
    for _ in range(10_000):
        if await counted(store, entries.c.feed_id == feed.id):
            break
    applied = await store.entries.apply(read_outcome(quick, new(9_000), now=at(700)))
    assert applied.queued == 1
    assert await counted(store, entries.c.feed_id == feed.id) < 600, "another server's article did not wait for all"
    assert (await flood).queued == 20 * 50


async def counted(store: Store, where: sa.ColumnElement[bool]) -> int:
    async with store._database.read() as connection:
        return await connection.scalar(sa.select(sa.func.count()).select_from(entries).where(where)) or 0


async def test_a_filter_that_is_changed_while_others_are_asked_holds_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path, replace_limits(articles_per_poll=1_000, waiting_per_topic=1_000)) as store:
        feed, [topic] = await followed(store, "news")
        await store.filters.set(topic.id, None, "article")
        planned: Callable[..., object] = store_parts.plan
        changes = iter(["article -*1", "article -*2"])

        async def changing(*args: object) -> object:
            made = await planned(*args)  # type: ignore[misc]  # as it was called
            if (text := next(changes, None)) is not None:
                await store.filters.set(topic.id, None, text)
            return made

        store_parts.plan = changing  # type: ignore[assignment]
        try:
            long = [
                replace(each, entry=replace(entry(n, published=at(n)), text="x" * 200_000))
                for n, each in enumerate(dated(0, 60))
            ]
            await store.entries.apply(read_outcome(feed, *long, now=at(100)))
        finally:
            store_parts.plan = planned  # type: ignore[assignment]
        found = await fates(store, topic)
        assert {n for n in found if found[n] != "waiting"} == {str(n) for n in range(60) if n % 10 == 2}


# --- what waits ----------------------------------------------------------------------------------------


async def test_of_what_waits_in_a_topic_the_oldest_beyond_the_limit_are_skipped_and_counted(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed, [topic] = await followed(store, "news")
        _, [neighbour] = await followed(store, "quiet", guild=2)
        await store.changes.pause_topic(topic.id, paused=True)
        await store.changes.pause_topic(neighbour.id, paused=True)
        for poll in range(3):
            await store.entries.apply(read_outcome(feed, *dated(10 * poll, 4, start=10 * poll), now=at(10 * poll + 5)))
        assert await fates(store, topic) == {
            **dict.fromkeys(["0", "1", "2", "3"], "crowded"),
            **dict.fromkeys(["10", "11", "12", "13", "20", "21", "22", "23"], "waiting"),
        }
        assert await events(store) == {("crowded", topic.id): 4}
        assert await events(store, 2) == {("crowded", neighbour.id): 4}
        trouble = (await store.notices.untold(now=at(60)))[0]
        assert (trouble.kind, trouble.topics, trouble.articles) == (TroubleKind.CROWDED, ("news",), 4)


async def test_a_limit_that_was_lowered_holds_with_the_next_article(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        feed, [topic] = await followed(store, "news")
        await store.entries.apply(read_outcome(feed, *dated(0, 45), now=at(50)))
        assert Counter((await fates(store, topic)).values()) == {"waiting": 45}
    async with opened(tmp_path, SMALL) as store:
        await store.entries.apply(read_outcome(feed, *dated(100, 1, start=60), now=at(70)))
        assert Counter((await fates(store, topic)).values()) == {"waiting": 8, "crowded": 38}


async def test_what_moves_into_a_topic_counts_there(tmp_path: Path) -> None:
    async with opened(tmp_path, SMALL) as store:
        feed, [topic] = await followed(store, "news")
        other, [target] = await followed(store, "target", url="https://other.example/feed")
        await store.filters.set(target.id, None, "-*3")
        await store.entries.apply(read_outcome(feed, *dated(0, 5), now=at(10)))
        await store.entries.apply(read_outcome(other, *dated(100, 5, start=50), now=at(60)))
        moved = await store.relocation.move(feed.id, old_topic_id=topic.id, new_topic_id=target.id, now=at(70))
        assert moved is not None
        found = await fates(store, target)
        assert Counter(found.values())["waiting"] == 8
        assert found["3"].startswith("filter of the topic")
        assert found["103"].startswith("filter of the topic")


# --- of one day -------------------------------------------------------------------------------------------


async def resting(store: Store, feed: FeedDue) -> tuple[datetime | None, RestReason | None]:
    async with store._database.read() as connection:
        row = (await connection.execute(sa.select(feeds).where(feeds.c.id == feed.id))).one()
    return row.rests_until, row.rest_reason


MIDNIGHT = START.replace(hour=0) + timedelta(days=1)


async def test_a_source_that_brings_too_much_in_a_day_rests_until_the_next_and_is_told_of_once(tmp_path: Path) -> None:
    async with opened(tmp_path, replace_limits(articles_per_source_per_day=12)) as store:
        feed, _ = await followed(store, "news")
        for poll in range(2):
            await store.entries.apply(read_outcome(feed, *dated(10 * poll, 6), now=at(poll)))
        assert await resting(store, feed) == (MIDNIGHT, RestReason.SOURCE)
        assert await store.feeds.claim_due(now=at(60), limit=5) == ()
        await store.changes.retry_sources([feed.id], now=at(60))
        assert await store.feeds.claim_due(now=at(60), limit=5) == (), "asking at once does not end it"
        await store.entries.apply(read_outcome(feed, now=at(61)))
        assert await store.feeds.claim_due(now=at(200), limit=5) == (), "nor does a poll that was under way"
        assert ("resting", feed.id) in await events(store)
        [due] = await store.feeds.claim_due(now=MIDNIGHT + timedelta(hours=2), limit=5)
        assert due.id == feed.id
        await store.entries.apply(read_outcome(feed, *dated(50, 6), now=MIDNIGHT + timedelta(hours=2)))
        [source] = await store.topics.sources(1, now=MIDNIGHT + timedelta(hours=2))
        assert source.rests_until is None


async def test_what_a_source_lists_when_it_is_first_read_says_nothing_of_a_day(tmp_path: Path) -> None:
    async with opened(tmp_path, replace_limits(articles_per_source_per_day=12)) as store:
        feed = await store.feeds.ensure("https://blog.example/feed", now=START)
        topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
        assert topic is not None
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(feed, *dated(0, 300)))
        assert await resting(store, feed) == (None, None)


async def test_a_server_over_its_budget_lets_only_those_sources_rest_that_nobody_else_has_room_for(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, replace_limits(stored_megabytes_per_day=0.02)) as store:
        loud, _ = await followed(store, "loud", guild=1, url="https://loud.example/feed")
        own, _ = await followed(store, "own", guild=1, url="https://own.example/feed")
        shared, _ = await followed(store, "shared", guild=1, url="https://shared.example/feed")
        await followed(store, "shared", guild=2, url="https://shared.example/feed")
        quiet, _ = await followed(store, "quiet", guild=2, url="https://quiet.example/feed")
        big = [replace(item, entry=replace(item.parsed, text="word " * 1_000)) for item in dated(0, 3)]
        await store.entries.apply(read_outcome(loud, *big, now=at(1)))
        assert [await resting(store, each) for each in (loud, own)] == 2 * [(MIDNIGHT, RestReason.SERVER)]
        assert [await resting(store, each) for each in (shared, quiet)] == 2 * [(None, None)]
        assert await store.amounts.is_over(1, now=at(2))
        assert not await store.amounts.is_over(2, now=at(2))
        assert await events(store) == {("storage", 0): 0}
        assert await events(store, 2) == {}
        [trouble] = await store.notices.untold(now=at(2))
        assert (trouble.kind, trouble.topics) == (TroubleKind.STORAGE, ())
        # What both follow counts for the one that has room: with the other's budget used up too, it rests.
        more = [replace(item, entry=replace(item.parsed, text="word " * 1_000)) for item in dated(100, 3)]
        await store.entries.apply(read_outcome(shared, *more, now=at(3)))
        assert await resting(store, shared) == (MIDNIGHT, RestReason.SERVER)
        # Somebody with room who follows it wakes it.
        third = await store.topics.create(guild_id=3, name="third", channel_id=33, now=at(4))
        assert third is not None
        await store.topics.subscribe(third.id, shared.id, added_by=None, now=at(4))
        assert shared.id in {due.id for due in await store.feeds.claim_due(now=at(5), limit=9)}
        assert not await store.amounts.is_over(1, now=MIDNIGHT)
        await store.upkeep.prune(now=MIDNIGHT + timedelta(days=3), keep=timedelta(days=365))
        async with store._database.read() as connection:
            assert await connection.scalar(sa.text("SELECT count(*) FROM stored_amounts")) == 0


async def test_texts_of_one_article_are_cut_and_addresses_that_are_too_long_are_left_out(store: Store) -> None:
    feed, _ = await followed(store, "news")
    huge = replace(
        entry(1), guid="g" * 9_000, title="t" * 9_000, author="a" * 9_000, text="x" * 200_000, summary_html="y" * 200_000,
        link="https://a.example/" + "l" * 9_000, image_url="https://a.example/" + "i" * 9_000, categories=("c" * 900,) * 90,
    )  # fmt: skip
    await store.entries.apply(read_outcome(feed, replace(new(1), entry=huge), now=at(1)))
    [article] = await store.entries.newest(feed.id)
    assert (len(article.title), len(article.author or ""), len(article.text)) == (2_000, 500, 100_000)
    assert (article.link, article.image_url, len(article.categories)) == (None, None, 50)
    async with store._database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.length(entries.c.guid))) == 4_000
        assert await connection.scalar(sa.select(sa.func.count()).select_from(topics)) == 1
