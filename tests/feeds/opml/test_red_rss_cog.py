"""Feeds out of the file that Red-DiscordBot's RSS cog keeps."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.feeds.opml import red_rss_cog
from bot.feeds.opml.opml import ListedFeed


def settings(channels: dict[str, Any]) -> bytes:
    return json.dumps({"2761331001": {"TEXTCHANNEL": channels}}).encode()


def feed(url: object) -> dict[str, object]:
    return {"name": "x", "url": url, "template": "$title\n$link", "last_title": "t", "embed": True}


def test_channels_become_folders_and_a_feed_of_two_channels_is_listed_once() -> None:
    body = settings(
        {
            "11": {"feeds": {"python": feed("https://blog.example/feed"), "news": feed("https://news.example/rss")}},
            "22": {"feeds": {"again": feed("https://blog.example/feed/")}},
        }
    )
    assert red_rss_cog.looks_like_it(b"\xef\xbb\xbf\n " + body)
    found = red_rss_cog.read(body)
    assert found.feeds == (
        ListedFeed("https://blog.example/feed", "python", None, (("Channel 11",), ("Channel 22",))),
        ListedFeed("https://news.example/rss", "news", None, (("Channel 11",),)),
    )
    assert (found.repeated, found.unusable) == (1, ())


def test_what_is_no_address_is_kept_to_be_named() -> None:
    found = red_rss_cog.read(
        settings({"1": {"feeds": {"a": feed("not an address"), "b": feed("https://a.example/f")}}})
    )
    assert found.unusable == ("not an address",)
    assert [each.url for each in found.feeds] == ["https://a.example/f"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"{}", b'{"a": 1}', settings({}), settings({"1": {"feeds": {"a": feed(None)}}}), b'{"a":' * 100_000],
    ids=["cut off", "empty", "something else", "no channel", "no address", "too deep"],
)
def test_another_file_is_refused_and_what_to_do_is_said(body: bytes) -> None:
    with pytest.raises(UserError, match="Send a list of feeds as OPML, or the file"):
        red_rss_cog.read(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["TEXTCHANNEL", "feeds", "url", "1"]), inner),
)


@given(st.dictionaries(st.text(max_size=3), JSON))
def test_no_shape_of_json_breaks_it(value: dict[str, Any]) -> None:
    try:
        found = red_rss_cog.read(json.dumps(value).encode())
    except UserError:
        return
    assert found.feeds or found.unusable
