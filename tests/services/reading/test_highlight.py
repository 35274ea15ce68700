"""Where the hits of a search are shown, and which hit is better."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.reading import highlight
from bot.store.reading.search_query import parse


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("The Network, networks and network.", "network", ["Network", "network"]),
        ("Anycast routing; anycast is not routing", '"anycast routing"', ["Anycast routing"]),
        ("Cafe, café and CAFÉ", "café", ["Cafe", "café", "CAFÉ"]),
        ("a submarine cable, cable", "cable submarine", ["submarine cable", "cable"]),
        ("Networks of nets", "net*", ["Networks", "nets"]),
        ("node.js and node js", "node.js", ["node.js"]),
        ("C++, C# and c", "c++", ["C++"]),
        ("Soft\u00adware of the Große Straße", "software GROSSE", ["Soft\u00adware", "Große"]),
        ("今日の東京タワーです", "東京タワー", ["東京タワー"]),
        ("오늘 서울에서", "서울", ["서울"]),
        ("cats and dogs", "cats -dogs", ["cats"]),
        ("İstanbul ß straße", "straße", ["straße"]),
        ("nothing here", "cats", []),
    ],
)
def test_hits_are_found_as_the_index_finds_them(text: str, typed: str, marked: list[str]) -> None:
    assert [text[begin:end] for begin, end in highlight.spans(text, parse(typed))] == marked


@given(st.text(max_size=200), st.text(max_size=30))
def test_no_text_breaks_the_marking(text: str, typed: str) -> None:
    query = parse(typed)
    found = highlight.spans(text, query)
    assert all(begin < end for begin, end in found)
    assert len(highlight.piece(text, query, 40)) <= 42
    assert highlight.score(text, text, query) >= 0


def test_the_piece_is_where_the_hits_are() -> None:
    text = "Filler words go on. " * 40 + "Here the submarine cable was cut near the coast. " + "More filler. " * 40
    shown = highlight.piece(text, parse("submarine cable"), 120)
    assert "submarine cable was cut" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= 122


def test_a_short_text_is_shown_whole() -> None:
    assert highlight.piece("  Short\ntext ", parse("text"), 100) == "Short text"


def test_a_hit_in_the_title_is_better_than_many_in_the_text_and_near_words_than_far_ones() -> None:
    query = parse("submarine cable")
    title = highlight.score("A submarine cable is cut", "Nothing else.", query)
    text = highlight.score("News of the week", "The submarine cable. " * 5, query)
    far = highlight.score("News of the week", "A submarine. " + "Filler. " * 50 + "A cable.", query)
    assert title > text > far
