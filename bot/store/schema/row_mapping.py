"""Rows to values, and values to rows, beside one another so that they stay alike."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from bot.addresses import shown
from bot.model import (
    NO_TIMETABLE,
    Article,
    ClaimedFeed,
    DigestSchedule,
    Enclosure,
    Entry,
    EntryKeys,
    FeedOutcome,
    FeedState,
    FetchAddress,
    MatchedEntry,
    MessagePayload,
    Picture,
    Post,
    PostKind,
    PublishRate,
    StoredEntry,
    Style,
    Timetable,
    Topic,
    TopicOptions,
)
from bot.store.schema.tables import entries, feeds, moment, topics

Row = RowMapping | dict[str, Any]

TEXT_LIMIT = 100_000
"""Characters of an entry's HTML and text that are kept; longer ones are cut."""
GUID_LIMIT, TITLE_LIMIT, NAME_LIMIT, URL_LIMIT = 4_000, 2_000, 500, 8_000
MAX_CATEGORIES = 50
"""Whatever reads an entry keeps below these; they hold for what does not."""

ARTICLE_COLUMNS = (
    entries.c.id.label("entry_id"),
    entries.c.feed_id,
    entries.c.title,
    entries.c.link,
    entries.c.author,
    entries.c.summary_html,
    entries.c.text,
    entries.c.image_url,
    entries.c.enclosure,
    entries.c.categories,
    entries.c.published_at,
    entries.c.seen_at,
    feeds.c.title.label("source_title"),
    feeds.c.site_url.label("source_url"),
    feeds.c.icon_url.label("source_icon_url"),
    feeds.c.url.label("feed_url"),
)

MOVED = "#moved-"
"""Behind the address of a feed that moved to another's, with its id: nobody asks there again."""

GIVEN_NAME = "given_name"
"""The label of what the guild calls the source, where a query is of a guild."""

TOPIC_COLUMNS = (
    topics.c.id,
    topics.c.guild_id,
    topics.c.name,
    topics.c.channel_id,
    topics.c.colour,
    topics.c.backfill,
    topics.c.paused,
    topics.c.declared,
    topics.c.options,
)

KNOWN_COLUMNS = (
    entries.c.id,
    entries.c.feed_id,
    entries.c.uid,
    entries.c.guid_key,
    entries.c.link_key,
    entries.c.content_key,
    entries.c.raw_key,
    entries.c.published_at,
)


_STATES = {each.value: each for each in FeedState}
_OPTIONS = frozenset(each.name for each in fields(TopicOptions))
_CHOICES: dict[str, type[enum.StrEnum]] = {"style": Style, "picture": Picture, "digest": DigestSchedule}


def article(row: Row) -> Article:
    values = {column.key: row[column.key] for column in ARTICLE_COLUMNS}
    values["source_title"] = row.get(GIVEN_NAME) or values["source_title"]
    values["enclosure"] = Enclosure(**values["enclosure"]) if values["enclosure"] else None
    values["categories"] = tuple(values["categories"])
    values["feed_url"] = shown(values["feed_url"].partition(MOVED)[0])
    return Article(**values)


def topic(row: Row) -> Topic:
    values = {column.key: row[column.key] for column in TOPIC_COLUMNS}
    return Topic(**values | {"options": options(values["options"])})


def options(stored: dict[str, Any]) -> TopicOptions:
    """What is not known here, as after going back to an older version, is passed over."""
    known = {name: value for name, value in stored.items() if name in _OPTIONS}
    for name in _CHOICES.keys() & known.keys():
        try:
            known[name] = _CHOICES[name](known[name])
        except ValueError:
            del known[name]
    return TopicOptions(**known)


def post(
    row: Row, *, topic_moved: bool = False, deliveries: tuple[int, ...] = (), entries: tuple[int, ...] = ()
) -> Post:
    return Post(
        id=row["id"],
        topic_id=row["topic_id"],
        channel_id=row["channel_id"],
        guild_id=row["guild_id"],
        nonce=row["nonce"],
        payload=MessagePayload.from_json(row["payload"]),
        attempts=row["attempts"],
        unsure=row["unsure"],
        first_attempt_at=row["first_attempt_at"],
        last_attempt_at=row["last_attempt_at"],
        due_at=row["due_at"],
        topic_moved=topic_moved,
        size=len(deliveries),
        delays=row["delays"],
        kind=PostKind(row["kind"]),
        deliveries=deliveries,
        entries=entries,
    )


DUE_COLUMNS = (
    feeds.c.id,
    feeds.c.url,
    feeds.c.state,
    feeds.c.host,
    feeds.c.next_poll_at,
    feeds.c.title,
    feeds.c.site_url,
    feeds.c.icon_url,
    feeds.c.etag,
    feeds.c.last_modified,
    feeds.c.validators_url,
    feeds.c.body_digest,
    feeds.c.interval_seconds,
    feeds.c.failures,
    feeds.c.last_success_at,
    feeds.c.pace_entries,
    feeds.c.pace_since,
    feeds.c.pace_by_sight,
    feeds.c.ttl_seconds,
    feeds.c.skip_hours,
    feeds.c.skip_days,
    feeds.c.habit,
)


def feed_due(row: Sequence[Any], guilds: tuple[int, ...] = ()) -> ClaimedFeed:
    """From `DUE_COLUMNS` and whether there are entries and former feeds, `gathered`. By place: this runs for every poll, and names cost."""
    rest = row[: len(DUE_COLUMNS) - 7]
    entries_seen, since, by_sight, ttl, hours, days, habit, has_entries, has_formers = row[len(rest) :]
    (feed_id, url, state, host, due_at, title, site_url, icon_url, etag, modified, source, digest, interval, failures,
     success_at) = rest  # fmt: skip
    return ClaimedFeed(
        id=feed_id,
        url=FetchAddress(url),
        state=_STATES[state],
        host=host,
        due_at=moment(due_at),
        title=title,
        site_url=site_url,
        icon_url=icon_url,
        etag=etag,
        last_modified=modified,
        validators_url=source,
        body_digest=digest,
        interval_seconds=interval,
        failures=failures,
        last_success_at=None if success_at is None else moment(success_at),
        pace=None if since is None else PublishRate(entries_seen, moment(since), by_sight=bool(by_sight)),
        timetable=_timetable(ttl, hours, days),
        has_entries=bool(has_entries),
        guilds=guilds,
        has_formers=bool(has_formers),
        habit=habit,
    )


def _timetable(ttl_seconds: int | None, hours: int, days: int) -> Timetable:
    if ttl_seconds is None and not hours and not days:
        return NO_TIMETABLE
    return Timetable(ttl_seconds, _numbers(hours), _numbers(days))


def rhythm_values(outcome: FeedOutcome) -> dict[str, Any]:
    """The columns for a feed's habit, pace and timetable."""
    pace, timetable = outcome.pace, outcome.timetable
    return {
        "pace_entries": pace.entries if pace else None,
        "pace_since": pace.since if pace else None,
        "pace_by_sight": bool(pace and pace.by_sight),
        "b_habit": outcome.habit,
        "ttl_seconds": timetable.ttl_seconds,
        "skip_hours": _bits(timetable.skip_hours),
        "skip_days": _bits(timetable.skip_days),
    }


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in set(numbers))


def _numbers(bits: int) -> frozenset[int]:
    return frozenset(number for number in range(bits.bit_length()) if bits >> number & 1)


def known_entry(row: Sequence[Any]) -> StoredEntry:
    """From `KNOWN_COLUMNS`, `gathered`, by place: it runs for every entry of a changed document."""
    entry_id, _, uid, guid, link, content, raw_key, published_at, *_ = row
    published = None if published_at is None else moment(published_at)
    return StoredEntry(entry_id, uid, EntryKeys(guid, link, content), published, raw_key)


def feed_and_bytes(row: Sequence[Any]) -> tuple[int, str]:
    """From `KNOWN_COLUMNS`: the feed, and what its entry was read from."""
    return row[1], row[6]


ENTRY_COLUMNS = (
    "guid_key",
    "link_key",
    "content_key",
    "raw_key",
    "guid",
    "link",
    "title",
    "author",
    "summary_html",
    "text",
    "image_url",
    "enclosure",
    "categories",
    "published_at",
    "trimmed",
)
"""What `entry_values` gives."""


def entry_values(entry: Entry) -> dict[str, Any]:
    """The columns that an edit of the article changes too."""
    return {
        "guid_key": entry.keys.guid,
        "link_key": entry.keys.link,
        "content_key": entry.keys.content,
        "raw_key": entry.raw_key,
        "guid": _cut(entry.guid, GUID_LIMIT),
        "link": _short_url(entry.link),
        "title": entry.title[:TITLE_LIMIT],
        "author": _cut(entry.author, NAME_LIMIT),
        "summary_html": entry.summary_html[:TEXT_LIMIT],
        "text": entry.text[:TEXT_LIMIT],
        "image_url": _short_url(entry.image_url),
        "enclosure": _enclosure(entry.enclosure),
        "categories": [name[:NAME_LIMIT] for name in entry.categories[:MAX_CATEGORIES]],
        "published_at": entry.published_at,
        "trimmed": entry.archived,
    }


def _cut(text: str | None, limit: int) -> str | None:
    return text if text is None else text[:limit]


def _short_url(url: str | None) -> str | None:
    """None for an address that is too long: cut, it would lead elsewhere."""
    return url if url is not None and len(url) <= URL_LIMIT else None


def _enclosure(found: Enclosure | None) -> dict[str, Any] | None:
    if found is None or _short_url(found.url) is None:
        return None
    return asdict(found) | {"media_type": _cut(found.media_type, NAME_LIMIT)}


def new_entry_values(item: MatchedEntry, *, feed_id: int, seen_at: datetime) -> dict[str, Any]:
    return entry_values(item.parsed) | {
        "feed_id": feed_id,
        "uid": item.uid,
        "position": item.parsed.position,
        "seen_at": seen_at,
        "sort_at": sort_at(item.parsed.published_at, seen_at),
    }


def sort_at(published_at: datetime | None, seen_at: datetime) -> datetime:
    """An entry's place in time: when it was published, but never later than it was seen."""
    return min(published_at, seen_at) if published_at else seen_at
