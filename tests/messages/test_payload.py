"""In which form an article goes out: tags, names of posts and webhooks, mentions, and what may share a message."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.excerpts import discord_limits
from bot.messages import payload as forms
from bot.messages.renderer import EmbedRenderer
from bot.model import ChannelKind, Delivery, MessagePayload, Place, Tag, Topic, TopicOptions
from tests.messages.test_article_embed import ARTICLE, TOPIC

TEXT, NEWS = Place(takes_webhooks=True), Place(ChannelKind.ANNOUNCEMENT, takes_webhooks=True)
THREAD, FORUM = Place(ChannelKind.THREAD), Place(ChannelKind.FORUM)


def topic(**options: Any) -> Topic:
    return replace(TOPIC, options=TopicOptions(**options))


def delivery(of: Topic = TOPIC, number: int = 1, **article: Any) -> Delivery:
    return Delivery(id=number, topic=of, article=replace(ARTICLE, **article))


def shaped(first: Delivery, place: Place) -> dict[str, Any]:
    renderer = EmbedRenderer()
    body = forms.shaped(MessagePayload((renderer.embed(first),)), first, place).to_dict()
    del body["embeds"]
    return body


@pytest.mark.parametrize(
    ("of", "place", "expected"),
    [
        (topic(), TEXT, {}),
        (topic(mention_role=7), TEXT, {"content": "<@&7>", "mention": 7}),
        (topic(publish=True), NEWS, {"publish": True}),
        (topic(publish=True), TEXT, {}),
        (topic(silent=True), TEXT, {"silent": True}),
        (topic(threads=True), TEXT, {"thread": {"name": "A ring of light"}}),
        (topic(threads=True, publish=True, own_names=True, mention_role=7), THREAD, {"content": "<@&7>", "mention": 7}),
        (topic(own_names=True), Place(), {}),
        (
            topic(own_names=True),
            TEXT,
            {"webhook": {"username": "Cables and Co", "avatar_url": "https://blog.example.test/icon.png"}},
        ),
        (topic(own_names=True, publish=True), NEWS, {"publish": True}),
        (
            topic(own_names=True, threads=True, publish=True),
            FORUM,
            {"forum": {"name": "A ring of light", "tags": []}},
        ),
    ],
    ids=[
        "plain",
        "a role",
        "published",
        "nothing to publish from",
        "without a push notification",
        "a thread under it",
        "in a thread",
        "no right to webhooks",
        "its own name",
        "published goes before its own name",
        "a forum has posts and nothing else",
    ],
)
def test_a_message_is_completed_to_what_topic_and_channel_ask_for(
    of: Topic, place: Place, expected: dict[str, Any]
) -> None:
    assert shaped(delivery(of, source_title="Cables and Co"), place) == expected


@pytest.mark.parametrize(
    ("options", "place", "expected"),
    [
        ({}, TEXT, [1, 2, 3]),
        ({}, FORUM, [1]),
        ({"threads": True}, TEXT, [1]),
        ({"threads": True}, THREAD, [1, 2, 3]),
        ({"own_names": True}, TEXT, [1, 3]),
        ({"own_names": True}, THREAD, [1, 2, 3]),
    ],
    ids=["text", "forum", "threads", "in a thread", "own names", "no webhooks in threads"],
)
def test_what_may_share_a_message(options: dict[str, bool], place: Place, expected: list[int]) -> None:
    of = topic(**options)
    waiting = [delivery(of, 1, feed_id=1), delivery(of, 2, feed_id=2), delivery(of, 3, feed_id=1)]
    assert [each.id for each in forms.together(waiting, place)] == expected


TAGS = (Tag(1, "BGP"), Tag(2, "Cloud native"), Tag(3, "Staff", settable=False), Tag(4, "Cables & Co"), Tag(5, "🧵"))


@pytest.mark.parametrize(
    ("categories", "needs_tag", "topic_name", "expected"),
    [
        (("bgp", "cloud-native", "Staff", "other"), False, "x", [1, 2]),
        (("BGP", "bgp"), False, "x", [1]),
        (("other",), False, "x", []),
        (("other",), True, "x", [4]),
        (("Staff",), True, "Cloud Native", [2]),
        ((), True, "Staff", [4]),
    ],
    ids=["by category", "each once", "none needed", "like its source", "like the topic", "not a moderators' one"],
)
def test_tags_of_a_forum_post(
    categories: tuple[str, ...], topic_name: str, expected: list[int], *, needs_tag: bool
) -> None:
    place = Place(ChannelKind.FORUM, tags=TAGS, needs_tag=needs_tag)
    found = forms.tags(delivery(replace(TOPIC, name=topic_name), categories=categories), place)
    assert [tag.id for tag in found] == expected


def test_a_forum_that_wants_a_tag_gets_its_first_where_nothing_fits() -> None:
    place = Place(ChannelKind.FORUM, tags=(Tag(3, "Staff", settable=False), Tag(9, "Any")), needs_tag=True)
    assert [tag.id for tag in forms.tags(delivery(categories=()), place)] == [9]
    many = Place(ChannelKind.FORUM, tags=tuple(Tag(number, f"t{number}") for number in range(20)))
    assert len(forms.tags(delivery(categories=tuple(f"t{number}" for number in range(20))), many)) == 5


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Discord Blog", "Dis-cord Blog"),
        ("The dIsCoRd and CLYDE show", "The dIs-CoRd and CLY-DE show"),
        ("Everyone", "Everyone (feed)"),
        ("here", "here (feed)"),
        ("Everyone's blog", "Everyone's blog"),
        ("@home: news #1", "home – news 1"),  # noqa: RUF001 - a dash is meant
        ("", "News"),
        ("  \n ", "News"),
        ("x" * 90, "x" * 79 + "…"),
    ],
)
def test_names_that_discord_does_not_take_are_adjusted(title: str, expected: str) -> None:
    assert forms.webhook_name(replace(ARTICLE, source_title=title)) == expected


@given(st.text("discorlye@#:`hv n\n\u200b", max_size=120), st.text(max_size=150))
def test_names_are_always_ones_that_discord_takes(source: str, title: str) -> None:
    article = replace(ARTICLE, source_title=source, title=title)
    name = forms.webhook_name(article)
    assert 1 <= discord_limits.length(name) <= 80
    assert not any(word in name.casefold() for word in ("discord", "clyde", "@", "#", ":", "```"))
    assert name.casefold() not in {"everyone", "here"}
    assert 1 <= discord_limits.length(forms.thread_name(article)) <= 100


def test_a_post_of_code_alone_is_named_on_one_line() -> None:
    article = replace(ARTICLE, title=" ", summary_html="<pre>let a = 1;\n  let b = 2;</pre>")
    assert forms.thread_name(article) == "let a = 1; let b = 2;"


def test_what_has_no_nonce_is_known() -> None:
    of = topic(own_names=True, mention_role=7)
    renderer = EmbedRenderer()
    for place, known in ((TEXT, False), (FORUM, False), (THREAD, True), (NEWS, False), (Place(), True)):
        first = delivery(of)
        payload = forms.shaped(MessagePayload((renderer.embed(first),)), first, place)
        assert payload.has_nonce is known
