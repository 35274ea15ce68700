"""Articles that change after they were posted: which edits are corrections, and how many an article had."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("corrections", sa.Integer, nullable=False, server_default="0"))
    op.add_column("edits", sa.Column("corrected", sa.Boolean, nullable=False, server_default=sa.false()))
