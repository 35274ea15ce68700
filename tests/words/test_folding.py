"""Folding and cutting, as a rule: it is done once, and whatever a text holds can be found in it."""

from hypothesis import given
from hypothesis import strategies as st

from bot.words.folding import contains, fold, words


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text(alphabet="aäßж日 .-+'", max_size=8), st.text())
def test_a_word_among_others_is_found(before: str, word: str, after: str) -> None:
    if words(word):
        assert contains(words(f"{before} {word} {after}"), words(word))


@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ab .+#/'’日본ไ\u00ad\u0301\ufb01ßΣς")), max_size=60)
)
def test_every_piece_of_a_text_between_two_spaces_is_found_in_it(text: str) -> None:
    for piece in text.split():
        if words(piece):
            assert contains(words(text), words(piece))


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=1))
def test_case_does_not_matter(text: str) -> None:
    assert words(text.upper()) == words(text.lower())


@given(st.text())
def test_words_hold_no_spaces_and_nothing_that_a_tokenizer_would_cut(text: str) -> None:
    for word in words(text).split(" "):
        assert word.isprintable() or not word.isascii()
        assert not any(each.isspace() or each in "\"'()*:,;!?-[]{}\\\x00" for each in word)
        assert "\ue000" not in word
