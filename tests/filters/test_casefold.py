"""Folding, as a rule: it is done once, and whatever a text holds can be found in it."""

from hypothesis import given
from hypothesis import strategies as st

from bot.filters.casefold import contains, fold


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text(alphabet="aäßж日 .-", max_size=8), st.text())
def test_a_word_among_others_is_found(before: str, word: str, after: str) -> None:
    if fold(word):
        assert contains(fold(f"{before} {word} {after}"), fold(word))


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=1))
def test_case_does_not_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower())
