"""Rows to values, and values to rows, beside one another so that they stay alike."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from bot.model import (
    Article,
    Enclosure,
    Entry,
    EntryKeys,
    FeedDue,
    FeedState,
    Identified,
    KnownEntry,
    Post,
    PostKind,
    Topic,
)
from bot.store.schema import entries, feeds, topics

Row = RowMapping | dict[str, Any]

TEXT_LIMIT = 100_000
"""Characters of an entry's HTML and text that are kept; longer ones are cut."""

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

TOPIC_COLUMNS = (
    topics.c.id,
    topics.c.guild_id,
    topics.c.name,
    topics.c.channel_id,
    topics.c.colour,
    topics.c.backfill,
    topics.c.paused,
    topics.c.declared,
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


def article(row: Row) -> Article:
    values = {column.key: row[column.key] for column in ARTICLE_COLUMNS}
    values["enclosure"] = Enclosure(**values["enclosure"]) if values["enclosure"] else None
    values["categories"] = tuple(values["categories"])
    return Article(**values)


def topic(row: Row) -> Topic:
    return Topic(**{column.key: row[column.key] for column in TOPIC_COLUMNS})


def post(
    row: Row, *, topic_moved: bool = False, deliveries: tuple[int, ...] = (), entries: tuple[int, ...] = ()
) -> Post:
    return Post(
        id=row["id"],
        topic_id=row["topic_id"],
        channel_id=row["channel_id"],
        guild_id=row["guild_id"],
        nonce=row["nonce"],
        payload=row["payload"],
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


def feed_due(row: Row) -> FeedDue:
    return FeedDue(
        id=row["id"],
        url=row["url"],
        state=FeedState(row["state"]),
        title=row["title"],
        site_url=row["site_url"],
        icon_url=row["icon_url"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_digest=row["body_digest"],
        interval_seconds=row["interval_seconds"],
        failures=row["failures"],
        last_success_at=row["last_success_at"],
        entries_per_week=row["entries_per_week"],
        has_entries=bool(row["has_entries"]),
    )


def known_entry(row: Row) -> KnownEntry:
    return KnownEntry(
        id=row["id"],
        uid=row["uid"],
        keys=EntryKeys(row["guid_key"], row["link_key"], row["content_key"]),
        published_at=row["published_at"],
        raw_key=row["raw_key"],
    )


def entry_values(entry: Entry) -> dict[str, Any]:
    """The columns that an edit of the article changes too."""
    return {
        "guid_key": entry.keys.guid,
        "link_key": entry.keys.link,
        "content_key": entry.keys.content,
        "raw_key": entry.raw_key,
        "guid": entry.guid,
        "link": entry.link,
        "title": entry.title,
        "author": entry.author,
        "summary_html": entry.summary_html[:TEXT_LIMIT],
        "text": entry.text[:TEXT_LIMIT],
        "image_url": entry.image_url,
        "enclosure": asdict(entry.enclosure) if entry.enclosure else None,
        "categories": list(entry.categories),
        "published_at": entry.published_at,
    }


def new_entry_values(item: Identified, *, feed_id: int, seen_at: datetime) -> dict[str, Any]:
    assert isinstance(item.entry, Entry), "what was recognised is stored already"
    published = item.entry.published_at
    return entry_values(item.entry) | {
        "feed_id": feed_id,
        "uid": item.uid,
        "position": item.entry.position,
        "seen_at": seen_at,
        "sort_at": min(published, seen_at) if published else seen_at,
    }
