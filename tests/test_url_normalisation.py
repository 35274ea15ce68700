"""Addresses: compared, resolved, typed by people."""

import pytest

from bot.errors import UserError
from bot.url_normalisation import (
    absolute,
    canonical,
    host_key,
    normalise_source,
    split_credentials,
    without_credentials,
)


@pytest.mark.parametrize(
    "other",
    [
        "https://blog.example/a",
        "http://blog.example/a/",
        "https://www.blog.example/a",
        "https://BLOG.example:443/a",
        "https://blog.example/a?utm_source=rss&fbclid=1",
        "https://blog.example/a?at_medium=RSS&at_campaign=KARANGA",
        "https://blog.example/a?source=rss----0f1e2d---4&ref=feed",
        "https://blog.example/a#utm_source=rss",
    ],
)
def test_addresses_of_one_article_are_equal(other: str) -> None:
    assert canonical(other) == canonical("http://blog.example/a")


@pytest.mark.parametrize(
    "other",
    [
        "https://blog.example/A",
        "https://blog.example/a?id=2",
        "https://blog.example/a?source=2",
        "https://blog.example/a?feed=rss2",
        "https://blog.example/a#part",
        "https://blog.example/a#2",
        "https://x.example/a",
    ],
)
def test_addresses_of_different_articles_differ(other: str) -> None:
    assert canonical(other) != canonical("http://blog.example/a")


@pytest.mark.parametrize(
    "other",
    [
        "https://www.bbc.co.uk/news/articles/c1#0",
        "https://www.bbc.com/news/articles/c1#12",
        "https://www.bbc.com/news/articles/c1?at_medium=RSS&at_campaign=rss",
    ],
)
def test_the_bbc_s_two_names_and_counted_revisions_are_one_article(other: str) -> None:
    assert canonical(other) == canonical("http://bbc.co.uk/news/articles/c1")


def test_the_bbc_s_other_fragments_stay() -> None:
    assert canonical("https://www.bbc.co.uk/live/c1#post-a") != canonical("https://www.bbc.co.uk/live/c1")


def test_the_order_of_a_query_says_nothing() -> None:
    assert canonical("https://b.example/?x=1&y=2") == canonical("https://b.example/?y=2&x=1")


@pytest.mark.parametrize(
    ("base", "href", "expected"),
    [
        ("https://b.example/x/", "../y", "https://b.example/y"),
        (None, "https://b.example/a b", "https://b.example/a%20b"),
        ("https://b.example/", "mailto:a@b.example", None),
        ("https://b.example/", "javascript:alert(1)", None),
        (None, "tag:b.example,2026:1", None),
        (None, "/relative", None),
        (None, "http://[bad", None),
        (None, "https://b.example:99999/", None),
        (None, None, None),
    ],
)
def test_only_web_addresses_come_out(base: str | None, href: str | None, expected: str | None) -> None:
    assert absolute(base, href) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("blog.example.com", "https://blog.example.com"),
        (" <https://blog.example.com/feed> ", "https://blog.example.com/feed"),
        ("feed://blog.example.com/rss", "https://blog.example.com/rss"),
        ("http://localhost:8080/feed", "http://localhost:8080/feed"),
    ],
)
def test_what_people_paste_becomes_an_address(typed: str, expected: str) -> None:
    assert normalise_source(typed) == expected


@pytest.mark.parametrize("typed", ["", "my favourite blog", "cloudflare", "ftp://blog.example.com"])
def test_what_is_no_address_is_said_with_an_example(typed: str) -> None:
    with pytest.raises(UserError, match=r"not a web address.*https://blog\.example\.com"):
        normalise_source(typed)


def test_credentials_are_taken_out() -> None:
    url = "https://me:p%40ss@blog.example:8443/feed"
    assert without_credentials(url) == "https://blog.example:8443/feed"
    assert split_credentials(url) == ("https://blog.example:8443/feed", ("me", "p@ss"))
    assert host_key(url) == "blog.example:8443"
