"""What is kept of polls over all feeds."""

import sqlalchemy as sa

from bot.store.schema.tables import metadata

# What a poll has to be worth, and the evidence for it; guild 0 is all that have no price of their own.
poll_prices = sa.Table(
    "poll_prices",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("price", sa.Float, nullable=False),
    sa.Column("polls", sa.Float, nullable=False),
    sa.Column("feed_days", sa.Float, nullable=False),
    sa.Column("hours", sa.Float, nullable=False),
)
