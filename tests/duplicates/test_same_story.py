"""One story once: what counts as the same, and, more important, what does not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.duplicates import same_story
from bot.model import Story
from tests.builders import START

TEXT = (
    "The operator of the northern exchange says that a faulty line card in Hamburg dropped routes for eleven "
    "minutes on Tuesday, and that traffic went by way of Frankfurt until engineers had replaced it."
)
ONE = Story(
    delivery_id=1,
    entry_id=1,
    feed_id=1,
    at=START,
    title="Line card fault takes the northern exchange down",
    link="https://one.example/fault",
    link_key="one/fault",
    source="One",
    text=TEXT,
)
OTHER = replace(
    ONE, delivery_id=2, entry_id=2, feed_id=2, link="https://two.example/a/17", link_key="two/a/17", source="Two"
)


@pytest.mark.parametrize(
    "other",
    [
        replace(OTHER, link=ONE.link, link_key=ONE.link_key, text="", title="Exchange down: a line card's fault"),
        OTHER,
        replace(OTHER, title="LINE CARD FAULT takes northern exchange down | Two"),
        replace(OTHER, title="Line card fault takes the northern exchanges down"),
        replace(OTHER, text=TEXT[:120] + "…"),
        replace(OTHER, text=TEXT + " Read more"),
        replace(OTHER, text=f"{TEXT}\n\nThe post Line card fault appeared first on Two."),
        replace(OTHER, at=START + timedelta(days=2)),
    ],
    ids=[
        "the same link under another title",
        "the same words elsewhere",
        "case, an article and the site's name",
        "the ending of a common word",
        "an excerpt",
        "a link behind it",
        "a credit behind it",
        "two days later",
    ],
)
def test_one_story_of_two_sources_is_recognised(other: Story) -> None:
    assert same_story.match(other, [ONE]) == ONE
    assert same_story.match(ONE, [other]) == other


def pair(title: str, other_title: str, *, text: str = TEXT, other_text: str = TEXT) -> tuple[Story, Story]:
    return replace(ONE, title=title, text=text), replace(OTHER, title=other_title, text=other_text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pair("How we build our exchange, part 1", "How we build our exchange, part 2"),
        pair("How we build our exchange, part I", "How we build our exchange, part II"),
        pair("How we build our exchange, part one", "How we build our exchange, part two"),
        pair("Version v1.2 of the route server", "Version v1.3 of the route server"),
        pair("Route server 1.2 is released", "Route server 1.2.1 is released"),
        pair("This week in routing: 2026-11-02", "This week in routing: 2026-11-09"),
        pair("Cisco buys a maker of line cards", "Juniper buys a maker of line cards"),
        pair("The seventh meeting of operators ended yesterday", "The seventy meeting of operators ended yesterday"),
        pair("Exchange down for an hour", "Exchange not down for an hour"),
        pair("Open thread", "Open thread"),
        pair(ONE.title, ONE.title, text="", other_text=""),
        pair(ONE.title, ONE.title, text="Short words only", other_text="Short words only"),
        pair(ONE.title, ONE.title, other_text=TEXT.replace("eleven", "11")),
        pair(ONE.title, ONE.title, other_text=TEXT.replace("Hamburg", "Bremen")),
        pair(ONE.title, ONE.title, other_text=" ".join(reversed(TEXT.split()))),
        (ONE, replace(OTHER, at=START + timedelta(days=4))),
        (ONE, replace(OTHER, feed_id=1)),
        (ONE, replace(OTHER, link="https://www.one.example/fault-again", link_key="one/fault-again")),
        (ONE, replace(OTHER, title_recurs=True)),
        (ONE, replace(OTHER, link=ONE.link, link_key=ONE.link_key, link_is_shared=True, text="")),
        (ONE, replace(OTHER, link=ONE.link, link_key=ONE.link_key, title="Version 9 is out", text="")),
        (ONE, replace(OTHER, link=ONE.link, link_key=ONE.link_key, at=START + timedelta(days=31))),
        (
            replace(ONE, link="https://site.example/", link_key="site"),
            replace(OTHER, link="https://site.example", link_key="site", text=""),
        ),
        (replace(ONE, sources=frozenset({2})), OTHER),
        pair("", ""),
    ],
    ids=[
        "part 1 and part 2",
        "part I and part II",
        "part one and part two",
        "v1.2 and v1.3",
        "1.2 and 1.2.1",
        "two weeks of a weekly",
        "two names in the title",
        "two numbers in words",
        "its denial",
        "a title that says nothing",
        "no text",
        "hardly any text",
        "another number in the text",
        "another name in the text",
        "the same words in another order",
        "four days later",
        "two entries of one source",
        "two pages of one site",
        "a title its source uses again and again",
        "a link of several entries",
        "a link with another number in the title",
        "a link after a month",
        "a link to a site's front page",
        "a source that told it already",
        "no titles",
    ],
)
def test_near_misses_are_both_posted(one: Story, other: Story) -> None:
    assert same_story.match(other, [one]) is None
    assert same_story.match(one, [other]) is None


def test_a_story_that_one_source_told_twice_is_matched_with_neither() -> None:
    again = replace(ONE, delivery_id=3, link="https://one.example/x", link_key="x")
    assert same_story.match(OTHER, [ONE, again]) is None


def test_of_several_the_one_with_the_same_link_comes_before_the_earliest() -> None:
    third = replace(ONE, delivery_id=3, feed_id=3, link=OTHER.link, link_key=OTHER.link_key, at=START + timedelta(1))
    assert same_story.match(OTHER, [ONE, third]) == third
    fourth = replace(ONE, delivery_id=4, feed_id=4, link="https://four.example/4", link_key="four/4")
    assert same_story.match(OTHER, [fourth, ONE]) == ONE


def test_scripts_without_spaces_are_compared_by_character() -> None:
    text = "北部交換局のラインカードが故障し、火曜日に経路が失われた。技術者が交換するまで通信はフランクフルト経由となった。"
    one, other = pair("北部交換局が停止した", "北部交換局が停止した", text=text, other_text=text)
    assert same_story.match(other, [one]) == one
    assert same_story.match(replace(other, text=text.replace("火", "金")), [one]) is None
    assert same_story.match(replace(other, title="南部交換局が停止した"), [one]) is None


words = st.text(alphabet="abcABC12 .-", max_size=40)
some = st.builds(
    Story,
    delivery_id=st.integers(1, 99),
    entry_id=st.just(1),
    feed_id=st.integers(1, 3),
    at=st.integers(0, 40).map(lambda days: START + timedelta(days=days)),
    title=words,
    link=st.sampled_from([None, "https://a.example/", "https://a.example/1", "https://b.example/1?x"]),
    link_key=st.sampled_from([None, "a", "b"]),
    source=words,
    text=st.lists(st.sampled_from(["one", "Two", "3", "four", "Ann", "of"]), max_size=30).map(" ".join),
    link_is_shared=st.booleans(),
    title_recurs=st.booleans(),
    sources=st.frozensets(st.integers(1, 3), max_size=2),
)


@given(some, some)
def test_sameness_has_no_direction_and_never_joins_entries_of_one_source(one: Story, other: Story) -> None:
    assert same_story.same(one, other) == same_story.same(other, one)
    if same_story.same(one, other):
        assert one.feed_id != other.feed_id
        assert not (one.sources | {one.feed_id}) & (other.sources | {other.feed_id})


@given(some, st.lists(some, max_size=5))
def test_what_matches_is_always_among_the_suspects(new: Story, told: list[Story]) -> None:
    found = same_story.match(new, told)
    assert found is None or found in same_story.suspects(new, told)
    assert same_story.match(new, same_story.suspects(new, told)) == found
