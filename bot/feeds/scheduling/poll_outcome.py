"""What a poll means: from what a host answered to one `FeedOutcome`. Pure, and every poll passes through here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict

from bot.feeds.identity.republished import without_copies
from bot.feeds.scheduling import publish_habit, publish_rate
from bot.feeds.scheduling.learnt_interval import (
    before_half_is_replaced,
    habit_after,
    half_turnover,
    seconds_to_wait,
    stored_habit,
)
from bot.feeds.scheduling.poll_interval import DAY, JITTER, PollingSettings, after_skipped, next_poll
from bot.i18n.translation import N_
from bot.model import (
    CacheHints,
    ClaimedFeed,
    FailureKind,
    FeedOutcome,
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
    UnchangedEntry,
)
from bot.url_normalisation import without_credentials

ARCHIVE_MORE_THAN = 10
ARCHIVE_AGE = timedelta(days=30)
ARCHIVE = "archive"
IM_USED = 226
"""The answer to `A-IM: feed`: only what is new, not the whole feed."""
FREE_SECONDS = 2.0
"""For which a poll may keep a connection and a parser busy without being asked less often for it."""
OBEYED = 3600
"""What host and feed ask for is obeyed up to here, in seconds, also where articles may be lost by it."""
RESTED_WITHIN = 3600
"""After a host's rest its feeds come within this many seconds."""
OVERDUE = timedelta(minutes=30)
"""A feed that is asked so much later than planned was one of many: the bot did not run, or could not keep up."""


class Moment(TypedDict):
    """What every decision is made with: the time, the operator's bounds, and a number from 0 up to 1 that spreads polls."""

    now: datetime
    settings: PollingSettings
    chance: float


def read(
    feed: ClaimedFeed,
    fetched: Fetched,
    parsed: ParsedFeed,
    identified: Sequence[MatchedEntry],
    *,
    now: datetime,
    settings: PollingSettings,
    chance: float,
    price: float | None = None,
) -> FeedOutcome:
    """The document was read: store what it lists, queue what is new.

    Args:
        identified: the document's entries, compared with the stored ones.
        chance: from 0 up to 1, spreads the next poll.
        price: of a poll, see `poll_price`; None for the usual one.
    """
    listed = as_stored(identified, now=now) if feed.has_entries else tuple(identified)
    new = sum(1 for item in listed if item.known_id is None)
    published = [item.entry.published_at for item in listed]
    counted = sum(1 for item in listed if item.known_id is None and item.skip_reason is None)
    partial = fetched.status == IM_USED
    found = publish_rate.of_document(published, new=counted, partial=partial, before=feed.pace, now=now)
    habit = habit_after(feed, listed, now=now)
    own = seconds_to_wait(
        habit or stored_habit(feed),
        found,
        now=now,
        settings=settings,
        price=price,
        answers_cheaply=fetched.etag is not None or fetched.last_modified is not None,
    )
    soon = None if partial or own is None else before_half_is_replaced(feed, len(listed), counted, now=now)
    timetable = _without_loss(parsed, published, fetched, longest=settings.max_interval_seconds, now=now)
    spread = _came_in_a_crowd(feed, now)
    next_at, interval = next_poll(
        now=now,
        settings=settings,
        own_wait=own if own is None or soon is None else min(own, soon),
        failures=0,
        hints=_fresh_without_loss(fetched.hints, found, longest=settings.max_interval_seconds, now=now),
        timetable=timetable,
        chance=chance,
        spread=spread,
    )
    return FeedOutcome(
        feed_id=feed.id,
        kind=PollKind.ENTRIES,
        polled_at=now,
        next_poll_at=next_at,
        interval_seconds=interval,
        reason=f"{len(listed)} listed, {new} new",
        listed=listed,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        validators_url=_elsewhere(feed, fetched.url, fetched.moved_to),
        body_digest=fetched.digest,
        title=parsed.title or feed.title,
        site_url=parsed.site_url or feed.site_url,
        icon_url=parsed.icon_url or feed.icon_url,
        pace=found,
        timetable=timetable,
        habit=None if habit is None else publish_habit.pack(habit),
        at_price=own is not None and not spread,
        moved_to=_moved(feed, fetched.moved_to),
    )


def unchanged(
    feed: ClaimedFeed,
    answer: NotModified | Fetched,
    *,
    now: datetime,
    settings: PollingSettings,
    chance: float,
    price: float | None = None,
) -> FeedOutcome:
    """A 304, or a 200 with the bytes of last time."""
    own = seconds_to_wait(
        stored_habit(feed),
        feed.pace,
        now=now,
        settings=settings,
        price=price,
        answers_cheaply=isinstance(answer, NotModified),
    )
    spread = _came_in_a_crowd(feed, now)
    next_at, interval = next_poll(
        now=now,
        settings=settings,
        own_wait=own,
        failures=0,
        hints=_fresh_without_loss(answer.hints, feed.pace, longest=settings.max_interval_seconds, now=now),
        timetable=feed.timetable,
        chance=chance,
        spread=spread,
    )
    if isinstance(answer, Fetched):
        etag, last_modified, source = answer.etag, answer.last_modified, answer.url
    else:
        # A 304 comes only from where the validators came from.
        etag, last_modified = answer.etag or feed.etag, answer.last_modified or feed.last_modified
        source = feed.validators_url or ""
    validators_url = _elsewhere(feed, source, answer.moved_to) if source else None
    validators = (etag, last_modified, validators_url)
    return FeedOutcome(
        feed_id=feed.id,
        kind=PollKind.UNCHANGED,
        polled_at=now,
        next_poll_at=next_at,
        interval_seconds=interval,
        reason="same bytes" if isinstance(answer, Fetched) else "not modified",
        only_times=feed.failures == 0 and validators == (feed.etag, feed.last_modified, feed.validators_url),
        etag=etag,
        last_modified=last_modified,
        body_digest=feed.body_digest,
        validators_url=validators_url,
        at_price=own is not None and not spread,
        moved_to=_moved(feed, answer.moved_to),
    )


def nothing_new(
    feed: ClaimedFeed,
    fetched: Fetched,
    recognised: Sequence[UnchangedEntry],
    *,
    now: datetime,
    settings: PollingSettings,
    chance: float,
    price: float | None = None,
) -> FeedOutcome:
    """Other bytes than last time, but every entry in them is stored as it stands there: only the frame changed."""
    listed = tuple(MatchedEntry(entry=each, uid=each.known.uid, known_id=each.known.id) for each in recognised)
    published = [item.entry.published_at for item in listed]
    found = publish_rate.of_document(published, new=0, partial=fetched.status == IM_USED, before=feed.pace, now=now)
    outcome = unchanged(replace(feed, pace=found), fetched, now=now, settings=settings, chance=chance, price=price)
    return replace(outcome, reason="no entry changed", only_times=False, listed=listed, body_digest=fetched.digest)


def charged(
    feed: ClaimedFeed, outcome: FeedOutcome, used_seconds: float, *, busy_percent: float, now: datetime, chance: float
) -> FeedOutcome:
    """The same, but asked as rarely as a feed must be that kept a connection or a parser busy for so long.

    What passes `FREE_SECONDS` is at most `busy_percent` of the time until the next poll, which is at most a day. A feed
    that failed waits longer anyway.
    """
    if used_seconds <= FREE_SECONDS or outcome.kind not in {PollKind.ENTRIES, PollKind.UNCHANGED}:
        return outcome
    earliest = min((used_seconds - FREE_SECONDS) * 100 / busy_percent, DAY)
    if earliest <= (outcome.interval_seconds or 0):
        return outcome
    timetable = outcome.timetable if outcome.kind is PollKind.ENTRIES else feed.timetable
    at = max(outcome.next_poll_at, now + timedelta(seconds=earliest * (1 + chance * JITTER)))
    return replace(
        outcome,
        next_poll_at=after_skipped(at, timetable),
        interval_seconds=round(earliest),
        at_price=False,
        busy_seconds=round(used_seconds, 1),
    )


def failed(
    feed: ClaimedFeed,
    failure: FetchFailed,
    *,
    now: datetime,
    settings: PollingSettings,
    chance: float,
    price: float | None = None,
) -> FeedOutcome:
    """Nothing could be read; the feed waits longer each time. HTTP 410 ends it."""
    next_at, interval = next_poll(
        now=now,
        settings=settings,
        own_wait=seconds_to_wait(
            stored_habit(feed), feed.pace, now=now, settings=settings, price=price, answers_cheaply=True
        ),
        failures=feed.failures + 1,
        # How long an error may be cached says nothing about when the feed is well again.
        hints=CacheHints(retry_after_seconds=failure.hints.retry_after_seconds),
        timetable=feed.timetable,
        chance=chance,
    )
    return FeedOutcome(
        feed_id=feed.id,
        kind=PollKind.GONE if failure.kind is FailureKind.GONE else PollKind.FAILED,
        polled_at=now,
        next_poll_at=next_at,
        interval_seconds=interval,
        reason=failure.message,
        failure=failure,
    )


def postponed(
    feed: ClaimedFeed, answer: Postponed, *, now: datetime, settings: PollingSettings, chance: float
) -> FeedOutcome:
    """Its host rests, which is no failure of this feed: it is asked after that.

    All feeds of the host wait for the same moment; each comes within its interval after it, so that the host is not
    met by all of them at once.
    """
    within = answer.within_seconds
    if within is None:
        longest = min(settings.max_interval_seconds, RESTED_WITHIN)
        within = min(feed.interval_seconds or settings.default_interval_seconds, longest)
    return FeedOutcome(
        feed_id=feed.id,
        kind=PollKind.POSTPONED,
        polled_at=now,
        next_poll_at=now + timedelta(seconds=answer.seconds + chance * within),
        interval_seconds=feed.interval_seconds,
        reason=answer.message,
    )


def bug(feed: ClaimedFeed, *, now: datetime, settings: PollingSettings, chance: float) -> FeedOutcome:
    """Riverpost itself stumbled: the feed is tried again like one that failed."""
    failure = FetchFailed(FailureKind.BUG, N_("Riverpost could not handle what the feed answered."), hints=CacheHints())
    return failed(feed, failure, now=now, settings=settings, chance=chance)


def as_stored(identified: Sequence[MatchedEntry], *, now: datetime) -> tuple[MatchedEntry, ...]:
    """The document of a feed that has entries already, with what is new in it but not to be posted marked as such."""
    return without_copies(without_archive(identified, now=now))


def without_archive(identified: Sequence[MatchedEntry], *, now: datetime) -> tuple[MatchedEntry, ...]:
    """Mark what a site put into its feed from its archive: many old entries at once are remembered, not posted.

    Old is dated over 30 days back, or undated and listed below a known entry. Nothing is marked unless more than
    `ARCHIVE_MORE_THAN` entries are new and every one of them is old: an article too much is better than one lost.
    """
    undated_are_old_from = _first_known(identified)

    def old(item: MatchedEntry) -> bool:
        published = item.entry.published_at
        if published is not None:
            return published < now - ARCHIVE_AGE
        return undated_are_old_from is not None and item.entry.position > undated_are_old_from

    new = [item for item in identified if item.known_id is None]
    if len(new) <= ARCHIVE_MORE_THAN or not all(old(item) for item in new):
        return tuple(identified)
    return tuple(item if item.known_id is not None else replace(item, skip_reason=ARCHIVE) for item in identified)


def _first_known(identified: Sequence[MatchedEntry]) -> int | None:
    """The place below which undated entries are old: the uppermost known one's, unless the feed grows downwards.

    Stored ids rise with time, and within one document from its bottom to its top. So where the lowest known entry
    has the highest id, it came after the others, and below them.
    """
    known = [(item.entry.position, item.known_id) for item in identified if item.known_id is not None]
    if not known:
        return None
    (first, _), (_, lowest_id) = min(known), max(known)
    grows_downwards = len(known) > 1 and lowest_id == max(known_id for _, known_id in known)
    return None if grows_downwards else first


def _moved(feed: ClaimedFeed, address: FetchAddress | None) -> FetchAddress | None:
    return address if address and address != feed.url else None


def _without_loss(
    parsed: ParsedFeed, published: Sequence[datetime | None], fetched: Fetched, *, longest: int, now: datetime
) -> Timetable:
    """What the document asks for, but for a ttl in which half of its list would be replaced: articles would be lost."""
    timetable = parsed.timetable
    longest = min(longest, OBEYED)
    if timetable.ttl_seconds is None or timetable.ttl_seconds <= longest or fetched.status == IM_USED:
        return timetable
    turnover = publish_rate.turnover_seconds(published, now)
    if turnover is None or turnover / 2 >= timetable.ttl_seconds:
        return timetable
    return replace(timetable, ttl_seconds=max(longest, int(turnover / 2)))


def _fresh_without_loss(hints: CacheHints, known: PublishRate | None, *, longest: int, now: datetime) -> CacheHints:
    """The same for what the headers say: many hosts say a year of every file."""
    fresh, longest = hints.max_age_seconds, min(longest, OBEYED)
    if fresh is None or fresh <= longest:
        return hints
    half = half_turnover(known, now)
    return hints if half is None or half >= fresh else replace(hints, max_age_seconds=max(longest, int(half)))


def _elsewhere(feed: ClaimedFeed, source: str, moved_to: FetchAddress | None) -> str | None:
    """`source`, if it is not the address that the feed will have."""
    return source if source != without_credentials((moved_to or feed.url).reveal()) else None


def _came_in_a_crowd(feed: ClaimedFeed, now: datetime) -> bool:
    """Whether many feeds were due with this one: at its first poll, after an import, or after a long stop."""
    return feed.interval_seconds is None or (feed.due_at is not None and now - feed.due_at > OVERDUE)
