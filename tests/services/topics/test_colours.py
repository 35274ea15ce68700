"""Colours by name and by digits."""

import pytest

from bot.errors import UserError
from bot.i18n.translation import speaking
from bot.services.topics import colours


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("#1f8b4c", 0x1F8B4C),
        (" 1F8B4C ", 0x1F8B4C),
        ("#fff", 0xFFFFFF),
        ("Blue", 0x3498DB),
        ("gray", 0x95A5A6),
        ("blurple", 0x5865F2),
        ("none", None),
    ],
)
def test_a_colour_is_a_name_or_digits(typed: str, number: int | None) -> None:
    assert colours.read(typed) == number


def test_german_names_are_known_to_who_speaks_german() -> None:
    with speaking("de"):
        assert colours.read("grün") == colours.NAMED["green"]
        assert colours.read("blue") == colours.NAMED["blue"]
        assert colours.suggest("gr")[0][0].startswith("Grün")


@pytest.mark.parametrize("typed", ["", "blau?", "#12345", "12345678", "ultraviolet"])
def test_what_is_no_colour_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(UserError, match="red, orange"):
        colours.read(typed)
