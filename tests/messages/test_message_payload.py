"""A message is read from its stored JSON once and written once, in the bytes that earlier versions stored."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import ForumStart, MessagePayload, ThreadStart, WebhookIdentity

STORED = (
    '{"content":"<@&7>","embeds":[{"title":"Ä"}],"forum":{"name":"A","tags":[3,1]},"mention":7}',
    '{"components":[],"embeds":[{"title":"A"}]}',
    '{"components":[{"components":[{"custom_id":"x"}],"type":1}],"embeds":[],"numbered":true}',
    '{"embeds":[],"publish":true,"thread":{"name":"A"},"webhook":{"avatar_url":null,"username":"B"}}',
    '{"embeds":[],"poll":{"question":"?"},"thread":{"minutes":60,"name":"A"}}',
)

values = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
extras = st.dictionaries(st.sampled_from(["poll", "flags", "sticker_ids"]), values)
named = st.builds(lambda name, more: {**more, "name": name}, st.text(max_size=5), extras)
bodies = st.fixed_dictionaries(
    {"embeds": st.lists(st.dictionaries(st.text(max_size=5), values, max_size=3), max_size=3)},
    optional={
        "content": st.text(max_size=5),
        "mention": st.integers(1),
        "components": st.lists(st.just({"type": 1, "components": []}), max_size=2),
        "forum": named.map(lambda start: {**start, "tags": [1]}),
        "webhook": named.map(lambda start: {**start, "username": "B", "avatar_url": None}),
        "thread": named,
        "publish": st.just(True),
        "numbered": st.just(True),
    },
)


@pytest.mark.parametrize("text", STORED)
def test_a_stored_message_is_written_in_the_same_bytes(text: str) -> None:
    assert MessagePayload.from_json(text).to_json() == text


@given(bodies, extras)
def test_nothing_of_any_version_is_lost(body: dict[str, Any], more: dict[str, Any]) -> None:
    text = json.dumps(more | body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    payload = MessagePayload.from_json(text)
    assert payload.to_json() == text
    assert MessagePayload.from_json(payload.to_json()) == payload


def test_each_part_has_a_name() -> None:
    payload = MessagePayload.from_json(STORED[0])
    assert (payload.content, payload.mention, payload.forum) == ("<@&7>", 7, ForumStart("A", (3, 1)))
    payload = MessagePayload.from_json(STORED[3])
    assert (payload.webhook, payload.thread, payload.publish) == (WebhookIdentity("B"), ThreadStart("A"), True)


def test_what_is_not_kept_any_more_is_empty() -> None:
    assert MessagePayload.from_json("") == MessagePayload.from_json("{}") == MessagePayload()


@pytest.mark.parametrize("text", ["[]", "1", "words", '{"forum":{}}', '{"embeds":3}'])
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        MessagePayload.from_json(text)
