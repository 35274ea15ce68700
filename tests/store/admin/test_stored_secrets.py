"""A database of the time when secrets of addresses were in what was stored: they are taken out of it once."""

import json
import sqlite3
from pathlib import Path

from bot.addresses import MASK
from bot.model import FetchAddress, ItemState, NewItem
from bot.store.admin.stored_secrets import DONE
from tests.builders import START
from tests.opening import open_file, open_store

MOMENT = int(START.timestamp() * 1000)
SECRETS = ("hunter2", "glft-SECRET123")
SOURCE = "https://ci:hunter2@ci.example.org/rss.xml?token=glft-SECRET123"
FILE = '{"url": "https://ci.example.org/1.mp3?token=glft-SECRET123", "media_type": "audio/mpeg"}'
HTML = (
    f'<p><a href="{SOURCE}">this page</a> and <a href="https://ci.example.org/2?token=glft-SECRET123&amp;a=1">2</a></p>'
)
EMBED = {"embeds": [{"description": f"[this page]({SOURCE})", "url": "https://ci.example.org/1?token=glft-SECRET123"}]}
NOTICE = {"embeds": [{"description": f"**{SOURCE}**: The host cannot be reached."}]}


async def old_database(path: Path) -> None:
    """As the version before left it: the feed's secrets everywhere."""
    await (await open_store(f"sqlite:///{path}")).close()
    made = open_file(path)
    made.execute(
        "INSERT INTO feeds(id, url, host, title, site_url, last_error, suggested_url, next_poll_at) VALUES (3, ?, "
        "'ci.example.org', ?, 'https://ci:hunter2@ci.example.org/', ?, ?, ?)",
        (SOURCE, f"Builds of {SOURCE}", f"It moved to {SOURCE}.", SOURCE, MOMENT),
    )
    made.execute("INSERT INTO feed_aliases(url, feed_id) VALUES (?, 3)", (SOURCE.replace("rss", "old"),))
    made.execute(
        "INSERT INTO topics(id, guild_id, name, name_key, channel_id, options, created_at) "
        f"VALUES (1, 1, 'News', 'news', 10, '{{}}', {MOMENT})"
    )
    made.execute("INSERT INTO source_names(guild_id, feed_id, name) VALUES (1, 3, ?)", (SOURCE,))
    made.execute(
        "INSERT INTO entries(id, feed_id, uid, content_key, guid, link, title, summary_html, text, enclosure, categories, "
        "position, seen_at, sort_at) VALUES (1, 3, 'g:1', 'c1', ?, ?, 'Harbour hunter2', ?, 'Harbour hunter2', ?, '[]', 1, ?, ?)",
        (f"{SOURCE}#1", "https://ci.example.org/1?token=glft-SECRET123", HTML, FILE, MOMENT, MOMENT),
    )
    for number, kind, state, attempts, body in (
        (1, "article", "posted", 1, EMBED),
        (2, "article", "planned", 1, EMBED),
        (3, "notice", "posted", 1, NOTICE),
    ):
        made.execute(
            "INSERT INTO posts(id, topic_id, channel_id, guild_id, kind, nonce, payload, state, attempts, due_at, created_at) "
            f"VALUES ({number}, 1, 10, 1, '{kind}', 'n{number}', ?, '{state}', {attempts}, {MOMENT}, {MOMENT})",
            (json.dumps(body),),
        )
    made.execute(
        "INSERT INTO deliveries(id, topic_id, entry_id, state, post_id, order_at, order_position, created_at) "
        f"VALUES (1, 1, 1, 'posted', 1, {MOMENT}, 1, {MOMENT})"
    )
    made.execute(
        f"INSERT INTO saved(user_id, entry_id, title, link, source, saved_at) VALUES (7, 1, 'hunter2', ?, ?, {MOMENT})",
        (SOURCE, SOURCE),
    )
    made.execute(f"INSERT INTO imports(id, guild_id, channel_id, created_at) VALUES (1, 1, 10, {MOMENT})")
    made.execute(
        "INSERT INTO import_items(import_id, url, title, topics, state, problem) VALUES (1, ?, ?, '[]', 'failed', ?)",
        (SOURCE, SOURCE, f"I could not read {SOURCE}"),
    )
    made.execute("PRAGMA user_version = 0")
    made.commit()
    made.close()


def texts(path: Path) -> dict[str, list[str]]:
    """Everything that is stored, by table, but the addresses that are fetched and what may still have to be looked for."""
    base = open_file(path)
    base.row_factory = sqlite3.Row
    names = [
        row[0]
        for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%search%'")
    ]
    found: dict[str, list[str]] = {}
    for name in names:
        for row in base.execute(f'SELECT * FROM "{name}"'):
            values = dict(row)
            if name in {"feeds", "feed_aliases"}:
                del values["url"]
            if name == "posts" and values["id"] == 2:
                continue
            found.setdefault(name, []).append(repr(values))
    base.close()
    return found


async def test_what_was_stored_before_loses_the_secrets_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await old_database(path)
    assert {name for name, rows in texts(path).items() if any(each in row for row in rows for each in SECRETS)} == {
        "feeds", "source_names", "entries", "posts", "saved", "import_items",
    }  # fmt: skip
    store = await open_store(f"sqlite:///{path}")
    assert [row for rows in texts(path).values() for row in rows if any(each in row for each in SECRETS)] == []
    [entry] = await store.search.articles([1])
    assert (entry.link, entry.title) == ("https://ci.example.org/1", f"Harbour {MASK}")
    assert entry.enclosure is not None
    assert entry.enclosure.url == "https://ci.example.org/1.mp3"
    assert "https://ci.example.org/2?a=1" in entry.summary_html
    feed = await store.feeds.ensure(SOURCE, now=START)
    assert (feed.id, feed.url.reveal()) == (3, SOURCE)
    await store.close()
    base = open_file(path)
    assert base.execute("PRAGMA user_version").fetchone() == (DONE,)
    assert base.execute("SELECT payload FROM posts WHERE id = 2").fetchone() == (json.dumps(EMBED),)
    [(payload,)] = base.execute("SELECT payload FROM posts WHERE id = 1").fetchall()
    assert json.loads(payload)["embeds"][0]["url"] == "https://ci.example.org/1"
    base.execute("INSERT INTO entries_search(entries_search) VALUES ('integrity-check')")
    hits = base.execute("SELECT count(*) FROM entries_search WHERE entries_search MATCH 'hunter2'").fetchone()
    base.close()
    assert hits == (0,)


async def test_a_settled_item_of_a_list_keeps_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    store = await open_store(f"sqlite:///{path}")
    begun = await store.imports.begin(
        guild_id=1, channel_id=10, added_by=None, language=None, now=START,
        items=(NewItem(FetchAddress(SOURCE), None, ("News",)), NewItem(FetchAddress(f"curl -u ci:hunter2@x {SOURCE}"), None, ("News",), "no")),
    )  # fmt: skip
    assert begun is not None
    [item] = await store.imports.open_items()
    assert item.url.reveal() == SOURCE
    await store.imports.settle(item.id, ItemState.FAILED, f"I could not read {SOURCE}")
    report = await store.imports.report(begun)
    await store.close()
    assert report is not None
    assert report.failed[0].url == f"https://ci.example.org/rss.xml?token={MASK}"
    assert [row for rows in texts(path).values() for row in rows if any(each in row for each in SECRETS)] == []
