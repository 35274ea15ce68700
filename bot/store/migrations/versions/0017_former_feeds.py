"""What topics followed under addresses that have moved since."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def ref(table: str, name: str) -> sa.Column[int]:
    foreign = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, Key, foreign, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "former_feeds",
        ref("topics", "topic_id"),
        ref("feeds", "feed_id"),
        ref("feeds", "former_id"),
        sa.Index("former_feeds_feed", "feed_id"),
        sa.Index("former_feeds_former", "former_id"),
    )
