"""What a guild is told: in which language, and that it was welcomed. Guilds that are known already are not welcomed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guilds", sa.Column("language", sa.Text))
    op.add_column("guilds", sa.Column("welcomed_at", sa.BigInteger))
    op.execute("UPDATE guilds SET welcomed_at = 0")
