"""What holding and telling need: kinds of holds, put-off posts, paused sources, troubles and where to tell them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("channels", sa.Column("held_kind", sa.Text))
    op.execute("UPDATE channels SET held_kind = 'access' WHERE held_reason IS NOT NULL")
    op.add_column("posts", sa.Column("delays", sa.Integer, nullable=False, server_default="0"))
    op.add_column("posts", sa.Column("not_before", sa.BigInteger))
    op.create_index("posts_posted", "posts", ["posted_at"])
    op.create_index("posts_kind", "posts", ["kind", "state"])
    op.add_column("feeds", sa.Column("failing_since", sa.BigInteger))
    op.execute("UPDATE feeds SET failing_since = last_error_at WHERE failures > 0")
    op.create_index("feeds_failing", "feeds", ["failing_since"])
    op.add_column("subscriptions", sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("guilds", sa.Column("notice_channel_id", sa.BigInteger))
    op.create_table(
        "troubles",
        sa.Column("id", Key, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("articles", sa.Integer, nullable=False, server_default="0"),
        sa.Column("post_id", Key, sa.ForeignKey("posts.id", ondelete="SET NULL")),
        sa.Column("refused", sa.JSON, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("changed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("guild_id", "kind", "subject"),
        sa.Index("troubles_post", "post_id"),
    )
