"""What an unchanged poll must know of a feed: its pace, its timetable, where its validators came from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("validators_url", sa.Text),
        sa.Column("pace_entries", sa.Float),
        sa.Column("pace_since", sa.BigInteger),
        sa.Column("pace_by_sight", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ttl_seconds", sa.Integer),
        sa.Column("skip_hours", sa.Integer, nullable=False, server_default="0"),
        sa.Column("skip_days", sa.Integer, nullable=False, server_default="0"),
    ):
        op.add_column("feeds", column)
    # A week's count without the time that it was made at cannot fall while a feed is silent; the next read document says it anew.
    op.drop_column("feeds", "entries_per_week")
