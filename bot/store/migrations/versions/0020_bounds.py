"""What sources bring in a day, those that rest because it was too much, and troubles that are events."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("feeds", sa.Column("rests_until", sa.BigInteger))
    op.add_column("feeds", sa.Column("rest_reason", sa.Text))
    op.add_column("troubles", sa.Column("last_at", sa.BigInteger))
    op.create_table(
        "stored_amounts",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("feed_id", Key, sa.ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        sa.Column("articles", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Index("stored_amounts_feed", "feed_id", "day"),
    )
