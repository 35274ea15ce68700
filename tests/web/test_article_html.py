"""A feed's HTML on a page: whole words, closed elements, nothing that acts."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.article_html import TAGS, shown


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("html", "most", "written", "cut"),
    [
        ("<p>One two three</p>", 100, "<p>One two three</p>", False),
        ("<p>One <b>two three four</b></p>", 12, "<p>One <b>two thre…</b></p>", True),
        ("<h1>Big</h1><h2 id=x>Next</h2>", 100, "<h3>Big</h3><h3>Next</h3>", False),
        ("<ul><li>a</li><li>b</li></ul>", 100, "<ul><li>a</li><li>b</li></ul>", False),
        ("<pre><code>x &lt; y</code></pre>", 100, "<pre><code>x &lt; y</code></pre>", False),
        ("<p>One two three four</p>", 12, "<p>One two…</p>", True),
        ("<p>fish &amp; chips</p>", 8, "<p>fish…</p>", True),
        ('<a href="https://a.example/" title="a > b">x</a>', 9,
         '<a href="https://a.example/" title="a > b" rel="nofollow noopener ugc">x</a>', False),
        ("<math><mi>x</mi></math>after", 100, "after", False),
    ],
)  # fmt: skip
def test_html_is_cleaned_and_cut(html: str, most: int, written: str, cut: bool) -> None:
    found, was_cut = shown(html, most)
    assert (re.sub(r"&gt;", ">", found) if "title=" in written else found, was_cut) == (written, cut)


PIECES = st.sampled_from(
    ["<p>", "</p>", "<b>", "</b>", "<table>", "<tr><td>", "</table>", "<a href='https://x.example/?a=\"&b'>", "</a>", "<img src=x onerror=y>",
     "<script>x</script>", "words and words ", "&amp;", "&lt;script&gt;", "<", ">", '"', "<!--", "-->", "<svg><script>x</script></svg>",
     "<br>", "<pre>", "</pre>", "<li>", "]]>", "<h1>", "</h1>", "<style>p{}</style>", "\u0000", "é", "<math><annotation-xml encoding='text/html'>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join), st.integers(5, 80))
def test_whatever_a_feed_says_stays_inside_of_its_place(html: str, most: int) -> None:
    found, _ = shown(html, most)
    balance = _Balance()
    balance.feed(found)
    balance.close()
    assert balance.open == []
    assert balance.seen <= TAGS
    assert "<script" not in found
    assert "onerror" not in re.sub(r"&lt;.*?(?:&gt;|$)", "", found)
