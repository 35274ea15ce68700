"""What each of Discord's answers means, one row an answer, and the waits between attempts."""

import pytest

from bot.model import SendKind
from bot.posting.pacing.backoff import classify, delay_seconds, pauses_all, probe_seconds


@pytest.mark.parametrize(
    ("status", "code", "json_body", "kind"),
    [
        (200, None, True, SendKind.POSTED),
        (200, None, False, SendKind.UNKNOWN),
        (None, None, False, SendKind.UNKNOWN),
        (302, None, False, SendKind.UNKNOWN),
        (400, 50035, True, SendKind.REFUSED),
        (400, 50006, True, SendKind.REFUSED),
        (400, 160006, True, SendKind.NO_ACCESS),
        (400, 160007, True, SendKind.NO_ACCESS),
        (400, 30033, True, SendKind.NO_ACCESS),
        (400, 40006, True, SendKind.NOT_SENT),
        (400, 30046, True, SendKind.NOT_SENT),
        (400, 20026, True, SendKind.NO_ACCESS),
        (403, 20026, True, SendKind.NO_ACCESS),
        (400, 77001, True, SendKind.REFUSED),
        (400, None, False, SendKind.REFUSED),
        (400, 200000, True, SendKind.REFUSED),
        (400, 200001, True, SendKind.REFUSED),
        (400, 240000, True, SendKind.REFUSED),
        (403, 200000, True, SendKind.REFUSED),
        (413, 40005, True, SendKind.REFUSED),
        (413, None, False, SendKind.REFUSED),
        (401, 0, True, SendKind.UNAUTHORISED),
        (401, None, False, SendKind.UNAUTHORISED),
        (403, 50001, True, SendKind.NO_ACCESS),
        (403, 50013, True, SendKind.NO_ACCESS),
        (403, 50007, True, SendKind.NO_ACCESS),
        (403, 50278, True, SendKind.NO_ACCESS),
        (403, 99999, True, SendKind.NO_ACCESS),
        (403, None, False, SendKind.NOT_SENT),
        (404, 10003, True, SendKind.NO_ACCESS),
        (404, 10004, True, SendKind.NO_ACCESS),
        (404, 10008, True, SendKind.REMOVED),
        (404, None, False, SendKind.NO_ACCESS),
        (429, 20028, True, SendKind.NOT_SENT),
        (403, 20016, True, SendKind.NOT_SENT),
        (403, 20029, True, SendKind.NOT_SENT),
        (400, 40003, True, SendKind.NOT_SENT),
        (403, 40003, True, SendKind.NOT_SENT),
        (403, 40004, True, SendKind.NOT_SENT),
        (400, 40062, True, SendKind.NOT_SENT),
        (400, 130000, True, SendKind.NOT_SENT),
        (429, None, False, SendKind.NOT_SENT),
        (500, None, False, SendKind.UNKNOWN),
        (503, 0, True, SendKind.UNKNOWN),
        (529, None, False, SendKind.UNKNOWN),
    ],
)
def test_an_answer_means(status: int | None, code: int | None, json_body: bool, kind: SendKind) -> None:
    assert classify(status, code, json_body=json_body) is kind


@pytest.mark.parametrize(
    ("status", "json_body", "expected"),
    [(403, False, True), (429, False, True), (403, True, False), (429, True, False), (500, False, False)],
)
def test_only_cloudflare_pauses_every_channel(status: int, json_body: bool, expected: bool) -> None:
    assert pauses_all(status, json_body=json_body) is expected


def test_attempts_are_further_and_further_apart_up_to_half_an_hour() -> None:
    waits = [delay_seconds(attempt) for attempt in range(1, 30)]
    assert waits[:5] == [2, 5, 15, 60, 300]
    assert waits == sorted(waits)
    assert waits[-1] == 1800


def test_a_held_channel_is_probed_soon_and_then_hourly() -> None:
    assert [probe_seconds(number) for number in range(1, 8)] == [60, 120, 300, 900, 3600, 3600, 3600]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("You have reached the limit of posts in an hour", SendKind.NOT_SENT),
        ("You are doing that too fast", SendKind.NOT_SENT),
        ("Temporarily unavailable. Try again later", SendKind.NOT_SENT),
        ("Maximum number of boosts reached", SendKind.NOT_SENT),
        ("Cannot do that here", SendKind.REFUSED),
        ("The limitless", SendKind.REFUSED),
    ],
)
def test_the_words_of_an_unknown_refusal_tell_whether_it_is_a_limit(words: str, kind: SendKind) -> None:
    assert classify(400, 77001, json_body=True, text=words) is kind
    assert classify(400, 50035, json_body=True, text=words) is SendKind.REFUSED, "a form's limits are for good"
