"""For how long a feed may be left alone by what is known of it: its habit, its list, and what its answers cost. Pure."""

import struct
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.feeds.scheduling import poll_price, publish_habit
from bot.feeds.scheduling.poll_budget import PriceKeeper
from bot.feeds.scheduling.poll_interval import PollingSettings
from bot.feeds.scheduling.poll_threshold import exponent_of, minutes_to_wait
from bot.feeds.scheduling.publish_habit import PublishHabit, minutes_of
from bot.feeds.scheduling.publish_rate import FEW, SIGHT_KNOWN
from bot.model import ClaimedFeed, MatchedEntry, PublishRate

FULL_ANSWER = 1.2
"""So much dearer is a poll of a feed whose host sends the whole document although nothing changed."""


def habit_after(feed: ClaimedFeed, listed: Sequence[MatchedEntry], *, now: datetime) -> PublishHabit | None:
    """What a document teaches of when its feed publishes; None if nothing new.

    Its first document does so by its dates, any other by what is new in it.
    """
    known = stored_habit(feed)
    if known is None:
        return publish_habit.from_dates(_dates(listed), minutes_of(now))
    new = _dates([item for item in listed if item.known_id is None and item.skip_reason is None])
    if not new:
        return None
    before = minutes_of(feed.last_success_at) if feed.last_success_at is not None else None
    return publish_habit.with_news(
        known,
        new,
        before=before,
        now=minutes_of(now),
    )


def stored_habit(feed: ClaimedFeed) -> PublishHabit | None:
    """What is known of a feed's habit; None also where another version of the program wrote it."""
    try:
        return None if feed.habit is None else publish_habit.unpack(feed.habit)
    except (ValueError, struct.error):
        return None


def _dates(listed: Iterable[MatchedEntry]) -> list[float | None]:
    dates = (item.entry.published_at for item in listed)
    return [None if date is None else minutes_of(date) for date in dates]


def seconds_to_wait(
    habit: PublishHabit | None,
    pace: PublishRate | None,
    *,
    now: datetime,
    settings: PollingSettings,
    price: float | None,
    answers_cheaply: bool,
) -> float | None:
    """Seconds until the next poll is worth its price; None while nothing is known of the feed.

    Never so long that half of what the feed lists would be replaced meanwhile.

    Args:
        price: of a poll, None for the usual one.
        answers_cheaply: its host answers 304 where nothing changed.
    """
    if pace is None or (pace.by_sight and now - pace.since < SIGHT_KNOWN):
        return None
    minute = minutes_of(now)
    if price is None:
        price = usual_price(settings)
    wait = 60 * minutes_to_wait(
        publish_habit.passed(habit or _of_pace(pace), minute),
        price=price if answers_cheaply else price * FULL_ANSWER,
        shortest=settings.min_interval_seconds / 60,
        longest=settings.max_interval_seconds / 60,
        exponent=exponent_of(settings.polls_per_day),
    )
    half = half_turnover(pace, now)
    return wait if half is None else min(wait, max(half, settings.min_interval_seconds))


def usual_price(settings: PollingSettings) -> float:
    """The price of a poll before it was measured what the feeds come to."""
    return poll_price.usual(poll_price.reachable(settings.polls_per_day, settings.max_interval_seconds))


def price_keeper(settings: PollingSettings, now: datetime) -> PriceKeeper:
    """Keeps the prices for the operator's budget."""
    return PriceKeeper(poll_price.reachable(settings.polls_per_day, settings.max_interval_seconds), minutes_of(now))


def half_turnover(pace: PublishRate | None, now: datetime) -> float | None:
    """Seconds in which half of a list, or of its newer half, is replaced at its pace; None if its dates do not say.

    A pace by dates begins with the oldest entry of the list, or of its newer half.
    """
    if pace is None or pace.by_sight or pace.entries < 2:
        return None
    return (now - pace.since).total_seconds() / 2


def before_half_is_replaced(feed: ClaimedFeed, listed: int, new: int, *, now: datetime) -> float | None:
    """Seconds in which half of a document would be new if it goes on as since the last poll; None if that says nothing."""
    if listed < FEW or not new or not feed.has_entries or feed.last_success_at is None:
        return None
    return max(0.0, (now - feed.last_success_at).total_seconds()) * listed / (2 * new)


def _of_pace(pace: PublishRate) -> PublishHabit:
    """What a feed's pace alone says of its habit."""
    return publish_habit.unknown(minutes_of(pace.since))._replace(articles=pace.entries)
