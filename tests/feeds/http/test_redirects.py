"""Where a redirect leads, and what goes along."""

import pytest

from bot.feeds.http.redirects import target

SECRET = "https://ann:s3cret@blog.example/feed"


@pytest.mark.parametrize(
    ("url", "location", "expected"),
    [
        ("http://a.example/feed", "https://a.example/feed", "https://a.example/feed"),
        ("http://a.example/one/feed", "two", "http://a.example/one/two"),
        ("http://a.example/feed", "/new?x=1#top", "http://a.example/new?x=1"),
        ("http://a.example/feed", "//b.example/feed", "http://b.example/feed"),
        ("http://a.example/feed", "http://b.example/a feed", "http://b.example/a%20feed"),
        ("http://a.example/feed", "/caf\udce9", "http://a.example/caf%E9"),
        ("http://a.example/feed", "/café", "http://a.example/caf%C3%A9"),
        ("http://a.example/feed", "ftp://a.example/feed", None),
        ("http://a.example/feed", "javascript:alert(1)", None),
        ("http://a.example/feed", "http://a.example:port/", None),
        (SECRET, "/new", "https://ann:s3cret@blog.example/new"),
        (SECRET, "https://blog.example/new", "https://ann:s3cret@blog.example/new"),
        (SECRET, "https://blog.example:443/new", "https://ann:s3cret@blog.example:443/new"),
        (SECRET.replace("https", "http"), "https://blog.example/new", "https://ann:s3cret@blog.example/new"),
        (SECRET, "http://blog.example/new", "http://blog.example/new"),
        (SECRET, "https://blog.example:8443/new", "https://blog.example:8443/new"),
        (SECRET, "https://evil.example/new", "https://evil.example/new"),
        (SECRET, "https://blog.example.evil.example/new", "https://blog.example.evil.example/new"),
        (SECRET, "https://blog.example@evil.example/new", "https://evil.example/new"),
        (SECRET, "https://eve:other@blog.example/new", "https://ann:s3cret@blog.example/new"),
    ],
)
def test_a_redirect_leads_there_and_credentials_stay_with_their_host(
    url: str, location: str, expected: str | None
) -> None:
    assert target(url, location) == expected
