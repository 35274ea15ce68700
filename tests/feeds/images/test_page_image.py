"""Which picture a page names for its article."""

import time

import pytest

from bot.feeds.images import page_image as module
from bot.feeds.images.page_image import FIRST_BYTES, MAX_TAGS, page_image
from bot.feeds.parsing.tag_scanner import Tag, Tags

URL = "https://blog.example.test/2026/ring"
HERE = "https://blog.example.test"

FOUND = {
    "og:image": ('<meta property="og:image" content="/ring.jpg">', f"{HERE}/ring.jpg"),
    "og:image by name": ('<meta name="og:image" content="https://c.test/ring.jpg">', "https://c.test/ring.jpg"),
    "the safe address first": (
        '<meta property="og:image" content="http://c.test/a.jpg"><meta property="og:image:secure_url" content="https://c.test/a.jpg">',
        "https://c.test/a.jpg",
    ),
    "twitter:image": ('<meta name="twitter:image" content="ring.jpg">', f"{HERE}/2026/ring.jpg"),
    "image_src": ('<link rel="image_src" href="//c.test/ring.jpg">', "https://c.test/ring.jpg"),
    "itemprop": ('<meta itemprop="image" content="/ring.jpg">', f"{HERE}/ring.jpg"),
    "relative to <base>": (
        '<base href="https://c.test/x/"><meta property="og:image" content="y.jpg">',
        "https://c.test/x/y.jpg",
    ),
    "the second where the first is none": (
        '<meta property="og:image" content=""><meta name="twitter:image" content="/ring.jpg">',
        f"{HERE}/ring.jpg",
    ),
    "with its size": (
        '<meta property="og:image" content="/ring.jpg"><meta property="og:image:width" content="1200">',
        f"{HERE}/ring.jpg",
    ),
    "a still of a film": (
        '<meta property="og:image" content="https://i.ytimg.com/vi/abcdefghijk/maxresdefault.jpg">',
        "https://i.ytimg.com/vi/abcdefghijk/maxresdefault.jpg",
    ),
    "what is missing": ('<meta property="og:image" content="/missing-plane.jpg">', f"{HERE}/missing-plane.jpg"),
    "entities in the address": ('<meta property="og:image" content="/i?a=1&amp;b=2">', f"{HERE}/i?a=1&b=2"),
}

NONE = {
    "nothing": "<title>A page</title>",
    "a picture in the text": '</head><body><meta property="og:image" content="/late.jpg"><img src="/a.jpg">',
    "no address": '<meta property="og:image" content="javascript:alert(1)">',
    "a drawing": '<meta property="og:image" content="/ring.svg">',
    "a small one": '<meta property="og:image" content="/r.png"><meta property="og:image:height" content="32">',
    "a logo": '<meta property="og:image" content="/static/logo.png">',
    "a logo with a number": '<meta property="og:image" content="/static/site-logo-512.png">',
    "what stands for a picture": '<meta property="og:image" content="/img/default-share.jpg">',
    "what says that there is none": '<meta property="og:image" content="/img/missing_image.png">',
    "what is called missing": '<meta property="og:image" content="/img/missing.png">',
    "a face": '<meta property="og:image" content="https://secure.gravatar.com/avatar/1">',
    "an icon": '<meta property="og:image" content="/favicon-196.png">',
}


@pytest.mark.parametrize(("head", "picture"), FOUND.values(), ids=FOUND.keys())
def test_a_page_names_its_picture_by(head: str, picture: str) -> None:
    assert page_image(f"<html><head>{head}</head><body>x</body></html>".encode(), URL) == picture


@pytest.mark.parametrize("head", NONE.values(), ids=NONE.keys())
def test_a_page_has_no_picture_if_it_names(head: str) -> None:
    assert page_image(f"<html><head>{head}</head><body>x</body></html>".encode(), URL) is None


def test_a_head_that_was_cut_off_is_read_as_far_as_it_came() -> None:
    assert (
        page_image(b'<html><head><meta property="og:image" content="/ring.jpg"><meta prop', URL) == f"{HERE}/ring.jpg"
    )


@pytest.mark.parametrize(
    "body", [b"<meta " * 500_000, b"<head image>" * 500_000, b"<" * 3_000_000 + b"image", b"\xff\xfeimage" * 100_000]
)
def test_a_hostile_page_costs_little_time(body: bytes) -> None:
    before = time.process_time()
    page_image(body, URL)
    assert time.process_time() - before < 1.0
    assert FIRST_BYTES < 1_000_000


@pytest.mark.parametrize("element", ["<div>", "<b><i>", "<p><table><tr><td>", "<meta property=og:image content=x:>"])
def test_nesting_costs_no_more_than_length(element: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every element is looked at once, whatever it is in; beyond some thousands none is."""
    looked_at = 0

    class Counting(Tags):
        def next(self) -> Tag | None:
            nonlocal looked_at
            looked_at += 1
            return super().next()

    monkeypatch.setattr(module, "Tags", Counting)
    counts = []
    for repeated in (200, 400, 100_000):
        looked_at = 0
        assert page_image(b"image" + element.encode() * repeated, URL) is None
        counts.append(looked_at - 1)
    assert counts == [200 * element.count("<"), 400 * element.count("<"), MAX_TAGS - 1]
