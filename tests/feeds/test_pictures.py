"""Which picture stands for an entry."""

import pytest

from bot.feeds.pictures import Candidate, choose, is_picture_file

BASE = "https://site.example.test/news/"

NO_PICTURE = {
    "a tracking pixel by size": '<img src="/a.gif" width="1" height="1">',
    "a hidden pixel": '<img src="/a.gif" height="0">',
    "a small picture": '<img src="/a.png" width="32px">',
    "a feedburner pixel": '<img src="https://feeds.feedburner.com/~r/x/~4/abc">',
    "a statistics pixel": '<img src="https://pixel.wp.com/b.gif?host=x">',
    "an avatar": '<img src="https://secure.gravatar.com/x?s=96">',
    "an emoji": '<img class="wp-smiley" src="https://s.w.org/x/1f600.png">',
    "a build badge": '<img src="https://img.shields.io/npm/v/x">',
    "a picture inside the page": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "a drawing that Discord cannot show": '<img src="/logo.svg">',
    "no picture": "<p>words</p>",
}


@pytest.mark.parametrize("html", NO_PICTURE.values(), ids=NO_PICTURE.keys())
def test_is_no_picture_of_an_article(html: str) -> None:
    assert choose((), html, BASE) is None


def test_the_first_real_picture_of_the_html_is_chosen_and_made_absolute() -> None:
    html = '<img src="/p.gif" width="1"><img src="boat.jpg"><img src="other.jpg">'
    assert choose((), html, BASE) == "https://site.example.test/news/boat.jpg"


def test_a_lazily_loaded_picture_is_found_behind_its_placeholder() -> None:
    assert choose((), '<img src="data:x" data-src="/real.jpg">', BASE) == "https://site.example.test/real.jpg"


def test_what_the_feed_names_goes_before_the_html() -> None:
    candidates = (
        Candidate(None),
        Candidate("https://c.example.test/s.jpg", "20", "20"),
        Candidate("/big.jpg", "800", None),
    )
    assert choose(candidates, '<img src="boat.jpg">', BASE) == "https://site.example.test/big.jpg"


@pytest.mark.parametrize(
    ("media_type", "medium", "url", "expected"),
    [
        ("image/jpeg", None, None, True),
        ("audio/mpeg", None, "https://x.test/a.jpg", False),
        (None, "image", None, True),
        (None, "video", "https://x.test/a.jpg", False),
        (None, None, "https://x.test/a.webp?w=3", True),
        (None, None, "https://x.test/a", False),
    ],
)
def test_attached_files_are_pictures_by_type_else_by_name(
    media_type: str | None, medium: str | None, url: str | None, expected: bool
) -> None:
    assert is_picture_file(media_type, medium, url) is expected
