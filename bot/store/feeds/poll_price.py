"""The price of a poll over restarts, see `feeds.scheduling.poll_price`."""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.store.engine.database import Database
from bot.store.schema.poll_tables import poll_price

_ALL = "all feeds"
"""The name of the only row."""


class PollPriceStore:
    """The table `poll_price`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def stored(self) -> tuple[float, float, float, float] | None:
        """Price, polls, feed days and hours as they were kept last; None before that."""
        columns = (poll_price.c.price, poll_price.c.polls, poll_price.c.feed_days, poll_price.c.hours)
        async with self._db.read() as connection:
            row = (await connection.execute(sa.select(*columns).where(poll_price.c.name == _ALL))).one_or_none()
        return None if row is None else (row.price, row.polls, row.feed_days, row.hours)

    async def keep(self, price: float, polls: float, feed_days: float, hours: float) -> None:
        """Store them instead of what was kept before."""
        values = {"price": price, "polls": polls, "feed_days": feed_days, "hours": hours}
        statement = insert(poll_price).values(name=_ALL, **values)
        async with self._db.write() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
