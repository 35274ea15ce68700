"""What a feed says is what a reader sees: checked with a reading of Discord's own Markdown, for any document."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.excerpts import discord_limits, escape
from bot.excerpts.excerpt import first_words, markdown
from tests.excerpts.discord_markdown import Node, inline, kinds, parse, plain

LINK = "https://blog.example.test/five"
NEVER = {"mention", "time", "emoji", "autolink", "spoiler", "underline"}
"""Markup that we never write, so that it could only be the feed's."""

_MARKUP = st.sampled_from(
    [
        "**", "*", "***", "_", "__", "~~", "||", "`", "``", "```", "```py\n", "\n", "\\", "[", "]", "](", ")", "(", "<", ">",
        "> ", ">>> ", "# ", "### ", "-# ", "- ", "1. ", "12) ", "@everyone", "@here", "<@1>", "<@&2>", "<#3>", "<:a:4>",
        "<t:5:R>", "</x:6>", "<id:guide>", ":smile:", ":100:", "https://x.test/a_b*c*", "(https://y.test/_z_)", "http://",
        "[x](https://e.test)", "steam://x", "mailto:a@b.c", "¯\\_(ツ)_/¯", "\u200b", "\u202e", "\ufeff",
    ]
)  # fmt: skip
_WORDS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["word", "Router", "家族", "كابل", "👩‍👩‍👧", "🇩🇪🇫🇷", "e\u0301", "x" * 60, "\ud800", "&amp;", "&lt;", "&#42;"]
    ),
)
_text = st.lists(st.one_of(_MARKUP, _WORDS, st.just(" ")), max_size=14).map("".join)

_INLINE = ["b", "i", "s", "code", "sup", "sub", "q", "mark", "span style='font-weight:bold'", "kbd", "del", "em"]
_BLOCK = ["p", "div", "ul", "ol", "ol start=7", "li", "blockquote", "h1", "h2", "h5", "pre", "table", "tr", "td", "th", "figcaption", "dl", "dt", "dd", "details", "summary"]  # fmt: skip
_VOID = ["<br>", "<hr>", "<img alt='a b' src='/x.png'>", "<input type=checkbox>", "<img class=latex alt='a`b'>"]


def _wrapped(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tags = st.sampled_from(_INLINE + _BLOCK)
    links = st.sampled_from(["/rel", "https://a.test/(b)*_|", "javascript:alert(1)", "#x", "https://a.test/@everyone"])
    many = st.lists(children, max_size=4).map("".join)
    return st.one_of(
        st.tuples(tags, many).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0].split()[0]}>"),
        st.tuples(links, many).map(lambda pair: f'<a href="{pair[0]}">{pair[1]}</a>'),
        many,
    )


_html = st.recursive(st.one_of(_text, st.sampled_from(_VOID)), _wrapped, max_leaves=14)


def excerpt(html: str, limit: int = 350, room: int | None = None) -> str:
    return markdown(html, base_url="https://blog.example.test/p/1", title="T", limit=limit, link=LINK, room=room)


def links(nodes: list[Node]) -> list[str]:
    return [node.detail for node in nodes if node.kind in {"link", "url"}] + [
        address for node in nodes for address in links(node.children)
    ]


@settings(max_examples=300)
@given(html=_html, limit=st.integers(1, 500), more=st.integers(0, 400))
@example(html=":smile:0https://x.test/a_b*c*", limit=29, more=6)
@example(html="a :https://x.test/ b", limit=29, more=6)
def test_no_document_passes_its_room_or_writes_markup_of_its_own(html: str, limit: int, more: int) -> None:
    text = excerpt(html, limit, limit + more)
    assert discord_limits.units(text) <= limit + more
    assert text == text.strip()
    text.encode("utf-8")
    nodes = parse(text)
    assert not kinds(nodes) & NEVER
    outside = re.sub(r"(?s)```.*?```|(`+)(?!`).*?\1", "", text)
    assert not re.search(r"(?<!\\)<[@#:/ati]|@(?:everyone|here)", outside)
    for address in links(nodes):
        assert address.startswith(("https://", "http://"))


@settings(max_examples=300)
@given(words=_text)
@example(words="**a** __b__ ||c|| `d`")
@example(words="a](https://e.test) [b](https://e.test)")
@example(words="\\\\**a**")
def test_text_reads_as_it_was_written(words: str) -> None:
    shown = " ".join(escape.escape(word) for word in escape.clean(words).split())
    nodes = list(inline(shown))
    assert kinds(nodes) <= {"text", "url"}
    if "://" not in words:  # in addresses, signs that would end a mark around them are written as %2A
        assert plain(nodes).replace("\u200b", "") == " ".join(escape.clean(words).split())


def test_pieces_of_code_side_by_side_stay_apart() -> None:
    nodes = parse(
        excerpt("<p>Press <kbd>⌘</kbd><kbd>K</kbd> or <b><code>a`</code><code>b</code></b>.</p>", 4000, 16000)
    )
    assert plain(nodes).replace("\u200b", "") == "Press ⌘K or a`b."


@settings(max_examples=200)
@given(words=st.lists(_text, min_size=1, max_size=4))
@example(words=["http://x<@1>"])
def test_lines_of_text_become_no_headings_lists_or_quotes(words: list[str]) -> None:
    html = "".join(f"<p>{word.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</p>" for word in words)
    assert kinds(parse(excerpt(html, 4000, 16000))) <= {"text", "url", "link"}


@settings(max_examples=150)
@given(html=_html)
def test_a_cut_never_opens_what_the_whole_does_not(html: str) -> None:
    """Every kind of mark in any cut is one that the whole text has, or our own link to the rest."""
    whole = kinds(parse(excerpt(html, 4000, 16000)))
    for limit in range(40, 200, 17):
        found = kinds(parse(excerpt(html, limit, limit * 4)))
        assert found - whole <= {"link", "text", "code", "url"}  # a piece that is cut loses its mark, not its words


@settings(max_examples=60)
@given(html=st.text(), title=st.text(), link=st.one_of(st.none(), st.text()))
def test_any_text_at_all_is_read_without_an_error(html: str, title: str, link: str | None) -> None:
    assert discord_limits.units(markdown(html, base_url=link, title=title, limit=100, link=link)) <= 100
    assert discord_limits.units(first_words(html, 50)) <= 50


@settings(max_examples=60)
@given(html=_html, limit=st.integers(1, 400))
def test_the_same_document_gives_the_same_text(html: str, limit: int) -> None:
    assert excerpt(html, limit) == excerpt(html, limit)


@settings(max_examples=100)
@given(text=st.text(alphabet="👩‍👧🇩🇪e\u0301家กเ\u0e34🏽 a", min_size=1, max_size=80), limit=st.integers(2, 40))
def test_a_cut_keeps_what_is_one_sign_to_a_reader(text: str, limit: int) -> None:
    shown = markdown(text, base_url=None, title="", limit=limit, link=None)
    shown.encode("utf-16", "strict")
    kept = shown.removesuffix("…").rstrip()
    after = " ".join(escape.clean(text).split())[len(kept) :]
    if kept and after and " ".join(escape.clean(text).split()).startswith(kept):
        assert not discord_limits.extends(kept[-1], after[0])


HOSTILE = {
    "angles": "<" * 5_000_000,
    "open elements": "<a" * 2_500_000,
    "depth": "<div>" * 20_000 + "end",
    "quotes in lists": "<blockquote><ul><li>" * 20_000 + "end",
    "attributes": "<a" + " x=1" * 90_000 + ">end",
    "stars": "*" * 1_000_000,
    "stars in words": "* " * 500_000,
    "brackets": "[" * 300_000,
    "addresses": "https://" * 100_000,
    "colons": ":a" * 500_000,
    "one word": "x" * 1_000_000,
    "marks on one letter": "e" + "\u0301" * 500_000,
    "no spaces": "家" * 500_000,
    "closing brackets": "https://x.test/" + ")" * 500_000,
    "breaks": "<br>" * 100_000,
    "rows": "a<br>" * 100_000,
    "cells": "<table><tr>" + "<td>1" * 100_000,
    "links": "<a href='/x'>y</a>" * 50_000,
    "code": "<pre>" + "`" * 100_000 + "</pre>",
    "appeared": "the post " * 100_000,
    "read more": "read more " * 100_000,
    "share": "<p>" + "share " * 100_000,
    "times": "<p>" + "0:00 " * 100_000,
    "entities": "&lt;p&gt;" * 200_000,
    "ends of sentences": "A. " * 300_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_costs_little_time(html: str) -> None:
    before = time.process_time()
    text = markdown(html, base_url=LINK, title="The post", limit=350, link=LINK, room=1400)
    first_words(html, 100)
    assert time.process_time() - before < 1.5
    assert discord_limits.units(text) <= 1400
