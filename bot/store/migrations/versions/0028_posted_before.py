"""What topics posted in a channel that they have left since is remembered: no other topic posts it there again."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "posted_before",
        sa.Column(
            "channel_id",
            sa.BigInteger,
            sa.ForeignKey("channels.channel_id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(
            "entry_id", Key, sa.ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column("post_id", Key),
        sa.Index("posted_before_entry", "entry_id"),
        sqlite_with_rowid=False,
    )
