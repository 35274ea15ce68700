"""How often a feed publishes: by the dates it lists, or by what was seen of it. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import PublishRate

WEEK = 7 * 24 * 3600.0
SHORTEST = timedelta(minutes=1)
"""A feed whose dates all lie within this of now stamps its entries when it is asked: such dates say nothing."""
FEW = 5
"""A list as short as this is not full: nothing drops out of it soon."""
SIGHT_KNOWN = timedelta(days=1)
"""How long a feed without dates is watched before its pace counts as known."""
SIGHT_MEMORY = timedelta(days=28)
"""What was seen longer ago than this counts half."""


def of_document(
    published: Sequence[datetime | None], *, new: int, partial: bool, before: PublishRate | None, now: datetime
) -> PublishRate:
    """The pace after a document was read.

    Args:
        published: when its entries were published, None for those without a date.
        new: how many of the entries were not known before; 0 for the first document of a feed.
        partial: the document lists only what is new (HTTP 226).
    """
    if partial and before is not None:
        return PublishRate(before.entries + new, before.since, before.by_sight)
    return by_dates(published, now) or by_sight(before, new, now)


def by_dates(published: Sequence[datetime | None], now: datetime) -> PublishRate | None:
    """By the listed dates, or None if they say too little: future ones are left out, and half must have one.

    The busier of two windows: everything listed, and its newer half. So an old entry that stays pinned in the list,
    or years of silence before a feed came back, do not hide today's pace. Counted up to now, not to the newest
    date, so that a feed that fell silent slows down. The oldest entry of a window only marks its beginning: with it
    the pace of a feed that lists two articles would come out twice too high.
    """
    dates = sorted(date for date in published if date is not None and date <= now)
    if len(dates) < 2 or 2 * len(dates) < len(published) or now - dates[0] < SHORTEST:
        return None
    half = max(2, (len(dates) + 1) // 2)
    windows = [PublishRate(len(dates) - 1, dates[0]), PublishRate(half - 1, dates[-half])]
    return max(windows, key=lambda pace: entries_per_week(pace, now) or 0.0)


def turnover_seconds(published: Sequence[datetime | None], now: datetime) -> float | None:
    """How long it takes until all that a feed lists has made way for newer articles; None if the dates do not say."""
    dates = [date for date in published if date is not None and date <= now]
    if len(dates) < FEW or len(dates) < len(published):
        return None
    return (now - min(dates)).total_seconds()


def by_sight(before: PublishRate | None, new: int, now: datetime) -> PublishRate:
    """By what was new since the first look; old times fade out."""
    if before is None or not before.by_sight:
        return PublishRate(0.0, now, by_sight=True)
    entries, since = before.entries + new, before.since
    if now - since > SIGHT_MEMORY:
        entries, since = entries / 2, now - (now - since) / 2
    return PublishRate(entries, since, by_sight=True)


def entries_per_week(pace: PublishRate | None, now: datetime) -> float | None:
    """None while nothing is known. Falls with the time for which nothing new came."""
    if pace is None or (pace.by_sight and now - pace.since < SIGHT_KNOWN):
        return None
    return pace.entries * WEEK / max((now - pace.since).total_seconds(), SHORTEST.total_seconds())
