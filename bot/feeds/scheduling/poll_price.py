"""What a poll has to be worth, so that all feeds together come to the budget of polls. One price for all feeds. Pure.

Each poll planned at a price says how many polls the price makes: its feed is asked once in that time. So outages, restarts
and imports count for what was planned, not for what they let pass. Of all that was planned lately at any price, `steered`
reckons the price that would have met the budget, and goes there slowly. `benchmarks/poll_prices.py` shows the loop at work.
"""

from typing import NamedTuple

ELASTICITY = 0.45
"""Polls fall with this power of the price; measured over real feeds, 12 to 48 polls a day."""
USUAL_PRICE, USUAL_POLLS = 0.6, 24.5
"""What feeds of the real world come to, in article minutes and polls a feed and day: the beginning, until it is measured here."""
HALF_LIFE_HOURS = 96.0
"""What was planned so long ago counts half. Longer than a day, or nights would be asked as much as days; so for weekends."""
FULL_HOURS = 24.0
"""From so many hours of evidence on the beginning counts for nothing."""
STEP = 1.1
"""In an hour the price changes by this factor at most."""
RANGE = 1000.0
"""The price is at most so many times as high or low as the usual one for the budget."""
UNAVOIDABLE = 1.05
"""No budget is smaller than what the longest wait makes by itself, and a little to share out."""
MOST_HOURS = 1.5
"""Two looks further apart than this had an outage between them, in which nothing was learnt."""
STEER_MINUTES = 60.0


class PollPrice(NamedTuple):
    """The price, and the evidence for it."""

    price: float
    """In article minutes for a feed of one article a day, see `poll_threshold`."""
    polls: float
    """Planned at a price lately; fades."""
    feed_days: float
    """For which they were planned, as they would have been at a price of 1."""
    hours: float
    """In which they were planned; fades."""
    at: float
    """When it was steered last, in minutes since the epoch."""


def reachable(polls_per_day: float, longest_seconds: float) -> float:
    """The budget, or more polls if the longest wait makes them necessary."""
    return max(polls_per_day, UNAVOIDABLE * 86_400 / longest_seconds)


def usual(budget: float) -> float:
    """The price at which usual feeds come to `budget` polls a day."""
    return float(USUAL_PRICE * (USUAL_POLLS / budget) ** (1 / ELASTICITY))


def begin(budget: float, now: float) -> PollPrice:
    """The price before anything was planned."""
    return PollPrice(usual(budget), 0.0, 0.0, 0.0, now)


def resumed(stored: PollPrice, budget: float, now: float) -> PollPrice:
    """The price after a restart: what is known stays, for another budget too."""
    return stored._replace(price=_wanted(stored, budget), at=now)


def planned(known: PollPrice, price: float, wait_minutes: float) -> PollPrice:
    """A poll was planned at this price after this time."""
    days = wait_minutes / 1440 * price**-ELASTICITY
    return known._replace(polls=known.polls + 1, feed_days=known.feed_days + days)


def is_due(known: PollPrice, now: float) -> bool:
    """Whether it is time to steer; at once if the clock was put back."""
    return not 0 <= now - known.at < STEER_MINUTES


def steered(known: PollPrice, budget: float, now: float) -> PollPrice:
    """The price for the next hour, nearer to the one that would have met the budget."""
    hours = min(max(0.0, now - known.at) / 60, MOST_HOURS)
    wanted = _wanted(known._replace(hours=known.hours + hours), budget)
    price = min(max(wanted, known.price / STEP), known.price * STEP)
    fade = 0.5 ** (hours / HALF_LIFE_HOURS)
    return PollPrice(price, known.polls * fade, known.feed_days * fade, (known.hours + hours) * fade, now)


def _wanted(known: PollPrice, budget: float) -> float:
    start = usual(budget)
    if known.polls <= 0 or known.feed_days <= 0:
        return start
    found = (known.polls / known.feed_days / budget) ** (1 / ELASTICITY)
    share = min(1.0, known.hours / FULL_HOURS)
    found = min(max(found, start / RANGE), start * RANGE)
    return float(start ** (1 - share) * found**share)
