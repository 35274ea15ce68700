"""HTML to Markdown: every shape of document has a golden file, and what must hold for any text is a property."""

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bot.excerpts import discord_limits
from bot.excerpts.excerpt import first_words, markdown
from tests.paths import ROOT

GOLDEN = ROOT / "tests" / "excerpts" / "golden"
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
    limit = 200 if name in {"cjk", "arabic", "hebrew", "long", "thai"} else 350
    assert excerpt((GOLDEN / f"{name}.html").read_text(encoding="utf-8"), limit) + "\n" == expected


@pytest.mark.parametrize("limit", range(1, 240))
def test_a_long_article_is_whole_in_its_links_at_every_limit(limit: int) -> None:
    text = excerpt((GOLDEN / "long.html").read_text(encoding="utf-8"), limit)
    assert discord_limits.units(text) <= limit
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


def test_what_comes_after_thousands_of_tags_is_not_read() -> None:
    assert excerpt("<i>a </i>" * 10 + "<i></i>" * 5000 + "end", link=None) == "*a a a a a a a a a a*…"


@pytest.mark.skipif(not SUITE.is_dir(), reason=f"the shared corpus is not at {SUITE}")
@pytest.mark.parametrize("name", ["mentions", "markdown", "html_bodies", "limits_title", "no_fields"])
def test_the_made_documents_neither_ping_nor_break_out(name: str) -> None:
    for item in ET.parse(SUITE / f"{name}.rss").iter("item"):
        text = excerpt(item.findtext("description") or "", title=item.findtext("title") or "")
        assert discord_limits.units(text) <= 350
        assert not re.search(r"@(everyone|here)|(?<!\\)<[@#/:ati]", text), text
        assert "](https://evil" not in re.sub(r"\\.", "", text)
        assert_well_formed(text)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Short. And more.</p>", "Short."),
        ("<p>Dr. Ann said so. And more.</p>", "Dr. Ann said so."),
        ("<p>漢字。漢字</p>", "漢字。"),
        ("<p>" + "word " * 50, "word word word…"),
        ("<pre>x = 1</pre><p>Text</p>", "Text"),
        ("<img alt='A cable ship'>", "A cable ship"),
        ("", ""),
    ],
)
def test_an_article_without_a_title_is_named_by_its_first_sentence(html: str, words: str) -> None:
    assert first_words(html, 16) == words


SENTENCE_CUTS = {
    "at the last sentence that fits": (
        "One is here. Two is there. Three is somewhere else.",
        40,
        "One is here. Two is there.",
    ),
    "not after an abbreviation": (
        "It belongs to the firm of Dr. Flint, who sells all the lamps",
        36,
        "It belongs to the firm of Dr. …",
    ),
    "not after initials": ("The ring was drawn by A. B. Flint and then by nobody", 30, "The ring was drawn by A. …"),
    "not far back": (
        "Yes. Then comes one long sentence that does not end here",
        40,
        "Yes. Then comes one long sentence…",
    ),
    "at a question": ("What is it that you want? Nothing at all, really, thank you", 40, "What is it that you want?"),
    "in Japanese": ("終わりました。新しい回線が使えるようになりますよ。", 18, "終わりました。新しい回線が…"),
    "after a quotation": ("“It is dark in the tunnel.” She sat down and waited", 40, "“It is dark in the tunnel.”"),
    "in Hindi": ("केबल जुड़ गई है। अब सब ठीक चल रहा है और सब खुश हैं", 26, "केबल जुड़ गई है।"),
    "in front of an opening bracket": ("新しい回線は毎秒十「十一」ではない", 15, "新しい回線は毎秒十…"),
}


@pytest.mark.parametrize(("text", "limit", "expected"), SENTENCE_CUTS.values(), ids=SENTENCE_CUTS.keys())
def test_a_text_is_cut(text: str, limit: int, expected: str) -> None:
    assert excerpt(f"<p>{text}</p>", limit, link=None) == expected


def test_what_a_reader_does_not_see_takes_nothing_from_the_text() -> None:
    html = "<p>" + f"<a href='https://a.test/{'x' * 80}'>word</a> " * 12 + "</p>"
    text = markdown(html, base_url=None, title="", limit=100, link=None, room=2000)
    assert text.count("[word](") == 12
    assert discord_limits.units(markdown(html, base_url=None, title="", limit=100, link=None)) <= 100


def test_a_heading_is_not_the_last_line_of_what_was_cut() -> None:
    html = "<p>Before the heading there is a text.</p><h2>Heading</h2><p>" + "after " * 20 + "</p>"
    assert excerpt(html, 50, link=None) == "Before the heading there is a text."


def test_only_so_much_of_a_long_document_is_read() -> None:
    assert excerpt("<p>" + "word " * 9000 + "</p>", 30_000, link=None).endswith("word…")


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("Intro.<!--more--> And the rest.", "Intro. And the rest."),
        ("<!-- BODY\n on -->Plain words.<!-- off -->", "Plain words."),
        ("<!--[if mso]>Words.<![endif]-->All.", "All."),
        ("Words.<!---->Of it.", "Words.Of it."),
        ("Words. <!-- never closed", "Words."),
        ("1 < 2 and 3 <!= 4", r"1 < 2 and 3 <!= 4"),
    ],
)
def test_a_comment_in_plain_words_is_not_shown(html: str, shown: str) -> None:
    assert excerpt(html, title="").replace("\\", "") == shown
