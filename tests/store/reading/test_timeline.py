"""Any page of a river at once, and the same articles as if all of it had been sorted."""

import random
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Scope, TimelineSlice
from bot.store import Store
from bot.store.engine.json_params import array
from bot.store.reading.timeline_index import TimelineIndex
from tests.builders import EVERY, START
from tests.opening import open_file

DAY = 86_400_000
NOW = int(START.timestamp() * 1000)


def put(path: Path, articles: list[tuple[int, int]], *, followed: tuple[int, ...] = (1, 2)) -> None:
    """Articles of these feeds at these moments; guild 1 follows some of the feeds, each in a topic of its own."""
    connection = open_file(path)
    for feed in sorted({feed for feed, _ in articles} | set(followed)):
        connection.execute(
            "INSERT OR IGNORE INTO feeds (id, url, host, title, next_poll_at) VALUES (?, ?, 'h', ?, 0)",
            (feed, f"https://f{feed}.example", f"Feed {feed}"),
        )
    for feed in followed:
        connection.execute(
            "INSERT OR IGNORE INTO topics (id, guild_id, name, name_key, channel_id, options, created_at) "
            "VALUES (?, 1, ?, ?, 1, '{}', 0)",
            (feed, f"T{feed}", f"t{feed}"),
        )
        connection.execute(
            "INSERT OR IGNORE INTO subscriptions (topic_id, feed_id, added_at) VALUES (?, ?, 0)", (feed, feed)
        )
    first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM entries").fetchone()[0]
    connection.executemany(
        "INSERT INTO entries (id, feed_id, uid, content_key, title, summary_html, text, position, seen_at, sort_at, categories)"
        " VALUES (?, ?, ?, ?, ?, '', 'words', 0, ?, ?, '[]')",
        [(n, feed, f"u{n}", f"c{n}", f"Article {n}", at, at) for n, (feed, at) in enumerate(articles, first)],
    )
    connection.commit()
    connection.close()


def ids(stretch: TimelineSlice) -> list[int]:
    return [article.entry_id for article in stretch.articles]


@pytest.fixture
def path(store: Store) -> Path:
    return store._database.path


async def test_every_page_is_that_of_the_whole_river_sorted(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bot.store.reading.timeline_index.FEW", 10
    )  # so that a few hundred articles are parted as millions are
    chance = random.Random(1)
    moments = [NOW - int(chance.expovariate(1 / (300 * DAY))) for _ in range(600)] + [-5 * DAY, 0, NOW, NOW, NOW]
    articles = [(chance.choice((1, 2, 3)), moment) for moment in moments]
    put(path, articles)
    for scope, feeds in ((Scope(1, EVERY), {1, 2}), (Scope(1, frozenset({2})), {2}), (Scope(1, EVERY, feed_id=1), {1})):
        wanted = [
            n for _, n in sorted(((at, n) for n, (feed, at) in enumerate(articles, 1) if feed in feeds), reverse=True)
        ]
        for rank in range(0, len(wanted), 5):
            found = await store.river.at(scope, rank, size=5)
            assert (ids(found), found.newer, found.total) == (wanted[rank : rank + 5], rank, len(wanted))
            assert found.last is not None
            assert found.first is not None
            assert ids(await store.river.older(scope, found.last, size=5)) == wanted[rank + 5 : rank + 10]
            assert ids(await store.river.newer(scope, found.first, size=5)) == wanted[max(0, rank - 5) : rank]


async def test_too_high_a_page_is_the_last_one(store: Store, path: Path) -> None:
    put(path, [(1, NOW - n * DAY) for n in range(12)])
    assert ids(await store.river.at(Scope(1, EVERY), 10**9, size=5)) == [11, 12]
    assert (await store.river.at(Scope(9, EVERY), 10**9, size=5)).total == 0


async def test_what_comes_between_two_pages_neither_doubles_nor_hides_an_article(store: Store, path: Path) -> None:
    put(path, [(1, NOW - n * DAY) for n in range(12)])
    first = await store.river.at(Scope(1, EVERY), 0, size=5)
    put(path, [(1, NOW + n) for n in range(1, 8)])
    assert first.last is not None
    second = await store.river.older(Scope(1, EVERY), first.last, size=5)
    assert (ids(second), second.newer) == ([6, 7, 8, 9, 10], 12)
    assert second.first is not None
    back = await store.river.newer(Scope(1, EVERY), second.first, size=5)
    assert ids(back) == ids(first)
    assert back.first is not None
    top = await store.river.newer(Scope(1, EVERY), back.first, size=5)
    assert top.first is not None
    assert ids(top) + ids(await store.river.newer(Scope(1, EVERY), top.first, size=5)) == [17, 16, 15, 14, 13, 19, 18]


async def test_turning_goes_on_where_the_article_itself_has_left_the_river(store: Store, path: Path) -> None:
    put(path, [(1 + n % 2, NOW - n * DAY) for n in range(20)])
    page = await store.river.at(Scope(1, EVERY), 0, size=5)
    topic = await store.topics.get(1, "T1")
    assert topic is not None
    assert page.last is not None
    await store.topics.unsubscribe(topic.id, 1, now=START)
    assert ids(await store.river.older(Scope(1, EVERY), page.last, size=3)) == [6, 8, 10]


async def test_a_guild_reads_only_what_it_follows(store: Store, path: Path) -> None:
    put(path, [(1, NOW), (3, NOW)])
    assert (await store.river.at(Scope(2, EVERY), 0, size=5)).total == 0
    assert ids(await store.river.at(Scope(1, EVERY), 0, size=5)) == [1]
    assert ids(await store.river.at(Scope(1, EVERY, feed_id=3), 0, size=5)) == []


async def test_the_counts_follow_articles_that_go_or_change_their_feed(store: Store, path: Path) -> None:
    put(path, [(1, NOW), (2, NOW), (2, NOW - 500 * DAY), (3, NOW)])
    connection = open_file(path)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("UPDATE entries SET feed_id = 1 WHERE id = 2")
    connection.execute("DELETE FROM entries WHERE id = 1")
    connection.execute("DELETE FROM feeds WHERE id = 3")
    connection.commit()
    counted = connection.execute(
        "SELECT level, feed_id, bucket, articles FROM river_counts WHERE articles > 0 ORDER BY 1, 2, 3"
    ).fetchall()
    wanted = connection.execute(
        "SELECT column1, feed_id, sort_at >> column1, count(*) FROM entries, (VALUES (35), (31), (27)) "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ).fetchall()
    connection.close()
    assert counted == wanted
    assert ids(await store.river.at(Scope(1, EVERY), 0, size=5)) == [2, 3]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=st.lists(st.integers(-(2**42), 2**42), min_size=1, max_size=60), few=st.integers(0, 20))
async def test_the_place_of_a_key_and_the_key_of_a_place_are_inverse(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch, moments: list[int], few: int
) -> None:
    monkeypatch.setattr("bot.store.reading.timeline_index.FEW", few)
    async with store._database.write() as connection:
        await connection.execute(sa.text("DELETE FROM entries"))
    put(path, [(1, moment) for moment in moments])
    async with store._database.read() as connection:
        ranks = await TimelineIndex.of(connection, array([1]))
        keys = await ranks.keys(0, len(moments))
        assert [moment for moment, _ in keys] == sorted(moments, reverse=True)
        assert [await ranks.rank(key) for key in keys] == list(range(len(moments)))
