"""Messages written anew: one embed changes, the others stay to the letter, and the whole stays within the limits."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.excerpts import discord_limits
from bot.messages import embed_packing, save_buttons
from bot.messages.also_in import with_sources
from bot.messages.renderer import EmbedRenderer
from bot.model import Change, Delivery, Embed, MessagePayload, Revision
from tests.builders import START
from tests.messages.test_article_embed import ARTICLE, TOPIC

DRAW = EmbedRenderer()


def delivery(number: int, **changes: Any) -> Delivery:
    link = f"https://blog.example/{number}"
    values: dict[str, Any] = {"entry_id": number, "title": f"Article {number}", "link": link}
    article = replace(ARTICLE, **(values | changes))
    return Delivery(id=number, topic=TOPIC, article=article)


def revision(shown: list[Delivery], *changed: Delivery, corrected: bool = False, **values: Any) -> Revision:
    """The message that shows the first, in which those are to be drawn as they are now."""
    return replace(
        Revision(
            post_id=1,
            channel_id=1,
            guild_id=1,
            message_id=1,
            payload=MessagePayload(tuple(DRAW.embed(each) for each in shown)),
            size=len(shown),
            changes=tuple(
                Change(
                    place=next(i for i, each in enumerate(shown) if each.id == new.id),
                    delivery=new,
                    stamp=1,
                    corrected=corrected,
                )
                for new in changed
            ),
            attempts=0,
            requested_at=START,
        ),
        **values,
    )


def embeds(payload: MessagePayload) -> list[Embed]:
    return list(payload.embeds)


def test_another_source_is_named_and_nothing_else_changes() -> None:
    shown = [delivery(number) for number in range(1, 11)]
    asked = revision(shown, replace(shown[3], also=("Two",)))
    before, after = embeds(asked.payload), embeds(DRAW.revised(asked).payload)
    assert after[3]["footer"] == {"text": "Ann · Networking · BGP · 3 · 4 · 5 · also in Two"}
    assert before[:3] + before[4:] == after[:3] + after[4:]
    assert before[3] | {"footer": None} == after[3] | {"footer": None}


def test_naming_a_source_changes_neither_title_nor_excerpt_even_if_the_article_has_changed() -> None:
    shown = delivery(1)
    other = replace(changed(shown, title="Corrected"), also=("Two",))
    [after] = embeds(DRAW.revised(revision([shown], other)).payload)
    assert after["title"] == "Article 1"


def changed(shown: Delivery, **changes: Any) -> Delivery:
    return replace(shown, article=replace(shown.article, **changes))


@pytest.mark.parametrize(
    "changes",
    [{"title": "A better title"}, {"summary_html": "<p>Another text.</p>"}],
    ids=["title", "excerpt"],
)
def test_a_correction_draws_its_embed_anew_and_no_other(changes: dict[str, str]) -> None:
    shown = [delivery(number) for number in range(1, 11)]
    asked = revision(shown, changed(shown[6], **changes), corrected=True)
    revised = DRAW.revised(asked)
    before, after = embeds(asked.payload), embeds(revised.payload)
    assert before[:6] + before[7:] == after[:6] + after[7:]
    assert after[6] == DRAW.embed(changed(shown[6], **changes))
    assert revised.corrected == {7}


@pytest.mark.parametrize(
    "changes",
    [
        {"published_at": START},
        {"categories": ("Other",)},
        {"image_url": "https://blog.example.test/other.png"},
        {"author": "Somebody else"},
        {"summary_html": "<div><p>The <strong>ring</strong>\n is  complete.</p></div>"},
        {"summary_html": "<p>The <b>ring</b> is complete.</p><script>7</script>"},
        {},
    ],
    ids=["date", "categories", "picture", "author", "the same words in other HTML", "what nobody sees", "nothing"],
)
def test_what_changes_neither_title_nor_excerpt_is_no_correction(changes: dict[str, Any]) -> None:
    shown = [delivery(1), delivery(2)]
    asked = revision(shown, changed(shown[1], **changes), corrected=True)
    assert DRAW.revised(asked).payload == asked.payload
    assert DRAW.revised(asked).corrected == frozenset()


def test_a_correction_keeps_the_other_sources_and_one_in_vain_still_names_them() -> None:
    shown = replace(delivery(1), also=("Two",))
    [after] = embeds(DRAW.revised(revision([shown], changed(shown, title="New"), corrected=True)).payload)
    assert (after["title"], after["footer"]["text"][-11:]) == ("New", "also in Two")
    revised = DRAW.revised(revision([shown], replace(shown, also=("Two", "Three")), corrected=True))
    assert embeds(revised.payload)[0]["footer"]["text"].endswith("also in Two, Three")
    assert revised.corrected == frozenset()


def test_a_third_source_replaces_the_line_and_does_not_repeat_it() -> None:
    shown = replace(delivery(1, categories=()), also=("Two",))
    [after] = embeds(DRAW.revised(revision([shown], replace(shown, also=("Two", "Three")))).payload)
    assert after["footer"]["text"] == "Ann · also in Two, Three"


def test_where_nothing_changed_the_payload_is_the_same_text() -> None:
    shown = [replace(delivery(1), also=("Two",)), delivery(2)]
    asked = revision(shown, *shown)
    assert DRAW.revised(asked).payload == asked.payload


def test_a_message_whose_embeds_no_longer_match_its_articles_is_left_alone() -> None:
    asked = revision([delivery(1), delivery(2)], replace(delivery(1), also=("Two",)), size=1)
    assert DRAW.revised(asked).payload == asked.payload


def test_what_stands_beside_the_embeds_is_kept() -> None:
    shown = delivery(1)
    asked = revision([shown], replace(shown, also=("Two",)))
    asked = replace(asked, payload=replace(asked.payload, content="<@&5>", others={"of a later version": 1}))
    revised = DRAW.revised(asked).payload
    assert (revised.content, revised.others) == ("<@&5>", {"of a later version": 1})


def test_many_and_long_names_are_cut() -> None:
    names = [f"{number} {'x' * 200}" for number in range(5)]
    text = with_sources({}, names)["footer"]["text"]
    assert text.startswith("also in 0 xxx")
    assert text.endswith("… and 2 more")
    assert len(text) < 250


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=10),
    st.integers(0, 9),
    st.lists(st.text("Two ", max_size=300), min_size=1, max_size=4),
    st.text("Title *_", max_size=400),
    st.booleans(),
)
def test_no_edit_passes_six_thousand_characters(
    lengths: list[int], which: int, also: list[str], title: str, corrected: bool
) -> None:
    shown = [
        delivery(number, summary_html=f"<p>{'word ' * length}</p>", categories=("c" * 40,) * 5)
        for number, length in enumerate(lengths)
    ]
    fitting = shown[: DRAW.fit([DRAW.embed(each) for each in shown])]
    longer = changed(fitting[which % len(fitting)], title=title, summary_html=f"<p>{'longer ' * 300}</p>")
    asked = revision(fitting, replace(longer, also=tuple(also)), corrected=corrected)
    after = embeds(DRAW.revised(asked).payload)
    assert sum(embed_packing.size(each) for each in after) <= discord_limits.EMBEDS_TOTAL
    assert len(after) == len(fitting)


def test_a_corrected_title_stands_in_the_menu_for_saving_too_and_the_rest_of_the_row_stays() -> None:
    shown = [delivery(number) for number in (1, 2)]
    payload = save_buttons.with_row(MessagePayload(tuple(DRAW.embed(each) for each in shown)), shown)
    asked = revision(shown, changed(shown[1], title="Corrected"), corrected=True, payload=payload)
    before, after = (json.loads(each.to_json())["components"] for each in (payload, DRAW.revised(asked).payload))
    [menu] = after[0]["components"]
    assert [(each["label"], each["value"]) for each in menu["options"]] == [("Article 1", "1"), ("Corrected", "2")]
    menu["options"][1]["label"] = "Article 2"
    assert before == after


def test_a_corrected_message_keeps_its_button_for_saving() -> None:
    shown = delivery(1)
    payload = save_buttons.with_row(MessagePayload((DRAW.embed(shown),)), [shown])
    asked = revision([shown], changed(shown, title="Corrected"), corrected=True, payload=payload)
    before, after = (each.to_dict() for each in (payload, DRAW.revised(asked).payload))
    assert after["embeds"][0]["title"] == "Corrected"
    assert before["components"] == after["components"]


def test_an_edit_that_brings_the_link_of_another_article_keeps_the_former_one() -> None:
    shown = [delivery(1), delivery(2)]
    asked = revision(shown, delivery(2, title="New words", link="https://blog.example/1"), corrected=True)
    after = embeds(DRAW.revised(asked).payload)
    assert [each["url"] for each in after] == ["https://blog.example/1", "https://blog.example/2"]
    assert after[1]["title"] == "New words"


def test_of_a_message_of_one_link_the_edited_article_gets_a_text_with_its_link() -> None:
    page = {"link": "https://blog.example/changelog"}
    shown = [delivery(1, **page), delivery(2, **page)]
    after = embeds(DRAW.revised(revision(shown, delivery(2, title="New", **page), corrected=True)).payload)
    assert "url" not in after[1]
    assert after[1]["description"].endswith("https://blog.example/changelog")
    assert after[0] == DRAW.embed(shown[0])
