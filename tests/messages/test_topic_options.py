"""What a topic's options make of an article: its style, the length of its excerpt, where its picture is."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import article_embed, embed_packing
from bot.messages.renderer import EmbedRenderer
from bot.model import Article, Delivery, Enclosure, Picture, Style, Topic, TopicOptions
from tests.messages.test_article_embed import ARTICLE, TOPIC

LONG = replace(ARTICLE, summary_html="<p>" + "Every word of it counts. " * 200 + "</p>")
EPISODE = replace(ARTICLE, image_url=None, enclosure=Enclosure("https://blog.example.test/1.mp3", "audio/mpeg"))


def shown(article: Article = ARTICLE, **options: Any) -> dict[str, Any]:
    topic = replace(TOPIC, options=TopicOptions(**options))
    return dict(EmbedRenderer().embed(Delivery(1, topic, article)))


def test_the_title_style_shows_title_and_source_and_nothing_else() -> None:
    assert shown(LONG, style=Style.TITLE).keys() - {"type", "flags"} == {"title", "url", "color", "timestamp", "author"}
    assert "description" not in shown(EPISODE, style=Style.TITLE)


def test_the_compact_style_is_short_with_a_small_picture_and_no_categories() -> None:
    compact = shown(LONG, style=Style.COMPACT)
    assert compact["thumbnail"] == {"url": "https://blog.example.test/ring.png"}
    assert compact.keys().isdisjoint({"image", "footer"})
    assert 60 < len(compact["description"].partition(" [")[0]) <= 122


@pytest.mark.parametrize(("wanted", "least"), [(100, 60), (350, 250), (1500, 1200)])
def test_an_excerpt_is_about_as_long_as_the_topic_wants_it(wanted: int, least: int) -> None:
    words = shown(LONG, excerpt=wanted)["description"].partition(" [Continue")[0]
    assert least < len(words) <= wanted


def test_without_an_excerpt_the_picture_and_the_way_to_an_episode_stay() -> None:
    assert "description" not in shown(LONG, excerpt=0)
    assert "image" in shown(LONG, excerpt=0)
    assert shown(EPISODE, excerpt=0)["description"] == "🎧 [Listen](https://blog.example.test/1.mp3)"


@pytest.mark.parametrize(
    ("picture", "places"), [(Picture.LARGE, {"image"}), (Picture.SMALL, {"thumbnail"}), (Picture.OFF, set())]
)
def test_a_picture_is_large_small_or_not_there(picture: Picture, places: set[str]) -> None:
    assert shown(picture=picture).keys() & {"image", "thumbnail"} == places


def test_a_show_s_picture_is_left_out_with_all_others() -> None:
    assert "thumbnail" in shown(EPISODE)
    assert "thumbnail" not in shown(EPISODE, picture=Picture.OFF)


def test_a_message_that_is_written_anew_never_gets_a_longer_excerpt_than_the_topic_wants() -> None:
    topic = replace(TOPIC, options=TopicOptions(excerpt=80))
    lengths = [len(EmbedRenderer().drawn(Delivery(1, topic, LONG), most)["description"]) for most in (None, 250, 40)]
    assert lengths[0] == lengths[1] > lengths[2]


@given(style=st.sampled_from(Style), picture=st.sampled_from(Picture), excerpt=st.integers(0, 5000))
def test_no_option_takes_an_article_over_its_limit(style: Style, picture: Picture, excerpt: int) -> None:
    topic = Topic(id=1, guild_id=2, name="n", channel_id=3, options=TopicOptions(style=style, picture=picture, excerpt=excerpt))  # fmt: skip
    assert embed_packing.size(article_embed.embed(LONG, topic).to_dict()) <= 2000
