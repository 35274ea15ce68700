"""How long feeds that are asked less often for it keep the bot busy."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("busy_seconds", sa.Float))
