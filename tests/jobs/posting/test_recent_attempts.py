"""Which posts were tried a moment ago."""

from datetime import timedelta

from bot.jobs.posting.recent_attempts import MAX_REMEMBERED, RecentAttempts
from tests.builders import START
from tests.fakes import FakeClock


def test_an_attempt_is_recent_for_a_minute_and_the_oldest_counts() -> None:
    clock = FakeClock(START)
    attempts = RecentAttempts(clock)
    assert not attempts.lately(1)
    attempts.note(1)
    clock.advance(40)
    attempts.note(1)
    assert attempts.lately(1)
    clock.advance(30)
    assert not attempts.lately(1)


def test_what_is_no_longer_recent_is_forgotten_where_there_are_many() -> None:
    clock = FakeClock(START)
    attempts = RecentAttempts(clock)
    for post in range(3 * MAX_REMEMBERED):
        attempts.note(post)
        clock.advance(timedelta(seconds=1).total_seconds())
    assert len(attempts) <= MAX_REMEMBERED
