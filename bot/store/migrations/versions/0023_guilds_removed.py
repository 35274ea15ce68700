"""The servers that removed the bot are found without looking at all: each claim of feeds leaves theirs out."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("guilds_removed", "guilds", ["guild_id"], sqlite_where=sa.text("removed_at IS NOT NULL"))
