"""Whether anything may leave: bans, outages and too many refusals, on a clock that is a number."""

import pytest

from bot.posting.pacing.circuit_breaker import Breaker, CircuitBreaker


def test_the_breaker_opens_at_a_thousand_and_closes_when_they_are_old() -> None:
    breaker = Breaker()
    for _ in range(999):
        breaker.count(10.0)
    assert not breaker.is_open(10.0)
    breaker.count(20.0)
    assert breaker.is_open(600.0)
    assert not breaker.is_open(610.0)


def test_it_begins_in_doubt_and_any_answer_ends_that() -> None:
    traffic = CircuitBreaker()
    assert traffic.in_doubt
    assert traffic.answered()
    assert not traffic.in_doubt
    assert not traffic.answered()


def test_three_silences_in_two_channels_make_it_rest_longer_each_time() -> None:
    traffic = CircuitBreaker()
    traffic.answered()
    for channel in (1, 1, 2):
        assert traffic.wait_seconds(0.0) == 0
        traffic.unanswered(0.0, channel)
    now, waits = 0.0, []
    for _ in range(9):
        waits.append(traffic.wait_seconds(now))
        now += waits[-1]
        traffic.unanswered(now, 1)
    assert waits == [2, 5, 15, 60, 300, 600, 1200, 1800, 1800]


def test_requests_that_were_under_way_together_count_as_one_trial() -> None:
    traffic = CircuitBreaker()
    traffic.answered()
    for channel in range(20):
        traffic.unanswered(0.0, channel)
    assert traffic.wait_seconds(0.0) == 2


def test_one_channel_that_never_answers_is_no_outage() -> None:
    traffic = CircuitBreaker()
    traffic.answered()
    for _ in range(50):
        traffic.unanswered(0.0, 1)
    assert (traffic.in_doubt, traffic.wait_seconds(0.0)) == (False, 0)


def test_an_answer_between_begins_the_count_anew() -> None:
    traffic = CircuitBreaker()
    for channel in (1, 2, 3, 4):
        traffic.answered()
        traffic.unanswered(0.0, channel)
    assert not traffic.in_doubt


@pytest.mark.parametrize(("named", "expected"), [(30.0, 30.0), (None, 900.0)])
def test_a_ban_lasts_as_long_as_it_says_else_a_quarter_of_an_hour(named: float | None, expected: float) -> None:
    traffic = CircuitBreaker()
    traffic.answered()
    traffic.banned(100.0, named)
    traffic.banned(101.0, named)
    assert traffic.wait_seconds(100.0) == expected
    assert traffic.in_doubt


def test_a_sign_of_life_shortens_an_outage_but_no_ban() -> None:
    traffic = CircuitBreaker()
    traffic.unanswered(0.0, 1)
    traffic.hasten()
    assert traffic.wait_seconds(0.0) == 0
    traffic.banned(0.0, None)
    traffic.hasten()
    assert traffic.wait_seconds(0.0) == 900.0


def test_a_global_limit_lets_everything_wait_without_a_doubt() -> None:
    traffic = CircuitBreaker()
    traffic.answered()
    traffic.asked_to_wait(10.0, 4.0)
    assert (traffic.wait_seconds(11.0), traffic.in_doubt) == (3.0, False)
