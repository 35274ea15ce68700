"""When a topic's next digest is due, and its quiet hours."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("digest_at", "quiet_from", "quiet_until", "released_at"):
        op.add_column("topics", sa.Column(name, sa.BigInteger))
