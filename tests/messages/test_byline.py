"""The authors on a card: whom readers would want to know of beside the source."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import article_embed
from bot.messages.byline import authors
from bot.model import Style, TopicOptions
from tests.messages.test_article_embed import ARTICLE, TOPIC


@pytest.mark.parametrize(
    ("author", "source", "shown"),
    [
        ("Ada Lovelace", "Harbour News", "Ada Lovelace"),
        ("Ada Lovelace", None, "Ada Lovelace"),
        ("Ada Lovelace, Grace Hopper", "Harbour News", "Ada Lovelace, Grace Hopper"),
        ("Ann, Bob, Cy, Dee, Eve", "Harbour News", "Ann, Bob, Cy and 2 more"),
        ("Ann, Bob, Cy, Dee", "Harbour News", "Ann, Bob, Cy and 1 more"),
        ("Ann; Ann, Bob", "Harbour News", "Ann, Bob"),
        ("Harbour News", "Harbour News", ""),
        ("HARBOUR NEWS", "Harbour-News", ""),
        ("Ada Lovelace", "Ada Lovelace’s Weblog", ""),
        ("Ada Lovelace", "Ada Lovelace", ""),
        ("Ada, Grace", "Ada & Grace", ""),
        ("Łukasz", "lukasz.example", ""),
        ("The Harbour News Team", "Harbour News", ""),
        ("Ada", "Adam's Blog", "Ada"),
        ("東京太郎", "東京太郎の日記", ""),
        ("東京太郎", "大阪日記", "東京太郎"),
        ("admin", "Harbour News", ""),
        ("Admin, Ada", "Harbour News", "Ada"),
        ("  ,; ", "Harbour News", ""),
        (None, "Harbour News", ""),
        ("", None, ""),
    ],
)
def test_authors_are_named_where_they_are_not_the_source(author: str | None, source: str | None, shown: str) -> None:
    assert authors(author, source) == shown


@given(st.text(max_size=400), st.text(max_size=60))
def test_no_name_is_too_long_for_a_card(author: str, source: str) -> None:
    assert len(authors(author, source)) <= 230


def test_the_card_names_authors_before_categories_and_only_in_full() -> None:
    def footer(style: Style, **changes: object) -> object:
        article = replace(ARTICLE, **({"categories": ("Sea", "ann")} | changes))  # type: ignore[arg-type]  # as named
        return article_embed.embed(article, replace(TOPIC, options=TopicOptions(style=style))).to_dict().get("footer")

    assert footer(Style.FULL) == {"text": "Ann · Sea"}
    assert footer(Style.FULL, categories=()) == {"text": "Ann"}
    assert footer(Style.FULL, author="Cables & Co", categories=()) is None
    assert footer(Style.FULL, author="*Ann* @everyone\u202e", categories=()) == {"text": "*Ann* @everyone"}
    assert footer(Style.COMPACT) is None
    assert footer(Style.TITLE) is None
