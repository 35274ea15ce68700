"""What one poll may bring: beyond it nothing is lost but the posting, and nobody else notices."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.model import MessagePayload, ProblemKind
from bot.store import Store
from bot.store.intake import chunked_apply as store_parts
from bot.store.schema.tables import entries
from tests.builders import START, at, entry, new, read_outcome
from tests.store.intake.floods import SMALL, dated, events, fates, followed, opened, replace_limits


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path) as made:
        yield made


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
                assert (hours, trouble.kind, trouble.topics) == (0, ProblemKind.FLOOD, ("news",)) or (
                    trouble.kind is ProblemKind.CROWDED
                )
                await store.notices.plan(
                    [trouble], guild_id=1, channel_id=5, nonce=str(trouble.id), payload=MessagePayload(), now=START
                )
        [notice] = [
            each for each in await store.notices.events_of(1, feed.id, [topic.id]) if each.kind is ProblemKind.FLOOD
        ]
        assert notice.articles == 4 * 5
        quiet = START + timedelta(hours=4 + 30)
        await store.troubles.refresh(now=quiet)
        assert await store.notices.events_of(1, feed.id, [topic.id]) == ()
        await flood(9, quiet + timedelta(hours=1))
        untold = await store.notices.untold(now=quiet + timedelta(hours=1))
        assert {(each.kind, each.articles) for each in untold} == {(ProblemKind.FLOOD, 5), (ProblemKind.CROWDED, 5)}
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
