"""What people type into the search, understood as they mean it, and never an error."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store.reading.search_query import parse


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("anycast", '("anycast")'),
        ("anycast routing", '("anycast" AND "routing")'),
        ('"anycast routing"', '("anycast" + "routing")'),
        ("“anycast routing”", '("anycast" + "routing")'),
        ('"anycast routing', '("anycast" + "routing")'),
        ("node.js", '("node" + "." + "js")'),
        ("C++", '("c" + "+" + "+")'),
        ("10.0.0.0/8", '("10" + "." + "0" + "." + "0" + "." + "0" + "/" + "8")'),
        ("東京", '("東" + "京")'),
        ("C++*", '("c" + "+" + "+")'),
        ("cats -dogs", '("cats") NOT "dogs"'),
        ('cats -"hot dogs" -mice', '("cats") NOT ("hot" + "dogs" OR "mice")'),
        ("cats OR dogs", '(("cats" OR "dogs"))'),
        ("cats OR dogs OR mice", '(("cats" OR "dogs" OR "mice"))'),
        ("big cats OR dogs", '("big" AND ("cats" OR "dogs"))'),
        ("cats or dogs", '("cats" AND "or" AND "dogs")'),
        ("cats AND dogs", '("cats" AND "dogs")'),
        ("OR cats OR", '("cats")'),
        ("net*", '("net" *)'),
        ("ne*", '("ne")'),
        ("NEAR(cats dogs) title:x", '("near" + "cats" AND "dogs" AND "title" + "x")'),
        ("-only", ""),
        ("!? - *", ""),
        ("", ""),
        ("\ue000123 cats", '("123" AND "cats")'),
        ("Überraschung café", '("uberraschung" AND "cafe")'),
    ],
)
def test_a_search_is_understood_as_in_other_search_boxes(typed: str, expression: str) -> None:
    assert parse(typed).expression == expression


def test_a_long_search_is_cut() -> None:
    assert parse(" ".join(f"word{n}" for n in range(50))).expression.count("AND") == 11


@given(st.one_of(st.text(max_size=40), st.text(alphabet='ab"*-() :+^{}OR\u0301\ue000\x00', max_size=30)))
def test_no_text_is_a_syntax_error(typed: str) -> None:
    query = parse(typed)
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(title, tokenize='ascii')")
    for each in (query, query.loosened()):
        if each.expression:
            for expression in (each.expression, f'title : {each.expression} AND ("\ue0001" OR "\ue0002")'):
                connection.execute("SELECT rowid FROM t WHERE t MATCH ?", (expression,)).fetchall()
    connection.close()


def test_words_may_go_on_where_they_themselves_are_not_found() -> None:
    assert parse('network "of the" -cat').loosened().expression == '("network" * AND "of" + "the") NOT "cat"'
