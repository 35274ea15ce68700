"""Words that somebody may have meant."""

import pytest

from bot.words.spelling_suggestions import slips


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cabel", "cable"),
        ("cablle", "cable"),
        ("cabl", "cable"),
        ("cavle", "cable"),
        ("нвоости", "новости"),
        ("αθνηα", "αθηνα"),
    ],
)
def test_one_slip_is_undone(typed: str, meant: str) -> None:
    assert meant in slips(typed)
    assert typed not in slips(typed)


@pytest.mark.parametrize("typed", ["cat", "cve", "2025", "c++", "東京タワー", "ab12c", "日本語日本", "x" * 25, ""])
def test_what_is_short_or_no_word_of_letters_is_left_as_it_is(typed: str) -> None:
    assert slips(typed) == []


def test_letters_that_changed_places_come_first() -> None:
    assert slips("cabel")[3] == "cable"
