"""A digest: by source, in order, each article in one message, never over a limit, never mistaken for another."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RenderError
from bot.excerpts import discord_limits
from bot.messages import digest, embed_packing, private_message
from bot.model import (
    ChannelKind,
    Delivery,
    DigestSchedule,
    PersonalDelivery,
    Picture,
    Place,
    Style,
    Tag,
    Topic,
    TopicOptions,
)
from bot.posting.discord import message_match
from tests.excerpts.discord_markdown import kinds, parse
from tests.messages.test_article_embed import ARTICLE

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
TEXT = Place()
OPTIONS = TopicOptions(digest=DigestSchedule.DAILY, zone="Europe/Berlin")
TOPIC = Topic(id=1, guild_id=2, name="Networks", channel_id=3, options=OPTIONS)


def delivery(number: int, *, topic: Topic = TOPIC, source: int = 1, **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "entry_id": number,
        "feed_id": source,
        "title": f"Article {number}",
        "link": f"https://{source}.example/{number}",
        "source_title": f"Source {source}",
        "source_url": f"https://{source}.example/",
        "image_url": None,
        "summary_html": f"<p>What article {number} says. And more.</p>",
    }
    return Delivery(number, topic, replace(ARTICLE, **(values | changes)))


def rendered(deliveries: Iterable[Delivery]) -> list[digest.Rendered]:
    return [digest.rendered(each) for each in deliveries]


def bodies(*deliveries: Delivery, place: Place = TEXT) -> list[dict[str, Any]]:
    return [part.payload.to_dict() for part in digest.parts(rendered(deliveries), place, now=NOW)]


def text(body: dict[str, Any]) -> str:
    return "\n".join(embed["description"] for embed in body["embeds"])


def test_articles_stand_by_source_with_their_first_sentence() -> None:
    [body] = bodies(delivery(1), delivery(2, source=2), delivery(3))
    assert body["embeds"] == [
        {
            "title": "Networks: 3 articles",
            "description": (
                "**[Source 1](https://1.example/)**\n"
                "• [Article 1](https://1.example/1)\n-# What article 1 says.\n"
                "• [Article 3](https://1.example/3)\n-# What article 3 says.\n"
                "\n**[Source 2](https://2.example/)**\n"
                "• [Article 2](https://2.example/2)\n-# What article 2 says."
            ),
            "color": 0x2F7EA8,
            "footer": {"text": "Daily digest"},
            "timestamp": "2026-11-24T07:00:00+00:00",
        }
    ]
    assert body.keys() == {"embeds"}


@pytest.mark.parametrize("options", [{"style": Style.TITLE}, {"excerpt": 0}])
def test_titles_alone_where_the_topic_wants_no_more(options: dict[str, Any]) -> None:
    [body] = bodies(delivery(1, topic=replace(TOPIC, options=replace(OPTIONS, **options))))
    assert text(body) == "**[Source 1](https://1.example/)**\n• [Article 1](https://1.example/1)"


def test_what_has_no_title_no_link_or_no_source_is_listed_all_the_same() -> None:
    bare = delivery(1, title="", link=None, source_title=None, source_url=None, summary_html="", text="", feed_url="https://a.example/f")  # fmt: skip
    [body] = bodies(bare, delivery(2, title="", summary_html="<p>Only words.</p>"))
    assert "**a.example**\n• Untitled\n" in text(body)
    assert "• [Only words.](https://1.example/2)" in text(body)
    assert "-# Only words" not in text(body)


@pytest.mark.parametrize("words", ["The interval [0, 1)", "a] b [c", "https://blog.example/_a_", "[x](https://e.test)"])
def test_a_title_or_source_with_brackets_or_an_address_is_a_link_all_the_same(words: str) -> None:
    each = delivery(1, title=words, source_title=words)
    private = private_message.digest(
        [PersonalDelivery(1, each.article, ())], total=1, dropped=0, moment=NOW, zone="UTC", number="1", backlog=False
    )
    source, title, _said = text(bodies(each)[0]).splitlines()
    for line in (source, title, text(private.to_dict()).splitlines()[1]):
        assert kinds(parse(line)) & {"link", "url"} == {"link"}


def test_the_other_sources_of_a_story_are_named() -> None:
    [body] = bodies(replace(delivery(1), also=("Cables *weekly*",)))
    assert "• [Article 1](https://1.example/1) (also in Cables \\*weekly\\*)" in text(body)


def test_the_first_picture_is_shown_small_unless_pictures_are_off() -> None:
    [body] = bodies(delivery(1), delivery(2, image_url="https://1.example/2.png"))
    assert body["embeds"][0]["thumbnail"] == {"url": "https://1.example/2.png"}
    without = replace(TOPIC, options=replace(OPTIONS, picture=Picture.OFF))
    [body] = bodies(delivery(2, topic=without, image_url="https://1.example/2.png"))
    assert "thumbnail" not in body["embeds"][0]


def test_excerpts_give_way_before_a_second_message_is_begun() -> None:
    [body] = bodies(*(delivery(number) for number in range(100)))
    assert "says" not in text(body)
    assert len(body["embeds"]) > 0


def test_many_articles_make_a_few_messages_of_which_the_first_mentions_the_role() -> None:
    topic = replace(TOPIC, options=replace(OPTIONS, mention_role=77))
    found = bodies(*(delivery(number, topic=topic, title="A long title of news " * 6, source=number % 4) for number in range(150)))  # fmt: skip
    assert 1 < len(found) < 9
    assert [body.get("mention") for body in found] == [77, *[None] * (len(found) - 1)]
    assert found[1]["embeds"][-1]["footer"] == {"text": f"Daily digest, part 2 of {len(found)}"}
    assert {body["embeds"][0]["title"] for body in found} == {"Networks: 150 articles"}


def test_in_a_forum_a_digest_is_one_post_named_after_its_moment() -> None:
    forum = Place(ChannelKind.FORUM, tags=(Tag(1, "Other"), Tag(2, "networks")), needs_tag=True)
    [body] = bodies(*(delivery(number) for number in range(40)), place=forum)
    assert body["forum"] == {"name": "Networks · 2026-11-24 08:00", "tags": [2]}


def test_in_an_announcement_channel_it_is_published_and_no_option_for_single_articles_counts() -> None:
    topic = replace(TOPIC, options=replace(OPTIONS, publish=True, threads=True, own_names=True))
    [body] = bodies(delivery(1, topic=topic), place=Place(ChannelKind.ANNOUNCEMENT, takes_webhooks=True))
    assert body.keys() == {"embeds", "publish"}


def test_every_message_of_a_silent_topic_s_digest_is_silent() -> None:
    topic = replace(TOPIC, options=replace(OPTIONS, silent=True))
    found = bodies(*(delivery(number, topic=topic, title="A long title of news " * 6) for number in range(150)))
    assert len(found) > 1
    assert all(body["silent"] is True for body in found)


def test_a_digest_is_known_again_by_its_moment_and_its_part_whatever_else_is_alike() -> None:
    many = [delivery(number, title="A long title of news " * 6) for number in range(150)]
    parts = digest.parts(rendered(many), TEXT, now=NOW)
    later = digest.parts(rendered(many), TEXT, now=NOW.replace(second=1))
    for part in parts:
        shown = [embed | {"type": "rich"} for embed in part.payload.embeds]
        shown[-1]["timestamp"] = "2026-11-24T07:00:00.000000+00:00"
        assert message_match.same_digest(part.payload, shown)
        others = [other for other in (*parts, *later) if other is not part]
        assert not any(message_match.same_digest(other.payload, shown) for other in others)


def test_an_article_that_cannot_be_shown_is_named_before_it_spoils_the_others() -> None:
    assert digest.rendered(delivery(1)).delivery == delivery(1)
    with pytest.raises(RenderError, match="Article 1 could not be put into a digest"):
        digest.rendered(delivery(1, title=None))


words = st.text(st.characters(codec="utf-8"), max_size=400)


@given(
    articles=st.lists(
        st.tuples(words, words, st.integers(1, 5), st.sampled_from(["https://a.example/x", None, "https://a.example/" + "[" * 700])),
        min_size=1,
        max_size=60,
    ),
    name=st.text(min_size=1, max_size=50),
    style=st.sampled_from(Style),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_digest_passes_a_limit_or_leaves_an_article_out(
    articles: list[tuple[str, str, int, str | None]], name: str, style: Style
) -> None:
    topic = replace(TOPIC, name=name, options=replace(OPTIONS, style=style))
    listed = [
        replace(delivery(number, topic=topic, source=source, title=title, link=link, summary_html=html, text=html, source_title=html), also=(html,))
        for number, (title, html, source, link) in enumerate(articles)
    ]  # fmt: skip
    parts = digest.parts(rendered(listed), TEXT, now=NOW)
    assert sorted(number for part in parts for number in part.delivery_ids) == list(range(len(listed)))
    for part in parts:
        embeds = part.payload.embeds
        assert len(embeds) <= discord_limits.EMBEDS_PER_MESSAGE
        assert sum(map(embed_packing.size, embeds)) <= discord_limits.EMBEDS_TOTAL
        for embed in embeds:
            assert 0 < discord_limits.length(embed["description"]) <= discord_limits.EMBED_DESCRIPTION
            assert discord_limits.units(embed.get("title", "")) <= discord_limits.EMBED_TITLE
