"""A feed's logo and what most of its entries share are no pictures of an article."""

from xml.sax.saxutils import escape

import pytest

from bot.feeds.images.channel_art import is_same_picture, without_decoration
from bot.feeds.parsing.feed_parser import read
from bot.model import ParsedFeed

URL = "https://blog.example.test/feed"


def document(pictures: list[str | None], *, logo: str | None = None) -> bytes:
    items = "".join(
        f"<item><title>{number}</title><link>https://blog.example.test/{number}</link>"
        + (f"<description>{escape(f'<img src={picture!r}>')}</description>" if picture else "")
        + "</item>"
        for number, picture in enumerate(pictures)
    )
    image = f"<image><url>{logo}</url></image>" if logo else ""
    return f'<rss version="2.0"><channel><title>Blog</title>{image}{items}</channel></rss>'.encode()


def only(body: bytes, count: int) -> ParsedFeed:
    """As if only the first entries had been read, since the others are known."""
    first = body.partition(b"</item>" if count == 1 else b"</channel>")[0]
    return read(first + (b"</item>" if count == 1 else b"") + b"</channel></rss>", URL, None)


def pictures(feed: ParsedFeed) -> list[str | None]:
    return [entry.image_url for entry in feed.entries]


def test_a_picture_that_most_entries_share_is_left_out() -> None:
    body = document(
        ["https://x.test/bar.png", "https://x.test/bar.png", "https://x.test/bar.png", "https://x.test/own.png"]
    )
    assert pictures(without_decoration(read(body, URL, None), body)) == [None, None, None, "https://x.test/own.png"]


def test_it_is_left_out_too_where_only_the_new_entry_is_read() -> None:
    body = document(["https://x.test/bar.png?a=1&b=2"] * 4)
    feed = only(body, 1)
    assert len(feed.entries) == 1
    assert pictures(feed) == ["https://x.test/bar.png?a=1&b=2"]
    assert pictures(without_decoration(feed, body)) == [None]


def test_two_entries_may_share_a_picture() -> None:
    body = document(["https://x.test/a.png", "https://x.test/a.png", "https://x.test/b.png"])
    assert pictures(without_decoration(read(body, URL, None), body)) == [
        "https://x.test/a.png", "https://x.test/a.png", "https://x.test/b.png",
    ]  # fmt: skip


def test_pictures_of_one_name_in_different_folders_are_different() -> None:
    body = document([f"https://i.ytimg.com/vi/film{number}/hqdefault.jpg" for number in range(5)])
    assert None not in pictures(without_decoration(only(body, 1), body))
    assert None not in pictures(without_decoration(read(body, URL, None), body))


def test_the_logo_of_the_feed_is_left_out_in_any_size() -> None:
    body = document(["https://x.test/logo-300x300.png?v=2"], logo="http://www.x.test/logo.png")
    assert pictures(without_decoration(read(body, URL, None), body)) == [None]


def test_the_logo_that_is_known_from_before_is_left_out() -> None:
    body = document(["https://x.test/logo.png"])
    assert pictures(without_decoration(read(body, URL, None), body, "https://x.test/logo.png")) == [None]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://x.test/a.png", "http://www.x.test/a.png?v=1", True),
        ("https://x.test/a-150x150.png", "https://x.test/a.png", True),
        ("https://x.test/img?id=1", "https://x.test/img?id=2", False),
        ("https://x.test/a.png", "https://y.test/a.png", False),
        ("https://x.test/a.png", None, False),
    ],
)
def test_whether_two_addresses_show_one_picture(one: str, other: str | None, *, same: bool) -> None:
    assert is_same_picture(one, other) is same
