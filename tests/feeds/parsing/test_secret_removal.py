"""Private feeds link to themselves and to their files: what is secret in their address is not in what is kept."""

import pytest

from bot.addresses import MASK, Scrubber, unescaped
from bot.feeds.parsing import feed_parser, first_poll_parser
from bot.feeds.parsing.secret_removal import scrubbed_beside
from bot.model import FetchAddress, ParsedFeed

PASSWORD, TOKEN, PART = "hunter2", "glft-SECRET123", "9f86d081884c7d659a2feaa0c55ad015"
SOURCE = f"https://ci:{PASSWORD}@ci.example.org/private/{PART}/rss.xml?token={TOKEN}&lang=en"
OTHER = "https://blog.example/a?sig=0123456789abcdef-of-the-article"

RSS = f"""<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>Builds {SOURCE.replace("&", "&amp;")}</title>
<link>https://ci:{PASSWORD}@ci.example.org/?token={TOKEN}</link>
<atom:link rel="self" href="{SOURCE.replace("&", "&amp;")}"/>
<image><url>https://ci.example.org/logo.png?token={TOKEN}&amp;v=2</url></image>
<item><title>One &amp; all (token={TOKEN})</title><guid isPermaLink="false">{SOURCE.replace("&", "&amp;")}#1</guid>
<link>https://ci.example.org/builds/1?token={TOKEN}&amp;tab=log</link>
<enclosure url="/private/{PART}/1.mp3" type="audio/mpeg" length="1"/>
<category>{PASSWORD}</category>
<description><![CDATA[<p>See <a href="">this page</a>, <a href="?page=2">more</a>, <a href="#end">end</a>, <a href="1.html">log</a>,
<a href="https://ci.example.org/x?token=glft%2DSECRET123&amp;b=1">x</a>, <a href='{OTHER}'>own key</a>,
<img src="https://ci.example.org/private/{PART}/a.png"> https://ci:{PASSWORD}@ci.example.org/plain and {TOKEN} and
&#x68;unter2 and %68unter2.</p>]]></description></item>
</channel></rss>"""
JSON = f"""{{"version": "https://jsonfeed.org/version/1.1", "title": "Builds", "feed_url": "{SOURCE}", "items": [
{{"id": "1", "url": "?page=1", "title": "{TOKEN}", "content_html": "<a href='.'>x</a> <a href='{SOURCE}'>y</a>"}}]}}"""


def secrets_left(found: object) -> list[str]:
    text = unescaped(repr(found))
    return [each for each in (PASSWORD, TOKEN, PART) if each in text]


def readings() -> list[ParsedFeed]:
    return [
        feed_parser.read(RSS.encode(), SOURCE, "application/rss+xml"),
        feed_parser.read(JSON.encode(), SOURCE, "application/feed+json"),
        first_poll_parser.read_first(RSS.encode(), SOURCE, None, newest=5, posted=1),
    ]


@pytest.mark.parametrize("place", range(3))
def test_nothing_that_a_feed_says_holds_the_secrets_of_its_address(place: int) -> None:
    parsed = readings()[place]
    assert parsed.entries
    assert secrets_left(parsed) == []


def test_a_link_loses_its_secret_where_it_can_do_without() -> None:
    parsed = feed_parser.read(RSS.encode(), SOURCE, None)
    entry = parsed.entries[0]
    assert entry.link == "https://ci.example.org/builds/1?tab=log"
    assert parsed.site_url == "https://ci.example.org/"
    assert parsed.icon_url == "https://ci.example.org/logo.png?v=2"
    assert entry.enclosure is None
    assert entry.title == f"One & all (token={MASK})"
    assert OTHER in entry.summary_html
    assert "https://ci.example.org/x?b=1" in entry.summary_html


def test_entries_are_known_again_whatever_is_taken_out() -> None:
    whole = feed_parser.read(RSS.encode(), SOURCE.replace(f"{PASSWORD}@", "@"), None)
    assert feed_parser.read(RSS.encode(), SOURCE, None).entries[0].keys == whole.entries[0].keys


def test_a_feed_without_secrets_in_its_address_says_what_it_says() -> None:
    body = RSS.replace(SOURCE, "https://ci.example.org/rss.xml").encode()
    entry = feed_parser.read(body, "https://ci.example.org/rss.xml", None).entries[0]
    assert entry.link == f"https://ci.example.org/builds/1?token={TOKEN}&tab=log"
    assert entry.enclosure is not None


async def test_the_secrets_of_every_address_on_the_way_are_taken_out() -> None:
    parsed = feed_parser.read(RSS.encode(), "https://cdn.example/rss.xml", None)
    assert secrets_left(parsed)
    assert secrets_left(await scrubbed_beside(parsed, [FetchAddress(SOURCE)])) == []


@pytest.mark.parametrize(("text", "expected"), [
    ("summer in the city", "summer in the city"), ("?pw=summer&x", f"?pw={MASK}&x"), ("me:summer@host", f"me:{MASK}@host"),
    ("https://h.example/summer-tales", "https://h.example/summer-tales"),
])  # fmt: skip
def test_a_word_of_the_language_is_taken_out_only_where_it_is_a_secret(text: str, expected: str) -> None:
    assert Scrubber("https://qq:summer@h.example/rss.xml?pw=summer").text(text) == expected


def test_an_address_that_is_fetched_never_shows_its_secrets_by_itself() -> None:
    address = FetchAddress(SOURCE)
    error = ValueError(f"{address} {address!r} {address:>300}", address)
    for text in (
        str(address),
        repr(address),
        f"{address}",
        f"{address!s:>200}",
        repr([address]),
        str(error),
        repr(error),
    ):
        assert secrets_left(text) == []
    assert address.reveal() == SOURCE
    assert address == FetchAddress(address)
    assert address.site == "ci.example.org"
    assert not hasattr(address, "__dict__")


def test_an_address_cannot_be_joined_with_text_or_written_as_json() -> None:
    import json

    with pytest.raises(TypeError):
        json.dumps(FetchAddress(SOURCE))
    with pytest.raises(TypeError):
        "at " + FetchAddress(SOURCE)  # type: ignore[operator]
