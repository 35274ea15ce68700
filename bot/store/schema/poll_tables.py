"""What is kept of polls over all feeds."""

import sqlalchemy as sa

from bot.store.schema.tables import metadata

# What a poll has to be worth, and the evidence for it: one row, see feeds.scheduling.poll_price.
poll_price = sa.Table(
    "poll_price",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("price", sa.Float, nullable=False),
    sa.Column("polls", sa.Float, nullable=False),
    sa.Column("feed_days", sa.Float, nullable=False),
    sa.Column("hours", sa.Float, nullable=False),
)
