"""Typed names: which one is meant, which come close, and what is suggested first."""

import pytest

from bot.services.topics import name_search

TOPICS = ("Harbour news", "Tech", "Técnica", "News & more", "Übersicht", "日本語のニュース")


def names(item: str) -> tuple[str, ...]:
    return (item,)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("harb", ["Harbour news"]),
        ("HARBOUR  NEWS", ["Harbour news"]),
        ("tech", ["Tech"]),  # all of a name, though another one begins nearly so
        ("uber", ["Übersicht"]),
        ("news", ["News & more"]),  # it begins so; the other one has it as a later word
        ("more", ["News & more"]),
        ("日本", ["日本語のニュース"]),
        ("te", ["Tech", "Técnica"]),
        ("bour", []),  # in the middle of a word
        ("", []),
        ("   ", []),
        ("zebra", []),
    ],
)
def test_a_typed_name_means_the_whole_name_or_what_begins_so(typed: str, meant: list[str]) -> None:
    assert name_search.meant(TOPICS, typed, names) == meant


@pytest.mark.parametrize(
    ("typed", "close"),
    [("harbur", ("Harbour news",)), ("bour", ("Harbour news",)), ("tehc", ("Tech",)), ("xylophone", ()), ("", ())],
)
def test_names_that_are_written_nearly_so_come_close(typed: str, close: tuple[str, ...]) -> None:
    assert name_search.similar(TOPICS, typed) == close


def test_what_fits_best_is_suggested_first() -> None:
    found = ("Box", "My x", "Harbour", "x", "Xylem", "y")
    shown = name_search.suggested(
        found, "x", names, lambda name: ("https://harbour.example/feed.xml",) if name == "Harbour" else ()
    )
    assert shown == ["x", "Xylem", "My x", "Box", "Harbour"]


def test_everything_is_suggested_before_something_is_typed() -> None:
    assert name_search.suggested(TOPICS, "", names) == list(TOPICS)
