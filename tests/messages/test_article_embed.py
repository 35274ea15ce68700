"""One article as an embed: what is shown, what is left out, and that no article passes a limit."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RenderError
from bot.excerpts import discord_limits
from bot.messages import article_embed, embed_packing
from bot.model import Article, Enclosure, MessagePayload, Topic
from bot.posting.discord.message_parts import embeds_of

TOPIC = Topic(id=1, guild_id=2, name="network", channel_id=3)
ARTICLE = Article(
    entry_id=1,
    feed_id=1,
    title="A ring of light",
    link="https://blog.example.test/ring",
    author="Ann",
    summary_html="<p>The <b>ring</b> is complete.</p>",
    text="The ring is complete.",
    image_url="https://blog.example.test/ring.png",
    enclosure=None,
    categories=("Networking", "BGP", "Networking", "", "3", "4", "5", "6"),
    published_at=datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
    seen_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    source_title="Cables & Co",
    source_url="https://blog.example.test/",
    source_icon_url="https://blog.example.test/icon.png",
    feed_url="https://blog.example.test/feed",
)


def test_an_article_is_shown_with_all_it_has() -> None:
    assert article_embed.embed(ARTICLE, replace(TOPIC, colour=0x112233)).to_dict() == {
        "type": "rich",
        "flags": 0,
        "title": "A ring of light",
        "url": "https://blog.example.test/ring",
        "description": "The **ring** is complete.",
        "color": 0x112233,
        "timestamp": "2026-11-24T08:30:00+00:00",
        "author": {
            "name": "Cables & Co",
            "url": "https://blog.example.test/",
            "icon_url": "https://blog.example.test/icon.png",
        },
        "footer": {"text": "Ann · Networking · BGP · 3 · 4 · 5"},
        "image": {"url": "https://blog.example.test/ring.png"},
    }


def test_an_article_with_nothing_is_untitled_and_has_no_empty_parts() -> None:
    bare = replace(
        ARTICLE,
        title="",
        author=None,
        link=None,
        summary_html="",
        text="",
        image_url=None,
        categories=(),
        published_at=None,
        source_title=None,
        source_url=None,
        source_icon_url=None,
    )
    shown = article_embed.embed(bare, TOPIC).to_dict()
    assert shown == {"type": "rich", "flags": 0, "title": "Untitled", "color": article_embed.STANDARD_COLOUR}


def test_without_a_title_the_first_words_stand_for_it() -> None:
    shown = article_embed.embed(replace(ARTICLE, title="", summary_html="<p>" + "word " * 50), TOPIC)
    assert shown.title is not None
    assert shown.title.startswith("word word")
    assert shown.title.endswith("word…")


@pytest.mark.parametrize(
    "url", ["tag:blog.example.test,2025:1", "urn:uuid:1", "javascript:x", "", "https://a.test/" + "x" * 2048]
)
def test_what_is_no_address_for_discord_is_left_out(url: str) -> None:
    shown = article_embed.embed(
        replace(ARTICLE, link=url, image_url=url, source_icon_url=url, source_url=url), TOPIC
    ).to_dict()
    assert "url" not in shown
    assert "image" not in shown
    assert shown["author"] == {"name": "Cables & Co"}


@pytest.mark.parametrize(
    ("seconds", "line"),
    [
        (2520, "🎧 [Listen](https://a.test/1.mp3) · 42 min"),
        (5400, "🎧 [Listen](https://a.test/1.mp3) · 1 h 30 min"),
        (None, "🎧 [Listen](https://a.test/1.mp3)"),
        (-5, "🎧 [Listen](https://a.test/1.mp3)"),
    ],
)
def test_a_podcast_can_be_listened_to(seconds: int | None, line: str) -> None:
    enclosure = Enclosure("https://a.test/1.mp3", "audio/mpeg", 5, seconds)
    description = article_embed.embed(replace(ARTICLE, enclosure=enclosure), TOPIC).description
    assert description == "The **ring** is complete.\n\n" + line


def test_an_episode_without_a_picture_of_its_own_has_the_shows_as_a_small_one() -> None:
    episode = replace(ARTICLE, enclosure=Enclosure("https://a.test/1.mp3", "audio/mpeg"))
    for image_url in (None, ARTICLE.source_icon_url):
        shown = article_embed.embed(replace(episode, image_url=image_url), TOPIC).to_dict()
        assert shown["thumbnail"] == {"url": ARTICLE.source_icon_url}
        assert "image" not in shown
    assert "thumbnail" not in article_embed.embed(episode, TOPIC).to_dict()


def test_the_logo_of_the_source_is_no_picture_of_an_article() -> None:
    shown = article_embed.embed(replace(ARTICLE, image_url=ARTICLE.source_icon_url), TOPIC).to_dict()
    assert "image" not in shown
    assert "thumbnail" not in shown


def test_the_addresses_of_links_do_not_shorten_what_is_read() -> None:
    word = f"<a href='https://a.test/{'x' * 60}'>word</a> "
    shown = article_embed.embed(replace(ARTICLE, summary_html="<p>" + word * 12), TOPIC, excerpt_length=100)
    assert (shown.description or "").count("[word](") > 3


def test_a_text_that_begins_with_the_title_goes_on_after_it() -> None:
    note = replace(ARTICLE, title="", summary_html="<p>The ring is closed. It carries light since noon.</p>")
    shown = article_embed.embed(note, TOPIC)
    assert (shown.title, shown.description) == ("The ring is closed.", "It carries light since noon.")


def test_a_picture_enclosure_is_no_podcast() -> None:
    enclosure = Enclosure("https://a.test/1.png", "image/png")
    assert article_embed.embed(replace(ARTICLE, enclosure=enclosure), TOPIC).description == "The **ring** is complete."


@settings(max_examples=80)
@given(
    title=st.text(max_size=600),
    html=st.text(max_size=4000),
    category=st.text(max_size=300),
    length=st.integers(1, 9000),
)
def test_no_article_passes_a_limit(title: str, html: str, category: str, length: int) -> None:
    article = replace(ARTICLE, title=title, summary_html=html, categories=(category,) * 9, source_title=title)
    shown = article_embed.embed(article, TOPIC, excerpt_length=length).to_dict()
    assert 1 <= discord_limits.length(shown["title"]) <= discord_limits.EMBED_TITLE
    assert discord_limits.length(shown.get("description", "")) <= discord_limits.EMBED_DESCRIPTION
    assert embed_packing.size(dict(shown)) <= discord_limits.EMBED_BUDGET
    MessagePayload((dict(article_embed.embed(article, TOPIC).to_dict()),)).to_json().encode("utf-8")


def test_an_article_longer_than_an_embed_may_be_is_cut_to_what_leaves_room_for_others() -> None:
    enclosure = Enclosure("https://a.test/1.mp3", "audio/mpeg")
    article = replace(ARTICLE, summary_html="long " * 3000, enclosure=enclosure)
    shown = article_embed.embed(article, TOPIC, excerpt_length=9000).to_dict()
    assert 1900 < embed_packing.size(dict(shown)) <= discord_limits.EMBED_BUDGET
    assert shown["description"].endswith("🎧 [Listen](https://a.test/1.mp3)")


def test_a_title_of_markdown_reads_as_written_within_the_limit() -> None:
    assert article_embed.embed(replace(ARTICLE, title="**bold** [x](y)"), TOPIC).title == r"\*\*bold\*\* \[x\](y)"
    assert discord_limits.length(article_embed.embed(replace(ARTICLE, title="*" * 256), TOPIC).title or "") <= 256


def test_a_stored_message_is_the_same_bytes_after_it_was_read() -> None:
    embeds = [
        article_embed.embed(ARTICLE, TOPIC),
        article_embed.embed(replace(ARTICLE, title="漢字 😀", image_url=None), TOPIC),
    ]
    payload = MessagePayload(tuple(dict(one.to_dict()) for one in embeds))
    assert MessagePayload.from_json(payload.to_json()) == payload
    assert [one.to_dict() for one in embeds_of(payload)] == list(payload.embeds)


def test_what_cannot_be_shown_is_a_render_error_with_its_cause() -> None:
    with pytest.raises(RenderError, match="Article 1 could not be rendered") as caught:
        article_embed.embed(ARTICLE, replace(TOPIC, colour=-1 << 40), excerpt_length="many")  # type: ignore[arg-type]
    assert caught.value.__cause__ is not None
