"""The words of a masked link read as they were written, though Discord takes no escapes there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.excerpts import escape, excerpt, links
from bot.excerpts.masked_link_label import label
from tests.excerpts import discord_markdown

HREF = "https://site.example/x"
LOOK = str.maketrans({"∗": "*", "ˍ": "_", "ˋ": "`", "\u200b": None})


def read(markdown: str) -> str:
    """What a reader takes the words of the only link for."""
    [link] = [node for node in discord_markdown.parse(markdown) if node.kind == "link"]
    assert all(node.kind == "text" for node in link.children), markdown
    return discord_markdown.plain(link.children).translate(LOOK)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("os.path_exists", "os.path_exists"),
        ("C*-algebras", "C*-algebras"),
        ("a | b", "a | b"),
        ("a || b", "a || b"),
        ("foo_bar_baz", "foo_bar_baz"),
        ("New in foo_bar: *args and __init__", "New in foo_bar: *args and ˍˍinitˍˍ"),
        ("*args and **kwargs", "∗args and ∗∗kwargs"),
        ("_private", "_private"),
        ("List<String> and a < b", "List<String> and a < b"),
        ("<@123> <#5>", "<\u200b@123> <\u200b#5>"),
        ("`code` and it`s", "ˋcodeˋ and itˋs"),
        ("it`s", "it`s"),
        ("~5 ~ 6", "~5 ~ 6"),
        ("~~gone~~", "~\u200b~\u200bgone~\u200b~\u200b"),
        (":smile: at 10:30:15", ":\u200bsmile: at 10:30:15"),
        ("C:\\dir\\", "C:\\dir\\\u200b"),
        ("[b] and [c]", "[b] and [c]"),
        ("a ] b", "a ) b"),
        ("# 1. - > item", "# 1. - > item"),
        ("@everyone", "@\u200beveryone"),
    ],
)
def test_signs_change_only_where_they_would_act(words: str, shown: str) -> None:
    assert links.words(words) == shown
    assert read(links.masked(links.words(words), HREF)) == words.replace("]", ")" if shown == "a ) b" else "]")


@given(st.text(alphabet=st.sampled_from("ab1 *_`~|<>@#:/\\()[]é-.!"), min_size=1, max_size=24))
def test_whatever_the_words_are_they_are_the_words_of_one_link_and_nothing_acts(words: str) -> None:
    shown = links.words(words)
    if shown.strip():
        said = read(f"{links.masked(shown, HREF)}")
        wanted = " ".join(escape.clean(words).split())
        assert said.replace("(", "[").replace(")", "]") == wanted.replace("(", "[").replace(")", "]")


@given(
    st.text(alphabet=st.sampled_from("ab *_`~|<>@:\\[]"), min_size=1, max_size=16),
    st.sampled_from(["**", "*", "__", "~~", "||"]),
)
def test_nor_do_they_end_the_marks_around_the_link(words: str, mark: str) -> None:
    shown = label(" ".join(map(escape.escape, words.split())), (mark,))
    if shown.strip():
        [node] = discord_markdown.parse(f"{mark}x {links.masked(shown, HREF)} y{mark}")
        assert [each.kind for each in node.children] == ["text", "link", "text"], shown


def test_an_excerpt_and_its_links_read_as_the_page_does() -> None:
    html = (
        '<p>See <a href="https://site.example/api">os.path_exists</a>, <a href="https://site.example/x">C*-algebras</a>, '
        '<b><a href="https://site.example/b">a*b</a></b>, <i><a href="https://site.example/i">a*b</a></i> and '
        '<a href="https://site.example/c"><code>__all__</code> of *</a>.</p>'
    )
    shown = excerpt.markdown(html, base_url=None, title="", limit=500, link=None)
    assert "\\" not in shown
    assert discord_markdown.plain(discord_markdown.parse(shown)).translate(LOOK) == (
        "See os.path_exists, C*-algebras, a*b, a*b and __all__ of *."
    )
