"""The sample feeds: right for a feed reader, and never at an end."""

from datetime import timedelta

import aiohttp
import feedparser

from bot.sandbox.articles import FEEDS
from bot.sandbox.samples import EVERY, SampleFeeds, document, picture
from tests.builders import START
from tests.fakes import FakeClock

BASE = "http://127.0.0.1:1"


def test_each_feed_is_valid_and_its_articles_have_link_date_and_category() -> None:
    for turn, feed in enumerate(FEEDS):
        parsed = feedparser.parse(document(feed, turn, started=START, now=START, base=BASE))
        assert not parsed.bozo
        assert parsed.feed.title == feed.title
        assert len(parsed.entries) == 2
        for entry in parsed.entries:
            assert entry.link.startswith(f"{BASE}/{feed.slug}/")
            assert entry.published_parsed
            assert entry.tags
            assert f"{feed.slug}.png" in entry.summary


def test_feeds_take_turns_with_a_new_article() -> None:
    for elapsed in range(len(FEEDS)):
        now = START + EVERY * (elapsed + 1)
        counts = [
            len(feedparser.parse(document(feed, turn, started=START, now=now, base=BASE)).entries)
            for turn, feed in enumerate(FEEDS)
        ]
        assert counts == [3 if turn <= elapsed else 2 for turn in range(len(FEEDS))]


def test_titles_stay_distinct_once_the_list_starts_again() -> None:
    now = START + timedelta(hours=1)
    titles = [
        entry.title for entry in feedparser.parse(document(FEEDS[0], 0, started=START, now=now, base=BASE)).entries
    ]
    assert len(set(titles)) == 10
    assert all(", Part " in title for title in titles)


async def test_the_server_gives_feeds_and_pictures_and_nothing_else() -> None:
    async with SampleFeeds(FakeClock()) as samples, aiohttp.ClientSession() as session:
        async with session.get(samples.address(FEEDS[0])) as answer:
            assert answer.status == 200
            assert not feedparser.parse(await answer.read()).bozo
        for address, (_, data) in samples.assets().items():
            async with session.get(address) as answer:
                assert await answer.read() == data
        for missing in ("absent.xml", "absent.png"):
            async with session.get(f"{samples.base}/{missing}") as answer:
                assert answer.status == 404


def test_a_picture_is_a_small_png() -> None:
    data = picture((10, 20, 30))
    assert data.startswith(b"\x89PNG")
    assert len(data) < 50_000
