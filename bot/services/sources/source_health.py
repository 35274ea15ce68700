"""How a source is, in one word. Pure."""

import enum
from datetime import timedelta

from bot.model import FeedState, SourceStatus

SLACK = timedelta(hours=1)
"""Polls wait for their host's turn now and then; this much is nothing to tell of."""


class Health(enum.Enum):
    """`slow`: nothing failed, but at its host's wish it is asked much less often than it would be."""

    NEW = "new"
    FINE = "fine"
    SLOW = "slow"
    FAILING = "failing"
    PAUSED = "paused"
    GONE = "gone"


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
