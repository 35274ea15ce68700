"""Lists of feeds that are imported; samples of a subscription's own size; names that servers give their sources."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("sample", sa.Integer))
    op.create_table(
        "source_names",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("feed_id", Key, sa.ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Index("source_names_feed", "feed_id"),
    )
    op.create_table(
        "imports",
        sa.Column("id", Key, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("added_by", sa.BigInteger),
        sa.Column("language", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Index("imports_guild", "guild_id"),
    )
    op.create_table(
        "import_items",
        sa.Column("id", Key, primary_key=True),
        sa.Column("import_id", Key, sa.ForeignKey("imports.id", ondelete="CASCADE"), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Index("import_items_state", "import_id", "state"),
    )
