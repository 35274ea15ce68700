"""What bytes an entry was read from is looked up by its feed: copies in other feeds are passed over."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("entries_raw", "entries")
    op.create_index("entries_raw", "entries", ["feed_id", "raw_key"])
