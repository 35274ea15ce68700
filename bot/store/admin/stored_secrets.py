"""Takes secrets of addresses out of texts that were stored before they were kept out of them. Once for each database."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import logs
from bot.addresses import Scrubber, has_secret, redacted, shown, site_of
from bot.model import ItemState, PostKind, PostState
from bot.store.engine.database import Database
from bot.store.schema.personal_tables import personal_deliveries
from bot.store.schema.tables import (
    deliveries,
    edits,
    entries,
    feed_aliases,
    feeds,
    followups,
    import_items,
    posts,
    saved,
    source_names,
)

log = logs.get(__name__)

DONE = 1
"""What SQLite's `user_version` says once it was done; nothing else uses that number."""
CHUNK = 200
"""Entries in one transaction."""
_SETTLED_POST = sa.or_(posts.c.state == PostState.POSTED, posts.c.attempts == 0)
"""A message that may or may not have arrived is looked for by what it shows: it stays as it is."""


async def scrub_stored(database: Database) -> None:
    """Mask them in entries, messages, names, reasons and lists; the addresses that feeds are fetched at stay.

    Ended in the midst, it begins again at the next start: what is masked already does not change.
    """
    async with database.read() as connection:
        if ((await connection.exec_driver_sql("PRAGMA user_version")).scalar() or 0) >= DONE:
            return
        found = await _secret_addresses(connection)
    for feed_id, addresses in found.items():
        scrubber = Scrubber(*addresses)
        async with database.write() as connection:
            await _feed(connection, feed_id, scrubber)
        after: int | None = 0
        while after is not None:
            async with database.write() as connection:
                after = await _entries(connection, feed_id, scrubber, after=after)
    async with database.write() as connection:
        await _rest(connection)
        await connection.exec_driver_sql(f"PRAGMA user_version = {DONE}")
    if found:
        log.info("passwords and keys in stored texts were masked", feeds=len(found))


async def _secret_addresses(connection: AsyncConnection) -> dict[int, list[str]]:
    query = sa.select(feeds.c.id, feeds.c.url).union(sa.select(feed_aliases.c.feed_id, feed_aliases.c.url))
    found: dict[int, list[str]] = {}
    for row in (await connection.execute(query)).all():
        if has_secret(row.url):
            found.setdefault(row.id, []).append(row.url)
    return found


async def _feed(connection: AsyncConnection, feed_id: int, scrubber: Scrubber) -> None:
    row = (await connection.execute(sa.select(feeds).where(feeds.c.id == feed_id))).one()
    values = {
        "title": scrubber.text(row.title) if row.title else row.title,
        "site_url": scrubber.link(row.site_url),
        "icon_url": scrubber.link(row.icon_url),
    }
    await connection.execute(sa.update(feeds).where(feeds.c.id == feed_id).values(values))
    names = sa.select(source_names).where(source_names.c.feed_id == feed_id)
    for name in (await connection.execute(names)).all():
        here = sa.and_(source_names.c.feed_id == feed_id, source_names.c.guild_id == name.guild_id)
        await connection.execute(sa.update(source_names).where(here).values(name=scrubber.text(name.name)))
    of_feed = sa.select(entries.c.id).where(entries.c.feed_id == feed_id)
    members = sa.select(deliveries.c.post_id).where(deliveries.c.entry_id.in_(of_feed))
    private = sa.select(personal_deliveries.c.post_id).where(personal_deliveries.c.entry_id.in_(of_feed))
    shows = sa.or_(posts.c.id.in_(members), posts.c.id.in_(private))
    for post in (await connection.execute(sa.select(posts.c.id, posts.c.payload).where(shows, _SETTLED_POST))).all():
        await _payload(connection, post, scrubber)
    kept = sa.select(saved.c.id, saved.c.title, saved.c.link).where(saved.c.entry_id.in_(of_feed))
    for each in (await connection.execute(kept)).all():
        values = {"title": scrubber.text(each.title), "link": scrubber.link(each.link)}
        await connection.execute(sa.update(saved).where(saved.c.id == each.id).values(values))


async def _payload(connection: AsyncConnection, post: Any, scrubber: Scrubber) -> None:
    payload = _in_json(post.payload, scrubber)
    if payload != post.payload:
        await connection.execute(sa.update(posts).where(posts.c.id == post.id).values(payload=payload))


def _in_json(text: str, scrubber: Scrubber) -> str:
    """A message's bytes with the same frame; addresses by themselves as links, all else as text."""
    try:
        document = json.loads(text)
    except ValueError:
        return text  # emptied
    clean = _value(document, scrubber)
    return text if clean == document else json.dumps(clean, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _value(value: Any, scrubber: Scrubber) -> Any:
    if isinstance(value, dict):
        made = {key: _value(each, scrubber) for key, each in value.items()}
        return {key: each for key, each in made.items() if each is not None or value[key] is None}
    if isinstance(value, list):
        return [_value(each, scrubber) for each in value]
    if not isinstance(value, str):
        return value
    return (
        scrubber.link(value) if value.startswith(("https://", "http://")) and " " not in value else scrubber.text(value)
    )


async def _entries(connection: AsyncConnection, feed_id: int, scrubber: Scrubber, *, after: int) -> int | None:
    """The next entries of a feed; the id to go on after, None at the end."""
    query = sa.select(entries).where(entries.c.feed_id == feed_id, entries.c.id > after).order_by(entries.c.id)
    rows: Sequence[Any] = (await connection.execute(query.limit(CHUNK))).all()
    for row in rows:
        file = row.enclosure
        address = scrubber.link(file["url"]) if file else None
        values = {
            "guid": scrubber.text(row.guid) if row.guid else row.guid,
            "link": scrubber.link(row.link),
            "title": scrubber.text(row.title),
            "author": scrubber.text(row.author) if row.author else row.author,
            "summary_html": scrubber.html(row.summary_html),
            "text": scrubber.text(row.text),
            "image_url": scrubber.link(row.image_url),
            "enclosure": {**file, "url": address} if address else None,
            "categories": [scrubber.text(each) for each in row.categories],
        }
        changed = {name: value for name, value in values.items() if value != getattr(row, name)}
        if changed:
            await connection.execute(sa.update(entries).where(entries.c.id == row.id).values(changed))
    return rows[-1].id if len(rows) == CHUNK else None


async def _rest(connection: AsyncConnection) -> None:
    """What names a source by its address, without being of one feed's entries."""
    items = sa.select(import_items).where(import_items.c.state != ItemState.OPEN)
    for item in (await connection.execute(items)).all():
        values = settled(item.url, item.title, item.problem)
        await connection.execute(sa.update(import_items).where(import_items.c.id == item.id).values(values))
    for table in (feeds, posts, edits, followups):
        key = table.primary_key.columns[0]
        wrong = sa.select(key.label("key"), table.c.last_error).where(table.c.last_error.contains("://"))
        for row in (await connection.execute(wrong)).all():
            await connection.execute(sa.update(table).where(key == row.key).values(last_error=redacted(row.last_error)))
    offered = sa.select(feeds.c.id, feeds.c.suggested_url).where(feeds.c.suggested_url.is_not(None))
    for row in (await connection.execute(offered)).all():
        if has_secret(row.suggested_url):
            await connection.execute(sa.update(feeds).where(feeds.c.id == row.id).values(suggested_url=None))
    for row in (
        await connection.execute(sa.select(saved.c.id, saved.c.source).where(saved.c.source.contains("://")))
    ).all():
        await connection.execute(sa.update(saved).where(saved.c.id == row.id).values(source=site_of(row.source)))
    told = sa.select(posts.c.id, posts.c.payload).where(
        posts.c.kind == PostKind.NOTICE, posts.c.payload.contains("://")
    )
    for post in (await connection.execute(told.where(_SETTLED_POST))).all():
        await connection.execute(sa.update(posts).where(posts.c.id == post.id).values(payload=redacted(post.payload)))


def settled(address: str, title: str | None, problem: str | None) -> dict[str, str | None]:
    """What stays of an item of a list that is done: enough for the report, and nothing secret."""
    is_address = not any(map(str.isspace, address))
    return {
        "url": shown(address) if is_address else redacted(address),
        "title": redacted(title) if title else title,
        "problem": redacted(problem) if problem else problem,
    }
