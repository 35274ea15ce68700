"""One address or several in what a person typed."""

import pytest

from bot.services.sources.subscriptions import addresses_in


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (" https://a.example/feed ", ("https://a.example/feed",)),
        ("a.example b.example", ("a.example", "b.example")),
        ("a.example,b.example", ("a.example", "b.example")),
        ("https://a.example, <https://b.example>;\nc.example", ("https://a.example", "https://b.example", "c.example")),
        ("https://a.example/f https://a.example/f", ("https://a.example/f",)),
        ("https://a.example/x,y.html", ("https://a.example/x,y.html",)),
        ("https://a.example/x,https://b.example/y", ("https://a.example/x", "https://b.example/y")),
        ("https://a.example oops http://b.example", ("https://a.example", "oops", "http://b.example")),
        ("http://localhost:8080/ a.example", ("http://localhost:8080/", "a.example")),
        ("https://a.example oops", ("https://a.example oops",)),
        ("my favourite blog", ("my favourite blog",)),
        ("", ("",)),
    ],
)
def test_addresses_are_told_apart(typed: str, found: tuple[str, ...]) -> None:
    assert addresses_in(typed) == found
