"""A price of a poll for each server that follows many feeds, beside the one for all others."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "poll_prices",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("price", sa.Float, nullable=False),
        sa.Column("polls", sa.Float, nullable=False),
        sa.Column("feed_days", sa.Float, nullable=False),
        sa.Column("hours", sa.Float, nullable=False),
    )
    op.execute("INSERT INTO poll_prices SELECT 0, price, polls, feed_days, hours FROM poll_price LIMIT 1")
    op.drop_table("poll_price")
