"""HTML to Markdown: every shape of document has a golden file, and what must hold for any text is a property."""

import os
import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery import limits
from bot.delivery.excerpt import first_words, markdown

GOLDEN = Path(__file__).parent / "golden"
TITLE = "Five ways to name a router"
LINK = "https://blog.example.test/five"
SUITE = Path(os.environ.get("RIVERPOST_SHARED", "../shared")) / "corpus/suites/made-discord"

_LINKS = re.compile(r"(?<!\\)\[((?:\\.|[^\[\]\\])*)\]\((https?://[^()\s]+)\)")


def excerpt(html: str, limit: int = 350, link: str | None = LINK, title: str = TITLE) -> str:
    return markdown(html, base_url="https://blog.example.test/p/1", title=title, limit=limit, link=link)


def assert_well_formed(text: str) -> None:
    """No fence is open and no bracket is one that we did not mean."""
    assert len(re.findall(r"(?m)^(?:[> ]|-|\d+\.)*```", text)) % 2 == 0
    outside = re.sub(r"(?ms)^[>\s\-\d.]*```.*?```", "", text)
    outside = re.sub(r"(``?)(?!`).+?\1", "", re.sub(r"\\[^\w\s]", "", _LINKS.sub("", outside)))
    assert "[" not in outside
    assert "](" not in outside


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.html")))
def test_each_shape_of_document_reads_as_its_golden_file(name: str) -> None:
    expected = (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    limit = 200 if name in {"cjk", "arabic", "long"} else 350
    assert excerpt((GOLDEN / f"{name}.html").read_text(encoding="utf-8"), limit) + "\n" == expected


_TAGS = ["p", "b", "i", "a href='https://x.test/a(b)'", "ul", "ol", "li", "pre", "code", "blockquote", "h2", "td", "br"]
_html = st.lists(
    st.one_of(
        st.sampled_from([f"<{tag}>" for tag in _TAGS] + [f"</{tag.split()[0]}>" for tag in _TAGS]),
        st.text(max_size=20),
        st.sampled_from(
            ["[x](https://e.test)", "```", "@everyone ", "<@1>", "word " * 30, "家" * 50, "👩‍👩‍👧" * 9, "\ud800"]
        ),
    ),
    max_size=40,
).map("".join)


@settings(deadline=None, max_examples=150)
@given(html=_html, limit=st.integers(1, 500))
def test_no_document_passes_the_limit_or_is_cut_inside_a_link(html: str, limit: int) -> None:
    text = excerpt(html, limit)
    assert limits.units(text) <= limit
    assert text == text.strip()
    text.encode("utf-8")
    if "pre" not in html and "code" not in html:
        assert "@everyone" not in text
        assert_well_formed(text)


@settings(deadline=None, max_examples=60)
@given(html=st.text(), title=st.text(), link=st.one_of(st.none(), st.text()))
def test_any_text_at_all_is_read_without_an_error(html: str, title: str, link: str | None) -> None:
    assert limits.units(markdown(html, base_url=link, title=title, limit=100, link=link)) <= 100
    assert limits.units(first_words(html, 50)) <= 50


@pytest.mark.parametrize("limit", range(1, 240))
def test_a_long_article_is_whole_in_its_links_at_every_limit(limit: int) -> None:
    text = excerpt((GOLDEN / "long.html").read_text(encoding="utf-8"), limit)
    assert limits.units(text) <= limit
    assert_well_formed(text)
    assert text.count("**") % 2 == 0


def test_a_cut_article_ends_with_an_ellipsis_and_the_way_to_the_rest() -> None:
    assert excerpt("word " * 200).endswith(f"word… [Continue reading]({LINK})")


def test_a_cut_article_without_an_address_ends_with_the_ellipsis() -> None:
    assert excerpt("word " * 200, link=None).endswith("word…")


def test_an_atom_id_is_never_a_link() -> None:
    assert excerpt("word " * 200, link="tag:blog.example.test,2025:1").endswith("word…")


def test_a_link_that_does_not_fit_goes_on_as_words() -> None:
    html = f"<p>It began <a href='https://a.test/{'x' * 40}'>when nobody was looking at the cables</a> that day.</p>"
    assert excerpt(html, 40, link=None) == "It began when nobody was looking at…"


def test_wrapped_plain_text_is_joined_and_meant_lines_are_kept() -> None:
    assert (
        excerpt("I look for a cable, and\nwas wondering.\nThanks") == "I look for a cable, and was wondering.\nThanks"
    )


def test_markup_that_was_escaped_twice_is_read_as_markup() -> None:
    assert (
        excerpt("&lt;p&gt;See &lt;a href=&quot;/x&quot;&gt;this&lt;/a&gt;&lt;/p&gt;")
        == "See [this](https://blog.example.test/x)"
    )
    assert excerpt("How to use &lt;div&gt; well") == r"How to use \<div> well"


def test_what_fits_whole_has_no_ellipsis() -> None:
    assert excerpt("<p>Short.</p>") == "Short."


def test_the_title_is_not_said_twice_even_with_other_punctuation() -> None:
    assert excerpt("<p><b>Five ways, to name a Router!</b><br>Text</p>") == "Text"


def test_a_sentence_about_writing_is_no_boilerplate() -> None:
    html = "<p>Intro.</p><p>The standard was written by Ann at night.</p>"
    assert excerpt(html) == "Intro.\n\nThe standard was written by Ann at night."


def test_code_longer_than_the_excerpt_is_cut_at_a_line_with_its_fence_closed() -> None:
    text = excerpt("<pre>" + "a line of code\n" * 50 + "</pre>", 100, link=None)
    assert text.startswith("```\na line of code\n")
    assert text.endswith("a line of code\n```\n…")


@pytest.mark.parametrize(
    "html",
    ["<div>" * 100_000, "<blockquote><ul><li>" * 30_000, "<a" + " x=1" * 90_000 + ">", "<" * 500_000, "[" * 300_000],
    ids=["depth", "lists", "attributes", "angles", "brackets"],
)
def test_hostile_documents_cost_little_time(html: str) -> None:
    before = time.process_time()
    excerpt(html + "end")
    assert time.process_time() - before < 2.0


def test_what_comes_after_thousands_of_tags_is_not_read() -> None:
    assert excerpt("<i>a </i>" * 10 + "<i></i>" * 5000 + "end", link=None) == "*a a a a a a a a a a*…"


@pytest.mark.skipif(not SUITE.is_dir(), reason=f"the shared corpus is not at {SUITE}")
@pytest.mark.parametrize("name", ["mentions", "markdown", "html_bodies", "limits_title", "no_fields"])
def test_the_made_documents_neither_ping_nor_break_out(name: str) -> None:
    for item in ET.parse(SUITE / f"{name}.rss").iter("item"):
        text = excerpt(item.findtext("description") or "", title=item.findtext("title") or "")
        assert limits.units(text) <= 350
        assert not re.search(r"@(everyone|here)|(?<!\\)<[@#/:ati]", text), text
        assert "](https://evil" not in re.sub(r"\\.", "", text)
        assert_well_formed(text)
