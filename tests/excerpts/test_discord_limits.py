"""Cutting text: within the limit, at a word, and never through what is one sign to a reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.excerpts.discord_limits import clip, length, units


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("  trimmed  ", 7, "trimmed"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("one, two", 6, "one…"),
        ("漢字漢字漢字", 4, "漢字漢…"),
        ("abcdefghij", 4, "abc…"),
        ("👩‍👩‍👧👩‍👩‍👧", 9, "👩‍👩‍👧…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("🇩🇪🇫🇷", 7, "🇩🇪…"),
        ("anything", 0, ""),
    ],
)
def test_text_is_clipped_to(text: str, limit: int, expected: str) -> None:
    assert clip(text, limit) == expected


@given(st.text(), st.integers(0, 60))
def test_no_text_passes_its_limit(text: str, limit: int) -> None:
    assert units(clip(text, limit)) <= limit


def test_characters_outside_the_first_plane_count_twice_and_space_around_does_not() -> None:
    assert length(" a😀 ") == 3
