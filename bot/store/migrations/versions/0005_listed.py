"""Remember what a feed's last document listed: an entry that was replaced in place is known by it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("listed", sa.JSON))
