"""One story once: what was compared, which delivery tells it instead, and messages that are to be written anew."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("compared", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "same_stories",
        sa.Column("delivery_id", Key, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("told_by", Key, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
        sa.Index("same_stories_told_by", "told_by"),
    )
    op.create_table(
        "edits",
        sa.Column("delivery_id", Key, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("stamp", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Index("edits_due", "due_at"),
    )
