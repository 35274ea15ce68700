"""How a source is, in one word. Pure."""

import enum
from datetime import datetime, timedelta

from bot.model import FeedState, SourceStatus

SLACK = timedelta(hours=1)
"""Polls wait for their host's turn now and then; this much is nothing to tell of."""


ENOUGH_FOR_A_PACE = 5
"""Articles; with fewer, a week is the least that they are divided by."""
ASLEEP = timedelta(days=365)


class Health(enum.Enum):
    """`slow`: nothing failed, but at its host's wish it is asked much less often than it would be."""

    NEW = "new"
    FINE = "fine"
    SLOW = "slow"
    FAILING = "failing"
    PAUSED = "paused"
    GONE = "gone"


def weekly(source: SourceStatus) -> float:
    """Articles a week, from the time of the last 28 days that is known; a source that is newer than a week has had a week.

    Only many articles say what is to come: a source with one article in a day does not bring seven a week.
    """
    days = source.known_for / timedelta(days=1)
    if source.articles_last_28_days < ENOUGH_FOR_A_PACE:
        days = max(days, 7.0)
    return source.articles_last_28_days * 7 / max(days, 1.0)


def is_asleep(source: SourceStatus, now: datetime) -> bool:
    """Whether its newest article is so old that hardly one comes any more."""
    return source.last_article_at is not None and now - source.last_article_at > ASLEEP


def health_of(source: SourceStatus) -> Health:
    """How a source is by what is stored of it: a poll that is put off for its host's sake is planned far away."""
    if source.state is FeedState.GONE:
        return Health.GONE
    if source.state is FeedState.PAUSED:
        return Health.PAUSED
    if source.failures:
        return Health.FAILING
    if source.last_success_at is None:
        return Health.NEW
    interval = timedelta(seconds=source.interval_seconds or 0)
    planned = (source.next_poll_at or source.last_success_at) - source.last_success_at
    return Health.SLOW if planned > 2 * interval + SLACK else Health.FINE
