"""A database of the time before filters, digests, saving and personal follows goes on where it was."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.pool import NullPool

from bot.feeds.scheduling.publish_habit import rate_of, unpack
from bot.store.engine.migrate import newest, script, upgrade
from bot.store.schema.tables import metadata
from tests.builders import START, at, new, read_outcome
from tests.opening import open_file, open_store

MOMENT = int(START.timestamp() * 1000)
MENU = '{"components":[{"components":[{"custom_id":"riverpost:keep","options":[{"label":"a","value":"900000"}]}]}]}'
NOTICE = '{"components":[{"components":[{"custom_id":"riverpost:retry:1:700000"}]}]}'


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """At 0009, with a feed in a topic: one article posted, one waiting."""
    path = tmp_path / "a.db"
    config, _ = script()
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
    engine.dispose()
    made = open_file(path)
    made.execute(
        f"INSERT INTO feeds(id, url, host, next_poll_at) VALUES (3, 'https://a.example/', 'a.example', {MOMENT})"
    )
    made.execute(
        "INSERT INTO topics(id, guild_id, name, name_key, channel_id, options, created_at) "
        f"VALUES (1, 1, 'News', 'news', 10, '{{}}', {MOMENT})"
    )
    made.execute("INSERT INTO channels(channel_id, guild_id) VALUES (10, 1)")
    made.execute(f"INSERT INTO subscriptions(topic_id, feed_id, since, added_at) VALUES (1, 3, {MOMENT}, {MOMENT})")
    made.execute(
        "INSERT INTO posts(id, topic_id, channel_id, guild_id, kind, nonce, payload, state, due_at, message_id, "
        f"created_at, posted_at) VALUES (1, 1, 10, 1, 'article', 'n', '{{}}', 'posted', {MOMENT}, 77, {MOMENT}, {MOMENT})"
    )
    for number, state in ((1, "posted"), (2, "waiting")):
        made.execute(
            "INSERT INTO entries(id, feed_id, uid, content_key, title, summary_html, text, categories, position, seen_at, "
            f"sort_at) VALUES ({number}, 3, 'g:{number}', 'c{number}', 'Article {number}', 'Harbour', 'Harbour', '[]', "
            f"{number}, {MOMENT}, {MOMENT})"
        )
        made.execute(
            "INSERT INTO deliveries(id, topic_id, entry_id, state, post_id, order_at, order_position, created_at) "
            f"VALUES ({number}, 1, {number}, '{state}', {'1' if number == 1 else 'NULL'}, {MOMENT}, -{number}, {MOMENT})"
        )
    made.commit()
    made.close()
    return path


async def test_what_was_posted_stays_posted_what_waits_goes_out_and_all_is_found(old: Path) -> None:
    upgrade(old)
    store = await open_store(f"sqlite:///{old}", now=at(1))
    [(waiting, _)] = await store.deliveries.waiting(10, limit=9, now=at(1))
    assert waiting.article.title == "Article 2"
    assert [work.channel_id for work in await store.deliveries.claim_channels(now=at(1), limit=9)] == [10]
    figures = await store.operating.overview(1, now=at(1))
    assert (figures.posted, figures.waiting, figures.kept, figures.entries) == (1, 1, 0, 2)
    cursor, articles, _ = await store.matching.new()
    assert (cursor.at, articles) == (2, ()), "nobody is told of what came before persons could follow anything"
    feed = await store.feeds.ensure("https://a.example/", now=at(1))
    await store.entries.apply(read_outcome(feed, new(9), now=at(2)))
    async with store._database.read() as connection:
        counted = await connection.scalar(sa.text("SELECT sum(articles) FROM river_counts WHERE level = 35"))
        hits = sa.text("SELECT count(*) FROM entries_search WHERE entries_search MATCH 'harbour'")
        assert (counted, await connection.scalar(hits)) == (3, 2)
    await store.close()


@pytest.fixture
def before_autoincrement(old: Path) -> Path:
    """At 0015: in its messages stand ids of an article and a feed that are gone."""
    engine = sa.create_engine(f"sqlite:///{old}", poolclass=NullPool)
    config, _ = script()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0015")
        connection.exec_driver_sql(
            "INSERT INTO posts(channel_id, guild_id, kind, nonce, payload, state, due_at, created_at) VALUES "
            f"(10, 1, 'article', 'm', '{MENU}', 'posted', {MOMENT}, {MOMENT}), "
            f"(10, 1, 'notice', 'o', '{NOTICE}', 'posted', {MOMENT}, {MOMENT})"
        )
    engine.dispose()
    return old


def test_the_newest_schema_is_known_without_reading_the_steps(tmp_path: Path) -> None:
    assert newest() == script()[1].get_current_head()
    path = tmp_path / "a.db"
    assert (upgrade(path), upgrade(path)) == (newest(), None)


def test_every_row_id_is_never_given_again_after_the_upgrade_and_nothing_else_changed(
    before_autoincrement: Path,
) -> None:
    before = rows_of(before_autoincrement)
    engine = sa.create_engine(f"sqlite:///{before_autoincrement}", poolclass=NullPool)
    config, _ = script()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0016")
    engine.dispose()
    after = rows_of(before_autoincrement)
    assert set(before.pop("made")) <= set(after.pop("made")), "an index or a trigger is gone"
    for name, rows in before.items():
        assert len(after[name]) == len(rows)
        for row, same in zip(rows, after[name], strict=True):
            assert row.items() <= same.items(), "a later column may have come, and nothing else changed"
    file = open_file(before_autoincrement)
    file.execute("PRAGMA foreign_keys = ON")
    assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert file.execute("PRAGMA foreign_key_check").fetchall() == []
    given = insert_article(file, "g:first")
    assert given > 900_000, "the highest id was in a menu"
    file.execute("DELETE FROM entries WHERE id = ?", (given,))
    assert insert_article(file, "g:second") > given
    feed = file.execute(
        f"INSERT INTO feeds(url, host, next_poll_at) VALUES ('https://b.example/', 'b', {MOMENT})"
    ).lastrowid
    assert feed is not None
    assert feed > 700_000, "the highest id was in a notice"
    file.execute("DELETE FROM topics")
    topic = file.execute(
        "INSERT INTO topics(guild_id, name, name_key, channel_id, options, created_at) "
        f"VALUES (1, 'News', 'news', 10, '{{}}', {MOMENT})"
    ).lastrowid
    assert topic is not None
    assert topic > 1
    file.close()


def test_every_table_with_ids_is_autoincremented_as_the_code_says(tmp_path: Path) -> None:
    upgrade(tmp_path / "a.db")
    file = sqlite3.connect(tmp_path / "a.db")
    stored = {name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%'")}
    told = {name for name, table in metadata.tables.items() if table.dialect_options["sqlite"]["autoincrement"]}
    assert stored == told == {name for name, table in metadata.tables.items() if "id" in table.c}
    file.close()


async def test_the_upgraded_tables_can_be_altered_and_their_triggers_go_on(before_autoincrement: Path) -> None:
    upgrade(before_autoincrement)
    await (await open_store(f"sqlite:///{before_autoincrement}", now=at(1))).close()
    file = open_file(before_autoincrement)
    file.execute("ALTER TABLE entries ADD COLUMN later TEXT")
    insert_article(file, "g:new", text="Lighthouse")
    hits = "SELECT count(*) FROM entries_search WHERE entries_search MATCH 'lighthouse OR harbour'"
    assert file.execute(hits).fetchone() == (3,)
    assert file.execute("SELECT sum(articles) FROM river_counts WHERE level = 35").fetchone() == (3,)
    file.close()


def rows_of(path: Path) -> dict[str, list[Any]]:
    """Every row of every table, and as `made` the names of indexes and triggers."""
    file = open_file(path)
    file.row_factory = sqlite3.Row
    tables = (
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%search%' AND name NOT LIKE 'sqlite%'"
    )
    found: dict[str, list[Any]] = {
        name: [dict(row) for row in file.execute(f"SELECT * FROM {name}").fetchall()]
        for (name,) in file.execute(tables).fetchall()
        if name not in {"cursors", "alembic_version"}
    }
    made = "SELECT type, name FROM sqlite_schema WHERE type IN ('index', 'trigger') AND name <> 'deliveries_cursors'"
    found["made"] = [tuple(row) for row in file.execute(made).fetchall()]
    file.close()
    return found


def insert_article(file: sqlite3.Connection, uid: str, *, text: str = "") -> int:
    made = file.execute(
        "INSERT INTO entries(feed_id, uid, content_key, title, summary_html, text, categories, position, seen_at, sort_at) "
        "VALUES (3, ?, ?, ?, ?, ?, '[]', 0, ?, ?)",
        (uid, uid, uid, text, text, MOMENT, MOMENT),
    )
    assert made.lastrowid is not None
    return made.lastrowid


def test_what_is_stored_of_each_feed_says_when_it_publishes(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    config, _ = script()
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0023")
    engine.dispose()
    made = sqlite3.connect(path)
    midnight = MOMENT - MOMENT % 86_400_000
    pace = (None, 30.0, None, None)
    for number, polled in ((1, MOMENT), (2, MOMENT), (3, None), (4, MOMENT)):
        made.execute(
            "INSERT INTO feeds(id, url, host, next_poll_at, last_success_at, pace_entries, pace_since) VALUES (?, ?, 'a', ?, ?, ?, ?)",
            (number, f"https://{number}.example/", MOMENT, polled, pace[number - 1], MOMENT - 15 * 86_400_000),
        )
    for day in range(1, 41):
        for feed, hour in ((1, 7.25), (4, 0.0)):
            made.execute(
                "INSERT INTO entries(feed_id, uid, content_key, title, summary_html, text, categories, position, seen_at, sort_at) "
                "VALUES (?, ?, ?, 'A', '', '', '[]', 1, ?, ?)",
                (feed, f"g:{feed}:{day}", f"c{day}", MOMENT, midnight - day * 86_400_000 + int(hour * 3_600_000)),
            )
    made.commit()
    made.close()
    upgrade(path)
    file = sqlite3.connect(path)
    stored = dict(file.execute("SELECT id, habit FROM feeds"))
    file.close()
    by_dates, by_pace, dates_only = (unpack(stored[number]) for number in (1, 2, 4))
    assert by_dates.hours[7] > 20
    assert sum(by_dates.hours) == pytest.approx(by_dates.hours[7])
    assert rate_of(by_dates) == pytest.approx(1, rel=0.1)
    assert sum(by_pace.hours) == sum(dates_only.hours) == 0
    assert rate_of(by_pace) == pytest.approx(2, rel=0.1)
    assert stored[3] is None
    assert rate_of(dates_only) == pytest.approx(1, rel=0.1)
    assert all(habit.at == MOMENT / 60_000 for habit in (by_dates, by_pace, dates_only))
