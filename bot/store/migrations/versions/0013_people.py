"""What single persons follow, and what of it is on its way to them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def ref(target: str, name: str, *, ondelete: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, Key, sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


def person() -> sa.Column[int]:
    return sa.Column("user_id", sa.BigInteger, sa.ForeignKey("people.user_id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("zone", sa.Text),
        sa.Column("hour", sa.Integer),
        sa.Column("locale", sa.Text),
        sa.Column("dm_channel_id", sa.BigInteger, unique=True),
        sa.Column("pending", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("digest_at", sa.BigInteger),
        sa.Column("later", sa.BigInteger),
        sa.Column("dropped", sa.Integer, nullable=False, server_default="0"),
        sa.Column("told_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Index("people_pending", "pending"),
        sa.Index("people_digest", "digest_at"),
    )
    op.create_table(
        "follows",
        sa.Column("id", Key, primary_key=True),
        person(),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("words", sa.Text),
        ref("feeds", "feed_id", ondelete="CASCADE", nullable=True),
        ref("topics", "topic_id", ondelete="CASCADE", nullable=True),
        sa.Column("daily", sa.Boolean, nullable=False),
        sa.Column("member_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Index("follows_user", "user_id"),
        sa.Index("follows_guild", "guild_id"),
        sa.Index("follows_feed", "feed_id"),
        sa.Index("follows_topic", "topic_id"),
    )
    op.create_table(
        "personal_deliveries",
        sa.Column("id", Key, primary_key=True),
        person(),
        ref("entries", "entry_id", ondelete="CASCADE"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("at_once", sa.Boolean, nullable=False),
        sa.Column("alone", sa.Boolean, nullable=False, server_default=sa.false()),
        ref("posts", "post_id", ondelete="SET NULL", nullable=True),
        sa.Column("order_at", sa.BigInteger, nullable=False),
        sa.Column("order_position", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("user_id", "entry_id"),
        sa.Index("personal_deliveries_waiting", "user_id", "state", "at_once", "order_at", "order_position"),
        sa.Index("personal_deliveries_age", "state", "created_at"),
        sa.Index("personal_deliveries_entry", "entry_id"),
        sa.Index("personal_deliveries_post", "post_id"),
    )
    op.create_table(
        "personal_matches",
        sa.Column(
            "delivery_id",
            Key,
            sa.ForeignKey("personal_deliveries.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(
            "follow_id", Key, sa.ForeignKey("follows.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Index("personal_matches_follow", "follow_id"),
    )
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    # Nothing that was delivered before somebody could follow it is new.
    op.execute("INSERT INTO cursors (name, value) SELECT 'personal', coalesce(max(id), 0) FROM deliveries")
    op.execute("INSERT INTO cursors (name, value) VALUES ('given again', 0)")
    # SQLite gives the highest ids again once their rows are deleted: what gets one is new all the same.
    op.execute(
        """
        CREATE TRIGGER deliveries_cursors AFTER DELETE ON deliveries
        WHEN old.id > (SELECT coalesce(max(id), 0) FROM deliveries) BEGIN
            UPDATE cursors SET value = (SELECT coalesce(max(id), 0) FROM deliveries)
            WHERE name = 'personal' AND value > (SELECT coalesce(max(id), 0) FROM deliveries);
            UPDATE cursors SET value = value + 1 WHERE name = 'given again';
        END
        """
    )
