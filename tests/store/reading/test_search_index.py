"""The search index after an upgrade: made anew while the bot works, from wherever it was interrupted."""

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.jobs.maintenance import SearchIndexJob
from bot.model import Entry, Scope
from bot.store import Store
from bot.store.reading.search_query import parse
from tests.builders import EVERY, START, at, new, read_outcome
from tests.fakes import FakeClock
from tests.opening import open_store

ARTICLES = 30
PIECE = 7


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few articles take several pieces, and the start makes one."""
    monkeypatch.setattr("bot.store.reading.search_index.ROWS", PIECE)
    monkeypatch.setattr("bot.store.reading.search_index.PIECES_AT_ONCE", 1)


async def with_articles(path: Path) -> Store:
    store = await open_store(f"sqlite:///{path}", default_backfill=0)
    topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    assert topic is not None
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    for number in range(1, ARTICLES + 1):
        await publish(store, number)
    return store


async def publish(store: Store, number: int, title: str | None = None) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.entries.apply(
        read_outcome(feed, new(number, published=at(number), title=title), now=at(1_000 + number))
    )


async def found(store: Store, typed: str = "article") -> list[str]:
    places = await store.search.places(Scope(1, EVERY), parse(typed), since=None, most=1_000)
    return [each.title for each in await store.search.at(places)]


async def of_other_rules(path: Path) -> None:
    """As if a version whose words were others had made the index."""
    store = await open_store(f"sqlite:///{path}")
    async with store._database.write() as connection:
        await connection.execute(sa.text("UPDATE search_index SET version = 'other'"))
    await store.close()


def articles(first: int, last: int) -> list[str]:
    return [f"Article {number}" for number in range(first, last - 1, -1)]


async def test_the_newest_are_found_at_once_and_the_others_piece_by_piece(tmp_path: Path) -> None:
    await (await with_articles(tmp_path / "a.db")).close()
    await of_other_rules(tmp_path / "a.db")
    store = await open_store(f"sqlite:///{tmp_path}/a.db")
    assert await found(store) == articles(30, 24)
    assert not await store.search_index.is_whole()
    assert await store.search_index.fill() == PIECE
    assert await found(store) == articles(30, 17)
    await store.close()
    store = await open_store(f"sqlite:///{tmp_path}/a.db")
    assert await found(store) == articles(30, 17), "a restart goes on where it was"
    while await store.search_index.fill():
        pass
    assert await found(store) == articles(30, 1)
    assert await store.search_index.is_whole()
    await store.close()


async def test_what_comes_changes_and_goes_meanwhile_is_found_once_as_it_is(tmp_path: Path) -> None:
    await (await with_articles(tmp_path / "a.db")).close()
    await of_other_rules(tmp_path / "a.db")
    store = await open_store(f"sqlite:///{tmp_path}/a.db")
    await publish(store, 31)
    async with store._database.write() as connection:
        for change in (
            "UPDATE entries SET title = 'Harbour', text = '' WHERE title IN ('Article 29', 'Article 2')",
            "DELETE FROM entries WHERE title IN ('Article 28', 'Article 3')",
        ):
            await connection.execute(sa.text(change))
    assert await found(store) == ["Article 31", "Article 30", "Article 27", "Article 26", "Article 25", "Article 24"]
    while await store.search_index.fill():
        pass
    gone = {"Article 29", "Article 2", "Article 28", "Article 3"}
    assert await found(store) == [each for each in articles(31, 1) if each not in gone]
    assert await found(store, "harbour") == ["Harbour", "Harbour"]
    async with store._database.write() as connection:
        await connection.execute(sa.text("INSERT INTO entries_search(entries_search) VALUES ('integrity-check')"))
    await store.close()


async def test_the_index_is_the_same_as_if_it_had_grown_with_its_articles(tmp_path: Path) -> None:
    store = await with_articles(tmp_path / "a.db")
    grown = await terms(store)
    await store.close()
    await of_other_rules(tmp_path / "a.db")
    store = await open_store(f"sqlite:///{tmp_path}/a.db")
    while await store.search_index.fill():
        pass
    assert await terms(store) == grown
    await store.close()


async def terms(store: Store) -> list[tuple[object, ...]]:
    """Every word with every place of it."""
    async with store._database.write() as connection:
        await connection.execute(sa.text("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, entries_search, instance)"))
        rows = (
            await connection.execute(sa.text("SELECT term, doc, col, offset FROM temp.v ORDER BY 1, 2, 3, 4"))
        ).all()
        await connection.execute(sa.text("DROP TABLE temp.v"))
    return [tuple(row) for row in rows]


async def test_the_job_fills_it_with_rests_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    await (await with_articles(tmp_path / "a.db")).close()
    await of_other_rules(tmp_path / "a.db")
    store = await open_store(f"sqlite:///{tmp_path}/a.db")
    job = SearchIndexJob(store, FakeClock(START))
    rests = [await job.round() for _ in range(6)]
    assert all(0 < rest < 1 for rest in rests[:4])
    assert rests[5] > 3_600
    assert await found(store) == articles(30, 1)
    await store.close()


async def test_an_author_or_category_that_changes_is_found_by_its_new_name(tmp_path: Path) -> None:
    store = await with_articles(tmp_path / "a.db")
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    made = new(40, published=at(40))
    assert isinstance(made.entry, Entry)
    named = replace(made, entry=replace(made.entry, author="Ada", categories=("Sea",)))
    await store.entries.apply(read_outcome(feed, named, now=at(2_000)))
    assert await found(store, "ada sea") == ["Article 40"]
    async with store._database.write() as connection:
        await connection.execute(
            sa.text("""UPDATE entries SET author = 'Grace', categories = '["Land"]' WHERE author = 'Ada'""")
        )
    assert await found(store, "ada") == await found(store, "sea") == []
    assert await found(store, "grace land") == ["Article 40"]
    await store.close()
