"""Where the words of a text stand in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words.folding import words
from bot.words.word_positions import located

LETTERS = st.one_of(st.characters(), st.sampled_from("ab .+#/'’日本ไกิ\u00ad\u0301\u0308\ufb01ßΣς한\u1112\u1161\u11abｶﾞ"))


@given(st.text(alphabet=LETTERS, max_size=80))
def test_the_located_words_are_the_words_of_the_text(text: str) -> None:
    found = located(text)
    assert [each.word for each in found] == words(text).split()
    assert all(0 <= each.begin < each.end <= len(text) for each in found)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Die Große Straße", ["Die", "Große", "Straße"]),
        ("Soft\u00adware-Update!", ["Soft\u00adware", "Update"]),
        ("C++ and node.js.", ["C", "+", "+", "and", "node", ".", "js"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("Cafe\u0301 ﬁne", ["Cafe\u0301", "ﬁne"]),
        ("新しいiPhoneを", ["新", "し", "い", "iPhone", "を"]),
    ],
)
def test_each_word_stands_where_a_reader_sees_it(text: str, places: list[str]) -> None:
    assert [text[each.begin : each.end] for each in located(text)] == places
