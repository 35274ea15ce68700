"""What admins read: every kind of trouble, lasting and ended, within Discord's limits and harmless."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import notices
from bot.delivery.lookup import same_notice
from bot.model import OF_FEEDS, WHOLE_SERVER, Ended, HoldKind, Trouble, TroubleKind

AT = datetime(2026, 1, 1, tzinfo=UTC)


def trouble(kind: TroubleKind, **changes: Any) -> Trouble:
    values: dict[str, Any] = {
        "id": 1,
        "guild_id": 5,
        "kind": kind,
        "subject": 10,
        "since": AT,
        "topics": ("News",),
        "channels": (10,),
    }
    return Trouble(**(values | changes))


def shown(*troubles: Trouble) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(notices.payload(troubles, number="abc123"))
    return body


@pytest.mark.parametrize(
    ("hold", "words"),
    [
        (HoldKind.ACCESS, "open the channel's settings → Permissions"),
        (HoldKind.GONE, "give the topic another channel with `/topic edit`"),
        (HoldKind.LOCKED, "unlock the thread"),
        (HoldKind.LEFT, "nothing, it should pass by itself"),
    ],
)
def test_each_hold_says_what_to_do(hold: HoldKind, words: str) -> None:
    [embed] = shown(trouble(TroubleKind.CHANNEL, hold=hold, reason="it is so", articles=3))["embeds"]
    assert "⚠️ <#10> (News): it is so. 3 articles wait, since <t:1767225600:R>." in embed["description"]
    assert f"**What to do:** {words}" in embed["description"]


def test_what_a_feed_says_cannot_format_or_mention() -> None:
    [embed] = shown(trouble(TroubleKind.FEED, name="**@everyone** [x](y)", reason="`@here`"))["embeds"]
    assert "@everyone" not in embed["description"].replace("@\u200beveryone", "")
    assert "\\*\\*" in embed["description"]
    assert "[x](" not in embed["description"].replace("\\[x\\](", "")


def test_a_notice_is_known_by_its_number_alone() -> None:
    ours = notices.payload([trouble(TroubleKind.CHANNEL)], number="abc123")
    other = json.loads(notices.payload([trouble(TroubleKind.CHANNEL)], number="abc124"))
    assert same_notice(ours, json.loads(ours)["embeds"])
    assert not same_notice(ours, other["embeds"])
    assert not same_notice(ours, [])


troubles = st.lists(
    st.builds(
        Trouble,
        id=st.integers(1, 99),
        guild_id=st.just(2**63 - 1),
        kind=st.just(TroubleKind.FEED),
        subject=st.integers(1, 2**63 - 1),
        since=st.just(AT),
        ended=st.none() | st.sampled_from(Ended),
        articles=st.integers(0, 10**9),
        reason=st.text(max_size=600),
        name=st.text(max_size=400),
        topics=st.lists(st.text(max_size=60), max_size=9).map(tuple),
        hold=st.none() | st.sampled_from(HoldKind),
        last_good_at=st.none() | st.just(AT),
    ),
    min_size=1,
    max_size=30,
)


@given(troubles, st.sampled_from(TroubleKind))
def test_every_notice_is_within_discords_limits(many: list[Trouble], kind: TroubleKind) -> None:
    from dataclasses import replace

    body = shown(*(replace(each, kind=kind) for each in many))
    [embed] = body["embeds"]
    assert 0 < len(embed["title"]) <= 256
    assert 0 < len(embed["description"]) <= 4096
    buttons = [button for row in body["components"] for button in row["components"]]
    assert len(buttons) <= 5
    assert len({button["custom_id"] for button in buttons}) == len(buttons)
    assert all(len(button["custom_id"]) <= 100 for button in buttons)
    if all(each.ended for each in many):
        assert buttons == []


SECRET = {
    "name": "Board minutes",
    "reason": "board.example is not known",
    "topics": ("News", "Staff"),
    "channels": (10, 11),
}


@pytest.mark.parametrize("kind", [kind for kind in TroubleKind if kind in OF_FEEDS])
@pytest.mark.parametrize("ended", [None, *Ended])
def test_of_a_source_in_hidden_topics_only_their_channels_are_mentioned(kind: TroubleKind, ended: Ended | None) -> None:
    some = notices.for_readers(trouble(kind, ended=ended, **SECRET), {10})
    [embed] = shown(some)["embeds"]
    assert "Board minutes" in embed["description"]
    assert "Staff" not in embed["description"]
    none = notices.for_readers(trouble(kind, ended=ended, **SECRET), set())
    [embed] = shown(none)["embeds"]
    assert "A source in <#10>, <#11>" in embed["description"]
    for word in ("Board", "board", "News", "Staff"):
        assert word not in json.dumps(embed)


@pytest.mark.parametrize("kind", [TroubleKind.CHANNEL, TroubleKind.CROWDED])
@pytest.mark.parametrize("ended", [None, Ended.WELL])
def test_a_hidden_topic_has_no_name_in_a_notice(kind: TroubleKind, ended: Ended | None) -> None:
    hidden = notices.for_readers(trouble(kind, ended=ended, topics=("Staff",), channels=(10,)), {12})
    [embed] = shown(hidden)["embeds"]
    assert "<#10>" in embed["description"]
    assert "Staff" not in json.dumps(embed)


def test_of_what_nothing_follows_any_more_the_name_is_for_who_decides_for_the_server() -> None:
    gone = trouble(TroubleKind.FEED, ended=Ended.DROPPED, name="Board minutes", topics=(), channels=())
    assert "Board" not in json.dumps(shown(notices.for_readers(gone, {10})))
    assert "Board minutes" in json.dumps(shown(notices.for_readers(gone, {WHOLE_SERVER})))
