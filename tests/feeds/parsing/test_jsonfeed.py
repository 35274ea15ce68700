"""JSON Feed 1.0 and 1.1."""

import json
from datetime import UTC, datetime

import pytest

from bot.errors import ParseError
from bot.feeds.parsing.jsonfeed import read_json
from bot.model import Enclosure
from tests.paths import ROOT

URL = "https://json.example.test/feed.json"
DOCUMENT = ROOT / "tests" / "feeds" / "documents" / "plain.feed.json"


def test_a_json_feed_is_read() -> None:
    feed = read_json(DOCUMENT.read_bytes(), URL)
    assert (feed.title, feed.site_url, feed.declared_url) == ("JSON & co", "https://json.example.test/", URL)
    assert feed.icon_url == "https://json.example.test/icon.png"
    assert feed.skipped == 1
    seven, six = feed.entries
    assert (seven.guid, seven.link, seven.title) == ("7", "https://json.example.test/seven", "Seven")
    assert seven.author == "The desk"
    assert seven.categories == ("a", "b")
    assert seven.published_at == datetime(2025, 8, 5, 8, tzinfo=UTC)
    assert seven.image_url == "https://json.example.test/seven.jpg"
    assert seven.enclosure == Enclosure("https://json.example.test/7.mp3", "audio/mpeg", 99, 61)
    assert "https://json.example.test/more" in seven.summary_html
    assert six.link == "https://other.example.test/six"
    assert six.author == "Eve"
    assert six.summary_html == "<p>a &lt; b</p><p>second</p>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("New:\n- one\n- <two>\n\nBye", "<p>New:<br>- one<br>- &lt;two&gt;</p><p>Bye</p>"),
        ("a\r\nB\r\n\r\nc", "<p>a<br>B</p><p>c</p>"),
        ("A line that was wrapped\nin the middle", "<p>A line that was wrapped\nin the middle</p>"),
        ("x" * 60 + "\nAnd on", "<p>" + "x" * 60 + "\nAnd on</p>"),
    ],
)
def test_plain_text_keeps_the_lines_that_are_meant(text: str, html: str) -> None:
    (entry,) = read_json(json.dumps({"items": [{"id": "1", "content_text": text}]}).encode(), URL).entries
    assert entry.summary_html == html
    assert entry.text == " ".join(text.split())


def test_bare_tabs_and_line_ends_in_texts_are_read() -> None:
    feed = read_json(b'{"items": [{"id": "1", "title": "One\ttwo", "content_text": "A line\r\nand another"}]}', URL)
    assert [(entry.guid, entry.title) for entry in feed.entries] == [("1", "One two")]


BROKEN = {
    "no JSON": b"{nope",
    "not UTF-8": b'{"items": ["\xff"]}',
    "an endless number": b'{"items": [' + b"9" * 6000 + b"]}",
    "nested for ever": b"[" * 100_000,
    "other JSON": b'{"hello": 1}',
    "a list": b"[1]",
    "no list of items": b'{"version": "https://jsonfeed.org/version/1", "items": {}}',
    "only rubbish": b'{"items": [1, 2]}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_json_feed_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_json(body, URL)


def test_fields_of_the_wrong_type_cost_only_themselves() -> None:
    item = {
        "id": True,
        "url": 5,
        "title": ["x"],
        "content_html": {},
        "tags": "a",
        "authors": "x",
        "attachments": [1, {}],
        "date_published": [],
    }
    (entry,) = read_json(json.dumps({"items": [item]}).encode(), URL).entries
    assert (entry.guid, entry.title, entry.summary_html, entry.categories) == (None, "", "", ())


@pytest.mark.parametrize("media_type", ["application/octet-stream", "", None, "audio/mpeg"])
def test_an_attached_file_of_an_odd_type_is_known_by_its_name(media_type: str | None) -> None:
    attachment = {"url": "https://site.example.test/e.mp3", "mime_type": media_type, "size_in_bytes": 5}
    (entry,) = read_json(json.dumps({"items": [{"id": "1", "attachments": [attachment]}]}).encode(), URL).entries
    assert entry.enclosure == Enclosure("https://site.example.test/e.mp3", "audio/mpeg", 5, None)
