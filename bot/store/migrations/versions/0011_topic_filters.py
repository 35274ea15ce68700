"""A filter for all that a topic posts; the one of a single source is with its subscription."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topics", sa.Column("filters", sa.Text))
