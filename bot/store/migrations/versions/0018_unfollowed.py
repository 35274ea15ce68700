"""Since when nobody follows a feed, and which guild was the last that did: what nobody follows is deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("unfollowed_since", sa.BigInteger))
    op.add_column("feeds", sa.Column("left_by", sa.BigInteger))
    op.create_index(
        "feeds_unfollowed", "feeds", ["unfollowed_since"], sqlite_where=sa.text("unfollowed_since IS NOT NULL")
    )
