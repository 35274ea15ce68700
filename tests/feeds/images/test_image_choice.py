"""Which picture stands for an entry."""

import time

import pytest

from bot.feeds.images.image_choice import Candidate, choose, is_picture_file

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
    "a small picture by its style": '<img src="/a.png" style="width: 16px; height: 16px">',
    "a picture as high as its letters": '<img src="/a.png" style="height: 1em; max-height: 1em">',
    "a picture that is small by its name": '<img src="/face_w32_h32.png">',
    "a picture that is small by its shorter name": '<img src="/16x9/face-32x32.png">',
    "a pixel by its name": '<img src="/lazy/1x1.trans.gif">',
    "an advertisement of a feed": '<img src="https://feeds.example.test/~a/x?i=1">',
    "a pixel of a feed": '<img src="https://feeds.example.test/News/Top?g=31">',
    "an advertisement": '<img src="https://a.ads.example.test/display-ad/7490-11">',
    "a button": '<img src="https://cdn.example.test/d/button.png">',
    "a face beside the author's name": '<div class="author-photo"><img src="/ann.jpg"></div>',
    "a profile's face": '<img src="https://pbs.example.test/profile_images/1/x.jpg">',
    "a counter": '<img src="/counter.php?page=1">',
    "a player that is not known": '<iframe src="https://player.example.test/1"></iframe>',
    "a placeholder alone": '<img src="data:image/gif;base64,R0" data-src="">',
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


PICTURES = {
    "one with pixel in its host's name": ('<img src="https://pixelpipe.example.test/a.jpg">', "https://pixelpipe.example.test/a.jpg"),
    "one of a film": ('<img src="/avatar-2-poster.jpg">', "https://site.example.test/avatar-2-poster.jpg"),
    "one of counterpoint": ('<img src="/counterpoint.jpg">', "https://site.example.test/counterpoint.jpg"),
    "one in a person's folder": ('<img src="https://uni.example.test/~ab/a.jpg">', "https://uni.example.test/~ab/a.jpg"),
    "one of any height": ('<img src="/fit/600x0/a.jpg">', "https://site.example.test/fit/600x0/a.jpg"),
    "one whose sides end and begin with 1": ('<img src="/page-791x1024.jpg">', "https://site.example.test/page-791x1024.jpg"),
    "one that names its shape": ('<img src="/4x3/hero_16x9.jpg">', "https://site.example.test/4x3/hero_16x9.jpg"),
    "one with 9X6 in its letters": ('<img src="/img/b/AVv_9X6ZNS6q/s16/a.png">', "https://site.example.test/img/b/AVv_9X6ZNS6q/s16/a.png"),
    "the widest of a set": ('<img srcset="/s.jpg 300w, /l.jpg 1200w, /xl.jpg 4000w">', "https://site.example.test/l.jpg"),
    "of a set with commas in addresses": ('<img srcset="/w_1,h_2/s.jpg 1x, /w_2,h_4/l.jpg 2x">', "https://site.example.test/w_2,h_4/l.jpg"),
    "of a lazy set": ('<img src="data:x" data-srcset="/a.jpg 800w">', "https://site.example.test/a.jpg"),
    "of a <picture>": ('<picture><source srcset="/a.webp 900w"><img src="data:x"></picture>', "https://site.example.test/a.webp"),
    "in <noscript>": ('<noscript><img src="/a.jpg"></noscript>', "https://site.example.test/a.jpg"),
    "of a film in the text": ('<iframe src="https://www.youtube.com/embed/abcdefghijk?x=1"></iframe>', "https://i.ytimg.com/vi/abcdefghijk/hqdefault.jpg"),
    "of a video": ('<video poster="/p.jpg" src="/v.mp4"></video>', "https://site.example.test/p.jpg"),
    "larger than the feed's thumbnail": ('<img src="https://1.bp.blogspot.com/-a/b/c/s72-c/x.jpg">', "https://1.bp.blogspot.com/-a/b/c/s1600/x.jpg"),
}  # fmt: skip


@pytest.mark.parametrize(("html", "url"), PICTURES.values(), ids=PICTURES.keys())
def test_a_picture_is_found(html: str, url: str) -> None:
    assert choose((), html, BASE) == url


def test_of_a_picture_in_several_sizes_the_widest_is_chosen() -> None:
    sizes = [Candidate(f"/{width}.jpg", str(width), None) for width in (140, 460, 700, 9000)]
    assert choose(sizes, "", BASE) == "https://site.example.test/700.jpg"


def test_the_first_picture_is_chosen_where_it_is_wide_enough() -> None:
    assert (
        choose([Candidate("/lead.jpg", "600"), Candidate("/second.jpg", "900")], "", BASE)
        == "https://site.example.test/lead.jpg"
    )


def test_a_small_still_of_a_film_is_given_up_for_the_large_one() -> None:
    assert (
        choose([Candidate("https://i2.ytimg.com/vi/abc/default.jpg")], "", BASE)
        == "https://i2.ytimg.com/vi/abc/hqdefault.jpg"
    )


@pytest.mark.parametrize(
    "html", ["<img " * 50_000, '<img src="/a.svg">' * 20_000, '<img srcset="' + "a 1w, " * 100_000 + '">']
)
def test_a_hostile_document_costs_little_time(html: str) -> None:
    before = time.process_time()
    choose((), html, BASE)
    assert time.process_time() - before < 1.0


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


@pytest.mark.parametrize(
    "html",
    [
        '<img src="/p.jpg?w=20&q=10" data-srcset="/p.jpg?w=600 600w, /real.jpg 1200w">',
        '<img src="/p.jpg?w=900&amp;blur=20" data-src="/real.jpg">',
        '<img src="/img/lazy-placeholder.png" srcset="/small.jpg 300w, /real.jpg 1200w">',
        '<picture><source data-srcset="/small.jpg 300w, /real.jpg 900w"><img src="/grey.jpg"></picture>',
        '<img src="/s-150.jpg" srcset="/s-150.jpg 150w, /real.jpg 1200w">',
        '<img src="/img/placeholder.gif"><noscript><img src="/real.jpg"></noscript>',
    ],
)
def test_the_real_picture_goes_before_its_placeholder(html: str) -> None:
    assert choose((), html, "https://s.test/") == "https://s.test/real.jpg"


def test_a_picture_that_is_wide_enough_stays_and_a_width_left_open_is_filled_in() -> None:
    html = '<img src="/p-1024.jpg" srcset="/p-300.jpg 300w, /p-1024.jpg 1024w, /p-1536.jpg 1536w">'
    assert choose((), html, "https://s.test/") == "https://s.test/p-1024.jpg"
    assert choose((), '<img data-src="/p_{width}x.jpg">', "https://s.test/") == "https://s.test/p_1080x.jpg"
