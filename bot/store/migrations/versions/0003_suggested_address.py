"""Where a failing feed may have gone: an address found on its site, and when that was looked for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("suggested_url", sa.Text))
    op.add_column("feeds", sa.Column("searched_at", sa.BigInteger))
