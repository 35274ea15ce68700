"""One price of a poll keeps all feeds together to the budget."""

import itertools
from collections.abc import Iterable

import pytest

from bot.feeds.scheduling.poll_budget import MANY, PriceKeeper
from bot.feeds.scheduling.poll_price import (
    PollPrice,
    begin,
    is_due,
    planned,
    reachable,
    resumed,
    steered,
    usual,
)

BUDGET = 24.0
HOUR = 60.0


class Feeds:
    """Feeds whose polls follow the price as real ones do, more by day than by night; each asked once in its wait."""

    def __init__(self, count: int, *, dear: float = 1.0, longest: float = 120.0, server: int = 7) -> None:
        self.dear, self.longest, self.servers = dear, longest, (server,)
        self.due = [HOUR * (number % 24) / 24 for number in range(count)]
        self.polls = 0

    def wait(self, price: float, at: float) -> float:
        by_day = 1.25 if 6 <= at / HOUR % 24 < 22 else 0.5
        return min(self.longest, max(5.0, float(self.dear * 60 * (price / usual(BUDGET)) ** 0.45 / by_day)))

    def hour(self, begun: float, keeper: PriceKeeper) -> None:
        for number in range(len(self.due)):
            while (at := self.due[number]) < begun + HOUR:
                wait = self.wait(keeper.price(self.servers), at)
                keeper.learn(wait, self.servers)
                self.polls += 1
                self.due[number] = at + wait


def run(groups: Iterable[Feeds], keeper: PriceKeeper, hours: Iterable[int]) -> list[float]:
    """Each hour's price."""
    prices = []
    for hour in hours:
        keeper.steer(hour * HOUR)
        prices.append(keeper.price())
        for group in groups:
            group.hour(hour * HOUR, keeper)
    return prices


def keeper(budget: float = BUDGET) -> PriceKeeper:
    return PriceKeeper(budget, 0.0)


def polls_a_day(feeds: Feeds, price: PriceKeeper, hours: range) -> float:
    before = feeds.polls
    run([feeds], price, hours)
    return (feeds.polls - before) / len(feeds.due) / (len(hours) / 24)


@pytest.mark.parametrize("count", [1, 10, 100])
@pytest.mark.parametrize("dear", [0.6, 1.0, 1.5])
def test_polls_come_to_the_budget_within_days_however_many_feeds_and_whatever_they_are_like(
    count: int, dear: float
) -> None:
    feeds, price = Feeds(count, dear=dear), keeper()
    run([feeds], price, range(10 * 24))
    assert polls_a_day(feeds, price, range(10 * 24, 17 * 24)) == pytest.approx(BUDGET, rel=0.06)


def test_the_price_changes_little_in_an_hour_and_does_not_swing() -> None:
    feeds, price = Feeds(60, dear=0.6), keeper()
    prices = run([feeds], price, range(21 * 24))
    assert max(abs(b / a - 1) for a, b in itertools.pairwise(prices)) <= 0.1 + 1e-9
    week = prices[-7 * 24 :]
    assert max(week) / min(week) < 1.15
    assert prices[20] > prices[0], "too many polls make them dearer"


def test_feeds_that_arrive_in_a_crowd_do_not_upset_the_price() -> None:
    old, new, price = Feeds(20), Feeds(180), keeper()
    settled = run([old], price, range(10 * 24))[-1]
    after = run([old, new], price, range(10 * 24, 12 * 24))
    assert max(after) / settled < 1.5
    assert min(after) / settled > 0.7


def test_an_outage_of_hours_or_days_leaves_the_price_as_it_was() -> None:
    for outage in (5, 36):
        feeds, price = Feeds(30, dear=1.4), keeper()
        before = run([feeds], price, range(8 * 24))[-1]
        begun = 8 * 24 + outage
        feeds.due = [begun * HOUR + number for number in range(30)]
        after = run([feeds], price, range(begun, begun + 3))
        assert after[0] == pytest.approx(before, rel=0.05)
        assert after[-1] == pytest.approx(before, rel=0.2)


def test_over_a_restart_the_price_is_kept_and_a_new_budget_is_met_with_what_is_known() -> None:
    feeds, price = Feeds(30, dear=1.4), keeper()
    before = run([feeds], price, range(8 * 24))[-1]
    again = keeper()
    again.resume(price.known, 8 * 24 * HOUR)
    assert again.price() == pytest.approx(before, rel=0.1)
    half = keeper(BUDGET / 2)
    half.resume(price.known, 8 * 24 * HOUR)
    assert half.price() == pytest.approx(again.price() * 2 ** (1 / 0.45), rel=0.01)


def test_a_short_life_tells_little() -> None:
    first_hour = planned(begin(BUDGET, 0.0), usual(BUDGET), 5.0)
    assert resumed(first_hour._replace(hours=1.0), BUDGET, HOUR).price < 3 * usual(BUDGET)


def test_a_budget_that_cannot_be_met_does_not_run_away() -> None:
    feeds, price = Feeds(10, longest=30), keeper(reachable(10, 30 * 60))
    assert max(run([feeds], price, range(20 * 24))) <= 1000 * usual(reachable(10, 30 * 60)) * 1.0001
    lavish = keeper(2000)
    assert min(run([Feeds(10)], lavish, range(20 * 24))) >= usual(2000) / 1000.001


def test_no_budget_is_below_what_the_longest_wait_makes_anyway() -> None:
    assert reachable(24, 7200) == 24
    assert reachable(24, 3600) == pytest.approx(25.2)
    assert reachable(1, 3600) == pytest.approx(25.2)


def test_it_is_steered_once_an_hour_and_at_once_when_the_clock_was_put_back() -> None:
    known = begin(BUDGET, 100.0)
    assert [is_due(known, at) for at in (100.0, 159.0, 160.0, 5000.0, 99.0)] == [False, False, True, True, True]


def test_without_any_poll_the_price_stays_the_usual_one() -> None:
    known: PollPrice = begin(BUDGET, 0.0)
    for hour in range(1, 100):
        known = steered(known, BUDGET, hour * HOUR)
    assert known.price == pytest.approx(usual(BUDGET))


def test_a_server_with_very_many_busy_feeds_pays_for_them_itself() -> None:
    others = [Feeds(10, server=number) for number in range(1, 5)]
    crowd = Feeds(int(2 * MANY), dear=0.4, server=99)
    alone, shared = keeper(), keeper()
    run([Feeds(10, server=number) for number in range(1, 5)], alone, range(14 * 24))
    run([*others, crowd], shared, range(14 * 24))
    assert shared.price() == pytest.approx(alone.price(), rel=0.1)
    assert shared.price((99,)) > 3 * shared.price()
    before = crowd.polls
    run([*others, crowd], shared, range(14 * 24, 21 * 24))
    assert (crowd.polls - before) / len(crowd.due) / 7 == pytest.approx(BUDGET, rel=0.08)


def test_a_server_that_leaves_gives_its_own_price_back_and_a_restart_keeps_it() -> None:
    crowd, small, price = Feeds(int(1.5 * MANY), dear=0.4, server=99), Feeds(5), keeper()
    run([crowd, small], price, range(48))
    again = keeper()
    again.resume(price.known, 48 * HOUR)
    assert set(again.known) == {0, 99}
    assert again.price((99,)) == pytest.approx(price.price((99,)), rel=0.15)
    run([small], again, range(49, 60))
    assert set(again.known) == {0}
