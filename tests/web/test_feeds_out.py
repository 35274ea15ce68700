"""Feeds that go out, read back by readers: nothing is lost or changed on the way."""

import io
import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import feedparser
import pytest

from bot.feeds.opml import opml
from bot.feeds.parsing import feed_parser
from bot.model import ParsedFeed
from tests.web.site import GUILD, Site

BLOG = "https://blog.example/feed"
ROOT = f"/r/{GUILD}/networks/"
HTML = "<p>Some <b>bold</b> &amp; <code>a &lt; b</code> words ]]&gt; and é 漢字 🚲.</p>"
AUDIO = {
    "url": "https://cdn.example/e.mp3?a=1&b=2",
    "media_type": "audio/mpeg",
    "length_bytes": 99,
    "duration_seconds": 61,
}


async def filled(site: Site, articles: int = 45) -> None:
    topic = await site.topic("Networks & <more>", BLOG)
    await site.article(
        BLOG,
        "1 < 2 & <i>x</i> \u000b“”",
        summary_html=HTML,
        author="Ann Lee",
        enclosure=AUDIO,
        categories=["a & b", "c"],
    )
    for number in range(1, articles):
        await site.article(BLOG, f"Article {number}", hours_old=number, link=f"https://a.example/?n={number}&x=1")
    await site.publish(topic)
    site.root = f"/r/{GUILD}/networks-more/"


async def read(site: Site, path: str) -> ParsedFeed:
    answer = await site.get(path)
    assert answer.status == 200
    return feed_parser.read(answer.body, site.web.base_url + path, answer.headers["Content-Type"])


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
async def test_every_format_says_the_same(site: Site, form: str) -> None:
    await filled(site, 3)
    feed = await read(site, f"{site.root}feed.{form}")
    newest, second, _ = feed.entries
    # In RSS a title may be HTML: this reader leaves out what looks like a tag.
    assert (feed.title, feed.skipped) == ("Networks & · Harbour" if form == "rss" else "Networks & <more> · Harbour", 0)
    assert newest.title.startswith("1 < 2 & ")
    assert (newest.link, second.link) == ("https://articles.example/1", "https://a.example/?n=1&x=1")
    assert newest.text == "Some bold & a < b words ]]> and é 漢字 🚲."
    assert (newest.author, newest.categories) == ("Ann Lee", ("a & b", "c"))
    assert newest.published_at == datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert newest.enclosure is not None
    assert (newest.enclosure.url, newest.enclosure.media_type, newest.enclosure.length_bytes) == (
        AUDIO["url"], "audio/mpeg", 99,
    )  # fmt: skip
    assert newest.guid is not None
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", newest.guid)


async def test_ids_are_the_same_in_every_format_river_and_time(site: Site) -> None:
    await filled(site, 3)
    paths = [f"{root}feed.{form}" for root in (site.root, f"/r/{GUILD}/river/") for form in ("atom", "rss", "json")]
    found = [[entry.guid for entry in (await read(site, path)).entries] for path in paths]
    assert all(each == found[0] for each in found)
    assert len(set(found[0])) == 3


@pytest.mark.parametrize("form", ["atom", "rss"])
async def test_paged_feeds_lead_through_the_whole_archive(site: Site, form: str) -> None:
    """RFC 5005, 3."""
    await filled(site)
    address, titles = f"{site.web.base_url}{site.root}feed.{form}", []
    for _ in range(5):
        feed = feedparser.parse(io.BytesIO((await site.get(address.removeprefix(site.web.base_url))).body))
        assert not feed.bozo
        titles += [entry.title for entry in feed.entries]
        links = {link.rel: link.href for link in feed.feed.links}
        assert links["self"] == address
        if "next" not in links:
            break
        assert links["last"].endswith(f"feed.{form}?page=3")
        address = links["next"]
    assert len(titles) == len(set(titles)) == 45


async def test_a_json_feed_leads_through_the_whole_archive(site: Site) -> None:
    await filled(site)
    path, ids = f"{site.root}feed.json", []
    while path:
        feed = json.loads((await site.get(path)).body)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        ids += [item["id"] for item in feed["items"]]
        path = feed.get("next_url", "").removeprefix(site.web.base_url)
    assert len(set(ids)) == 45


async def test_a_source_and_a_search_are_feeds_too(site: Site) -> None:
    await filled(site)
    source = await read(site, f"{site.root}feed.atom?source=1")
    assert source.title == "feed · Networks & <more> · Harbour"
    found = await read(site, f"{site.root}feed.rss?q=article+44")
    assert [entry.title for entry in found.entries] == ["Article 44"]


ATOM = "{http://www.w3.org/2005/Atom}"


async def test_atom_has_what_its_specification_asks_for(site: Site) -> None:
    """RFC 4287, 4.1.1 and 4.1.2: what must be there, once, and no two alternates of one kind."""
    await filled(site, 3)
    feed = ET.fromstring((await site.get(f"{site.root}feed.atom")).body)
    for holder in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"{ATOM}{name}")) == 1
        assert holder.findall(f"{ATOM}author/{ATOM}name")
        alternates = [
            (link.get("type"), link.get("hreflang"))
            for link in holder.findall(f"{ATOM}link")
            if link.get("rel") == "alternate"
        ]
        assert len(alternates) == len(set(alternates)) == 1
        for date in holder.findall(f"{ATOM}updated") + holder.findall(f"{ATOM}published"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", date.text or "")
    assert len(feed.findall(f"{ATOM}entry/{ATOM}source/{ATOM}id")) == 3


async def test_rss_has_what_its_specification_asks_for(site: Site) -> None:
    await filled(site, 3)
    channel = ET.fromstring((await site.get(f"{site.root}feed.rss")).body).find("channel")
    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description", "lastBuildDate"))
    for item in channel.findall("item"):
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", item.findtext("pubDate") or "")
        source = item.find("source")
        assert source is not None
        assert source.get("url") == BLOG
    [enclosure] = channel.findall("item/enclosure")
    assert {"url", "length", "type"} == set(enclosure.attrib)


async def test_sources_are_read_back_from_their_list(site: Site) -> None:
    await filled(site, 1)
    answer = await site.get(f"{site.root}sources.opml")
    [found] = opml.read(answer.body).feeds
    assert (found.url, found.site_url) == (BLOG, "https://site.example/")


async def test_pages_name_their_feeds(site: Site) -> None:
    await filled(site, 1)
    page = (await site.get(site.root)).text
    for form, kind in (("atom", "atom+xml"), ("rss", "rss+xml"), ("json", "feed+json")):
        assert f'<link rel="alternate" type="application/{kind}"' in page
        assert f'href="{site.root}feed.{form}"' in page
