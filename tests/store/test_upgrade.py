"""A database of the time before filters, digests, saving and personal follows goes on where it was."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.pool import NullPool

from bot.store import Store
from bot.store.migrate import script, upgrade
from tests.builders import START, at, new, read_outcome

MOMENT = int(START.timestamp() * 1000)


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
    made = sqlite3.connect(path)
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
    store = await Store.open(f"sqlite:///{old}", now=at(1))
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
