"""What recognises an entry by the bytes it was read from, so that it need not be read again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("entries", sa.Column("raw_key", sa.Text))
    op.create_index("entries_raw", "entries", ["raw_key"])
