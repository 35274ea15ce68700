"""Nothing is on the web that an admin did not put there, and nothing stays there that was taken back."""

import re

import pytest

from bot.model import WebAccess
from bot.store import Store
from tests.web.site import GUILD, NEWEST, OTHER_GUILD, Site, site_of

OPEN, PRIVATE = "https://open.example/feed", "https://private.example/feed"
SECRET = "https://user:hunter2pass@members.example/feed"
PATHS = ("", "feed.atom", "feed.rss", "feed.json", "sources/", "sources.opml", "search/?q=words", "day/2026-03-29/")


def at(name: str, path: str = "", guild: int = GUILD) -> str:
    return f"/r/{guild}/{name}/{path}"


async def test_nothing_is_public_at_first(site: Site) -> None:
    await site.topic("Networks", OPEN)
    await site.article(OPEN, "Routers")
    for name in ("networks", "river", "Networks", "topic-1"):
        assert (await site.get(at(name))).status == 404


@pytest.mark.parametrize("path", PATHS)
async def test_a_published_topic_is_there_until_it_is_taken_back(site: Site, path: str) -> None:
    topic = await site.topic("Networks", OPEN)
    await site.article(OPEN, "Routers")
    name = await site.publish(topic)
    assert name == "networks"
    shown = await site.get(at(name, path))
    assert shown.status == 200
    assert "open.example" in shown.text if path.startswith("sources") else "Routers" in shown.text
    await site.publish(topic, WebAccess.PRIVATE)
    gone = await site.get(at(name, path))
    assert (gone.status, gone.headers["Cache-Control"]) == (410, "no-store")
    assert "Routers" not in gone.text
    assert (await site.get(at("river", path))).status == 410


async def test_an_unlisted_topic_is_found_by_its_address_alone(site: Site) -> None:
    listed, unlisted = await site.topic("Open", OPEN), await site.topic("Hidden", PRIVATE)
    await site.article(OPEN, "Routers")
    await site.article(PRIVATE, "Passwords")
    await site.publish(listed)
    name = await site.publish(unlisted, WebAccess.UNLISTED)
    assert len(name) >= 20
    shown = await site.get(at(name))
    assert "Passwords" in shown.text
    assert shown.headers["Cache-Control"].startswith("private")
    assert "Hidden" not in (await site.get(at("river"))).text
    assert (await site.get(at("hidden"))).status == 404
    renewed = await site.publish(unlisted, WebAccess.UNLISTED)
    assert renewed != name
    assert (await site.get(at(name))).status == 410
    assert (await site.get(at(renewed))).status == 200


async def test_a_channel_that_everybody_may_not_see_any_more_ends_its_pages_at_once(store: Store) -> None:
    async with site_of(store, cache_seconds=3600) as site:
        topic, other = await site.topic("Networks", OPEN, channel=7), await site.topic("Clouds", PRIVATE, channel=8)
        await site.article(OPEN, "Routers")
        await site.article(PRIVATE, "Buckets")
        await site.publish(topic)
        await site.publish(other)
        assert "Routers" in (await site.get(at("river"))).text
        assert (await site.get(at("networks"))).status == 200
        site.servers.hide(7)
        assert (await site.get(at("networks"))).status == 410
        river = await site.get(at("river"))
        assert "Routers" not in river.text
        assert "Buckets" in river.text
        assert "Routers" not in (await site.get(at("river", "feed.json"))).text


async def test_a_deleted_topic_and_a_left_server_are_gone_and_their_address_is_given_to_nobody_else(site: Site) -> None:
    topic = await site.topic("Networks", OPEN)
    await site.publish(topic)
    await site.store.topics.delete(topic.id, now=NEWEST)
    site.rivers.changed(GUILD)
    assert (await site.get(at("networks"))).status == 410
    assert await site.publish(await site.topic("Networks", OPEN)) == "networks-2"
    assert (await site.get(at("networks-2"))).status == 200
    await site.store.upkeep.guild_left(GUILD, now=NEWEST)
    site.rivers.changed(GUILD)
    assert (await site.get(at("networks-2"))).status == 410


async def test_a_server_that_nothing_is_known_of_yet_is_not_shown_but_asked_for_again(site: Site) -> None:
    await site.publish(await site.topic("Networks", OPEN))
    site.servers.forget(GUILD)
    for name in ("networks", "river"):
        answer = await site.get(at(name))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")


async def test_sources_with_a_secret_address_are_never_shown(site: Site) -> None:
    topic = await site.topic("Networks", OPEN, SECRET)
    await site.article(OPEN, "Routers")
    entry = await site.article(SECRET, "Members only")
    await site.publish(topic)
    for path in (*PATHS, "search/?q=members", "feed.rss?q=members"):
        text = (await site.get(at("networks", path))).text
        assert "Members only" not in text
        assert "members.example" not in text
    assert (await site.get(at("networks", f"article/{entry}/"))).status == 404


async def test_numbers_of_other_servers_lead_nowhere(site: Site) -> None:
    mine = await site.topic("Networks", OPEN)
    await site.topic("Theirs", PRIVATE, guild=OTHER_GUILD)
    own, foreign = await site.article(OPEN, "Routers"), await site.article(PRIVATE, "Passwords")
    await site.publish(mine)
    assert (await site.get(at("networks", f"article/{own}/"))).status == 200
    for path in (f"article/{foreign}/", "source/2/", "feed.atom?source=2", "article/999/", "source/999/"):
        answer = await site.get(at("networks", path))
        assert answer.status == 404
        assert "Passwords" not in answer.text
    assert (await site.get(at("networks", guild=OTHER_GUILD))).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/", "/r/", "/r/x/river/", "/r/1/river/", "/r/99999999999999999999999/river/", at("networks", "?page=0"),
        at("networks", "?page=99"), at("networks", "?page=x"), at("networks", "?page=99999999999999999999"),
        at("networks", "day/2026-13-01/"), at("networks", "article/99999999999999999999/"), at("../../etc/passwd"),
        "/static/../server.py", "/static/style.css", at("networks", "feed.xml"), at("%00"), at("networks", "search/?q=a&before=x"),
    ],
)  # fmt: skip
async def test_an_address_that_means_nothing_has_a_page_that_says_so(site: Site, path: str) -> None:
    await site.publish(await site.topic("Networks", OPEN))
    answer = await site.get(path)
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "There is no such page" in answer.text


async def test_no_marked_word_of_what_is_private_ever_leaves(site: Site) -> None:
    public = await site.topic("Networks", OPEN)
    for number in range(3):
        await site.article(OPEN, f"Article {number}", hours_old=number)
    hidden = await site.topic("Zebramark plans", PRIVATE, channel=9)
    await site.topic("Zebramark elsewhere", PRIVATE, guild=OTHER_GUILD)
    entries = [await site.article(PRIVATE, f"Zebramark {number}", author="Zebramark") for number in range(5)]
    secret = await site.article(SECRET, "Zebramark paid")
    await site.publish(public)
    ended = await site.publish(hidden, WebAccess.UNLISTED)
    await site.publish(hidden, WebAccess.PRIVATE)
    names = ("networks", "river", ended, "zebramark-plans", "hidden")
    tails = [*PATHS, *(f"article/{entry}/" for entry in (*entries, secret)), *(f"source/{feed}/" for feed in range(9))]
    tails += ["search/?q=zebramark", "feed.json?q=zebramark", "feed.rss?source=2", "?page=2", "day/2026-03-28/"]
    for guild in (GUILD, OTHER_GUILD):
        for name in names:
            for tail in tails:
                answer = await site.get(at(name, tail, guild))
                told = re.sub(rb"(?i)(?:value|href|>search: |action)[^>]*zebramark[^>]*", b"", answer.body)
                assert b"zebramark" not in told.lower() or b"q=zebramark" in tail.encode(), (name, tail)
                assert b"Zebramark" not in answer.body, (name, tail)


async def test_what_a_cache_keeps_ends_soon(site: Site) -> None:
    await site.publish(await site.topic("Networks", OPEN))
    kept = (await site.get(at("networks"))).headers["Cache-Control"]
    assert kept == "public, max-age=60, must-revalidate"


async def test_search_engines_are_let_in_only_where_the_topic_says_so(site: Site) -> None:
    topic = await site.topic("Networks", OPEN)
    await site.publish(topic)
    shown = await site.get(at("networks"))
    assert shown.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in shown.text
    await site.publish(topic, WebAccess.INDEXED)
    shown = await site.get(at("networks"))
    assert "X-Robots-Tag" not in shown.headers
    assert "noindex" not in shown.text
