"""The addresses on the web under which topics are published."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "web_addresses",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("topic_id", sa.Integer, nullable=False),
        sa.Column("access", sa.Text, nullable=False),
        sa.Column("published_by", sa.BigInteger),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("web_addresses_topic", "web_addresses", ["topic_id"])
