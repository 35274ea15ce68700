"""What is kept no longer is gone, in the end to the last byte; what is kept stays, whoever leaves."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.config.settings import LimitsSettings, StoreSettings
from bot.model import ClaimedFeed, Scope, Topic
from bot.store import Store
from bot.store.admin import retention
from bot.store.reading.search_query import parse
from bot.store.schema.tables import metadata
from tests.builders import START, new, read_outcome
from tests.opening import open_file, open_store, sweep

DAY = timedelta(days=1)
EVERY = frozenset(range(100))
REFERENCES = {
    "guild_id",
    "user_id",
    "person_id",
    "feed_id",
    "entry_id",
    "topic_id",
    "post_id",
    "delivery_id",
    "channel_id",
}
OF_PERSONS = {"saved", "people"}
"""What stays for the person although it came from a server."""
STAYING, LEAVING = 1, 2


# --- nothing is forgotten --------------------------------------------------------------------------------


def test_of_every_table_it_is_said_how_long_its_rows_stay() -> None:
    refer = {
        table.name
        for table in metadata.tables.values()
        if table.foreign_keys
        or any(column.name in REFERENCES or column.name.endswith("_by") for column in table.columns)
    }
    assert refer - retention.KEPT.keys() == set(), (
        "say in bot.store.admin.retention.KEPT, and in docs/running.md, how long these stay"
    )
    assert metadata.tables.keys() == retention.KEPT.keys()


class Filler:
    """Puts a row into every table, with words that tell whose it is."""

    def __init__(self, connection: sa.Connection, guild_id: int, word: str) -> None:
        self._connection = connection
        self._guild = guild_id
        self._word = word
        self._keys: dict[str, int] = {}

    def fill(self) -> None:
        for table in metadata.sorted_tables:
            if table.name in {"heartbeats", "cursors", "poll_price", "river_counts", "search_index"}:
                continue  # loops, and what triggers write
            row = {column.name: self._value(column) for column in table.columns if column.name != "id"}
            done = self._connection.execute(sa.insert(table).values(row))
            self._keys[table.name] = self._guild if "user_id" in table.primary_key.columns else done.lastrowid or 0

    def _value(self, column: sa.Column[Any]) -> Any:
        for key in column.foreign_keys:
            return self._keys[key.column.table.name]
        fixed: dict[str, Any] = {
            "guild_id": self._guild,
            "user_id": self._guild,
            "left_by": None,
            "unfollowed_since": None,
            "ended": None,
            "removed_at": None,
            "lease_until": None,
            "trimmed": False,
            "filters": None,
        }
        if column.name in fixed:
            return fixed[column.name]
        if column.name in {"state", "kind"}:
            return {"posts": "posted", "deliveries": "posted", "feeds": "active"}.get(column.table.name, "waiting")
        if isinstance(column.type, sa.JSON):
            return [self._word]
        if isinstance(column.type, sa.Text):
            word = "personsword" if column.table.name in OF_PERSONS else self._word
            return f"https://{word}.example/{column.table.name}/{column.name}"
        return (
            START
            if "UtcTime" in repr(column.type)
            else False
            if isinstance(column.type, sa.Boolean)
            else 1000 + self._guild
        )


def texts(path: Path, word: str) -> Iterator[str]:
    """The tables in which the word stands."""
    engine = sa.create_engine("sqlite://", creator=lambda: open_file(path), poolclass=sa.pool.NullPool)
    with closing(engine.connect()) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.text(f"SELECT * FROM {table.name}")):
                if word in repr(tuple(row)).lower():
                    yield table.name
    engine.dispose()


def of_guild(path: Path, guild_id: int) -> set[str]:
    engine = sa.create_engine("sqlite://", creator=lambda: open_file(path), poolclass=sa.pool.NullPool)
    with closing(engine.connect()) as connection:
        found = {
            table.name
            for table in metadata.sorted_tables
            if "guild_id" in table.c
            and connection.scalar(sa.select(sa.func.count()).where(table.c.guild_id == guild_id))
        }
    engine.dispose()
    return found


async def test_of_a_server_that_left_no_row_and_no_byte_is_there_after_31_days(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    store = await open_store(f"sqlite:///{path}")
    await store.close()
    engine = sa.create_engine("sqlite://", creator=lambda: open_file(path), poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        Filler(connection, STAYING, "stayingword").fill()
        Filler(connection, LEAVING, "leavingword").fill()
    engine.dispose()
    assert set(texts(path, "leavingword")) >= {
        "feeds",
        "entries",
        "topics",
        "posts",
        "imports",
        "source_names",
        "follows",
    }
    assert of_guild(path, LEAVING) == of_guild(path, STAYING)
    assert b"leavingword" in path.read_bytes()
    stays = of_guild(path, STAYING)

    store = await open_store(f"sqlite:///{path}", now=START)
    await store.upkeep.guild_left(LEAVING, now=START)
    await sweep(store, now=START + 29 * DAY)
    assert of_guild(path, LEAVING) >= stays - {"posts", "followups"}, "it may come back"
    await sweep(store, now=START + 31 * DAY)
    await store.close()

    assert of_guild(path, LEAVING) == set()
    assert set(texts(path, "leavingword")) == set()
    assert b"leavingword" not in path.read_bytes()
    assert of_guild(path, STAYING) >= stays - {"posts", "followups"}
    assert b"stayingword" in path.read_bytes()


# --- feeds that nobody follows -----------------------------------------------------------------------------

KEEP_30, KEEP_NONE = StoreSettings(), StoreSettings(unfollowed_days=0)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/a.db", limits=LimitsSettings(sources_per_guild=3))
    yield opened
    await opened.close()


async def topic_of(store: Store, guild: int = 1) -> Topic:
    made = await store.topics.create(guild_id=guild, name="news", channel_id=10 * guild, now=START)
    assert made is not None
    return made


async def followed(
    store: Store, topic: Topic, url: str = "https://blog.example/feed", articles: int = 2
) -> ClaimedFeed:
    feed = await store.feeds.ensure(url, now=START)
    await store.topics.subscribe(topic.id, feed.id, added_by=7, now=START)
    await store.entries.apply(read_outcome(feed, *(new(number, title=f"Cats {number}") for number in range(articles))))
    return feed


async def exists(store: Store, feed: ClaimedFeed) -> bool:
    async with store._database.read() as connection:
        return bool(await connection.scalar(sa.text("SELECT count(*) FROM feeds WHERE id = :id"), {"id": feed.id}))


async def test_a_feed_stays_for_30_days_after_the_last_follower_left_and_then_goes_with_its_articles(
    store: Store,
) -> None:
    topic = await topic_of(store)
    feed = await followed(store, topic, articles=2 * retention.ENTRIES + 3)
    await store.names.give(1, feed.id, "Ours")
    await store.topics.unsubscribe(topic.id, feed.id, now=START)
    await sweep(store, now=START)
    await sweep(store, now=START + 29 * DAY)
    assert await exists(store, feed)
    await sweep(store, now=START + 31 * DAY)
    assert not await exists(store, feed)
    async with store._database.read() as connection:
        for table in ("entries", "river_counts", "source_names", "deliveries"):
            assert (table, await connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))) == (table, 0)
        assert (
            await connection.scalar(sa.text("SELECT count(*) FROM entries_search WHERE entries_search MATCH 'cats'"))
            == 0
        )


async def test_a_feed_that_is_followed_again_in_time_is_as_it_was(store: Store) -> None:
    topic = await topic_of(store)
    feed = await followed(store, topic)
    await store.topics.unsubscribe(topic.id, feed.id, now=START)
    await sweep(store, now=START)
    again = await store.feeds.ensure("https://blog.example/feed", now=START + 29 * DAY)
    await sweep(store, now=START + 29 * DAY)  # between the feed and the subscription
    await store.topics.subscribe(topic.id, again.id, added_by=7, now=START + 29 * DAY)
    await sweep(store, now=START + 90 * DAY)
    assert (await store.river.at(Scope(1, EVERY), 0, size=5)).total == 2


@pytest.mark.parametrize("who", ["another topic", "a person", "another server"])
async def test_a_feed_stays_while_anybody_follows_it(store: Store, who: str) -> None:
    topic = await topic_of(store)
    feed = await followed(store, topic, "https://ada:hunter2@blog.example/feed")
    if who == "a person":
        async with store._database.write() as connection:
            await connection.execute(sa.text("INSERT INTO people (user_id, created_at) VALUES (7, 0)"))
            await connection.execute(
                sa.text(
                    "INSERT INTO follows (user_id, guild_id, kind, feed_id, daily, member_at, created_at) "
                    "VALUES (7, 1, 'source', :feed, 0, 0, 0)"
                ),
                {"feed": feed.id},
            )
    else:
        guild = 1 if who == "another topic" else 2
        other = await store.topics.create(guild_id=guild, name="other", channel_id=11, now=START)
        assert other is not None
        await store.topics.subscribe(other.id, feed.id, added_by=7, now=START)
    await store.topics.unsubscribe(topic.id, feed.id, now=START)
    await sweep(store, now=START)
    await sweep(store, now=START + 400 * DAY)
    assert await exists(store, feed)


@pytest.mark.parametrize(
    "url", ["https://ada:hunter2@blog.example/feed", "https://blog.example/feed?token=SECRET1234567890"]
)
async def test_a_feed_whose_address_holds_a_secret_goes_at_once(store: Store, url: str) -> None:
    topic = await topic_of(store)
    feed, plain = await followed(store, topic, url), await followed(store, topic)
    for each in (feed, plain):
        await store.topics.unsubscribe(topic.id, each.id, now=START)
    await sweep(store, now=START)
    await sweep(store, now=START + timedelta(seconds=4))
    assert (await exists(store, feed), await exists(store, plain)) == (False, True)
    async with store._database.read() as connection:
        left = await connection.execute(sa.text("SELECT url FROM feeds UNION ALL SELECT url FROM feed_aliases"))
        assert list(left.scalars()) == ["https://blog.example/feed"]


async def test_with_0_days_a_feed_goes_with_the_next_clean_up(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/a.db", kept=KEEP_NONE)
    topic = await topic_of(store)
    feed = await followed(store, topic)
    await store.topics.unsubscribe(topic.id, feed.id, now=START)
    await sweep(store, now=START)
    await sweep(store, now=START + timedelta(seconds=4))
    assert not await exists(store, feed)
    await store.close()


async def test_a_poll_that_is_under_way_is_stored_before_its_feed_goes(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/a.db", kept=KEEP_NONE)
    topic = await topic_of(store)
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(topic.id, feed.id, added_by=7, now=START)
    (claimed,) = await store.feeds.claim_due(now=START, limit=9)
    await store.topics.unsubscribe(topic.id, feed.id, now=START)
    for seconds in (0, 4, 8):
        await sweep(store, now=START + timedelta(seconds=seconds))
    await store.entries.apply(read_outcome(claimed, new(1)))
    assert await exists(store, feed)
    for seconds in (12, 16):
        await sweep(store, now=START + timedelta(seconds=seconds))
    assert not await exists(store, feed)
    await store.close()


async def test_subscribing_and_unsubscribing_in_turn_does_not_pass_the_limit_of_sources(store: Store) -> None:
    topic, other = await topic_of(store), await topic_of(store, guild=2)
    theirs = await followed(store, other, "https://theirs.example/feed")
    await store.topics.unsubscribe(other.id, theirs.id, now=START)
    feeds = []
    for number in range(8):
        moment = START + timedelta(minutes=number)
        feed = await followed(store, topic, f"https://b{number}.example/feed")
        feeds.append(feed)
        await store.topics.unsubscribe(topic.id, feed.id, now=moment)
        await sweep(store, now=moment)
        await sweep(store, now=moment + timedelta(seconds=4))
    assert [await exists(store, feed) for feed in feeds] == [False] * 5 + [True] * 3, "the last that were left stay"
    assert await exists(store, theirs), "what others left is none of theirs"


async def test_deleting_a_feed_frees_nothing_of_what_its_server_may_store_in_a_day(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/a.db", kept=KEEP_NONE)
    topic = await topic_of(store)

    async def stored() -> int:
        async with store._database.read() as connection:
            return await connection.scalar(sa.text("SELECT sum(bytes) FROM stored_amounts WHERE guild_id = 1")) or 0

    amounts = [await stored()]
    for number in range(3):
        moment = START + timedelta(minutes=number)
        feed = await followed(store, topic, f"https://b{number}.example/feed")
        await store.topics.unsubscribe(topic.id, feed.id, now=moment)
        for seconds in (0, 4):
            await sweep(store, now=moment + timedelta(seconds=seconds))
        assert not await exists(store, feed)
        amounts.append(await stored())
    assert amounts == sorted(set(amounts)), "more each time"
    await store.close()


async def test_what_somebody_saved_stays_when_its_article_goes(store: Store) -> None:
    topic = await topic_of(store)
    feed = await followed(store, topic)
    article = (await store.river.at(Scope(1, EVERY), 0, size=1)).articles[0]
    await store.saved.save(7, article, source="A blog", now=START, most=10)
    await store.topics.unsubscribe(topic.id, feed.id, now=START)
    await sweep(store, now=START)
    await sweep(store, now=START + 31 * DAY)
    (kept,) = (await store.saved.page(7, done=None, number=1, size=5)).items
    assert (kept.title, kept.link, kept.source, kept.entry_id) == (article.title, article.link, "A blog", None)


async def test_a_search_finds_nothing_of_what_was_deleted_while_it_was_shown(store: Store) -> None:
    topic = await topic_of(store)
    feed = await followed(store, topic)
    places = await store.search.places(Scope(1, EVERY), parse("cats"), since=None, most=9)
    await store.topics.unsubscribe(topic.id, feed.id, now=START)
    await sweep(store, now=START)
    await sweep(store, now=START + 31 * DAY)
    assert len(places) == 2
    assert await store.search.at(places) == ()


# --- messages ----------------------------------------------------------------------------------------------


async def put_posts(store: Store, *values: str) -> None:
    async with store._database.write() as connection:
        for number, value in enumerate(values, 1):
            await connection.execute(
                sa.text(
                    "INSERT INTO posts (id, channel_id, guild_id, kind, nonce, payload, state, due_at, created_at, posted_at) "
                    f"VALUES ({number}, 10, 1, {value})"
                ).bindparams(),
                {"now": int(START.timestamp() * 1000)},
            )


async def payloads(store: Store) -> dict[int, str]:
    async with store._database.read() as connection:
        return {row.id: row.payload for row in await connection.execute(sa.text("SELECT id, payload FROM posts"))}


async def test_a_message_is_emptied_once_nothing_can_change_it_and_later_forgotten(store: Store) -> None:
    await put_posts(
        store,
        "'articles', 'a', 'words', 'posted', :now, :now, :now",
        "'articles', 'b', 'words', 'planned', :now, :now, NULL",
        "'notice', 'c', 'words', 'dissolved', :now, :now, NULL",
        "'articles', 'd', 'words', 'posted', :now, :now, :now + 10 * 86400000",
    )
    await sweep(store, now=START + 3 * DAY)
    assert set((await payloads(store)).values()) == {"words"}
    await sweep(store, now=START + 5 * DAY)
    assert await payloads(store) == {1: "", 2: "words", 3: "", 4: "words"}
    await sweep(store, now=START + 31 * DAY)
    assert await payloads(store) == {2: "words", 4: ""}, "no article belongs to the others"
    await sweep(store, now=START + 400 * DAY)
    assert await payloads(store) == {2: "words"}, "what is planned is sent, however late"
