"""Feeds that fail for long: which are looked for anew on their sites, and what was found there."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.model import FeedState, FetchAddress, LostFeed
from bot.store.engine.database import Database
from bot.store.schema.tables import feeds, subscriptions

LOST_AFTER_FAILURES = 5
SEARCH_AGAIN_AFTER = timedelta(days=7)

_SEARCHED = sa.and_(
    feeds.c.searched_at.is_not(None),
    sa.or_(feeds.c.last_success_at.is_(None), feeds.c.searched_at > feeds.c.last_success_at),
)
"""Since it last worked: an earlier search says nothing about this trouble."""
_LOST = sa.or_(
    feeds.c.state == FeedState.GONE,
    sa.and_(feeds.c.state == FeedState.ACTIVE, feeds.c.failures >= LOST_AFTER_FAILURES),
)
SUGGESTED_URL = sa.case((sa.and_(_LOST, _SEARCHED), feeds.c.suggested_url)).label("suggestion")
"""For queries on `feeds`: the address to offer, or null where the feed works or nothing was found."""


class SuggestionStore:
    """The columns `suggested_url` and `searched_at` of the table `feeds`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def claim_lost(self, *, now: datetime) -> LostFeed | None:
        """A followed feed whose site shall be searched now, the longest waiting first, or None.

        That is one that failed 5 times in a row, again after a week, and once one that its host called gone. It
        counts as searched from here on, so that a search that breaks off is not repeated at once.
        """
        followed = sa.exists().where(subscriptions.c.feed_id == feeds.c.id)
        again = sa.and_(feeds.c.state == FeedState.ACTIVE, feeds.c.searched_at <= now - SEARCH_AGAIN_AFTER)
        query = (
            sa.select(feeds.c.id, feeds.c.url, feeds.c.site_url)
            .where(_LOST, sa.or_(sa.not_(_SEARCHED), again), followed)
            .order_by(feeds.c.searched_at.is_not(None), feeds.c.searched_at, feeds.c.last_error_at)
            .limit(1)
        )
        async with self._db.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        async with self._db.write() as connection:
            await connection.execute(
                sa.update(feeds).where(feeds.c.id == row.id).values(searched_at=now, suggested_url=None)
            )
        return LostFeed(row.id, FetchAddress(row.url), row.site_url)

    async def suggest(self, feed_id: int, url: str) -> None:
        """Remember an address that is offered to those who follow this feed; it carries no credentials."""
        async with self._db.write() as connection:
            await connection.execute(sa.update(feeds).where(feeds.c.id == feed_id).values(suggested_url=url))
