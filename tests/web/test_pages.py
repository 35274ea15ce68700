"""What visitors see: any page at once, validators, languages, and words that work without a script."""

import gzip
import re

import brotli
import pytest

from bot.store import Store
from bot.web.pager import numbers
from tests.web.site import GUILD, Site, site_of

BLOG, PODCAST = "https://blog.example/feed", "https://podcast.example/feed"
ROOT = f"/r/{GUILD}/networks/"


async def filled(site: Site, articles: int = 45) -> None:
    topic = await site.topic("Networks", BLOG)
    for number in range(articles):
        await site.article(BLOG, f"Article no. {number}", hours_old=number)
    await site.publish(topic)


@pytest.mark.parametrize(
    ("current", "pages", "shown"),
    [
        (1, 1, ()),
        (1, 3, (1, 2, 3)),
        (1, 9, (1, 2, 3, 4, 5, None, 9)),
        (4, 9, (1, 2, 3, 4, 5, 6, None, 9)),
        (6, 3807, (1, None, 4, 5, 6, 7, 8, None, 3807)),
        (3807, 3807, (1, None, 3803, 3804, 3805, 3806, 3807)),
        (3, 6, (1, 2, 3, 4, 5, 6)),
    ],
)
def test_a_pager_names_the_ends_and_what_is_around(current: int, pages: int, shown: tuple[int | None, ...]) -> None:
    assert numbers(current, pages) == shown


async def test_each_page_has_its_articles_newest_first_and_leads_to_the_others(site: Site) -> None:
    await filled(site)
    first, second, last = [(await site.get(f"{ROOT}?page={number}")).text for number in (1, 2, 3)]
    assert first.index("Article no. 0<") < first.index("Article no. 19<")
    assert "Article no. 20<" not in first
    assert "Article no. 20<" in second
    assert "Article no. 44<" in last
    assert f'<a rel="next" href="{ROOT}?page=2">' in first
    assert f'<a rel="prev" href="{ROOT}">' in second
    assert 'aria-current="page">2<' in second
    assert 'rel="next"' not in last
    assert "45 articles" in first


async def test_articles_are_found_by_source_day_number_and_words(site: Site) -> None:
    await filled(site)
    source = await site.get(f"{ROOT}source/1/")
    assert "45 articles" in source.text
    day = await site.get(f"{ROOT}day/2026-03-28/")
    assert "24 articles" in day.text
    assert "Saturday, March 28, 2026" in day.text
    assert "Article no. 13<" in day.text
    assert "Article no. 12<" not in day.text
    assert "Article no. 36<" in (await site.get(f"{ROOT}day/2026-03-28/?page=2")).text
    article = await site.get(f"{ROOT}article/1/")
    assert '<link rel="canonical" href="https://articles.example/1">' in article.text
    found = await site.get(f"{ROOT}search/?q=article+44")
    assert "Article no. 44<" in found.text
    assert "Article no. 43<" not in found.text
    assert (await site.get(f"{ROOT}search/?q=")).status == 302


async def test_search_goes_on_to_older_hits(site: Site) -> None:
    await filled(site)
    address, found = f"{ROOT}search/?q=words", []
    for _ in range(3):
        page = (await site.get(address)).text
        found += re.findall(r">(Article no. \d+)</a></h3>", page)
        [address] = re.findall(r'<a rel="next" href="([^"]*)"', page) or [""]
        address = address.replace("&amp;", "&")
    assert address == ""
    assert len(found) == len(set(found)) == 45


async def test_a_page_is_sent_again_only_where_it_changed(site: Site) -> None:
    await filled(site, 3)
    first = await site.get(ROOT)
    tag, when = first.headers["ETag"], first.headers["Last-Modified"]
    again = await site.get(ROOT, If_None_Match=tag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert (await site.get(ROOT, If_Modified_Since=when)).status == 304
    assert (await site.get(ROOT, If_None_Match='"other"', If_Modified_Since=when)).status == 200
    await site.article(BLOG, "Something new")
    changed = await site.get(ROOT, If_None_Match=tag)
    assert changed.status == 200
    assert "Something new" in changed.text


async def test_what_was_made_lately_is_not_made_again(store: Store) -> None:
    async with site_of(store, cache_seconds=3600) as site:
        await filled(site, 3)
        before = await site.get(ROOT)
        await site.article(BLOG, "Something new")
        assert (await site.get(ROOT)).body == before.body


async def test_pages_are_compressed_as_the_browser_likes_it(site: Site) -> None:
    await filled(site)
    plain = await site.get(ROOT)
    zipped = await site.get(ROOT, Accept_Encoding="gzip, deflate")
    small = await site.get(ROOT, Accept_Encoding="gzip, br;q=1.0")
    assert gzip.decompress(zipped.body) == brotli.decompress(small.body) == plain.body
    assert small.headers["Content-Encoding"] == "br"
    assert len(small.body) < len(zipped.body) < len(plain.body) / 3


async def test_pages_speak_the_language_of_their_server(store: Store) -> None:
    async with site_of(store, language="de") as site:
        await filled(site)
        shown = await site.get(ROOT)
        assert '<html lang="de">' in shown.text
        assert "Weiterlesen" in shown.text
        assert "Samstag, 28. März 2026" in (await site.get(f"{ROOT}day/2026-03-28/")).text
        assert "Diese Seite gibt es nicht" in (await site.get(f"{ROOT}article/999/")).text


async def test_nothing_of_a_page_is_fetched_from_elsewhere_before_somebody_presses(site: Site) -> None:
    topic = await site.topic("Networks", PODCAST)
    audio = {"url": "https://cdn.example/1.mp3", "media_type": "audio/mpeg", "length_bytes": 5, "duration_seconds": 60}
    html = '<p onclick="x()">Hi</p><img src="https://cdn.example/t.gif"><script>x()</script><iframe src="https://e.example"></iframe>'
    html += '<a href="javascript:x()">bad</a><style>p{}</style><form action="https://e.example"><input></form>'
    await site.article(
        PODCAST, "<b>Episode</b> & more", summary_html=html, enclosure=audio, image_url="https://cdn.example/i.png"
    )
    await site.publish(topic)
    shown = await site.get(ROOT)
    assert '<audio controls preload="none" src="https://cdn.example/1.mp3"' in shown.text
    assert "&lt;b&gt;Episode&lt;/b&gt; &amp; more" in shown.text
    for bad in ("onclick", "<img", "<script", "<iframe", "javascript:", "<style", "e.example"):
        assert bad not in shown.text
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in shown.headers


async def test_a_head_request_gets_the_head(site: Site) -> None:
    await filled(site, 1)
    async with site.client.head(site.web.base_url + ROOT) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 500
    async with site.client.post(site.web.base_url + ROOT) as answer:
        assert answer.status == 405


async def test_pages_lie_below_the_path_of_their_public_address(store: Store) -> None:
    async with site_of(store, public_url="https://planet.example/pages/") as site:
        site.web.base_url = f"http://127.0.0.1:{site.web.port}"
        await filled(site, 1)
        shown = await site.get(f"/pages{ROOT}")
        assert f'href="/pages{ROOT}' in shown.text
        feed = await site.get(f"/pages{ROOT}feed.json")
        assert f'"feed_url": "https://planet.example/pages{ROOT}feed.json"' in feed.text
        assert (await site.get(ROOT)).status == 404


async def test_too_many_at_once_are_asked_to_come_back(store: Store) -> None:
    async with site_of(store, requests_at_once=1) as site:
        await filled(site, 1)
        site.web._under_way = 1
        assert (await site.get(ROOT)).status == 503
        site.web._under_way = 0
        assert (await site.get(ROOT)).status == 200
