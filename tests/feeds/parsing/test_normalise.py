"""From a feed's words to an entry."""

from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.parsing import normalise
from bot.feeds.parsing.normalise import (
    MAX_CATEGORIES,
    MAX_TITLE,
    Draft,
    address,
    author_name,
    category_names,
    finish,
    plain,
    with_absolute_addresses,
)

BASE = "https://site.example.test/a/"


def test_title_is_one_plain_line_of_bearable_length() -> None:
    entry = finish(Draft(position=0, base=BASE, title="<b>Fish</b> &amp;\n chips " + "x" * 5000, title_is_html=True))
    assert entry.title.startswith("Fish & chips xxx")
    assert len(entry.title) == MAX_TITLE
    assert entry.title.endswith("…")


def test_a_title_said_to_be_text_keeps_its_angle_brackets() -> None:
    assert finish(Draft(position=0, base=BASE, title="use <b> when a < b")).title == "use <b> when a < b"


def test_the_first_usable_link_is_taken() -> None:
    links = ("urn:uuid:1", "javascript:alert(1)", "page.html", "https://other.example.test/")
    assert finish(Draft(position=0, base=BASE, links=links)).link == "https://site.example.test/a/page.html"


def test_an_entry_may_have_no_link() -> None:
    entry = finish(Draft(position=3, base=BASE, links=("tag:x,2025:1",), guid=" tag:x,2025:1\n"))
    assert (entry.link, entry.guid, entry.position) == (None, "tag:x,2025:1", 3)
    assert entry.keys.link is None
    assert entry.keys.guid is not None


def test_words_are_not_glued_across_blocks_nor_torn_inside_of_them() -> None:
    assert plain("<p>one</p><p>t<b>w</b>o<br>three</p><script>bad()</script><li>four") == "one two three four"


def test_relative_addresses_become_absolute_and_nothing_else_changes() -> None:
    html = (
        '<p>A <a href="/b?x=1&amp;y=2">b</a> <img src="c.png"> <a href="#top">t</a> <a href="mailto:x@y.test">m</a></p>'
    )
    assert with_absolute_addresses(html, BASE) == (
        '<p>A <a href="https://site.example.test/b?x=1&amp;y=2">b</a> <img src="https://site.example.test/a/c.png"> '
        '<a href="#top">t</a> <a href="mailto:x@y.test">m</a></p>'
    )


def test_html_without_relative_addresses_is_left_byte_for_byte() -> None:
    html = "<P>odd <a href='https://x.test/'>x</A>"
    assert with_absolute_addresses(html, BASE) is html


def test_authors_lose_their_addresses() -> None:
    assert author_name("ada@example.test (Ada Berg)") == "Ada Berg"
    assert author_name("Ada Berg <ada@example.test>") == "Ada Berg"
    assert author_name("ada@example.test") is None
    assert author_name("Ada Berg (Quay)") == "Ada Berg (Quay)"


def test_categories_are_plain_few_and_each_once() -> None:
    assert category_names(["News", "news", None, "", "R&amp;D"]) == ("News", "R&D")
    assert len(category_names(str(number) for number in range(100))) == MAX_CATEGORIES


def test_endless_addresses_are_left_out() -> None:
    assert address(None, "https://x.test/" + "a" * 5000) is None


@given(st.text(st.characters(codec=None), max_size=80), st.text(st.characters(codec=None), max_size=200))
def test_whatever_the_texts_the_entry_can_be_stored(title: str, html: str) -> None:
    entry = finish(
        Draft(
            position=0, base=BASE, guid=title, links=(html,), title=title, title_is_html=True, html=html, author=title
        )
    )
    for text in (entry.guid, entry.link, entry.title, entry.summary_html, entry.text, entry.author):
        (text or "").encode("utf-8")
    assert "\n" not in entry.title


def test_a_text_of_more_different_words_than_anybody_uses_ends_there() -> None:
    novel = " ".join(f"word{number % 4_000}" for number in range(12_000))
    made_up = " ".join(f"q{number:x}" for number in range(12_000))
    assert normalise.of_few_words(novel) == novel
    kept = normalise.of_few_words(made_up)
    assert made_up.startswith(kept)
    assert len(kept.split()) == normalise.MAX_DIFFERENT_WORDS
