"""What a poll means for the feed's next one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config.settings import PollingSettings
from bot.feeds.scheduling import poll_outcome
from bot.feeds.scheduling.publish_habit import from_dates, minutes_of, pack, unpack
from bot.model import (
    CacheHints,
    ClaimedFeed,
    FailureKind,
    FeedOutcome,
    FeedState,
    FetchAddress,
    Fetched,
    FetchFailed,
    MatchedEntry,
    NotModified,
    ParsedFeed,
    PollKind,
    Postponed,
    PublishRate,
    Timetable,
)
from tests.builders import START, at, entry


def moment(chance: float = 0.5) -> poll_outcome.Moment:
    return {"now": START, "settings": PollingSettings(), "chance": chance}


MOMENT = moment()
URL = "https://blog.example/feed"
FEED = ClaimedFeed(
    1, FetchAddress(URL), FeedState.ACTIVE, due_at=START, etag='"1"', interval_seconds=3600, has_entries=True
)
PAGE = Fetched(URL, None, 200, b"", "digest", None, '"2"', None)


def parsed(*ages_in_minutes: float, timetable: Timetable = FEED.timetable) -> ParsedFeed:
    entries = tuple(entry(number, published=at(-age), position=number) for number, age in enumerate(ages_in_minutes))
    return ParsedFeed(
        title="A blog",
        site_url=None,
        icon_url=None,
        entries=entries,
        ttl_seconds=timetable.ttl_seconds,
        skip_hours=timetable.skip_hours,
        skip_days=timetable.skip_days,
    )


def listed(document: ParsedFeed) -> list[MatchedEntry]:
    return [MatchedEntry(each, f"g:{each.position}", 1) for each in document.entries]


def minutes(outcome: FeedOutcome) -> float:
    return (outcome.next_poll_at - START).total_seconds() / 60


def test_a_feed_behind_a_host_that_rests_has_not_failed_and_comes_within_its_interval_after_the_rest() -> None:
    rest = Postponed(7200, "The host asked to be left alone for another 120 minutes.")
    found = [poll_outcome.postponed(FEED, rest, **moment(chance)) for chance in (0.0, 0.5, 0.999)]
    assert [minutes(each) for each in found] == pytest.approx([120, 150, 179.94])
    assert {(each.kind, each.failure, each.interval_seconds) for each in found} == {(PollKind.POSTPONED, None, 3600)}


def test_a_failing_feed_waits_longer_each_time_whatever_its_error_page_may_be_cached_for() -> None:
    failure = FetchFailed(FailureKind.HTTP, "The host answered with an error (500).", 500, CacheHints(86_400, None))
    busy = replace(FEED, pace=PublishRate(9, START - timedelta(hours=1)))
    waits = [minutes(poll_outcome.failed(replace(busy, failures=count), failure, **MOMENT)) for count in range(4)]
    assert waits[0] < 120
    assert waits == pytest.approx([waits[0], 2 * waits[0], 4 * waits[0], 8 * waits[0]])


def test_a_failing_feed_stays_away_as_long_as_its_host_asks() -> None:
    failure = FetchFailed(FailureKind.THROTTLED, "Slow down.", 429, CacheHints(None, 6 * 3600))
    assert minutes(poll_outcome.failed(FEED, failure, **MOMENT)) >= 360


def test_a_feed_that_is_gone_keeps_the_reason() -> None:
    failure = FetchFailed(FailureKind.GONE, "The host says that this feed is gone for good (410).", 410)
    outcome = poll_outcome.failed(FEED, failure, **MOMENT)
    assert (outcome.kind, outcome.failure) == (PollKind.GONE, failure)


def test_an_unchanged_feed_slows_down_by_itself() -> None:
    burst = replace(FEED, pace=PublishRate(8, START - timedelta(minutes=10)))
    later = [replace(burst, pace=PublishRate(8, START - timedelta(hours=hours))) for hours in (1, 24, 24 * 60)]
    waits = [minutes(poll_outcome.unchanged(feed, NotModified(), **MOMENT)) for feed in (burst, *later)]
    assert waits == sorted(set(waits))
    assert waits[0] < 6


def habit_at(hour: float) -> str:
    """Of a feed with an article a day at that hour."""
    now = minutes_of(START)
    midnight = now - now % 1440
    return pack(from_dates([midnight - day * 1440 + hour * 60 + day % 3 for day in range(1, 30)], now))


def test_a_feed_is_asked_soon_in_the_hours_in_which_it_publishes() -> None:
    known = replace(FEED, pace=PublishRate(29, START - timedelta(days=30)))
    here, elsewhere = (
        replace(known, habit=habit_at((START.hour + START.minute / 60 + hours) % 24)) for hours in (0.2, 9)
    )
    waits = [minutes(poll_outcome.unchanged(feed, NotModified(), **MOMENT)) for feed in (here, elsewhere)]
    assert 2 * waits[0] < waits[1] <= 120


def test_the_price_of_a_poll_lengthens_all_waits_alike_and_only_planned_ones_say_whether_it_is_right() -> None:
    known = replace(FEED, pace=PublishRate(29, START - timedelta(days=30)), habit=habit_at(8))
    cheap, dear = (poll_outcome.unchanged(known, NotModified(), **MOMENT, price=price) for price in (0.1, 0.5))
    assert minutes(cheap) < minutes(dear)
    assert cheap.at_price
    assert dear.at_price
    new = replace(FEED, interval_seconds=None, habit=None, pace=None)
    assert not poll_outcome.unchanged(new, NotModified(), **MOMENT).at_price
    crowd = replace(known, due_at=START - timedelta(hours=5))
    assert not poll_outcome.unchanged(crowd, NotModified(), **MOMENT).at_price


def test_a_host_that_sends_the_whole_document_each_time_is_asked_a_little_less() -> None:
    known = replace(FEED, pace=PublishRate(290, START - timedelta(days=30)), habit=habit_at(8))
    waits = [minutes(poll_outcome.unchanged(known, answer, **MOMENT, price=0.2)) for answer in (NotModified(), PAGE)]
    assert waits[0] < waits[1] < 1.25 * waits[0]


def test_while_nothing_is_known_of_a_feed_the_standard_interval_holds() -> None:
    document = parsed(0)
    undated = replace(document, entries=tuple(replace(each, published_at=None) for each in document.entries))
    outcome = poll_outcome.read(replace(FEED, habit=None), PAGE, undated, listed(undated), **moment(0))
    assert minutes(outcome) == 10


def test_a_first_document_teaches_the_habit_and_later_ones_what_is_new_in_them() -> None:
    document = parsed(60, 1500, 2940)
    first = poll_outcome.read(replace(FEED, has_entries=False), PAGE, document, listed(document), **MOMENT)
    assert first.habit is not None
    expected = from_dates([minutes_of(at(-age)) for age in (60, 1500, 2940)], minutes_of(START))
    assert first.habit == pack(expected)
    known = replace(FEED, habit=first.habit, last_success_at=at(-30))
    assert poll_outcome.read(known, PAGE, document, listed(document), **MOMENT).habit is None
    more = parsed(10, 60, 1500, 2940)
    new = [replace(listed(more)[0], known_id=None), *listed(more)[1:]]
    after = poll_outcome.read(known, PAGE, more, new, **MOMENT).habit
    assert after is not None
    assert unpack(after).articles > unpack(first.habit).articles


@pytest.mark.parametrize("stored", ["", "nonsense", "AAAA", "é"])
def test_a_habit_that_cannot_be_read_is_learnt_anew(stored: str) -> None:
    document = parsed(10, 60, 1500, 2940)
    known = replace(FEED, habit=stored, last_success_at=at(-30), pace=PublishRate(29, START - timedelta(days=30)))
    assert 5 <= minutes(poll_outcome.unchanged(known, NotModified(), **MOMENT)) <= 120
    assert poll_outcome.read(known, PAGE, document, listed(document), **MOMENT).habit is not None


def test_a_feed_is_never_left_alone_until_half_of_its_list_is_replaced() -> None:
    usual = {"price": 1000.0}

    def wait(*ages: float, new: int, before: float) -> float:
        document = parsed(*ages)
        entries = [replace(item, known_id=None if item.entry.position < new else 1) for item in listed(document)]
        feed = replace(FEED, habit=habit_at(8), last_success_at=at(-before))
        return minutes(poll_outcome.read(feed, PAGE, document, entries, **moment(0), **usual))

    assert wait(*(12 * n for n in range(1, 11)), new=1, before=12) <= 60
    assert wait(*(1440 * n for n in range(1, 11)), new=0, before=30) == pytest.approx(116)
    assert wait(*(1440 * n for n in range(1, 11)), new=8, before=60) == pytest.approx(37.5)
    later = replace(FEED, pace=PublishRate(9, START - timedelta(minutes=60)), habit=habit_at(8))
    assert minutes(poll_outcome.unchanged(later, NotModified(), **moment(0), **usual)) == pytest.approx(30)


def test_an_unchanged_feed_remembers_what_its_document_asked_for() -> None:
    night = Timetable(ttl_seconds=7200, skip_hours=frozenset(range(13, 20)))
    outcome = poll_outcome.unchanged(replace(FEED, timetable=night), NotModified(), **MOMENT)
    assert outcome.next_poll_at.hour == 20


def test_a_read_document_says_the_pace_and_the_timetable_anew() -> None:
    document = parsed(60, 120, 180, 240, timetable=Timetable(ttl_seconds=7200))
    outcome = poll_outcome.read(FEED, PAGE, document, listed(document), **MOMENT)
    assert outcome.pace == PublishRate(3, at(-240))
    assert outcome.timetable == Timetable(ttl_seconds=7200)
    assert 120 <= minutes(outcome) <= 132


def test_a_ttl_is_not_obeyed_where_articles_would_drop_out_of_the_list_meanwhile() -> None:
    day = Timetable(ttl_seconds=86_400)

    def ttl(*ages_in_hours: float) -> int | None:
        document = parsed(*(60 * age for age in ages_in_hours), timetable=day)
        return poll_outcome.read(FEED, PAGE, document, listed(document), **MOMENT).timetable.ttl_seconds

    assert ttl(*range(1, 11)) == 5 * 3600
    assert ttl(*(age / 60 for age in range(1, 11))) == 3600
    assert ttl(*(48 * age for age in range(1, 11))) == 86_400
    assert ttl(1, 2, 3) == 86_400


def test_a_year_in_the_headers_is_not_obeyed_where_articles_would_drop_out_of_the_list_meanwhile() -> None:
    year = CacheHints(max_age_seconds=7 * 86_400)

    def wait(*ages_in_hours: float) -> tuple[float, float]:
        document = parsed(*(60 * age for age in ages_in_hours))
        outcome = poll_outcome.read(FEED, replace(PAGE, hints=year), document, listed(document), **moment(0))
        again = poll_outcome.unchanged(
            replace(FEED, pace=outcome.pace), NotModified(None, None, None, year), **moment(0)
        )
        return minutes(outcome) / 60, minutes(again) / 60

    assert wait(*range(1, 11)) == pytest.approx((5, 5), abs=0.6)
    assert wait(*(age / 60 for age in range(1, 11))) == pytest.approx((1, 1))
    assert wait(*(48 * age for age in range(1, 11))) == (24, 24)
    assert wait(1) == (24, 24)


def test_feeds_that_start_together_do_not_stay_together() -> None:
    def spread_of(feed: ClaimedFeed) -> float:
        waits = [minutes(poll_outcome.unchanged(feed, NotModified(), **moment(c))) for c in (0.0, 0.999)]
        return waits[1] - waits[0]

    settled = replace(FEED, pace=PublishRate(0, START - timedelta(days=9), by_sight=True))
    assert spread_of(settled) == pytest.approx(4, abs=0.1)
    assert spread_of(replace(settled, interval_seconds=None)) > 40
    assert spread_of(replace(settled, due_at=START - timedelta(hours=8))) > 40


def test_only_what_is_new_was_sent_so_the_pace_counts_on() -> None:
    document = parsed(5)
    feed = replace(FEED, pace=PublishRate(9, at(-9 * 24 * 60)))
    new = [replace(item, known_id=None) for item in listed(document)]
    assert poll_outcome.read(feed, replace(PAGE, status=226), document, new, **MOMENT).pace == PublishRate(
        10, at(-9 * 24 * 60)
    )


@pytest.mark.parametrize(
    ("answered_by", "moved_to", "expected"),
    [
        (URL, None, None),
        ("https://b.example/", None, "https://b.example/"),
        ("https://b.example/", "https://b.example/", None),
    ],
    ids=["itself", "for the moment elsewhere", "moved"],
)
def test_where_validators_came_from_is_kept_if_it_is_not_the_feeds_own_address(
    answered_by: str, moved_to: str | None, expected: str | None
) -> None:
    answer = replace(PAGE, url=answered_by, moved_to=FetchAddress(moved_to) if moved_to else None)
    document = parsed(5)
    assert poll_outcome.read(FEED, answer, document, listed(document), **MOMENT).validators_url == expected
    assert poll_outcome.unchanged(FEED, answer, **MOMENT).validators_url == expected
    before = replace(FEED, validators_url=answered_by if answered_by != URL else None)
    assert (
        poll_outcome.unchanged(
            before, NotModified(FetchAddress(moved_to) if moved_to else None), **MOMENT
        ).validators_url
        == expected
    )


def test_a_password_in_the_address_does_not_make_it_another_one() -> None:
    feed = replace(FEED, url=FetchAddress("https://ann:s3cret@blog.example/feed"))
    assert poll_outcome.unchanged(feed, PAGE, **MOMENT).validators_url is None


@pytest.mark.parametrize(
    ("seconds", "interval"), [(0.1, None), (2.0, None), (3.0, None), (19.0, 1700), (12.5, 1050), (2000.0, 24 * 3600)]
)
def test_a_feed_that_takes_long_is_asked_so_rarely_that_it_uses_its_share(seconds: float, interval: int | None) -> None:
    feed = ClaimedFeed(1, FetchAddress(URL), FeedState.ACTIVE)
    before = poll_outcome.unchanged(feed, NotModified(), now=START, settings=PollingSettings(), chance=0.5)
    after = poll_outcome.charged(feed, before, seconds, busy_percent=1, now=START, chance=0.5)
    if interval is None:
        assert after == before
        return
    wait = (after.next_poll_at - START).total_seconds()
    assert (after.interval_seconds, after.busy_seconds) == (interval, seconds)
    assert wait == pytest.approx(interval * 1.05)


def test_what_a_feed_used_does_not_bring_its_poll_forward_and_keeps_its_timetable() -> None:
    timetable = Timetable(skip_hours=frozenset(range(24)) - {(START.hour + 5) % 24})
    feed = ClaimedFeed(1, FetchAddress(URL), FeedState.ACTIVE, timetable=timetable)
    before = poll_outcome.unchanged(feed, NotModified(), now=START, settings=PollingSettings(), chance=0.0)
    after = poll_outcome.charged(feed, before, 19.0, busy_percent=1, now=START, chance=0.0)
    assert after.next_poll_at >= before.next_poll_at
    assert after.next_poll_at.hour == (START.hour + 5) % 24


def test_a_feed_that_failed_slowly_backs_off_as_any_that_failed() -> None:
    feed = ClaimedFeed(1, FetchAddress(URL), FeedState.ACTIVE)
    failure = FetchFailed(FailureKind.TIMEOUT, "The host did not answer in time.")
    outcome = poll_outcome.failed(feed, failure, now=START, settings=PollingSettings(), chance=0.5)
    assert poll_outcome.charged(feed, outcome, 20.0, busy_percent=1, now=START, chance=0.5) == outcome
