"""An outage of our own is told from hosts that fail."""

from datetime import timedelta
from typing import Any

import pytest

from bot.feeds.scheduling.network_outage import HOSTS, LONGEST, NetworkOutage
from bot.model import (
    ClaimedFeed,
    FailureKind,
    FeedState,
    FetchAddress,
    FetchFailed,
    FetchResult,
    NotModified,
    Postponed,
)
from tests.builders import START, at

UNREACHED = FetchFailed(FailureKind.CONNECT, "The host could not be reached.")
NONSENSE = FetchFailed(FailureKind.BAD_ANSWER, "The host's answer broke off or made no sense.")
NOT_FOUND = FetchFailed(FailureKind.HTTP, "There is nothing there (404).", 404)


def feed(number: int, *, failures: int = 0, well_before: bool = True) -> ClaimedFeed:
    host = f"blog{number}.example"
    last = at(-60) if well_before else None
    return ClaimedFeed(
        number, FetchAddress(f"https://{host}/feed"), FeedState.ACTIVE, host, failures=failures, last_success_at=last
    )


def cut_off() -> NetworkOutage:
    outage = NetworkOutage()
    for number in range(HOSTS):
        outage.judge(feed(number), UNREACHED, START)
    return outage


def test_a_few_hosts_that_are_not_reached_have_failed() -> None:
    outage = NetworkOutage()
    assert [outage.judge(feed(n), UNREACHED, START) for n in range(HOSTS - 1)] == [UNREACHED] * (HOSTS - 1)


def test_when_several_hosts_in_a_row_are_not_reached_the_next_feeds_are_put_off_instead_of_failing() -> None:
    outage = cut_off()
    assert isinstance(outage.judge(feed(9), UNREACHED, START), Postponed)
    assert isinstance(outage.judge(feed(10, failures=2), UNREACHED, START), Postponed)


@pytest.mark.parametrize("answer", [NotModified(), NOT_FOUND, NONSENSE])
def test_any_answer_from_any_host_ends_it(answer: FetchResult) -> None:
    outage = cut_off()
    assert outage.judge(feed(9), answer, START) == answer
    assert outage.judge(feed(10), UNREACHED, START) == UNREACHED


def test_many_feeds_of_one_host_are_one_host() -> None:
    outage = NetworkOutage()
    assert all(outage.judge(feed(1), UNREACHED, START) == UNREACHED for _ in range(3 * HOSTS))


@pytest.mark.parametrize("before", [{"failures": 1}, {"well_before": False}])
def test_hosts_that_were_not_well_before_say_nothing_about_our_network(before: dict[str, Any]) -> None:
    outage = NetworkOutage()
    assert all(outage.judge(feed(n, **before), UNREACHED, START) == UNREACHED for n in range(3 * HOSTS))


def test_a_rest_that_a_host_asked_for_is_no_answer() -> None:
    outage, rest = cut_off(), Postponed(60, "The host wants a rest.")
    assert outage.judge(feed(9), rest, START) == rest
    assert isinstance(outage.judge(feed(10), UNREACHED, START), Postponed)


def test_what_lasts_for_hours_counts_again() -> None:
    outage = cut_off()
    assert isinstance(outage.judge(feed(9), UNREACHED, START + LONGEST), Postponed)
    assert outage.judge(feed(9), UNREACHED, START + LONGEST + timedelta(seconds=1)) == UNREACHED
