"""The prices of a poll over restarts, see `feeds.scheduling.poll_budget`."""

from collections.abc import Mapping

import sqlalchemy as sa

from bot.store.engine.database import Database
from bot.store.schema.poll_tables import poll_prices

Kept = tuple[float, float, float, float]
"""Price, polls, feed days and hours."""


class PollPriceStore:
    """The table `poll_prices`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def stored(self) -> dict[int, Kept]:
        """What was kept last, by the server that has a price of its own; 0 for all others."""
        async with self._db.read() as connection:
            rows = (await connection.execute(sa.select(poll_prices))).all()
        return {row.guild_id: (row.price, row.polls, row.feed_days, row.hours) for row in rows}

    async def keep(self, prices: Mapping[int, Kept]) -> None:
        """Store these instead of all that was kept before."""
        values = [
            {"guild_id": server, "price": price, "polls": polls, "feed_days": feed_days, "hours": hours}
            for server, (price, polls, feed_days, hours) in prices.items()
        ]
        async with self._db.write() as connection:
            await connection.execute(sa.delete(poll_prices))
            await connection.execute(sa.insert(poll_prices), values)
