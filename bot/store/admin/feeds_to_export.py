"""What is followed, read from another process beside a running bot."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.errors import StoreError
from bot.model import FetchAddress
from bot.store.admin.heartbeat import beside
from bot.store.schema.tables import feeds, source_names, subscriptions, topics


@dataclass(frozen=True, slots=True)
class FollowedSource:
    """A source as a topic follows it; its address may hold a password."""

    guild_id: int
    topic: str
    url: FetchAddress
    title: str | None
    site_url: str | None


def followed(path: Path) -> tuple[FollowedSource, ...]:
    """What every guild follows, by guild, topic and title.

    Raises:
        StoreError: there is no readable database, or an older version wrote it.
    """
    name = sa.func.coalesce(source_names.c.name, feeds.c.title)
    query = (
        sa.select(topics.c.guild_id, topics.c.name.label("topic"), feeds.c.url, name.label("title"), feeds.c.site_url)
        .select_from(subscriptions)
        .join(feeds, feeds.c.id == subscriptions.c.feed_id)
        .join(topics, topics.c.id == subscriptions.c.topic_id)
        .outerjoin(
            source_names,
            sa.and_(source_names.c.guild_id == topics.c.guild_id, source_names.c.feed_id == feeds.c.id),
        )
        .order_by(topics.c.guild_id, topics.c.name_key, sa.func.lower(sa.func.coalesce(name, feeds.c.url)))
    )
    engine = sa.create_engine(
        "sqlite://", creator=lambda: beside(path), poolclass=sa.pool.NullPool, hide_parameters=True
    )
    try:
        with engine.connect() as connection:
            return tuple(
                FollowedSource(**{**row, "url": FetchAddress(row["url"])})
                for row in connection.execute(query).mappings()
            )
    except sa.exc.OperationalError as error:
        raise StoreError(
            f"the database {path} cannot be read: {error.orig}; if an older version wrote it, `migrate` mends that"
        ) from error
    except sa.exc.DatabaseError as error:
        raise StoreError(f"the database {path} does not answer: {error.orig}") from error
    finally:
        engine.dispose()
