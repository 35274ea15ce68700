"""The sample feeds: right for a feed reader, and one article after the other."""

from urllib.parse import urlsplit

import aiohttp
import feedparser

from bot.sandbox import sample_sites
from bot.sandbox.sample_sites import EVERY, FIRST, LISTED, SampleServer
from tests.builders import START
from tests.fakes import FakeClock

BASE = "http://127.0.0.1:1"
SITES = sample_sites.load()


def test_each_feed_is_valid_and_every_article_has_what_an_embed_shows() -> None:
    for turn, site in enumerate(SITES):
        out = sample_sites.published(site, turn=turn, turns=len(SITES), started=START, now=START + EVERY * 30)
        parsed = feedparser.parse(sample_sites.rss(site, out, base=BASE))
        assert not parsed.bozo
        assert (parsed.feed.title, parsed.feed.image.href) == (site.title, f"{BASE}/files/{site.name}.png")
        assert [entry.title for entry in parsed.entries] == [article.title for article in reversed(site.articles)]
        for entry in parsed.entries:
            assert entry.link.startswith(f"{BASE}/{site.name}/")
            assert entry.published_parsed
            assert entry.tags
            assert entry.author == site.author
            assert "<p>" in entry.summary


def test_addresses_and_pictures_of_articles_exist_once() -> None:
    files = sample_sites.files()
    for site in SITES:
        assert len({article.slug for article in site.articles}) == len(site.articles) == 12
        assert f"{site.name}.png" in files
        assert {article.picture for article in site.articles if article.picture} <= set(files)


def test_only_the_podcast_has_episodes() -> None:
    assert {site.name for site in SITES if all(article.minutes for article in site.articles)} == {"podcast"}
    assert not any(article.minutes for site in SITES[:2] for article in site.articles)


def test_the_sites_take_turns_with_a_new_article() -> None:
    for elapsed in range(8):
        now = START + EVERY * elapsed
        counts = [
            len(sample_sites.published(site, turn=turn, turns=len(SITES), started=START, now=now))
            for turn, site in enumerate(SITES)
        ]
        assert sum(counts) == FIRST * len(SITES) + elapsed
        assert max(counts) - min(counts) <= 1


def test_when_all_articles_are_out_they_come_again_as_new_ones() -> None:
    site = SITES[0]
    now = START + EVERY * len(SITES) * 26
    out = sample_sites.published(site, turn=0, turns=len(SITES), started=START, now=now)
    assert len(out) > 24
    for seen in (
        [each.article.slug for each in out],
        [each.article.title for each in out],
        [each.article.html for each in out],
        [each.at for each in out],
    ):
        assert len(set(seen)) == len(out)
    assert out[0].article.title.endswith(", part 3")


async def test_a_feed_lists_its_newest_articles_only_but_older_ones_can_be_opened() -> None:
    clock = FakeClock()
    async with SampleServer(SITES, clock) as server, aiohttp.ClientSession() as session:
        clock.advance(EVERY.total_seconds() * len(SITES) * 20)
        async with session.get(server.feed_url(SITES[0])) as answer:
            entries = feedparser.parse(await answer.read()).entries
        assert len(entries) == LISTED
        assert entries[0].title.endswith(", part 2")
        async with session.get(f"{server.address}/{SITES[0].name}/{SITES[0].articles[0].slug}") as answer:
            assert answer.status == 200


async def test_a_feed_grows_when_time_passes_and_says_when_it_has_not() -> None:
    clock = FakeClock()
    async with SampleServer(SITES, clock) as server, aiohttp.ClientSession() as session:
        address = server.feed_url(SITES[0])
        async with session.get(address) as answer:
            before, tag = feedparser.parse(await answer.read()), answer.headers["ETag"]
        async with session.get(address, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        clock.advance(EVERY.total_seconds())
        async with session.get(address, headers={"If-None-Match": tag}) as answer:
            after = feedparser.parse(await answer.read())
    assert len(after.entries) == len(before.entries) + 1
    assert after.entries[0].title == SITES[0].articles[FIRST].title


async def test_what_a_feed_names_can_be_opened_and_nothing_else() -> None:
    async with SampleServer(SITES, FakeClock()) as server, aiohttp.ClientSession() as session:
        async with session.get(server.feed_url(SITES[2])) as answer:
            entry = feedparser.parse(await answer.read()).entries[0]
        for address in (entry.link, entry.enclosures[0].href, *server.pictures()):
            assert urlsplit(address).hostname == "127.0.0.1"
            async with session.get(address) as answer:
                assert answer.status == 200
        async with session.get(f"{server.address}/") as answer:
            assert (await answer.text()).count("application/rss+xml") == len(SITES)
        unpublished = f"{server.address}/podcast/{SITES[2].articles[-1].slug}"
        for missing in (f"{server.address}/absent/feed.xml", f"{server.address}/files/absent.png", unpublished):
            async with session.get(missing) as answer:
                assert answer.status == 404
