"""A message in the history is our post if it shows the same articles."""

from typing import Any

import pytest

from bot.model import MessagePayload
from bot.posting.discord.message_match import same_post

A = {"title": "A", "url": "https://a.test/1"}
B = {"title": "B", "url": "https://b.test/2"}
NO_LINK = {"title": "Only a  title"}


def canonical(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ([A, B], [A, B], True),
        ([A], [{"title": "other", "url": "http://a.test/1/"}], True),
        ([A, B], [B, A], False),
        ([A], [A, B], False),
        ([A], [B], False),
        ([A], [{"title": "A"}], False),
        ([NO_LINK], [{"title": "Only a title"}], True),
        ([NO_LINK], [{"title": "Another"}], False),
        ([{}], [{}], False),
        ([], [], False),
    ],
)
def test_a_message_is_the_post(ours: list[Any], theirs: list[Any], expected: bool) -> None:
    assert same_post(MessagePayload(tuple(ours)), theirs, canonical=canonical) is expected
