"""Values for tests, made with one call each and only what the test is about."""

from datetime import UTC, datetime, timedelta

from bot.feeds.identity import identify
from bot.model import (
    ClaimedFeed,
    Entry,
    FeedOutcome,
    MatchedEntry,
    PollKind,
    Viewer,
)

POSTED_OF_A_POLL = 50
"""Of more new articles in one poll, only the newest are posted, as the configuration has it by itself."""
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """A moment so many minutes after the tests' beginning."""
    return START + timedelta(minutes=minutes)


EVERY = frozenset(range(1, 1_000))
"""Ids of topics: all that a test makes."""


def viewer(*topic_ids: int, guild: int = 1, user: int = 7) -> Viewer:
    """Who may read these topics."""
    return Viewer(guild, user, frozenset(topic_ids))


def entry(number: int, *, published: datetime | None = None, title: str | None = None, position: int = 0) -> Entry:
    """The entry with this number: its guid and link never change, its title may."""
    shown = title or f"Article {number}"
    guid, link, html = f"guid-{number}", f"https://blog.example/{number}", f"<p>Text of {shown}</p>"
    return Entry(
        keys=identify.keys(guid=guid, link=link, title=shown, html=html),
        position=position,
        guid=guid,
        link=link,
        title=shown,
        summary_html=html,
        text=f"Text of {shown}",
        published_at=published,
    )


def new(number: int, **kwargs: object) -> MatchedEntry:
    made = entry(number, **kwargs)  # type: ignore[arg-type]  # handed through as given
    return MatchedEntry(entry=made, uid=f"g:{number}", known_id=None)


def read_outcome(feed: ClaimedFeed, *listed: MatchedEntry, now: datetime = START, **changes: object) -> FeedOutcome:
    """A poll that read a document with these entries."""
    values: dict[str, object] = {
        "feed_id": feed.id,
        "kind": PollKind.ENTRIES,
        "polled_at": now,
        "next_poll_at": now + timedelta(minutes=10),
        "interval_seconds": 600,
        "reason": "read",
        "listed": listed,
        "etag": '"1"',
        "body_digest": "d1",
        "title": "A blog",
        "site_url": "https://blog.example/",
    }
    return FeedOutcome(**(values | changes))  # type: ignore[arg-type]  # a test names the fields it means
