"""What a feed brought in a day counts for the day also when the feed is deleted, so that deleting frees no budget."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.rename_table("stored_amounts", "amounts_before")
    op.drop_index("stored_amounts_feed", "amounts_before")
    op.create_table(
        "stored_amounts",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("feed_id", Key, primary_key=True, autoincrement=False),
        sa.Column("articles", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Index("stored_amounts_feed", "feed_id", "day"),
    )
    op.execute(
        "INSERT INTO stored_amounts (guild_id, day, feed_id, articles, bytes) "
        "SELECT guild_id, day, feed_id, articles, bytes FROM amounts_before"
    )
    op.drop_table("amounts_before")
