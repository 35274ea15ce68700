"""What admins read: every kind of trouble, lasting and ended, within Discord's limits and harmless."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import notice
from bot.model import OF_FEEDS, WHOLE_SERVER, BlockReason, Problem, ProblemKind, Resolution
from bot.posting.discord.message_match import same_notice

AT = datetime(2026, 1, 1, tzinfo=UTC)


def trouble(kind: ProblemKind, **changes: Any) -> Problem:
    values: dict[str, Any] = {
        "id": 1,
        "guild_id": 5,
        "kind": kind,
        "subject": 10,
        "since": AT,
        "topics": ("News",),
        "channels": (10,),
    }
    return Problem(**(values | changes))


def shown(*troubles: Problem) -> dict[str, Any]:
    return notice.payload(troubles, number="abc123").to_dict()


@pytest.mark.parametrize(
    ("hold", "words"),
    [
        (BlockReason.ACCESS, "open the channel's settings → Permissions"),
        (BlockReason.GONE, "give the topic another channel with `/topic edit`"),
        (BlockReason.LOCKED, "unlock the thread"),
        (BlockReason.FULL, "close or delete some of what has reached its number"),
        (BlockReason.TIMED_OUT, "nothing, I go on when my time-out is over"),
        (BlockReason.LEFT, "nothing, it should pass by itself"),
    ],
)
def test_each_hold_says_what_to_do(hold: BlockReason, words: str) -> None:
    [embed] = shown(trouble(ProblemKind.CHANNEL, hold=hold, reason="it is so", articles=3))["embeds"]
    assert "⚠️ <#10> (News): it is so. 3 articles wait; it began <t:1767225600:R>." in embed["description"]
    assert f"**What to do:** {words}" in embed["description"]


@pytest.mark.parametrize(
    ("ended", "title", "words"),
    [
        (None, "A topic mentions nobody any more", "🔔 **News**: the role that it mentioned was deleted"),
        (Resolution.WELL, "Settled", "✅ **News**: the role that it mentioned was deleted."),
        (Resolution.DROPPED, "Settled", "✅ **News**: it was deleted."),
    ],
)
def test_a_deleted_role_is_told(ended: Resolution | None, title: str, words: str) -> None:
    [embed] = shown(trouble(ProblemKind.MENTION, ended=ended))["embeds"]
    assert embed["title"] == title
    assert words in embed["description"]


def test_what_a_feed_says_cannot_format_or_mention() -> None:
    [embed] = shown(trouble(ProblemKind.FEED, name="**@everyone** [x](y)", reason="`@here`"))["embeds"]
    assert "@everyone" not in embed["description"].replace("@\u200beveryone", "")
    assert "\\*\\*" in embed["description"]
    assert "[x](" not in embed["description"].replace("\\[x\\](", "")


def test_a_notice_is_known_by_its_number_alone() -> None:
    ours = notice.payload([trouble(ProblemKind.CHANNEL)], number="abc123")
    other = notice.payload([trouble(ProblemKind.CHANNEL)], number="abc124")
    assert same_notice(ours, ours.embeds)
    assert not same_notice(ours, other.embeds)
    assert not same_notice(ours, [])


troubles = st.lists(
    st.builds(
        Problem,
        id=st.integers(1, 99),
        guild_id=st.just(2**63 - 1),
        kind=st.just(ProblemKind.FEED),
        subject=st.integers(1, 2**63 - 1),
        since=st.just(AT),
        ended=st.none() | st.sampled_from(Resolution),
        articles=st.integers(0, 10**9),
        reason=st.text(max_size=600),
        name=st.text(max_size=400),
        topics=st.lists(st.text(max_size=60), max_size=9).map(tuple),
        hold=st.none() | st.sampled_from(BlockReason),
        last_good_at=st.none() | st.just(AT),
    ),
    min_size=1,
    max_size=30,
)


@given(troubles, st.sampled_from(ProblemKind))
def test_every_notice_is_within_discords_limits(many: list[Problem], kind: ProblemKind) -> None:
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


@pytest.mark.parametrize("kind", [kind for kind in ProblemKind if kind in OF_FEEDS])
@pytest.mark.parametrize("ended", [None, *Resolution])
def test_of_a_source_in_hidden_topics_only_their_channels_are_mentioned(
    kind: ProblemKind, ended: Resolution | None
) -> None:
    some = notice.for_readers(trouble(kind, ended=ended, **SECRET), {10})
    [embed] = shown(some)["embeds"]
    assert "Board minutes" in embed["description"]
    assert "Staff" not in embed["description"]
    none = notice.for_readers(trouble(kind, ended=ended, **SECRET), set())
    [embed] = shown(none)["embeds"]
    assert "A source in <#10>, <#11>" in embed["description"]
    for word in ("Board", "board", "News", "Staff"):
        assert word not in json.dumps(embed)


@pytest.mark.parametrize("kind", [ProblemKind.CHANNEL, ProblemKind.CROWDED])
@pytest.mark.parametrize("ended", [None, Resolution.WELL])
def test_a_hidden_topic_has_no_name_in_a_notice(kind: ProblemKind, ended: Resolution | None) -> None:
    hidden = notice.for_readers(trouble(kind, ended=ended, topics=("Staff",), channels=(10,)), {12})
    [embed] = shown(hidden)["embeds"]
    assert "<#10>" in embed["description"]
    assert "Staff" not in json.dumps(embed)


def test_of_what_nothing_follows_any_more_the_name_is_for_who_decides_for_the_server() -> None:
    gone = trouble(ProblemKind.FEED, ended=Resolution.DROPPED, name="Board minutes", topics=(), channels=())
    assert "Board" not in json.dumps(shown(notice.for_readers(gone, {10})))
    assert "Board minutes" in json.dumps(shown(notice.for_readers(gone, {WHOLE_SERVER})))
