"""What following costs: matching of new articles with many people's words, and looking where nobody follows anything.

python benchmarks/personal.py [PEOPLE]
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

from bot.feeds.identity import identify
from bot.filters.matching import Prepared
from bot.jobs.posting.private_messages import matching
from bot.model import Entry, FeedOutcome, FollowKind, MatchedEntry, PollKind, Wish
from tests.opening import open_store

START = datetime(2026, 1, 1, tzinfo=UTC)
ARTICLES = 100
TEXT = "Routers speak to each other about the ways that packets7 may take, and sometimes one of them is wrong. " * 20


def article(number: int) -> MatchedEntry:
    title = f"Article {number} about routes"
    entry = Entry(
        keys=identify.keys(guid=f"g{number}", link=f"https://blog.example/{number}", title=title, html=TEXT),
        position=number,
        guid=f"g{number}",
        link=f"https://blog.example/{number}",
        title=title,
        summary_html=TEXT,
        text=TEXT,
    )
    return MatchedEntry(entry=entry, uid=f"g:{number}", known_id=None)


def outcome(feed_id: int, now: datetime, *listed: MatchedEntry) -> FeedOutcome:
    return FeedOutcome(
        feed_id=feed_id,
        kind=PollKind.ENTRIES,
        polled_at=now,
        next_poll_at=now + timedelta(minutes=10),
        interval_seconds=600,
        reason="read",
        listed=listed,
        title="A blog",
    )


async def main(people: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(f"sqlite:///{folder}/a.db", now=START, default_backfill=0)
        topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
        assert topic is not None
        feed = await store.feeds.ensure("https://blog.example/feed", now=START)
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        await store.entries.apply(outcome(feed.id, START))
        now = START + timedelta(minutes=10)
        await store.entries.apply(outcome(feed.id, now, *map(article, range(ARTICLES))))
        began = time.perf_counter()
        cursor, _, _ = await store.matching.new()
        await store.matching.take([], cursor, now=now)
        print(f"nobody follows anything: {1000 * (time.perf_counter() - began):.1f} ms for {ARTICLES} articles")
        for number in range(people):
            words = f'"way {number % 997}" OR router{number % 499} OR (packets{number % 50} -switches)'
            await store.follows.add(1000 + number, 1, Wish(FollowKind.WORDS, daily=False, words=words), now=now)
        now += timedelta(minutes=10)
        await store.entries.apply(outcome(feed.id, now, *map(article, range(ARTICLES, 2 * ARTICLES))))
        began = time.perf_counter()
        cursor, articles, follows = await store.matching.new()
        read = time.perf_counter()
        matches = [match for each in articles for match in matching(each, follows, Prepared(each.article), {})]
        matched = time.perf_counter()
        await store.matching.take(matches, cursor, now=now)
        taken = time.perf_counter()
        print(f"{people} people with words, {len(articles)} articles, {len(matches)} matches")
        print(f"  read {1000 * (read - began):.0f} ms, matched {1000 * (matched - read):.0f} ms, "
              f"stored {1000 * (taken - matched):.0f} ms")  # fmt: skip
        print(f"  {1e6 * (matched - read) / (len(articles) * people):.1f} µs for an article and a person's words")
        for number in range(people):
            await store.personal.rest(1000 + number, digest_at=now + timedelta(hours=9))
        began = time.perf_counter()
        for _ in range(100):
            await store.matching.new()
            await store.personal.due(now=START, limit=20)
        print(f"a round in which nothing is new: {10 * (time.perf_counter() - began):.2f} ms")
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
