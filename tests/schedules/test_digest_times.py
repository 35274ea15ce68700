"""Digests and quiet hours by the clocks of any zone: each day once, whatever the clocks do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import DigestSchedule, Hours, TopicOptions
from bot.schedules import digest_times

BERLIN = TopicOptions(zone="Europe/Berlin")
ZONES = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("posix", "right")))
zones = st.sampled_from(ZONES)
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
moments = st.integers(0, 20 * 365 * 24 * 3600).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
minutes = st.integers(0, 24 * 60 - 1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # a date's parts


def digests(options: TopicOptions, since: datetime, until: datetime) -> list[datetime]:
    """All between the two, each found from the one before."""
    found = []
    moment = digest_times.next_digest(options, since)
    while moment is not None and moment <= until:
        found.append(moment)
        moment = digest_times.next_digest(options, moment)
    return found


# --- digests -----------------------------------------------------------------------------------------


def test_without_a_digest_there_is_no_moment() -> None:
    assert digest_times.hours(TopicOptions(), utc(2026, 1, 1)) == Hours()


@pytest.mark.parametrize(
    ("options", "after", "expected"),
    [
        (replace(BERLIN, digest=DigestSchedule.DAILY), utc(2026, 11, 24, 6, 59), utc(2026, 11, 24, 7)),
        (replace(BERLIN, digest=DigestSchedule.DAILY), utc(2026, 11, 24, 7), utc(2026, 11, 25, 7)),
        (replace(BERLIN, digest=DigestSchedule.DAILY), utc(2026, 7, 1, 5), utc(2026, 7, 1, 6)),
        (replace(BERLIN, digest=DigestSchedule.WEEKLY, digest_day=6), utc(2026, 11, 24), utc(2026, 11, 29, 7)),
        (TopicOptions(digest=DigestSchedule.HOURLY, zone="Asia/Kathmandu"), utc(2026, 1, 1), utc(2026, 1, 1, 0, 15)),
        (TopicOptions(digest=DigestSchedule.DAILY, zone="Nowhere/Land"), utc(2026, 1, 1), utc(2026, 1, 1, 8)),
    ],
    ids=["winter", "not twice", "summer", "weekly", "a zone with a quarter", "a zone that is no more"],
)
def test_a_digest_comes_at_its_local_time(options: TopicOptions, after: datetime, expected: datetime) -> None:
    assert digest_times.next_digest(options, after) == expected


def test_in_a_skipped_hour_it_comes_an_hour_later_and_in_a_doubled_one_the_first_time() -> None:
    at_night = replace(BERLIN, digest=DigestSchedule.DAILY, digest_minute=150)
    assert digests(at_night, utc(2026, 3, 28), utc(2026, 3, 30, 12)) == [
        utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30),
    ]  # fmt: skip
    assert digests(at_night, utc(2026, 10, 24, 12), utc(2026, 10, 26, 12)) == [
        utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30),
    ]  # fmt: skip


def test_an_hourly_digest_comes_with_both_of_a_doubled_hour() -> None:
    hourly = replace(BERLIN, digest=DigestSchedule.HOURLY)
    assert digests(hourly, utc(2026, 10, 25, 0), utc(2026, 10, 25, 3)) == [utc(2026, 10, 25, n) for n in (1, 2, 3)]


@given(zone=zones, minute=minutes, now=moments)
@settings(max_examples=300)
def test_every_local_day_has_its_digest_exactly_once(zone: str, minute: int, now: datetime) -> None:
    options = TopicOptions(digest=DigestSchedule.DAILY, digest_minute=minute, zone=zone)
    found = digests(options, now, now + timedelta(days=20))
    days: list[date] = [moment.astimezone(ZoneInfo(zone)).date() for moment in found]
    assert len(days) in {19, 20, 21}
    assert all((later - earlier).days == 1 or _skipped(zone, earlier, later) for earlier, later in pairwise(days))
    for moment, day in zip(found, days, strict=True):
        shown = moment.astimezone(ZoneInfo(zone))
        wanted = datetime.combine(day, digest_times._time(minute))
        assert shown.replace(tzinfo=None) == wanted or not _exists(wanted, zone)


@given(zone=zones, minute=minutes, day=st.integers(0, 6), now=moments)
def test_every_week_has_its_digest_exactly_once(zone: str, minute: int, day: int, now: datetime) -> None:
    options = TopicOptions(digest=DigestSchedule.WEEKLY, digest_minute=minute, digest_day=day, zone=zone)
    found = digests(options, now, now + timedelta(days=70))
    assert len(found) in {10, 11}
    assert all(timedelta(days=6) < later - earlier < timedelta(days=8) for earlier, later in pairwise(found))


@given(zone=zones, now=moments)
def test_an_hourly_digest_is_never_far_away(zone: str, now: datetime) -> None:
    found = digests(TopicOptions(digest=DigestSchedule.HOURLY, zone=zone), now, now + timedelta(days=2))
    assert {moment.astimezone(ZoneInfo(zone)).minute for moment in found} == {0}
    assert all(timedelta(minutes=30) <= later - earlier <= timedelta(minutes=90) for earlier, later in pairwise(found))


@given(
    zone=zones,
    minute=minutes,
    now=moments,
    rhythm=st.sampled_from([DigestSchedule.HOURLY, DigestSchedule.DAILY, DigestSchedule.WEEKLY]),
)
def test_the_last_digest_and_the_next_have_none_between_them(
    zone: str, minute: int, now: datetime, rhythm: DigestSchedule
) -> None:
    options = TopicOptions(digest=rhythm, digest_minute=minute, zone=zone)
    last, following = digest_times.last_digest(options, now), digest_times.next_digest(options, now)
    assert last is not None
    assert following is not None
    assert last <= now < following
    assert digest_times.next_digest(options, last) == following


# --- quiet hours -------------------------------------------------------------------------------------

NIGHT = replace(BERLIN, quiet_from=22 * 60, quiet_to=7 * 60)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc(2026, 11, 24, 12), (utc(2026, 11, 24, 21), utc(2026, 11, 25, 6))),
        (utc(2026, 11, 24, 21), (utc(2026, 11, 24, 21), utc(2026, 11, 25, 6))),
        (utc(2026, 11, 25, 5, 59), (utc(2026, 11, 24, 21), utc(2026, 11, 25, 6))),
        (utc(2026, 11, 25, 6), (utc(2026, 11, 25, 21), utc(2026, 11, 26, 6))),
        (utc(2026, 3, 29, 0), (utc(2026, 3, 28, 21), utc(2026, 3, 29, 5))),
    ],
    ids=["at noon", "they begin", "the last minute", "they are over", "a short night"],
)
def test_a_night_may_span_two_days(now: datetime, expected: tuple[datetime, datetime]) -> None:
    assert digest_times.quiet_hours(NIGHT, now) == expected


def test_a_nap_lies_within_a_day_and_without_hours_it_is_never_quiet() -> None:
    nap = TopicOptions(quiet_from=60, quiet_to=120)
    assert digest_times.quiet_hours(nap, utc(2026, 1, 1, 3)) == (utc(2026, 1, 2, 1), utc(2026, 1, 2, 2))
    assert digest_times.quiet_hours(TopicOptions(quiet_from=60), utc(2026, 1, 1)) is None
    assert digest_times.quiet_hours(TopicOptions(quiet_from=60, quiet_to=60), utc(2026, 1, 1)) is None


@given(zone=zones, begin=minutes, end=minutes, now=moments)
@settings(max_examples=300)
def test_quiet_hours_are_found_from_every_moment_and_follow_each_other(
    zone: str, begin: int, end: int, now: datetime
) -> None:
    found = digest_times.quiet_hours(TopicOptions(quiet_from=begin, quiet_to=end, zone=zone), now)
    if begin == end:
        assert found is None
        return
    assert found is not None
    since, until = found
    assert since < until
    assert until > now
    assert since < now + timedelta(days=2)
    assert until - since <= timedelta(hours=25)
    again = digest_times.quiet_hours(TopicOptions(quiet_from=begin, quiet_to=end, zone=zone), until)
    assert again is not None
    assert again[0] >= until - timedelta(hours=2)


def _exists(local: datetime, zone: str) -> bool:
    there = local.replace(tzinfo=ZoneInfo(zone))
    return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


def _skipped(zone: str, earlier: date, later: date) -> bool:
    """Whether a digest in a gap slid over midnight, or the zone left the day out."""
    days = (earlier + timedelta(days=number) for number in range((later - earlier).days + 1))
    return any(
        not _exists(datetime.combine(day, digest_times._time(minute)), zone)
        for day in days
        for minute in range(0, 24 * 60, 15)
    )
